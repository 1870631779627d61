"""Bank accounts: IBANs with valid check digits, at banks whose codes are given to none."""

from collections.abc import Callable
from uuid import UUID

from imports.demo.check_digits import iban, italian, weighted
from imports.demo.dice import Dice
from imports.demo.world import Customer, Organisation, Person, World
from models.sealed import IBAN


def bank_with(world: World, customer: Customer) -> None:
    """Write the accounts of a customer who is of age: mostly one, sometimes a second."""
    dice = world.sealer.dice
    if isinstance(customer, Person) and customer.age(world.today) < 18:
        return
    chance = 0.9 if customer.ever_insured else 0.15
    second = 0.3 if isinstance(customer, Organisation) else 0.06
    if dice.chance(chance):
        _account(world, customer, primary=True)
        if dice.chance(second):
            _account(world, customer, primary=False)


def _account(world: World, customer: Customer, *, primary: bool) -> None:
    sealer, country = world.sealer, customer.market.country
    created_at = customer.created_at
    row_id = sealer.dice.new_id(created_at)
    world.rows.bank_accounts(
        id=row_id,
        customer_id=customer.id,
        holder=customer.name,
        bank_country=country,
        is_primary=primary,
        created_at=created_at,
        **sealer.columns(customer, IBAN, UUID(row_id), new_iban(sealer.dice, country)),
    )


def new_iban(dice: Dice, country: str) -> str:
    """An IBAN of a country, of a bank that does not exist."""
    return iban(country, _ACCOUNTS[country](dice))


def _french(dice: Dice) -> str:
    account = dice.digits(11)
    key = 97 - (89 * 99_999 + 15 * 99_999 + 3 * int(account)) % 97
    return f"9999999999{account}{key:02}"


def _italian(dice: Dice) -> str:
    rest = f"9999999999{dice.digits(12)}"
    return italian(rest) + rest


def _spanish(dice: Dice) -> str:
    bank, account = "99999999", dice.digits(10)
    checks = (
        weighted(bank, (4, 8, 5, 10, 9, 7, 3, 6)),
        weighted(account, (1, 2, 4, 8, 5, 10, 9, 7, 3, 6)),
    )
    first, second = ("01987654321"[check % 11] for check in checks)
    return f"{bank}{first}{second}{account}"


_ACCOUNTS: dict[str, Callable[[Dice], str]] = {
    "DE": lambda dice: f"99999999{dice.digits(10)}",
    "AT": lambda dice: f"99999{dice.digits(11)}",
    "CH": lambda dice: f"99999{dice.digits(12)}",
    "FR": _french,
    "IT": _italian,
    "ES": _spanish,
    "NL": lambda dice: f"DEMO{dice.digits(10)}",
    "GB": lambda dice: f"DEMO999999{dice.digits(8)}",
    "IE": lambda dice: f"DEMO999999{dice.digits(8)}",
}
