"""Reporting a claim."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from changes.claims.steps import told
from changes.commands import Command, Made, given
from changes.errors import Impossible
from changes.work import Work
from core.errors import BadInput
from models.claim_rules import CAUSES, covered
from models.claims import Claim, ClaimCause, ClaimStatus
from models.contracts import Contract
from models.products import Product, ProductCategory


class SubmitClaim(Command):
    """Report a claim under a contract. Amounts are in the contract's currency."""

    permission = "claims:write"

    contract_id: UUID = given("The contract it is made under.", of=Contract)
    cause: ClaimCause = given("What brought about the damage.")
    incident_on: date = given("Day of the incident.")
    claimed_amount: Decimal = given("What is claimed.", least=Decimal("0.01"))
    incident_place: str | None = given("Where it happened.", default=None, longest=200)
    description: str | None = given("What happened.", default=None, longest=4_000)

    async def perform(self, work: Work) -> Made:
        """Look whether the contract covered that day and such a cause, write the claim, and tell."""
        contract = await work.fetch(Contract, self.contract_id, argument="contractId", lock=False)
        if self.incident_on > work.today:
            raise BadInput("this day lies ahead", argument="input.incidentOn")
        if not covered(contract, self.incident_on):
            raise Impossible("OUTSIDE_COVER", "the contract gave no cover on this day", "incidentOn")
        (product,) = await work.rows_of(Product, id=contract.product_id)
        (category,) = await work.rows_of(ProductCategory, id=product.category_id)
        if self.cause not in CAUSES[category.line_of_business]:
            raise Impossible("CAUSE_NOT_INSURED", f"{product.code} does not insure against this", "cause")
        if contract.coverage_amount is not None and self.claimed_amount > contract.coverage_amount:
            raise Impossible("ABOVE_SUM_INSURED", f"the sum insured is {contract.coverage_amount}", "claimedAmount")
        claim = await work.create(
            Claim(
                customer_id=contract.customer_id,
                contract_id=contract.id,
                status=ClaimStatus.SUBMITTED,
                cause=self.cause,
                incident_on=self.incident_on,
                incident_place=self.incident_place,
                description=self.description,
                reported_at=work.now,
                currency=contract.currency,
                claimed_amount=self.claimed_amount,
                reserve_amount=self.claimed_amount,
            )
        )
        await told(
            work,
            "ClaimSubmitted",
            claim,
            "reported",
            status=claim.status,
            amount=claim.claimed_amount,
            currency=claim.currency,
            facts={"cause": claim.cause},
            incidentOn=claim.incident_on,
        )
        return {"claim": claim.id}
