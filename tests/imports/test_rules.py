"""The rules of commands hold for files too: values, rows, states, facts of events, and the audit log."""

from pathlib import Path
from typing import Any

import psycopg
import pytest

from imports.files import run
from imports.files.rules import workflows_of
from imports.files.summary import Counts
from models.claims import CLAIM_WORKFLOW, ClaimStatus
from models.customers import CUSTOMER_WORKFLOW, KYC_WORKFLOW, CustomerStatus
from models.event_types import EVENT_TYPES
from tests.imports.people import ADA, BOB, EVE, HEADER, PEOPLE, People
from tests.imports.states import rows

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture
def people(empty_database: str, tmp_path: Path) -> People:
    """People whose status is written as the service has it."""
    found = People(empty_database, tmp_path)
    found.mapping.write_text(
        PEOPLE.replace('map = { active = "ACTIVE", gone = "INACTIVE" }, default = "PROSPECT"', 'default = "PROSPECT"')
    )
    return found


def _person(**cells: str) -> str:
    given = {"No": "9", "First": "Ida", "Last": "Fox", **cells}
    return ",".join(given.get(name, "") for name in HEADER.split(","))


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"Mail": "ida at home"}, "expected an e-mail address, such as someone@example.com, got 'ida at home'"),
        ({"Mail": "ida@home@example.org"}, "expected an e-mail address"),
        ({"First": "I\x07da"}, "this has control characters in it"),
        ({"Born": "2190-01-01"}, "customer.birth_date: a date of birth does not lie ahead"),
        ({"Risk": "101"}, "expected a number from 0 to 100"),
    ],
)
def test_what_a_command_refuses_a_file_does_not_bring(people: People, cells: dict[str, str], reason: str) -> None:
    summary = people.run(ADA.replace("active", "ACTIVE"), _person(**cells), EVE)
    assert summary.entities["customers"] == Counts(inserted=2)
    ((line, _, told),) = people.refused()
    assert line == 3
    assert reason in told


def test_texts_are_composed_and_addresses_of_mail_are_as_mail_systems_read_them(people: People) -> None:
    people.run(_person(First="Zoe\u0308", Mail="Zoe@Example.ORG"))
    assert people.names() == ["Zo\u00eb Fox"]
    assert rows(people.url, "select address from emails") == [("Zoe@example.org",)]


@pytest.mark.parametrize(
    ("score", "band"), [("0", "LOW"), ("59", "MEDIUM"), ("84", "HIGH"), ("100", "CRITICAL"), ("", None)]
)
def test_the_band_follows_from_the_score(people: People, score: str, band: str | None) -> None:
    people.run(_person(Risk=score))
    assert rows(people.url, "select risk_band from customers") == [(band,)]


def test_a_band_that_contradicts_the_score_is_refused(people: People) -> None:
    people.mapping.write_text(
        people.mapping.read_text().replace(
            'risk_score = { column = "Risk" }', 'risk_score = { column = "Risk" }\nrisk_band = { value = "LOW" }'
        )
    )
    summary = people.run(_person(Risk="85"), _person(No="10", Risk="29"))
    assert (summary.rejected, summary.entities["customers"].inserted) == (1, 1)
    assert "customer.risk_band: the band of this score is CRITICAL" in people.refused()[0][2]


def test_an_organisation_has_no_date_of_birth(people: People) -> None:
    text = people.mapping.read_text().replace('kind = { value = "PERSON" }', 'kind = { column = "First" }')
    people.mapping.write_text(
        text.replace('first_name = { column = "First" }\n', "").replace('last_name = { column = "Last" }\n', "")
    )
    summary = people.run(_person(First="ORGANISATION", Born="1980-01-01"), _person(No="10", First="ORGANISATION"))
    assert summary.entities["customers"] == Counts(inserted=1)
    assert "customer.birth_date: an organisation has no such thing" in people.refused()[0][2]


