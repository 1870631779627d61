"""The demo world: its histories fit together, the seed alone decides them, and a second run adds to the first."""

import phonenumbers
import psycopg
import pytest
from psycopg.sql import SQL, Identifier

import models
from core.sealing import Keyring, LocalKeys
from imports import demo
from imports.demo import load
from models.customers import risk_band
from models.event_types import EVENT_TYPES
from tests.imports.contradictions import CONTRADICTIONS, found_by
from tests.keys import MASTER_KEY, keyring_in


@pytest.mark.parametrize("contradiction", CONTRADICTIONS)
def test_histories_fit_together(demo_database: str, contradiction: str) -> None:
    assert found_by(demo_database, CONTRADICTIONS[contradiction]) == 0


def test_phone_numbers_are_valid(demo_database: str) -> None:
    with psycopg.connect(demo_database) as connection:
        numbers = [row[0] for row in connection.execute("select e164 from phones")]
    assert [n for n in numbers if not phonenumbers.is_valid_number(phonenumbers.parse(n))] == []


def test_scores_types_and_classes_are_the_models_own(demo_database: str) -> None:
    with psycopg.connect(demo_database) as connection:
        scores = connection.execute("select distinct risk_score, risk_band from customers where risk_score is not null")
        assert all(risk_band(score).value == band for score, band in scores)
        for name, category in connection.execute("select distinct type, category from events"):
            assert EVENT_TYPES[name].category.value == category


def test_the_world_is_wide(demo_database: str) -> None:
    """Not only the ordinary: several countries and currencies, firms, and about fifty rows for each customer."""
    with psycopg.connect(demo_database) as connection:
        firms, customers, currencies, languages = connection.execute(
            "select count(*) filter (where kind = 'ORGANISATION'), count(*), count(distinct currency),"
            " count(distinct language) from customers"
        ).fetchone() or (0, 0, 0, 0)
        rows = sum(_digests(connection)[table][0] for table in _digests(connection))
    assert 0.10 < firms / customers < 0.14
    assert currencies == 3
    assert languages >= 6
    assert 40 < rows / customers < 70


# Keys, who has signed in to a service over the world, and the feed, which the database keeps beside the events.
_NOT_OF_THE_WORLD = {
    "event_feed",
    "event_queue",
    "sealing_keys",
    "signing_keys",
    "users",
    "sessions",
    "refresh_tokens",
    "recovery_codes",
    "api_keys",
}


def _digests(connection: "psycopg.Connection[tuple[object, ...]]") -> dict[str, tuple[int, str]]:
    """Number of rows and a digest of all of them by table, without what the database or random keys decide.

    The audit log is left out: it tells when each run was.
    """
    left_out = ["transaction_id", "position", "wrapped_key"]
    for made in models.metadata.tables.values():
        left_out += [column.name for column in made.columns if column.name.endswith(("_sealed", "_index"))]
    digests = {}
    tables = connection.execute(
        "select tablename from pg_tables where schemaname = 'public' and tablename not like 'audit%' order by 1"
    ).fetchall()
    for (table,) in set(tables) - {(name,) for name in _NOT_OF_THE_WORLD}:
        row = connection.execute(
            SQL(
                "select count(*), md5(string_agg((to_jsonb(t) - %s::text[])::text, '|'"
                " order by coalesce(to_jsonb(t)->>'id', to_jsonb(t)->>'customer_id'), t::text)) from {} t"
            ).format(Identifier(str(table))),
            [left_out],
        ).fetchone()
        assert row is not None
        digests[str(table)] = row
    return digests  # type: ignore[return-value]


