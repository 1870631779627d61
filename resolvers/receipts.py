"""What one can ask of receipts, and do with them."""

import strawberry

import loaders
from changes.billing import matching, receipts
from resolvers.lookup import lookup
from schema.commands import does
from schema.connections import Connection
from schema.contract_payloads import MatchPayload, ReceiptPayload
from schema.fields import page
from schema.receipts import Receipt


@strawberry.type
class Query:
    """Root fields of receipts."""

    receipt: Receipt | None = lookup(loaders.receipts.by_id, None, "A receipt, by id.")
    receipts: Connection[Receipt] | None = page(
        loaders.receipts.all_receipts, "Sums that came in, those nobody knows a payment for included.", local=None
    )


@strawberry.type
class Mutation:
    """What can be done with receipts."""

    record_receipt = does(receipts.RecordReceipt, ReceiptPayload)
    match_payment = does(matching.MatchPayment, MatchPayload)
    unmatch_payment = does(matching.UnmatchPayment, MatchPayload)
    return_receipt = does(receipts.ReturnReceipt, ReceiptPayload)
