"""Documents of a claim: asked for, received, verified, refused."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from changes.claims.steps import OfClaim, part_of, still_open, told
from changes.commands import Made, ObjectCommand, given
from changes.work import Work
from models.claims import (
    CLAIM_DOCUMENT_WORKFLOW,
    Claim,
    ClaimDocument,
    ClaimDocumentKind,
    ClaimDocumentStatus,
)

_NAME = "Name of the file or paper."


class AddClaimDocument(OfClaim):
    """Bring a document of a claim that nobody asked for."""

    permission = "claims:write"

    kind: ClaimDocumentKind = given("What it is.")
    name: str = given(_NAME, longest=200)

    async def perform(self, work: Work) -> Made:
        """Write it down as received, and tell."""
        claim = await self.claim(work)
        still_open(claim, "claimId")
        document = await work.create(
            ClaimDocument(
                customer_id=claim.customer_id,
                claim_id=claim.id,
                kind=self.kind,
                status=ClaimDocumentStatus.RECEIVED,
                name=self.name,
                received_at=work.now,
            )
        )
        await _came(work, claim, document)
        return {"document": document.id, "claim": claim.id}


class _OfDocument(ObjectCommand):
    """A command about one document; `expectedVersion` is the version of its claim."""

    document_id: UUID = given("The document.", of=ClaimDocument)

    async def step(self, work: Work, transition: str, values: Mapping[str, Any]) -> tuple[ClaimDocument, Claim]:
        document, claim = await part_of(work, ClaimDocument, self.document_id, self.expected_version, "documentId")
        CLAIM_DOCUMENT_WORKFLOW.step(transition, document.status)
        still_open(claim, "documentId")
        return await work.step(document, CLAIM_DOCUMENT_WORKFLOW, transition, **values), claim


class ReceiveClaimDocument(_OfDocument):
    """Note that a document came that was asked for."""

    permission = "claims:write"

    name: str | None = given(_NAME, default=None, longest=200)

    async def perform(self, work: Work) -> Made:
        """Step; what was said of an earlier one is forgotten."""
        values = {"received_at": work.now, "verified_at": None, "verified_by_id": None, "rejection_reason": None}
        document, claim = await self.step(work, "receive", values | ({"name": self.name} if self.name else {}))
        await _came(work, claim, document)
        return {"document": document.id, "claim": claim.id}


class VerifyClaimDocument(_OfDocument):
    """Accept a document that came."""

    permission = "claims:investigate"

    async def perform(self, work: Work) -> Made:
        """Step, and tell."""
        document, claim = await self.step(
            work, "verify", {"verified_at": work.now, "verified_by_id": await work.agent()}
        )
        await work.happened(
            "DocumentVerified",
            claim,
            f"Document of claim {claim.number} verified: {_words(document.kind)}",
            kind=document.kind,
        )
        return {"document": document.id, "claim": claim.id}


class RefuseClaimDocument(_OfDocument):
    """Refuse a document that came; another one has to come in its place."""

    permission = "claims:investigate"

    reason: str = given("Why, in a line.", longest=500)

    async def perform(self, work: Work) -> Made:
        """Step, with the reason."""
        values = {"verified_at": work.now, "verified_by_id": await work.agent(), "rejection_reason": self.reason}
        document, claim = await self.step(work, "refuse", values)
        return {"document": document.id, "claim": claim.id}


async def ask_for(work: Work, claim: Claim, kinds: Iterable[ClaimDocumentKind]) -> None:
    """Ask for documents of these kinds, but for those that are asked for already."""
    wanted = (ClaimDocumentStatus.REQUESTED, ClaimDocumentStatus.REJECTED)
    there = {document.kind for document in await work.rows_of(ClaimDocument, claim_id=claim.id, status=wanted)}
    for kind in dict.fromkeys(kinds):
        if kind not in there:
            await work.create(
                ClaimDocument(
                    customer_id=claim.customer_id,
                    claim_id=claim.id,
                    kind=kind,
                    status=ClaimDocumentStatus.REQUESTED,
                    name=_words(kind).capitalize(),
                    requested_at=work.now,
                )
            )


async def _came(work: Work, claim: Claim, document: ClaimDocument) -> None:
    await told(work, "ClaimDocumentReceived", claim, f"has a new document: {_words(document.kind)}", kind=document.kind)


def _words(kind: ClaimDocumentKind) -> str:
    return kind.value.lower().replace("_", " ")
