"""What can be done with relationships: establish and end them, from both sides where both have a name for it."""

from uuid import UUID

from changes.commands import Command, Made, given
from changes.errors import Impossible
from changes.work import Work
from core.errors import BadInput
from models.base import date
from models.customers import Customer, CustomerKind
from models.households import FAMILY, INVERSE, RecordSource, Relationship, RelationshipKind
from models.rules import span_problem

# What somebody has one of at a time.
_ONE_AT_A_TIME = (RelationshipKind.SPOUSE, RelationshipKind.PARTNER)


class EstablishRelationship(Command):
    """Record what one customer is to another. Spouses, partners, siblings, parents and children, employers and employed
    are recorded from both sides.
    """

    permission = "customers:write"

    customer_id: UUID = given("The customer.", of=Customer)
    related_customer_id: UUID = given("The related customer.", of=Customer)
    kind: RelationshipKind = given("What the related customer is to the customer.")
    started_on: date | None = given("Since when, if known.", default=None)
    source: RecordSource = given("Where the information came from.", default=RecordSource.AGENT)

    async def perform(self, work: Work) -> Made:
        """Write it, and its other side, and tell both."""
        if self.customer_id == self.related_customer_id:
            raise BadInput("nobody is related to themselves", argument="input.relatedCustomerId")
        if self.started_on is not None and self.started_on > work.today:
            raise BadInput("this day lies ahead", argument="input.startedOn")
        sides = {self.customer_id: "customerId", self.related_customer_id: "relatedCustomerId"}
        # In one order, so that two commands about the same customers do not wait for each other.
        found = {side: await work.fetch(Customer, side, argument=sides[side]) for side in sorted(sides)}
        customer, related = found[self.customer_id], found[self.related_customer_id]
        self._check_kinds(customer, related)
        made = await self._write(work, customer, related, self.kind, "relatedCustomerId")
        inverse = INVERSE.get(self.kind)
        if inverse is not None:
            # It may be known from the other side already.
            known = await _lasting(work, related.id, inverse)
            if all(other.related_customer_id != customer.id for other in known):
                await self._write(work, related, customer, inverse, "customerId")
        return {"customer": customer.id, "relationship": made.id}

    def _check_kinds(self, customer: Customer, related: Customer) -> None:
        persons = [one.kind is CustomerKind.PERSON for one in (customer, related)]
        if self.kind in FAMILY and not all(persons):
            raise Impossible("NOT_A_PERSON", "only persons are family", "kind")
        if self.kind is RelationshipKind.SUBSIDIARY and any(persons):
            raise Impossible("NOT_AN_ORGANISATION", "only organisations have subsidiaries", "kind")
        if self.kind is RelationshipKind.EMPLOYEE and not persons[1]:
            raise Impossible("NOT_A_PERSON", "only a person is employed", "kind")
        if self.kind is RelationshipKind.EMPLOYER and not persons[0]:
            raise Impossible("NOT_A_PERSON", "only a person is employed", "kind")

    async def _write(
        self, work: Work, customer: Customer, related: Customer, kind: RelationshipKind, argument: str
    ) -> Relationship:
        lasting = await _lasting(work, customer.id, kind)
        if any(other.related_customer_id == related.id for other in lasting):
            raise Impossible("ALREADY_RELATED", "this relationship is recorded already", "kind")
        if lasting and kind in _ONE_AT_A_TIME:
            word = kind.lower()
            raise Impossible("ANOTHER_LASTS", f"there is another {word}; end that relationship first", argument)
        made = await work.create(
            Relationship(
                customer_id=customer.id,
                related_customer_id=related.id,
                kind=kind,
                started_on=self.started_on,
                source=self.source,
            )
        )
        await work.touch(customer)
        await work.happened(
            "CustomerRelationshipEstablished",
            made,
            f"{related.display_name} is {kind.lower()} of {customer.display_name}",
            kind=kind,
            related=related.number,
        )
        return made


class EndRelationship(Command):
    """End a relationship, from both sides."""

    permission = "customers:write"

    relationship_id: UUID = given("The relationship.", of=Relationship)
    ended_on: date | None = given("The last day; today unless given.", default=None)

    async def perform(self, work: Work) -> Made:
        """End it and its other side, and tell both."""
        ended_on = self.ended_on or work.today
        if ended_on > work.today:
            raise BadInput("this day lies ahead", argument="input.endedOn")
        for found in await work.rows_of(Relationship, id=self.relationship_id):
            await work.rows_of(Customer, id=[found.customer_id, found.related_customer_id], lock=True)
        relationship = await work.fetch(Relationship, self.relationship_id, argument="relationshipId")
        if relationship.ended_on is not None:
            raise Impossible("RELATIONSHIP_ENDED", "the relationship has ended already", "relationshipId")
        if problem := span_problem(relationship.started_on, ended_on):
            raise BadInput(problem, argument="input.endedOn")
        await self._end(work, relationship, ended_on)
        inverse = INVERSE.get(relationship.kind)
        if inverse is not None:
            for other in await _lasting(work, relationship.related_customer_id, inverse):
                if other.related_customer_id == relationship.customer_id:
                    await self._end(work, other, ended_on)
        return {"customer": relationship.customer_id, "relationship": relationship.id}

    async def _end(self, work: Work, relationship: Relationship, ended_on: date) -> None:
        sides = await work.rows_of(Customer, id=[relationship.customer_id, relationship.related_customer_id])
        by_id = {side.id: side for side in sides}
        customer, related = by_id[relationship.customer_id], by_id[relationship.related_customer_id]
        await work.change(relationship, ended_on=max(ended_on, relationship.started_on or ended_on))
        await work.touch(customer)
        await work.happened(
            "CustomerRelationshipEnded",
            relationship,
            f"{related.display_name} is {relationship.kind.lower()} of {customer.display_name} no more",
            kind=relationship.kind,
            related=related.number,
        )


async def _lasting(work: Work, customer_id: UUID, kind: RelationshipKind) -> list[Relationship]:
    return await work.rows_of(Relationship, customer_id=customer_id, kind=kind, ended_on=None)