def test_the_seed_decides_and_a_second_run_adds(empty_database: str, demo_database: str) -> None:
    """The session's demo world was made with the same seed and number of customers: made anew, it is the same."""
    with psycopg.connect(demo_database) as connection:
        expected = _digests(connection)
    customers = expected["customers"][0]
    steps: list[tuple[int, int]] = []
    summary = demo.generate(
        empty_database,
        customers,
        keyring=keyring_in(empty_database),
        progress=lambda done, total: steps.append((done, total)),
    )
    with psycopg.connect(empty_database) as connection:
        assert _digests(connection) == expected
    assert steps[-1] == (customers, customers)
    assert summary.rows["customers"] == customers
    assert summary.rows_per_second > 0
    for table, count in summary.rows.items():
        if table not in _NOT_OF_THE_WORLD:
            assert expected[table][0] == count, table

    demo.generate(empty_database, 40, keyring=keyring_in(empty_database))
    with psycopg.connect(empty_database) as connection:
        again = _digests(connection)
        numbers = connection.execute(
            "select min(number), max(number), count(distinct number) from customers"
        ).fetchone()
    assert again["customers"][0] == customers + 40
    assert again["contracts"][0] > expected["contracts"][0]
    for table in ("products", "product_categories", "teams", "agents", "partners"):
        assert again[table] == expected[table]
    assert numbers == ("C-0000001", f"C-{customers + 40:07}", customers + 40)


def _shape(connection: "psycopg.Connection[tuple[object, ...]]") -> list[tuple[object, ...]]:
    """Every index and constraint with its definition."""
    return connection.execute(
        "select indexname::text, indexdef from pg_indexes where schemaname = 'public'"
        " union all select conname::text, pg_get_constraintdef(oid) from pg_constraint"
        " where connamespace = 'public'::regnamespace and convalidated order by 1, 2"
    ).fetchall()


def test_filling_without_indexes_gives_the_same(
    empty_database: str, demo_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load, "BULK", 1)
    with psycopg.connect(demo_database) as connection:
        expected, shape = _digests(connection), _shape(connection)
    demo.generate(empty_database, expected["customers"][0], keyring=keyring_in(empty_database))
    with psycopg.connect(empty_database) as connection:
        assert _digests(connection) == expected
        assert _shape(connection) == shape


def test_an_interrupted_run_leaves_the_database_as_it_was(empty_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(done: int, total: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(load, "BULK", 1)
    monkeypatch.setattr(load, "CHUNK", 10)
    with psycopg.connect(empty_database) as connection:
        shape = _shape(connection)
    with pytest.raises(KeyboardInterrupt):
        demo.generate(empty_database, 40, keyring=keyring_in(empty_database), progress=interrupt)
    with psycopg.connect(empty_database) as connection:
        assert connection.execute("select count(*) from customers").fetchone() == (0,)
        assert _shape(connection) == shape


def test_an_interrupted_second_run_leaves_whole_chunks(empty_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(done: int, total: int) -> None:
        if done >= 20:
            raise KeyboardInterrupt

    monkeypatch.setattr(load, "CHUNK", 10)
    with pytest.raises(KeyboardInterrupt):
        demo.generate(empty_database, 60, keyring=keyring_in(empty_database), progress=interrupt)
    with psycopg.connect(empty_database) as connection:
        (customers,) = connection.execute("select count(*) from customers").fetchone() or (None,)
    assert customers in (20, 30)


def test_another_seed_gives_another_world(empty_database: str, demo_database: str) -> None:
    demo.generate(empty_database, 20, seed=7, keyring=keyring_in(empty_database))
    with psycopg.connect(empty_database) as mine, psycopg.connect(demo_database) as other:
        assert _digests(mine)["customers"] != _digests(other)["customers"]


def test_no_customers_is_a_world_with_a_catalogue(empty_database: str) -> None:
    summary = demo.generate(empty_database, 0, keyring=keyring_in(empty_database))
    assert summary.total == 0
    with psycopg.connect(empty_database) as connection:
        assert connection.execute("select count(*) > 20 from products").fetchone() == (True,)


def test_a_negative_number_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        demo.generate("postgresql:///nowhere", -1, keyring=Keyring(LocalKeys(MASTER_KEY), MASTER_KEY, MASTER_KEY))
