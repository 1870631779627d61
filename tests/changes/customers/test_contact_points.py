"""Contact points and bank accounts: what comes first, what ends, what is refused."""

from typing import Any

import pytest

from tests.access.desk import AGENT, Desk
from tests.changes.customers.asking import customer, do, refused
from tests.changes.digests import everything

_ADDRESSES = "customer { addresses { id kind city isPrimary validTo } } address { id isPrimary }"
_PHONES = "customer { phones { id number isPrimary } } phone { id isPrimary verifiedAt }"
_ACCOUNTS = "customer { bankAccounts { id isPrimary iban { masked } } } bankAccount { id holder bankCountry isPrimary }"
_IBANS = ("DE89370400440532013000", "GB82 WEST 1234 5698 7654 32", "CH93 0076 2011 6238 5295 7")


def _new(desk: Desk) -> str:
    public, row_id, _ = customer(desk)
    for table in ("addresses", "phones", "emails", "bank_accounts"):
        desk.rows(f"with gone as (delete from {table} where customer_id = %s returning 1) select 1 from gone", row_id)
    return public


def _first(entries: list[dict[str, Any]], key: str) -> list[str]:
    return [entry[key] for entry in entries if entry["isPrimary"]]


async def test_the_first_address_of_a_use_comes_first_until_another_does(desk: Desk) -> None:
    public = _new(desk)

    async def add(city: str, kind: str, primary: bool = False) -> dict[str, Any]:
        address = {"kind": kind, "city": city, "country": "DE", "primary": primary}
        return await do(desk, AGENT, "addAddress", {"customerId": public, "address": address}, _ADDRESSES)

    await add("Aachen", "MAILING")
    second = await add("Bonn", "MAILING")
    assert _first(second["customer"]["addresses"], "city") == ["Aachen"]
    await add("Celle", "BILLING")
    third = await add("Düren", "MAILING", primary=True)
    assert sorted(_first(third["customer"]["addresses"], "city")) == ["Celle", "Düren"]
    ended = await do(desk, AGENT, "endAddress", {"addressId": third["address"]["id"]}, _ADDRESSES)
    assert sorted(_first(ended["customer"]["addresses"], "city")) == ["Bonn", "Celle"]
    assert len(ended["customer"]["addresses"]) == 4
    before = everything(desk)
    error = await refused(desk, AGENT, "changeAddress", {"addressId": third["address"]["id"], "city": "Essen"})
    assert error["code"] == "ADDRESS_ENDED"
    assert everything(desk) == before


async def test_an_address_that_changes_its_use_leaves_its_place_to_another(desk: Desk) -> None:
    public = _new(desk)
    made = []
    for city in ("Aachen", "Bonn"):
        address = {"kind": "MAILING", "city": city, "country": "DE"}
        made.append(await do(desk, AGENT, "addAddress", {"customerId": public, "address": address}, _ADDRESSES))
    given = {"addressId": made[0]["address"]["id"], "kind": "BILLING"}
    changed = await do(desk, AGENT, "changeAddress", given, _ADDRESSES)
    assert sorted(_first(changed["customer"]["addresses"], "city")) == ["Aachen", "Bonn"]


async def test_phone_numbers_are_stored_in_one_notation_once(desk: Desk) -> None:
    public = _new(desk)
    phone = {"kind": "HOME", "number": "(040) 428 28-0", "country": "DE"}
    one = await do(desk, AGENT, "addPhone", {"customerId": public, "phone": phone}, _PHONES)
    assert one["customer"]["phones"] == [{"id": one["phone"]["id"], "number": "+4940428280", "isPrimary": True}]
    before = everything(desk)
    again = {"customerId": public, "phone": {"kind": "WORK", "number": "+49 40 428280"}}
    error = await refused(desk, AGENT, "addPhone", again)
    assert error["field"] == ["input", "phone", "number"]
    assert everything(desk) == before


async def test_a_number_is_confirmed_and_another_takes_the_place_of_one_that_ends(desk: Desk) -> None:
    public = _new(desk)
    made = []
    for number in ("+4940428280", "+494213610"):
        phone = {"kind": "HOME", "number": number}
        made.append(await do(desk, AGENT, "addPhone", {"customerId": public, "phone": phone}, _PHONES))
    second = made[1]["phone"]["id"]
    shown = await do(desk, AGENT, "changePhone", {"phoneId": second, "verified": True, "primary": True}, _PHONES)
    assert shown["phone"]["verifiedAt"]
    assert _first(shown["customer"]["phones"], "id") == [second]
    ended = await do(desk, AGENT, "endPhone", {"phoneId": second}, _PHONES)
    assert ended["phone"] is None
    assert ended["customer"]["phones"] == [{"id": made[0]["phone"]["id"], "number": "+4940428280", "isPrimary": True}]


async def test_an_iban_is_sealed_and_shown_masked(desk: Desk) -> None:
    public = _new(desk)
    made = []
    for iban in _IBANS:
        made.append(await do(desk, AGENT, "addBankAccount", {"customerId": public, "iban": iban}, _ACCOUNTS))
    shown = made[-1]["customer"]["bankAccounts"]
    assert [account["iban"]["masked"] for account in shown] == ["•••• 3000", "•••• 5432", "•••• 2957"]
    assert [one["bankAccount"]["bankCountry"] for one in made] == ["DE", "GB", "CH"]
    assert [one["bankAccount"]["isPrimary"] for one in made] == [True, False, False]
    third = made[2]["bankAccount"]["id"]
    moved = await do(desk, AGENT, "useBankAccountFirst", {"bankAccountId": third}, _ACCOUNTS)
    assert _first(moved["customer"]["bankAccounts"], "id") == [third]
    ended = await do(desk, AGENT, "endBankAccount", {"bankAccountId": third}, _ACCOUNTS)
    assert len(ended["customer"]["bankAccounts"]) == 2
    assert len(_first(ended["customer"]["bankAccounts"], "id")) == 1
    assert "0532013000" not in repr(await desk.log("MUTATION"))


@pytest.mark.parametrize("iban", ["DE88370400440532013000", "DE8937040044053201300", "account", "../DE89"])
async def test_an_iban_that_is_none_is_refused(desk: Desk, iban: str) -> None:
    public = _new(desk)
    before = everything(desk)
    error = await refused(desk, AGENT, "addBankAccount", {"customerId": public, "iban": iban})
    assert (error["code"], error["field"]) == ("BAD_USER_INPUT", ["input", "iban"])
    assert iban not in error["message"]
    assert everything(desk) == before


async def test_the_same_account_in_another_notation_is_known(desk: Desk) -> None:
    public = _new(desk)
    await do(desk, AGENT, "addBankAccount", {"customerId": public, "iban": _IBANS[1]}, _ACCOUNTS)
    before = everything(desk)
    error = await refused(desk, AGENT, "addBankAccount", {"customerId": public, "iban": "GB82WEST12345698765432"})
    assert error["code"] == "BANK_ACCOUNT_KNOWN"
    assert everything(desk) == before
