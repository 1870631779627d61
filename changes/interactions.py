"""What can be done with interactions: logging a contact, with a customer or with somebody not yet known, and what it
leaves to be done.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from changes.commands import Command, Made, Part, given
from changes.errors import Impossible
from changes.follow_up_details import FollowUpDetails, leave
from changes.work import Work
from core.errors import BadInput
from models.base import datetime
from models.claims import Claim
from models.contracts import Contract
from models.customers import Customer
from models.interactions import Channel, Direction, Interaction, InteractionOutcome, InteractionType


class Conversation(Part):
    """A contact: through what, about what, and what came of it."""

    channel: Channel = given("Through which medium.")
    direction: Direction = given("Who began it.", default=Direction.INBOUND)
    type: InteractionType = given("What it was about.", default=InteractionType.SERVICE_REQUEST)
    subject: str = given("The matter, in a line.", longest=200)
    summary: str | None = given("What was said.", default=None, longest=4_000)
    outcome: InteractionOutcome | None = given("How it ended; none while it goes on.", default=None)
    duration_seconds: int | None = given("How long it took, in seconds.", default=None, least=0, most=86_400)


class LogInteraction(Command):
    """Log a contact with a customer, or with somebody who is not known yet."""

    permission = "interactions:write"

    customer_id: UUID | None = given("The customer; none for an anonymous contact.", default=None, of=Customer)
    anonymous_reference: str | None = given(
        "What is known of an anonymous contact, such as a session; not with a customer.", default=None, longest=200
    )
    conversation: Conversation = given("The contact.")
    occurred_at: datetime | None = given("When it began; now unless given.", default=None)
    contract_id: UUID | None = given("The customer's contract it was about.", default=None, of=Contract)
    claim_id: UUID | None = given("The customer's claim it was about.", default=None, of=Claim)
    follow_ups: tuple[FollowUpDetails, ...] = given("What remains to be done after it.", default=(), longest=10)

    async def perform(self, work: Work) -> Made:
        """Write it, and tell."""
        if self.customer_id is None and (self.contract_id or self.claim_id):
            raise BadInput("a contact about a contract or claim has a customer", argument="input.customerId")
        if self.customer_id is not None and self.anonymous_reference is not None:
            raise BadInput("the customer is known", argument="input.anonymousReference")
        occurred_at = past(self.occurred_at, work.now)
        if self.customer_id is not None:
            await work.fetch(Customer, self.customer_id, argument="customerId", lock=False)
        interaction, _ = await log_contact(
            work,
            self.conversation,
            customer_id=self.customer_id,
            anonymous_reference=self.anonymous_reference,
            occurred_at=occurred_at,
            follow_ups=self.follow_ups,
            contract_id=await own(work, Contract, self.contract_id, self.customer_id, "contractId"),
            claim_id=await own(work, Claim, self.claim_id, self.customer_id, "claimId"),
        )
        return {"interaction": interaction, "customer": self.customer_id}


async def log_contact(
    work: Work,
    conversation: Conversation,
    *,
    customer_id: UUID | None,
    cause: UUID | None = None,
    follow_ups: Sequence[FollowUpDetails] = (),
    **values: Any,
) -> tuple[UUID, UUID]:
    """Log a contact in the name of the acting agent, and the tasks it leaves behind, which the input `followUps` holds;
    the ids of the interaction and of its event. Raises BadInput, NotFound or Impossible for a task.
    """
    occurred_at = values.pop("occurred_at", work.now)
    interaction = await work.create(
        Interaction(
            customer_id=customer_id,
            agent_id=await work.agent(),
            occurred_at=occurred_at,
            **conversation.given_values(),
            **values,
        )
    )
    facts: dict[str, Any] = {
        "type": interaction.type,
        "channel": interaction.channel,
        "direction": interaction.direction,
    }
    if interaction.outcome is not None:
        facts["outcome"] = interaction.outcome
    event = await work.happened(
        "InteractionLogged", interaction, interaction.subject, occurred_at=occurred_at, cause=cause, **facts
    )
    for index, task in enumerate(follow_ups):
        await leave(work, interaction, task, f"followUps.{index}", event)
    return interaction.id, event


async def own(
    work: Work, model: type[Any], row_id: UUID | None, customer_id: UUID | None, argument: str
) -> UUID | None:
    """The id of a row that is the customer's own, where one is given. Raises NotFound, Impossible."""
    if row_id is None:
        return None
    row = await work.fetch(model, row_id, argument=argument, lock=False)
    if row.customer_id != customer_id:
        raise Impossible("OTHER_CUSTOMER", "this belongs to another customer", argument)
    return row_id


def past(moment: datetime | None, now: datetime, argument: str = "occurredAt") -> datetime:
    """The moment, or now. Raises BadInput for one that lies ahead."""
    if moment is not None and moment > now:
        raise BadInput("this has not happened yet: it lies ahead", argument=f"input.{argument}")
    return moment or now
