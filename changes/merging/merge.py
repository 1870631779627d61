"""Merging a duplicate customer into another."""

from typing import Any, ClassVar
from uuid import UUID

from psycopg.types.json import Jsonb

import models
from auth.sealed import open_value
from changes.commands import Made, ObjectCommand, given
from changes.errors import Impossible
from changes.merging.moving import Moving
from changes.merging.resealing import require_readable, reseal
from changes.merging.survivorship import COLUMNS, RESTRICTION, FieldChoice, chosen, may_know, sides
from changes.work import Work
from models.customers import Customer
from models.merges import CustomerMerge, MergeEffect, MergeField, MergeSide
from models.sealed import NATIONAL_ID


class _Rehearsed(Exception):
    """Ends the savepoint of a dry run."""


class MergeCustomers(ObjectCommand):
    """Merge a duplicate customer into another, the survivor: all that belongs to it moves, and its id and number lead
    to the survivor from then on.
    """

    permission = "customers:merge"
    # It waits for everything that is being done with either customer, and is the one to step back.
    attempts: ClassVar[int] = 20

    survivor_id: UUID = given("The customer that stays. The version expected is this one's.", of=Customer)
    merged_id: UUID = given("The customer that is merged into it.", of=Customer)
    fields: tuple[FieldChoice, ...] = given(
        "Whose values are kept. Where nothing is said: the survivor's where it has one, else the other's; the better "
        "identity verification, the higher risk, the earlier beginning, and active if either is.",
        default=(),
    )
    reason: str | None = given("Why the two are held to be one, in a line.", default=None, longest=500)
    dry_run: bool = given("Whether only to tell what would be done. Nothing is changed then.", default=False)

    async def perform(self, work: Work) -> Made:
        """Lock both, decide on each value, move everything, and tell."""
        if self.survivor_id == self.merged_id:
            raise Impossible("SAME_CUSTOMER", "a customer is not merged into itself", "mergedId")
        choices = chosen(self.fields, work.actor)
        await lock(work, self.survivor_id, self.merged_id)
        survivor = await work.fetch(Customer, self.survivor_id, self.expected_version, argument="survivorId")
        merged = await work.fetch(Customer, self.merged_id, argument="mergedId")
        if survivor.kind is not merged.kind:
            raise Impossible("KIND_DIFFERS", "a person and an organisation are not one", "mergedId")
        kept = sides(survivor, merged, choices)
        if not self.dry_run:
            return await self._merge(work, survivor, merged, kept)
        made: Made = {}
        try:
            # The same work, taken back: what is told is what would be.
            async with work.connection.transaction():
                made = await self._merge(work, survivor, merged, kept)
                raise _Rehearsed
        except _Rehearsed:
            work.forget()
        return {**made, "merge": None}

    async def _merge(self, work: Work, survivor: Customer, merged: Customer, kept: dict[MergeField, MergeSide]) -> Made:
        await require_readable(work, survivor.id, merged.id)
        record = await work.create(
            CustomerMerge(
                customer_id=survivor.id,
                merged_id=merged.id,
                merged_number=merged.number,
                reason=self.reason,
                merged_at=work.now,
                merged_by=work.actor_name,
            )
        )
        before = await as_json(work, survivor.id)
        changed = await self._settle(work, survivor, merged, kept)
        after = await as_json(work, survivor.id)
        await reseal(work, merged.id, opened_by=merged.id, sealed_by=survivor.id)
        moving = Moving(work.connection, record.id, survivor.id, merged.id)
        await moving.all()
        await work.connection.execute("delete from data_keys where customer_id = %s", [merged.id])
        await moving.take_away(models.metadata.tables["customers"], merged.id)
        await _remember(work, record, before, after)
        work.concerns(merged.id)
        await work.happened(
            "CustomerMerged",
            changed,
            f"Customer {merged.number} merged into {changed.number}",
            number=merged.number,
        )
        return {
            "customer": survivor.id,
            "merge": record.id,
            "moves": await _counts(work, record.id),
            "fields": [
                {"field": field.value, "side": side.value}
                for field, side in kept.items()
                if may_know(field, work.actor)
            ],
        }

    async def _settle(
        self, work: Work, survivor: Customer, merged: Customer, kept: dict[MergeField, MergeSide]
    ) -> Customer:
        """Give the survivor the values that are kept of the other; a change of it in any case."""
        values: dict[str, Any] = {}
        for field, side in kept.items():
            if side is MergeSide.SURVIVOR:
                continue
            if field is MergeField.NATIONAL_ID:
                values |= await self._national_id(work, survivor, merged)
            else:
                values |= {name: getattr(merged, name) for name in COLUMNS[field]}
        if merged.restricted and not survivor.restricted:
            values |= {name: getattr(merged, name) for name in RESTRICTION}
        changed = await work.change(survivor, **values)
        return changed if changed.version != survivor.version else await work.touch(survivor)

    async def _national_id(self, work: Work, survivor: Customer, merged: Customer) -> dict[str, Any]:
        if merged.national_id_masked is None:
            return dict.fromkeys(COLUMNS[MergeField.NATIONAL_ID])
        text = await open_value(work.connection, await work.keyring(), "customers", merged.id, "national_id")
        return await work.seal(NATIONAL_ID, survivor.id, survivor.id, text)


async def lock(work: Work, *customers: UUID) -> None:
    """Wait for all that is being done with some customers, and keep everything else from them until the end."""
    await work.connection.execute("select from customers where id = any(%s) order by id for update", [list(customers)])


async def as_json(work: Work, customer: UUID) -> dict[str, Any]:
    """The customer's row as PostgreSQL writes it in JSON."""
    found = await work.connection.execute("select to_jsonb(c) from customers c where id = %s", [customer])
    row = await found.fetchone()
    assert row is not None
    return row[0]  # type: ignore[no-any-return]


async def _remember(work: Work, record: CustomerMerge, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Keep what the survivor's own values were, and what they became."""
    names = [name for name in before if before[name] != after[name] and name not in ("version", "updated_at")]
    await work.connection.execute(
        "insert into customer_merge_moves (id, customer_id, merge_id, effect, place, row_key, kept)"
        " values (gen_random_uuid(), %s, %s, %s, 'customers', jsonb_build_object('id', %s::uuid), %s)",
        [
            record.customer_id,
            record.id,
            MergeEffect.CHANGED.value,
            record.customer_id,
            Jsonb({name: {"before": before[name], "after": after[name]} for name in names}),
        ],
    )


async def _counts(work: Work, merge: UUID) -> list[dict[str, Any]]:
    found = await work.connection.execute(
        "select place, effect, count(*) from customer_merge_moves where merge_id = %s and place <> 'customers'"
        " group by place, effect order by place, effect",
        [merge],
    )
    return [{"place": place, "effect": effect, "count": count} for place, effect, count in await found.fetchall()]
