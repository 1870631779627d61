"""Registering customers and changing what is known of them."""

from typing import Any

import pytest

from tests.access.desk import AGENT, Desk
from tests.changes.customers.asking import customer, do, events, position, refused
from tests.changes.digests import everything

_CUSTOMER = """customer {
  id number kind displayName sortName status kycStatus segment version availableTransitions nationalId { masked }
  addresses { kind city country isPrimary } phones { number isPrimary } emails { address } }"""
_PERSON = {
    "title": "Dr.",
    "firstName": "Ilse",
    "lastName": " Grünwald ",
    "birthDate": "1971-05-30",
    "nationality": "DE",
    "nationalId": "65 929 970 489",
    "language": "de",
    "currency": "EUR",
    "addresses": [{"kind": "MAILING", "street": "Am Markt 1", "city": "Bremen", "country": "DE"}],
    "phones": [
        {"kind": "HOME", "number": "0421 361 0", "country": "DE"},
        {"kind": "MOBILE", "number": "+49 1512 3456789", "primary": True},
    ],
    "emails": [{"kind": "PERSONAL", "address": "ilse@Example.COM"}],
}
_FIRM = {"organisationName": "Grünwald GmbH", "language": "de", "currency": "EUR"}


async def test_a_person_is_registered_with_all_that_is_told(desk: Desk) -> None:
    shown = (await do(desk, AGENT, "registerPerson", _PERSON, _CUSTOMER))["customer"]
    assert shown["number"].startswith("C-")
    assert (shown["displayName"], shown["sortName"]) == ("Dr. Ilse Grünwald", "Grünwald, Ilse")
    assert (shown["kind"], shown["status"], shown["kycStatus"], shown["segment"], shown["version"]) == (
        "PERSON",
        "PROSPECT",
        "NOT_STARTED",
        "MASS",
        1,
    )
    assert shown["nationalId"] == {"masked": "•••• 0489"}
    assert shown["addresses"] == [{"kind": "MAILING", "city": "Bremen", "country": "DE", "isPrimary": True}]
    assert {(phone["number"], phone["isPrimary"]) for phone in shown["phones"]} == {
        ("+494213610", False),
        ("+4915123456789", True),
    }
    assert shown["emails"] == [{"address": "ilse@example.com"}]
    assert events(desk, shown["id"][4:]) == [
        (
            "CustomerCreated",
            {"number": shown["number"], "kind": "PERSON", "country": "DE", "status": "PROSPECT"},
        )
    ]


async def test_the_national_id_stands_nowhere_in_the_clear(desk: Desk) -> None:
    shown = (await do(desk, AGENT, "registerPerson", _PERSON, _CUSTOMER))["customer"]
    ((row,),) = desk.rows("select c::text from customers c where id = %s", shown["id"][4:])
    assert "65929970489" not in row.replace(" ", "")
    entry = (await desk.log("MUTATION"))[-1]
    assert "970" not in repr(entry["details"])
    assert "Ilse" not in repr(entry)
    ((index,),) = desk.rows("select national_id_index from customers where id = %s", shown["id"][4:])
    keyring = await desk.services.door.keyring()
    from models.sealed import NATIONAL_ID

    assert index == keyring.index(NATIONAL_ID, "65929970489")


