"""Receipts: transfers that paid premiums, and some of which nobody knows yet what they are for."""

from imports.demo.dice import Dice, shares
from imports.demo.moments import DAY, HOUR, Day, Moment
from imports.demo.records import Contract
from imports.demo.world import World
from models.billing import PaymentMethod
from models.billing import PaymentStatus as Before
from models.receipts import ReceiptStatus as Status
from models.receipts import ReturnReason

_MATCHED = 0.4
_UNKNOWN = 0.1
# Nobody pays a premium much earlier than this.
_AHEAD = 30  # days
# What becomes of what was paid too much; most pay what they were asked for.
_ENDS = shares({Status.MATCHED: 80, Status.PARTLY_MATCHED: 10, Status.RETURNED: 10})
_TOO_MUCH = 500  # cents
# How people write the number of their contract, if they do.
_REFERENCES = ("{number}", "Contract {number}", "{digits}", "premium", "Insurance {name}", "{name}, {number}")
_LAST_DAYS = 12


def transferred(world: World, contract: Contract, due: Day, payment: str, paid_at: Moment) -> None:
    """Write the receipt of a premium that was paid by transfer, in four of ten cases: the others came by file."""
    # Dice of its own: the rest of the world stays as it was before there were receipts.
    dice = Dice(f"receipt of {payment}")
    if not dice.chance(_MATCHED):
        return
    status, amount = dice.pick(_ENDS), contract.terms.premium
    more = 0 if status is Status.MATCHED else _TOO_MUCH
    returned_at = world.past(paid_at + 3 * DAY) if status is Status.RETURNED else None
    receipt = _receipt(
        world,
        dice,
        contract,
        paid_at,
        customer_id=contract.holder.id,
        version=2 if returned_at is None else 3,
        updated_at=returned_at or paid_at,
        status=status,
        amount=amount + more,
        matched_amount=amount,
        returned_amount=more if returned_at else 0,
        remaining_amount=0 if returned_at else more,
        return_reason=ReturnReason.PAID_TOO_MUCH if returned_at else None,
        returned_at=returned_at,
    )
    world.rows.receipt_matches(
        id=dice.new_id(paid_at),
        customer_id=contract.holder.id,
        receipt_id=receipt,
        payment_id=payment,
        amount=amount,
        currency=contract.terms.currency,
        status_before=Before.SCHEDULED if paid_at // DAY < due else Before.DUE,
        method_before=PaymentMethod.BANK_TRANSFER,
        matched_at=paid_at,
        matched_by="collections",
        undone_at=None,
        undone_by=None,
        undone_reason=None,
    )


def unknown(world: World, contract: Contract, due: Day) -> None:
    """Write now and then a receipt of the last days that pays the next premium of the contract, if that is due soon and
    somebody finds out; or that nobody found out in time.
    """
    dice = Dice(f"unknown receipt for {contract.id}")
    if due > world.today + _AHEAD or not dice.chance(_UNKNOWN):
        return
    returned = dice.chance(0.2)
    came = max(contract.issued_at, dice.at_work(world.yesterday - dice.between(0, _LAST_DAYS)))
    returned_at = world.past(came + 2 * HOUR) if returned else None
    _receipt(
        world,
        dice,
        contract,
        came,
        customer_id=None,
        version=1 if returned_at is None else 2,
        updated_at=returned_at or came,
        status=Status.RETURNED if returned else Status.UNMATCHED,
        amount=contract.terms.premium,
        matched_amount=0,
        returned_amount=contract.terms.premium if returned else 0,
        remaining_amount=0 if returned else contract.terms.premium,
        return_reason=ReturnReason.NOT_IDENTIFIED if returned else None,
        returned_at=returned_at,
    )


def _receipt(world: World, dice: Dice, contract: Contract, came: Moment, **columns: object) -> str:
    receipt = dice.new_id(came)
    name = contract.holder.name
    reference = dice.pick(_REFERENCES).format(number=contract.number, digits=contract.number[2:], name=name)
    world.rows.receipts(
        id=receipt,
        created_at=came,
        currency=contract.terms.currency,
        method=PaymentMethod.BANK_TRANSFER,
        received_on=came // DAY,
        payer_name=name.upper() if dice.chance(0.5) else name,
        reference=reference,
        # The end of the id is chance alone.
        bank_reference=f"TR{receipt[-18:].upper()}",
        **columns,
    )
    return receipt