def test_a_state_changes_only_where_the_workflow_leads(people: People) -> None:
    closed, active = _person(Status="CLOSED"), _person(No="10", Status="PROSPECT")
    people.run(closed, active)
    before = rows(people.url, "select * from customers where status = 'CLOSED'")
    # The source may have gone several steps since: a prospect was a customer, died, and all is settled.
    summary = people.run(_person(Status="ACTIVE"), _person(No="10", Status="CLOSED"))
    assert (summary.rejected, summary.entities["customers"].updated) == (1, 1)
    assert people.refused() == [(2, "", "customer.status: a customer that is CLOSED here does not become ACTIVE")]
    assert rows(people.url, "select * from customers where status = 'CLOSED' order by number limit 1") == before


def test_the_other_values_of_a_row_in_a_final_state_may_change(people: People) -> None:
    people.run(_person(Status="CLOSED"))
    assert people.run(_person(Status="CLOSED", Note="archived")).entities["customers"] == Counts(updated=1)


def test_a_change_tells_the_facts_of_its_type(people: People) -> None:
    people.run(_person(Status="PROSPECT", Risk="10"))
    people.run(_person(Status="ACTIVE", Risk="0", Income="5"))
    assert rows(people.url, "select type, payload from events order by position offset 1") == [
        ("CustomerStatusChanged", {"from": "PROSPECT", "status": "ACTIVE"}),
        ("RiskAssessed", {"riskScore": 0, "riskBand": "LOW"}),
        ("CustomerInformationUpdated", {"changed": ["income"]}),
    ]


def test_imported_events_hold_no_fact_their_type_does_not_promise(empty_database: str, tmp_path: Path) -> None:
    for round_ in range(2):
        for name in ("kunden", "vertraege"):
            file = tmp_path / f"{name}.csv"
            text = (DATA / f"nordlicht_{name}.csv").read_bytes()
            file.write_bytes(text.replace(b"1250", b"1350").replace(b"49,90", b"59,90") if round_ else text)
            run(empty_database, file, DATA / f"nordlicht_{name}.toml")
    told = rows(empty_database, "select distinct type, key from events, jsonb_object_keys(payload) key")
    assert {name for name, _ in told} > {"ContractAmended", "CustomerCreated"}
    assert [(name, key) for name, key in told if key not in EVENT_TYPES[name].facts] == []


def test_who_was_imported_finds_it_in_the_access_log(people: People) -> None:
    people.run(ADA.replace("active", "ACTIVE"), BOB.replace("gone", "INACTIVE"))
    people.run(ADA.replace("active", "ACTIVE"), BOB.replace("gone", "INACTIVE").replace("tall", "small"))
    entries = rows(
        people.url,
        "select customer_ids::text[], details -> 'rows' from audit_entries where kind = 'MUTATION' order by position",
    )
    ((ada,), (bob,)) = rows(people.url, "select id::text from customers order by number")
    assert [(sorted(ids), told) for ids, told in entries] == [
        (sorted([ada, bob]), {"customers.inserted": 2, "emails.inserted": 1}),
        ([bob], {"customers.updated": 1}),
    ]
    log: Any = rows(people.url, "select details from audit_entries")
    assert "King" not in repr(log)


def test_a_batch_and_its_audit_entry_are_written_together(people: People) -> None:
    with psycopg.connect(people.url, autocommit=True) as connection:
        connection.execute("alter table audit_entries add check (kind <> 'MUTATION') not valid")
    summary = people.run(_person())
    assert summary.rejected == 1
    assert people.names() == []
    assert people.events() == []


def test_the_tables_with_states_are_known() -> None:
    assert workflows_of("customers") == {"status": CUSTOMER_WORKFLOW, "kyc_status": KYC_WORKFLOW}
    assert workflows_of("claims") == {"status": CLAIM_WORKFLOW}
    assert workflows_of("addresses") == {}


def test_a_workflow_reaches_what_its_ways_lead_to() -> None:
    assert CUSTOMER_WORKFLOW.reaches(CustomerStatus.PROSPECT, CustomerStatus.CLOSED)
    assert CUSTOMER_WORKFLOW.reaches(CustomerStatus.CLOSED, CustomerStatus.CLOSED)
    assert not CUSTOMER_WORKFLOW.reaches(CustomerStatus.CLOSED, CustomerStatus.PROSPECT)
    assert not CLAIM_WORKFLOW.reaches(ClaimStatus.INVESTIGATING, ClaimStatus.SUBMITTED)
