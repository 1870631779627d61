"""Finding by a sensitive value that is known in full, without a plain copy of it anywhere."""

from typing import Any

import pytest

from core.sealing import Keyring
from tests.access.desk import AGENT, UNDERWRITER, Desk
from tests.keys import keyring_in
from tests.sealing.stored import opened

BY_NATIONAL_ID = (
    "query ($text: String!) { customerByNationalId(nationalId: $text) { id displayName contracts { totalCount } } }"
)
BY_IBAN = "query ($text: String!) { bankAccountsByIban(iban: $text) { id iban { masked } customer { id } } }"


def known(desk: Desk, table: str) -> tuple[str, str]:
    """A row with an identifier, of a customer who is not restricted, and the identifier."""
    keyring: Keyring = keyring_in(desk.url)
    owner = "id" if table == "customers" else "customer_id"
    query = f"select t.id::text from {table} t join customers c on c.id = t.{owner} where not c.restricted"
    plain = {row[0] for row in desk.rows(query)}
    texts = {str(row): text for (name, _, row), text in opened(desk.url, keyring).items() if name == table}
    return next((row, text) for row, text in sorted(texts.items()) if row in plain)


async def test_a_customer_is_found_by_the_national_id(either: Desk) -> None:
    row, text = known(either, "customers")
    for written in (text, f" {'-'.join(text)} ".lower()):
        answer = await either.ask(AGENT, BY_NATIONAL_ID, text=written)
        assert answer.codes == []
        assert answer.data["customerByNationalId"]["id"] == f"cus_{row}"
    opened_profile = await either.log("PROFILE_OPENED")
    assert f"cus_{row}".removeprefix("cus_") in {customer for one in opened_profile for customer in one["customer_ids"]}
    assert text not in repr(opened_profile)
    nobody = await either.ask(AGENT, BY_NATIONAL_ID, text=text + "9")
    assert (nobody.codes, nobody.data) == ([], {"customerByNationalId": None})


async def test_bank_accounts_are_found_by_the_iban(either: Desk) -> None:
    row, text = known(either, "bank_accounts")
    (account,) = (await either.ask(AGENT, BY_IBAN, text=text)).data["bankAccountsByIban"]
    assert account["id"] == f"bac_{row}"
    assert text not in repr(account)
    assert (await either.ask(AGENT, BY_IBAN, text="DE00")).data == {"bankAccountsByIban": []}


@pytest.mark.parametrize("query", [BY_NATIONAL_ID, BY_IBAN])
async def test_only_who_may_see_such_values_in_full_finds_by_them(desk: Desk, query: str) -> None:
    answer = await desk.ask(UNDERWRITER, query, text="DE00")
    assert answer.codes == ["FORBIDDEN"]
    assert answer.statements == 0


async def test_a_restricted_customer_is_not_found(desk: Desk) -> None:
    row, text = known(desk, "customers")
    desk.rows(
        "with one as (update customers set restricted = true, restricted_at = now(), restriction_reason = 'test'"
        " where id = %s returning 1) select * from one",
        row,
    )
    answer = await desk.ask(AGENT, BY_NATIONAL_ID, text=text)
    assert (answer.codes, answer.data) == ([], {"customerByNationalId": None})


@pytest.mark.parametrize("text", ["", "--", "x" * 65, "a\0b"])
@pytest.mark.parametrize(("query", "name"), [(BY_NATIONAL_ID, "nationalId"), (BY_IBAN, "iban")])
async def test_what_can_be_no_identifier_is_refused_and_not_repeated(
    desk: Desk, query: str, name: str, text: Any
) -> None:
    answer = await desk.ask(AGENT, query, text=text)
    assert answer.codes == ["BAD_USER_INPUT"]
    assert answer.outcome.errors[0]["extensions"]["argument"] == name
    assert not text or text not in answer.outcome.errors[0]["message"]
