"""Taking a merge of customers back."""

from typing import Any
from uuid import UUID

from psycopg import sql
from psycopg.types.json import Jsonb

import models
from changes.commands import Made, ObjectCommand, given
from changes.errors import Impossible
from changes.merging.merge import as_json, lock
from changes.merging.moving import Moving
from changes.merging.resealing import require_readable, reseal
from changes.merging.survivorship import COLUMNS, RESTRICTION
from changes.work import Work
from models.customers import Customer
from models.merges import CustomerMerge

# Values that belong together go back together, or not at all.
_GROUPS = (*COLUMNS.values(), RESTRICTION)


class UnmergeCustomers(ObjectCommand):
    """Take a merge back: the merged customer is there again, with all that was its own.

    What was changed since keeps the change; what was added since stays with the survivor, unless it hangs on something
    that goes back, such as a note on a claim.
    """

    permission = "customers:merge"

    merge_id: UUID = given("The merge. The version expected is the survivor's.", of=CustomerMerge)

    async def perform(self, work: Work) -> Made:
        """Write the customer again, and move everything back."""
        merge = await work.fetch(CustomerMerge, self.merge_id, argument="mergeId")
        if merge.undone_at is not None:
            raise Impossible("ALREADY_UNMERGED", "this merge was taken back already", "mergeId")
        await lock(work, merge.customer_id)
        survivor = await work.fetch(Customer, merge.customer_id, self.expected_version, argument="mergeId")
        await self._require_newest(work, merge)
        await require_readable(work, survivor.id)
        moving = Moving(work.connection, merge.id, survivor.id, merge.merged_id)
        await moving.restore(models.metadata.tables["customers"])
        await moving.back()
        await reseal(work, merge.merged_id, opened_by=survivor.id, sealed_by=merge.merged_id)
        await self._restore_values(work, merge)
        await work.change(merge, undone_at=work.now, undone_by=work.actor_name)
        survivor = await work.touch(survivor)
        (merged,) = await work.rows_of(Customer, id=merge.merged_id)
        work.concerns(merged.id)
        for one, other in ((survivor, merged), (merged, survivor)):
            summary = f"Customer {merged.number} is apart from {survivor.number} again"
            await work.happened("CustomerUnmerged", one, summary, related=other.number)
        return {"customer": survivor.id, "merged": merged.id, "merge": merge.id}

    async def _require_newest(self, work: Work, merge: CustomerMerge) -> None:
        """Raise Impossible where the survivor was merged further since, or the merged customer is gone for good."""
        later = await work.connection.execute(
            "select g.merged_number from customer_merge_moves m join customer_merges g on g.id = m.merge_id"
            " where m.place = 'customer_merges' and m.effect = 'MOVED' and m.row_key ->> 'id' = %s"
            " and g.undone_at is null",
            [str(merge.id)],
        )
        if found := await later.fetchone():
            raise Impossible(
                "MERGED_FURTHER", f"the survivor, {found[0]}, was itself merged since: take that back first", "mergeId"
            )
        kept = await work.connection.execute(
            "select from customer_merge_moves where merge_id = %s and place = 'customers' and effect = 'REMOVED'"
            " and kept <> '{}'",
            [merge.id],
        )
        if not kept.rowcount:
            raise Impossible("ERASED", "the merged customer was erased", "mergeId")

    async def _restore_values(self, work: Work, merge: CustomerMerge) -> None:
        """Give the survivor its own values again, but for those that were changed since."""
        found = await work.connection.execute(
            "select kept from customer_merge_moves where merge_id = %s and place = 'customers' and effect = 'CHANGED'",
            [merge.id],
        )
        row = await found.fetchone()
        kept: dict[str, Any] = row[0] if row else {}
        now = await as_json(work, merge.customer_id)
        names = [
            name
            for group in _GROUPS
            # What is sealed looks different each time; its index tells whether it is the same.
            if all(now[name] == kept[name]["after"] for name in group if name in kept and not name.endswith("_sealed"))
            for name in group
            if name in kept
        ]
        if not names:
            return
        statement = sql.SQL(
            "update customers c set ({columns}) = (select {values} from jsonb_populate_record(null::customers, %s) r)"
            " where c.id = %s"
        ).format(
            columns=sql.SQL(", ").join(map(sql.Identifier, names)),
            values=sql.SQL(", ").join(sql.SQL("r.{}").format(sql.Identifier(name)) for name in names),
        )
        before = Jsonb({name: kept[name]["before"] for name in names})
        await work.connection.execute(statement, [before, merge.customer_id])