async def test_an_organisation_is_registered(desk: Desk) -> None:
    shown = (await do(desk, AGENT, "registerOrganisation", _FIRM, _CUSTOMER))["customer"]
    assert (shown["displayName"], shown["kind"], shown["segment"]) == ("Grünwald GmbH", "ORGANISATION", "BUSINESS")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"lastName": " "}, ["input", "lastName"]),
        ({"language": "Deutsch"}, ["input", "language"]),
        ({"currency": "eur"}, ["input", "currency"]),
        ({"nationality": "D1"}, ["input", "nationality"]),
        ({"birthDate": "2190-01-01"}, ["input", "birthDate"]),
        ({"income": "-1"}, ["input", "income"]),
        ({"nationalId": "---"}, None),
        ({"phones": [{"kind": "HOME", "number": "12"}]}, ["input", "phones", "0", "number"]),
        ({"phones": [{"kind": "HOME", "number": "0421 3610", "country": "de"}]}, ["input", "phones", "0", "country"]),
        (
            {"phones": [{"kind": "HOME", "number": "+494213610"}, {"kind": "WORK", "number": "+49 421 3610"}]},
            ["input", "phones", "1", "number"],
        ),
        ({"emails": [{"kind": "WORK", "address": "ilse at home"}]}, ["input", "emails", "0", "address"]),
        ({"addresses": [{"kind": "MAILING", "country": "DE"}]}, ["input", "addresses", "0", "city"]),
        (
            {"addresses": [{"kind": "MAILING", "city": "Bonn", "country": "XYZ"}]},
            ["input", "addresses", "0", "country"],
        ),
    ],
)
async def test_bad_input_names_its_argument_and_registers_nobody(
    desk: Desk, change: dict[str, Any], field: list[str] | None
) -> None:
    before = everything(desk)
    error = await refused(desk, AGENT, "registerPerson", _PERSON | change)
    assert error["code"] == "BAD_USER_INPUT"
    assert error["field"] == field or field is None
    assert everything(desk) == before


async def test_an_update_sets_what_is_given_and_clears_what_is_null(desk: Desk) -> None:
    public, row_id, version = customer(desk, "title is null and occupation is not null")
    since = position(desk)
    given = {"customerId": public, "firstName": "Zoë", "lastName": "Abel", "occupation": None, "income": "1000.5"}
    answer = "customer { displayName sortName occupation version }"
    shown = (await do(desk, AGENT, "updateCustomer", given, answer))["customer"]
    assert shown == {"displayName": "Zoë Abel", "sortName": "Abel, Zoë", "occupation": None, "version": version + 1}
    ((kind, payload),) = events(desk, row_id, since)
    assert (kind, sorted(payload["changed"])) == (
        "CustomerInformationUpdated",
        ["firstName", "income", "lastName", "occupation"],
    )
    assert "Abel" not in repr(payload)


async def test_an_update_that_changes_nothing_is_no_event(desk: Desk) -> None:
    public, row_id, version = customer(desk)
    ((language,),) = desk.rows("select language from customers where id = %s", row_id)
    since = position(desk)
    shown = await do(desk, AGENT, "updateCustomer", {"customerId": public, "language": language})
    assert shown["customer"]["version"] == version
    assert events(desk, row_id, since) == []


async def test_a_national_id_is_replaced_and_the_same_one_is_no_change(desk: Desk) -> None:
    public, row_id, _ = customer(desk)
    given = {"customerId": public, "nationalId": "DE-12345678"}
    answer = "customer { version nationalId { masked } }"
    first = (await do(desk, AGENT, "updateCustomer", given, answer))["customer"]
    assert first["nationalId"] == {"masked": "•••• 5678"}
    since = position(desk)
    again = await do(desk, AGENT, "updateCustomer", given | {"nationalId": "de 1234 5678"}, answer)
    assert again["customer"] == first
    assert events(desk, row_id, since) == []


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("PERSON", {"organisationName": "X"}),
        ("ORGANISATION", {"birthDate": "1980-01-01"}),
        ("ORGANISATION", {"title": "Dr."}),
    ],
)
async def test_what_only_the_other_kind_has_is_refused(desk: Desk, kind: str, given: dict[str, Any]) -> None:
    public, _, _ = customer(desk, kind=kind)
    before = everything(desk)
    error = await refused(desk, AGENT, "updateCustomer", {"customerId": public, **given})
    assert (error["code"], error["field"]) == ("BAD_USER_INPUT", ["input", next(iter(given))])
    assert everything(desk) == before
