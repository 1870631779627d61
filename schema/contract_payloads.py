"""What mutations about contracts and payments answer: the object as it is now, and what came with it."""

from typing import TYPE_CHECKING

import loaders
from schema.commands import result_of
from schema.mutations import payload

if TYPE_CHECKING:
    from schema.billing import Payment
    from schema.contracts import Contract
    from schema.orders import Order
    from schema.receipts import Receipt

_CONTRACT = "The contract as it is now."
_RECEIPT = "The receipt as it is now."


@payload("A contract that was changed.")
class ContractPayload:
    """Of commands about contracts."""

    contract: "Contract | None" = result_of(loaders.contracts.by_id, "contract", _CONTRACT)


@payload("A contract that was issued, and the order it was issued from.")
class IssuePayload:
    """Of the issue of a contract."""

    contract: "Contract | None" = result_of(loaders.contracts.by_id, "contract", _CONTRACT)
    order: "Order | None" = result_of(loaders.orders.by_id, "order", "The order as it is now.")


@payload("A payment that was changed.")
class PaymentPayload:
    """Of commands about payments."""

    payment: "Payment | None" = result_of(loaders.billing.by_id, "payment", "The payment as it is now.")
    contract: "Contract | None" = result_of(loaders.contracts.by_id, "contract", _CONTRACT)
    next_payment: "Payment | None" = result_of(
        loaders.billing.by_id, "next", "What follows: the fee, the payment asked for anew, or the refund."
    )


@payload("A receipt that was recorded or sent back.")
class ReceiptPayload:
    """Of commands about receipts."""

    receipt: "Receipt | None" = result_of(loaders.receipts.by_id, "receipt", _RECEIPT)


@payload("A payment that was matched with a receipt, or is not any more.")
class MatchPayload:
    """Of matching, and of taking a match back."""

    payment: "Payment | None" = result_of(loaders.billing.by_id, "payment", "The payment as it is now.")
    receipt: "Receipt | None" = result_of(loaders.receipts.by_id, "receipt", _RECEIPT)
    contract: "Contract | None" = result_of(loaders.contracts.by_id, "contract", _CONTRACT)
