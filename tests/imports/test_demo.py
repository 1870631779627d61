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
from tests.keys import MASTER_KEY, keyring_in

TODAY = "date '2026-11-01'"

# Each statement finds what must not be: rows that contradict one another.
CONTRADICTIONS = {
    "claim outside the contract's term": """
        select from claims c join contracts k on k.id = c.contract_id
        where c.incident_on < k.started_on or c.incident_on > coalesce(k.ends_on, 'infinity')
           or c.incident_on > coalesce(k.ended_on, 'infinity') or c.customer_id <> k.customer_id""",
    "claim above the sum insured": """
        select from claims c join contracts k on k.id = c.contract_id where c.claimed_amount > k.coverage_amount""",
    "claim reported before its incident": """
        select from claims where reported_at < incident_on""",
    "claim closed before it was reported": """
        select from claims where closed_at < reported_at""",
    "cause that does not fit the line of business": """
        select from claims c join contracts k on k.id = c.contract_id join products p on p.id = k.product_id
        join product_categories g on g.id = p.category_id
        where (g.line_of_business, c.cause) not in (select * from (values
            ('MOTOR','COLLISION'), ('MOTOR','GLASS'), ('MOTOR','THEFT'), ('MOTOR','VANDALISM'), ('MOTOR','STORM'),
            ('MOTOR','OTHER'), ('HOME','WATER'), ('HOME','STORM'), ('HOME','FIRE'), ('HOME','GLASS'), ('HOME','THEFT'),
            ('HOME','VANDALISM'), ('LIABILITY','LIABILITY'), ('LEGAL','LEGAL_DISPUTE'), ('LIFE','DEATH'),
            ('HEALTH','ILLNESS'), ('HEALTH','INJURY'), ('ACCIDENT','INJURY'), ('TRAVEL','CANCELLATION'),
            ('TRAVEL','ILLNESS'), ('TRAVEL','THEFT'), ('COMMERCIAL','WATER'), ('COMMERCIAL','STORM'),
            ('COMMERCIAL','FIRE'), ('COMMERCIAL','GLASS'), ('COMMERCIAL','THEFT'), ('COMMERCIAL','VANDALISM'),
            ('COMMERCIAL','LIABILITY'), ('COMMERCIAL','OTHER')) fitting)""",
    "claim whose payments do not add up": """
        select from claims c where paid_amount <> coalesce(
            (select sum(amount) from claim_payments p where p.claim_id = c.id and p.status = 'PAID'), 0)""",
    "claim paid without approval, or approved and not paid": """
        select from claims where paid_amount > coalesce(approved_amount, 0) or approved_amount > claimed_amount
           or (status in ('SETTLED', 'CLOSED') and paid_amount <> approved_amount)
           or (status in ('REJECTED', 'WITHDRAWN') and approved_amount is not null)
           or (status in ('SETTLED', 'CLOSED', 'REJECTED', 'WITHDRAWN')) <> (closed_at is not null)""",
    "contract from an order that was not issued": """
        select from contracts k join orders o on o.id = k.order_id
        where o.status <> 'ISSUED' or o.customer_id <> k.customer_id or o.product_id <> k.product_id
           or o.currency <> k.currency or o.billing_frequency <> k.billing_frequency
           or k.premium_amount < o.premium_amount or k.created_at < o.decided_at""",
    "issued order without a contract": """
        select from orders o where status = 'ISSUED'
        and not exists (select from contracts k where k.order_id = o.id)""",
    "order whose steps do not lead from draft to its status": """
        select from orders o where
            (select to_status from order_status_changes s where s.order_id = o.id
             order by changed_at, id limit 1) <> 'DRAFT'
            or (select count(*) from order_status_changes s where s.order_id = o.id and from_status is null) <> 1
            or o.version <> (select count(*) from order_status_changes s where s.order_id = o.id)
            or not exists (select from order_status_changes s where s.order_id = o.id
                           and s.to_status = o.status and s.changed_at = o.updated_at)""",
    "order before its customer": """
        select from orders o join customers c on c.id = o.customer_id where o.created_at < c.created_at""",
    "medical exam that does not fit its order": """
        select from medical_exams m join orders o on o.id = m.order_id
        where (o.status = 'ISSUED' and m.status <> 'COMPLETED')
           or (m.status = 'COMPLETED') <> (m.completed_at is not null)
           or (m.result is not null) <> (m.status = 'COMPLETED')""",
    "annual premium that does not follow from the premium": """
        select from contracts where annual_premium_amount <> premium_amount * case billing_frequency
            when 'MONTHLY' then 12 when 'QUARTERLY' then 4 when 'SEMI_ANNUAL' then 2 when 'ANNUAL' then 1 end""",
    "contract whose dates contradict its status": f"""
        select from contracts where ends_on < started_on or ended_on < started_on or ended_on > ends_on
           or (status in ('ACTIVE', 'GRACE_PERIOD')
               and (started_on > {TODAY} or ends_on < {TODAY} or ended_on is not null))
           or (status = 'PENDING' and started_on <= {TODAY})
           or (status in ('LAPSED', 'CANCELLED', 'MATURED') and (ended_on is null or ended_on > {TODAY}))
           or (status = 'EXPIRED' and (ends_on is null or ends_on >= {TODAY}))
           or (status = 'GRACE_PERIOD' and (grace_period_ends_on is null or grace_period_ends_on < {TODAY}))
           or renewal_on <= {TODAY}""",
    "contract in force of someone not active": """
        select from contracts k join customers c on c.id = k.customer_id
        where k.status in ('ACTIVE', 'GRACE_PERIOD') and c.status not in ('ACTIVE', 'SUSPENDED')""",
    "active customer without a contract in force": """
        select from customers c where c.status = 'ACTIVE' and not exists (
            select from contract_parties p join contracts k on k.id = p.contract_id
            where p.party_customer_id = c.id and k.status in ('ACTIVE', 'GRACE_PERIOD'))""",
    "contract without exactly one policyholder, its customer, and an insured": """
        select from contracts k where
            (select array_agg(party_customer_id) from contract_parties p
             where p.contract_id = k.id and role = 'POLICYHOLDER') is distinct from array[k.customer_id]
            or not exists (select from contract_parties p where p.contract_id = k.id and role = 'INSURED')""",
    "beneficiaries whose shares do not add up to 100": """
        select from contract_parties where role = 'BENEFICIARY' group by contract_id, rank
        having sum(share_percent) <> 100""",
    "life contract without a beneficiary": """
        select from contracts k join products p on p.id = k.product_id join product_categories g on g.id = p.category_id
        where g.line_of_business = 'LIFE' and not exists (
            select from contract_parties b where b.contract_id = k.id and role = 'BENEFICIARY' and rank = 'PRIMARY')""",
    "payment that is not the premium": """
        select from payments p join contracts k on k.id = p.contract_id
        where p.customer_id <> k.customer_id or p.currency <> k.currency
           or (p.kind = 'PREMIUM' and p.amount <> k.premium_amount) or (p.kind = 'REFUND' and p.amount >= 0)""",
    "period that was paid for twice": """
        select from payments where kind = 'PREMIUM' and status not in ('FAILED') group by contract_id, due_on
        having count(*) > 1""",
    "payment whose times contradict its status": f"""
        select from payments where (status = 'PAID') <> (paid_at is not null) or paid_at < created_at
           or (status = 'SCHEDULED' and due_on <= {TODAY}) or (status = 'OVERDUE' and due_on >= {TODAY})""",
    "premium for a time without cover": """
        select from payments p join contracts k on k.id = p.contract_id
        where p.kind = 'PREMIUM' and (p.due_on < k.started_on or p.due_on > k.ended_on)""",
    "spouse who is not one in return": """
        select from relationships r where kind in ('SPOUSE', 'PARTNER', 'SIBLING') and not exists (
            select from relationships b where b.kind = r.kind and b.customer_id = r.related_customer_id
            and b.related_customer_id = r.customer_id and b.started_on = r.started_on)""",
    "spouse who is not married": """
        select from relationships r join customers c on c.id = r.customer_id
        where r.kind = 'SPOUSE' and r.ended_on is null and c.marital_status <> 'MARRIED' and c.status <> 'DECEASED'""",
    "child without a parent in return, or older than the parent": """
        select from relationships r join customers p on p.id = r.customer_id
        join customers c on c.id = r.related_customer_id
        where r.kind = 'CHILD' and (c.birth_date < p.birth_date + 365 * 15 or not exists (
            select from relationships b where b.kind = 'PARENT' and b.customer_id = c.id
            and b.related_customer_id = p.id))""",
    "member of two households": """
        select from household_members where left_on is null group by customer_id having count(*) > 1""",
    "household without exactly one head": """
        select from household_members group by household_id having count(*) filter (where role = 'HEAD') <> 1""",
    "family that does not live together": """
        select from household_members m join addresses a on a.customer_id = m.customer_id
        where a.kind = 'PHYSICAL' and a.valid_to is null and m.left_on is null
        group by m.household_id having count(distinct (a.street, a.postal_code)) > 1""",
    "complaint not due in 30 days": """
        select from complaints where due_on <> (filed_at at time zone 'UTC')::date + 30
           or (status in ('RESOLVED', 'CLOSED')) <> (resolved_at is not null) or resolved_at < filed_at
           or (status = 'ESCALATED') <> (regulator_reference is not null)""",
    "complaint apart from its contact": """
        select from complaints b left join interactions i on i.id = b.interaction_id
        where i.customer_id is distinct from b.customer_id or i.type <> 'COMPLAINT'""",
    "interaction about another's contract or a later one": """
        select from interactions i join contracts k on k.id = i.contract_id
        where k.customer_id <> i.customer_id or i.occurred_at < k.created_at""",
    "interaction before its customer": """
        select from interactions i join customers c on c.id = i.customer_id where i.occurred_at < c.created_at""",
    "interaction that is anonymous, or not": """
        select from interactions where (customer_id is null) <> (anonymous_reference is not null)""",
    "agent who served before being hired": """
        select from interactions i join agents a on a.id = i.agent_id where i.occurred_at < a.hired_on""",
    "history of the dead": """
        select from interactions i join customers c on c.id = i.customer_id join events e on e.customer_id = c.id
        where c.status = 'DECEASED' and e.type = 'CustomerStatusChanged' and i.occurred_at > e.occurred_at
          and i.type <> 'CLAIM_INQUIRY' /* the heirs may ask about a claim */""",
    "event after today": f"""
        select from events where occurred_at >= {TODAY} or recorded_at >= {TODAY}""",
    "event recorded before it occurred": """
        select from events where recorded_at < occurred_at""",
    "event led to by a later one, or by another's": """
        select from events e join events c on c.id = e.cause_id
        where c.occurred_at > e.occurred_at or c.customer_id is distinct from e.customer_id""",
    "event about nothing": """
        select from events e where not exists (select from (
            select id, 'CUSTOMER' kind from customers union all select id, 'RELATIONSHIP' from relationships
            union all select id, 'HOUSEHOLD' from households union all select id, 'CONTRACT' from contracts
            union all select id, 'PAYMENT' from payments union all select id, 'ORDER' from orders
            union all select id, 'CLAIM' from claims union all select id, 'INTERACTION' from interactions
            union all select id, 'COMPLAINT' from complaints) o
            where o.id = e.subject_id and o.kind = e.subject_kind)""",
    "something that happened without an event": """
        select from (
            select id, customer_id, '{ContractIssued}'::text[] types from contracts
            union all select id, customer_id, '{ClaimSubmitted}' from claims
            union all select id, customer_id, '{OrderDrafted,OrderSubmitted}' from orders
            union all select id, customer_id, '{ComplaintReceived}' from complaints
            union all select id, customer_id, '{InteractionLogged,OfferMade}' from interactions
            union all select id, customer_id, '{PaymentReceived}' from payments
                where kind = 'PREMIUM' and status = 'PAID'
            union all select id, id, '{CustomerCreated}' from customers) o
        where not exists (select from events e where e.subject_id = o.id and e.type = any(o.types)
                          and e.customer_id is not distinct from o.customer_id)""",
    "contract not led to by its order's approval": """
        select from events e join contracts k on k.id = e.subject_id left join events c on c.id = e.cause_id
        where e.type = 'ContractIssued' and k.order_id is not null
          and (c.type is distinct from 'OrderApproved' or c.subject_id <> k.order_id)""",
    "settlement not led to by its approval": """
        select from events e left join events c on c.id = e.cause_id
        where e.type = 'ClaimSettled' and (c.type is distinct from 'ClaimApproved' or c.subject_id <> e.subject_id)""",
    "row after today": f"""
        select from customers where created_at >= {TODAY} or updated_at >= {TODAY} or customer_since >= {TODAY}
        union all select from contracts where created_at >= {TODAY} or updated_at >= {TODAY}
        union all select from orders where created_at >= {TODAY} or updated_at >= {TODAY}
        union all select from payments where created_at >= {TODAY} or paid_at >= {TODAY}
        union all select from claims where reported_at >= {TODAY} or updated_at >= {TODAY}
        union all select from claim_payments where paid_at >= {TODAY}
        union all select from interactions where occurred_at >= {TODAY}
        union all select from complaints where filed_at >= {TODAY} or resolved_at >= {TODAY}
        union all select from addresses where created_at >= {TODAY} or valid_from >= {TODAY}
        union all select from relationships where created_at >= {TODAY} or started_on >= {TODAY}""",
    "minor with a profession, a title or a contract of their own": f"""
        select from customers c where birth_date > {TODAY} - 365 * 16 and (occupation is not null or title is not null
            or marital_status <> 'SINGLE' or employment_status <> 'STUDENT'
            or exists (select from contracts k where k.customer_id = c.id))""",
    "customer known before birth": """
        select from customers where customer_since < birth_date""",
    "person with an organisation's fields, or the reverse": """
        select from customers where (kind = 'PERSON') <> (organisation_name is null)
           or (kind = 'PERSON') <> (first_name is not null and last_name is not null and birth_date is not null)
           or (kind = 'PERSON') <> (segment not in ('BUSINESS', 'CORPORATE'))""",
    "verified identity without a date": """
        select from customers where (kyc_status in ('VERIFIED', 'EXPIRED')) <> (kyc_verified_at is not null)""",
    "id that does not tell its time": """
        select from (select id, created_at at from customers union all select id, created_at from contracts
            union all select id, occurred_at from events union all select id, reported_at from claims
            union all select id, created_at from payments union all select id, occurred_at from interactions) r
        where substr(id::text, 15, 1) <> '7'
           or ('x' || replace(left(id::text, 13), '-', ''))::bit(48)::bigint / 1000 <> floor(extract(epoch from at))""",
    "e-mail address outside the reserved domains": r"""
        select from emails where address !~ '^[a-z0-9._-]+@([a-z0-9-]+\.)*(example|example\.(com|org|net))$'""",
}


@pytest.mark.parametrize("contradiction", CONTRADICTIONS)
def test_histories_fit_together(demo_database: str, contradiction: str) -> None:
    with psycopg.connect(demo_database) as connection:
        connection.execute("set timezone to 'UTC'")
        statement = f"select count(*) from ({CONTRADICTIONS[contradiction]}) found"
        found = connection.execute(statement.encode()).fetchone()
    assert found == (0,), f"{contradiction}: {found}"


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
