"""What one can ask of claims, and do with them."""

import strawberry

import loaders
from changes import claims
from models.history import SubjectKind
from resolvers.lookup import lookup
from schema.claims import Claim
from schema.commands import does
from schema.connections import Connection
from schema.feed import ClaimUpdate, follow
from schema.fields import page
from schema.payloads import ClaimDocumentPayload, ClaimPayload, ClaimPaymentPayload


@strawberry.type
class Query:
    """Root fields of claims."""

    claim: Claim | None = lookup(loaders.claims.by_id, loaders.claims.by_number, "A claim, by id or claim number.")
    claims: Connection[Claim] | None = page(loaders.claims.all_claims, "Claims.", local=None)


@strawberry.type
class Mutation:
    """What can be done with claims."""

    submit_claim = does(claims.SubmitClaim, ClaimPayload)
    acknowledge_claim = does(claims.AcknowledgeClaim, ClaimPayload)
    assign_claim = does(claims.AssignClaim, ClaimPayload)
    investigate_claim = does(claims.InvestigateClaim, ClaimPayload)
    request_claim_information = does(claims.RequestClaimInformation, ClaimPayload)
    add_claim_note = does(claims.AddClaimNote, ClaimPayload)
    add_claim_document = does(claims.AddClaimDocument, ClaimDocumentPayload)
    receive_claim_document = does(claims.ReceiveClaimDocument, ClaimDocumentPayload)
    verify_claim_document = does(claims.VerifyClaimDocument, ClaimDocumentPayload)
    refuse_claim_document = does(claims.RefuseClaimDocument, ClaimDocumentPayload)
    propose_claim_amount = does(claims.ProposeClaimAmount, ClaimPayload)
    approve_claim = does(claims.ApproveClaim, ClaimPayload)
    reject_claim = does(claims.RejectClaim, ClaimPayload)
    order_claim_payment = does(claims.OrderClaimPayment, ClaimPaymentPayload)
    record_claim_payment = does(claims.RecordClaimPayment, ClaimPaymentPayload)
    fail_claim_payment = does(claims.FailClaimPayment, ClaimPaymentPayload)
    settle_claim = does(claims.SettleClaim, ClaimPayload)
    withdraw_claim = does(claims.WithdrawClaim, ClaimPayload)
    close_claim = does(claims.CloseClaim, ClaimPayload)
    reopen_claim = does(claims.ReopenClaim, ClaimPayload)


@strawberry.type
class Subscription:
    """What one can follow of claims."""

    claim_updates: ClaimUpdate | None = follow(
        "Events of claims, each with the claim as it is then.", kind=SubjectKind.CLAIM, of="claims"
    )
