"""Moving what hangs on a customer to another, with a record of every row, and putting it back by that record."""

from dataclasses import dataclass
from uuid import UUID

from psycopg import sql
from sqlalchemy import Table

import models
from changes.merging.owned import SAME, Owner, owners, parts
from changes.rows import Connection
from models.merges import MergeEffect

# What the record of a row begins with, the same for every way of making one.
_RECORD = sql.SQL(
    "insert into customer_merge_moves (id, customer_id, merge_id, effect, place, owner, row_key, kept)"
    " select gen_random_uuid(), {survivor}, {merge}, {effect}, {place}, {owner}, d.row_key, d.kept from done d"
)


@dataclass(frozen=True)
class Moving:
    """One merge: from the customer `merged` to `survivor`. Its methods raise psycopg.Error."""

    connection: Connection
    merge: UUID
    survivor: UUID
    merged: UUID

    async def all(self) -> None:
        """Move every row that hangs on the merged customer, but for what the survivor has already."""
        for owner in owners():
            await self._remove_what_is_there(owner)
            await self._let_the_survivors_come_first(owner)
            await self._move(owner)
        await self._let_imports_find_the_survivor()
        await self._let_the_feed_follow(self.merged, self.survivor)

    async def take_away(self, table: Table, row_id: UUID) -> None:
        """Remove one row and keep it whole."""
        await self._remove(table, sql.SQL("t.id = {}").format(sql.Literal(row_id)))

    async def back(self) -> None:
        """Put back what was moved, changed and removed, as far as it is still with the survivor."""
        for owner in owners():
            await self._move_back(owner)
        await self._take_parts_along()
        await self._let_receipts_follow_what_they_pay()
        await self._take_events_along()
        for table in models.metadata.sorted_tables:
            if table.name != "customers":
                await self._put_back(table)
        await self._change_back("is_primary", "boolean")
        await self._change_back("row_id", "uuid")
        await self._let_the_feed_follow(self.survivor, self.merged)

    async def restore(self, table: Table) -> None:
        """Write the removed rows of a table again, as they were."""
        await self._put_back(table)

    async def _move(self, owner: Owner) -> None:
        await self._recorded(
            MergeEffect.MOVED,
            owner.table,
            sql.SQL(
                "update {table} t set {column} = {survivor} where {column} = {merged} returning {key}, '{{}}'::jsonb"
            ),
            owner=owner.column,
        )

    async def _remove_what_is_there(self, owner: Owner) -> None:
        """Rows that would say of the survivor what is known, or that it is related to itself."""
        column = sql.Identifier(owner.column)
        survivor, merged = sql.Literal(self.survivor), sql.Literal(self.merged)
        for other in owner.others:
            between = sql.SQL("t.{} = {} and t.{} = {}").format(column, merged, sql.Identifier(other), survivor)
            await self._remove(owner.table, between)
        same = [_same(owner.table, names, condition) for names, condition in owner.unique]
        if owner.column == "customer_id" and owner.table.name in SAME:
            same.append(_same(owner.table, SAME[owner.table.name], None))
        for condition in same:
            known = sql.SQL(
                "t.{column} = {merged} and exists (select from {table} s where s.{column} = {survivor} and {same})"
            ).format(
                column=column, merged=merged, survivor=survivor, table=sql.Identifier(owner.table.name), same=condition
            )
            await self._remove(owner.table, known)

    async def _remove(self, table: Table, condition: sql.Composable) -> None:
        statement = sql.SQL("delete from {table} t where {condition} returning {key}, to_jsonb(t)")
        await self._recorded(MergeEffect.REMOVED, table, statement, condition=condition)

    async def _let_the_survivors_come_first(self, owner: Owner) -> None:
        """Of what is the one to use first there is one: the survivor's."""
        if owner.column != "customer_id" or "is_primary" not in owner.table.columns:
            return
        await self._recorded(
            MergeEffect.CHANGED,
            owner.table,
            sql.SQL(
                "update {table} t set is_primary = false where customer_id = {merged} and is_primary and exists ("
                "select from {table} s where s.customer_id = {survivor} and s.is_primary{kind})"
                " returning {key}, jsonb_build_object('is_primary', true)"
            ),
            kind=sql.SQL(" and s.kind = t.kind" if owner.table.name == "addresses" else ""),
        )

    async def _recorded(
        self,
        effect: MergeEffect,
        table: Table,
        statement: sql.SQL,
        owner: str | None = None,
        **parts: sql.Composable,
    ) -> None:
        done = statement.format(
            table=sql.Identifier(table.name),
            key=_key(table),
            survivor=sql.Literal(self.survivor),
            merged=sql.Literal(self.merged),
            **({"column": sql.Identifier(owner)} if owner else {}),
            **parts,
        )
        record = _RECORD.format(
            survivor=sql.Literal(self.survivor),
            merge=sql.Literal(self.merge),
            effect=sql.Literal(effect.value),
            place=sql.Literal(table.name),
            owner=sql.Literal(owner),
        )
        await self.connection.execute(sql.SQL("with done(row_key, kept) as ({}) {}").format(done, record))

    async def _move_back(self, owner: Owner) -> None:
        statement = sql.SQL(
            "update {table} t set {column} = {merged} from customer_merge_moves m where m.merge_id = {merge}"
            " and m.place = {place} and m.effect = 'MOVED' and m.owner = {owner}"
            " and {same_row} and t.{column} = {survivor}"
        ).format(
            column=sql.Identifier(owner.column),
            owner=sql.Literal(owner.column),
            same_row=_by_key(owner.table),
            **self._names(owner.table),
        )
        await self.connection.execute(statement)

    async def _take_parts_along(self) -> None:
        """What was added since to a row that goes back, such as a note to a claim, goes with it, in any depth. What is
        younger than the merge has a greater id: ids are in the order of time.
        """
        moved = 1
        while moved:
            moved = 0
            for part in parts():
                statement = sql.SQL(
                    "update {table} t set customer_id = {merged} from {parent} p where t.{column} = p.{parent_column}"
                    " and p.customer_id = {merged} and t.customer_id = {survivor} and t.id > {merge}"
                ).format(
                    column=sql.Identifier(part.column),
                    parent=sql.Identifier(part.parent.name),
                    parent_column=sql.Identifier(part.parent_column),
                    **self._names(part.table),
                )
                moved += (await self.connection.execute(statement)).rowcount

    async def _let_receipts_follow_what_they_pay(self) -> None:
        """A receipt is the customer's whose payments it pays, whenever it came and was matched. One that pays payments
        of both by now stays where it is.
        """
        statement = sql.SQL(
            "update receipts t set customer_id = m.owner from ("
            "select receipt_id, min(customer_id::text)::uuid as owner from receipt_matches where undone_at is null"
            " and customer_id in ({survivor}, {merged}) group by receipt_id having count(distinct customer_id) = 1) m"
            " where m.receipt_id = t.id and t.customer_id <> m.owner"
        ).format(survivor=sql.Literal(self.survivor), merged=sql.Literal(self.merged))
        await self.connection.execute(statement)

    async def _take_events_along(self) -> None:
        """What happened since to a row that went back is told in the history of its customer."""
        subjects = ("contracts", "orders", "claims", "complaints", "payments", "receipts", "interactions", "follow_ups")
        for subject in subjects:
            statement = sql.SQL(
                "update events t set customer_id = {merged} from {parent} p where t.subject_id = p.id"
                " and p.customer_id = {merged} and t.customer_id = {survivor} and t.id > {merge}"
            ).format(parent=sql.Identifier(subject), **self._names(models.metadata.tables["events"]))
            await self.connection.execute(statement)

    async def _put_back(self, table: Table) -> None:
        columns = [column.name for column in table.columns if column.computed is None]
        statement = sql.SQL(
            "insert into {table} ({columns}) select {values} from customer_merge_moves m,"
            " jsonb_populate_record(null::{table}, m.kept) r"
            " where m.merge_id = {merge} and m.place = {place} and m.effect = 'REMOVED'"
        ).format(
            columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
            values=sql.SQL(", ").join(sql.SQL("r.{}").format(sql.Identifier(name)) for name in columns),
            **self._names(table),
        )
        await self.connection.execute(statement)

    async def _change_back(self, column: str, kind: str) -> None:
        """Give a column of the rows that were changed the value it had."""
        for owner in owners():
            if owner.column != "customer_id" or column not in owner.table.columns:
                continue
            statement = sql.SQL(
                "update {table} t set {column} = (m.kept ->> {name})::{kind} from customer_merge_moves m"
                " where m.merge_id = {merge} and m.place = {place} and m.effect = 'CHANGED' and m.kept ? {name}"
                " and {same_row} and t.customer_id = {merged}"
            ).format(
                column=sql.Identifier(column),
                name=sql.Literal(column),
                kind=sql.SQL(kind),
                same_row=_by_key(owner.table),
                **self._names(owner.table),
            )
            await self.connection.execute(statement)

    async def _let_imports_find_the_survivor(self) -> None:
        """A key of a source that stands for the merged customer stands for the survivor."""
        await self._recorded(
            MergeEffect.CHANGED,
            models.metadata.tables["source_keys"],
            sql.SQL(
                "update {table} t set row_id = {survivor} where entity = 'customers' and row_id = {merged}"
                " returning {key}, jsonb_build_object('row_id', {merged}::text)"
            ),
        )

    async def _let_the_feed_follow(self, before: UUID, after: UUID) -> None:
        # The queue first: an event that gets its number meanwhile is found in the feed by the second statement.
        for table, event_id in (("event_queue", "event_id"), ("event_feed", "event_id")):
            statement = sql.SQL(
                "update {table} f set customer_id = {after} from events e"
                " where f.customer_id = {before} and e.id = f.{event_id} and e.customer_id = {after}"
            ).format(
                table=sql.Identifier(table),
                event_id=sql.Identifier(event_id),
                before=sql.Literal(before),
                after=sql.Literal(after),
            )
            await self.connection.execute(statement)

    def _names(self, table: Table) -> dict[str, sql.Composable]:
        return {
            "table": sql.Identifier(table.name),
            "place": sql.Literal(table.name),
            "merge": sql.Literal(self.merge),
            "survivor": sql.Literal(self.survivor),
            "merged": sql.Literal(self.merged),
        }


def _key(table: Table) -> sql.Composable:
    """The primary key of a row `t` as JSON."""
    pairs = [sql.SQL("{}, t.{}").format(sql.Literal(c.name), sql.Identifier(c.name)) for c in table.primary_key.columns]
    return sql.SQL("jsonb_build_object({})").format(sql.SQL(", ").join(pairs))


def _by_key(table: Table) -> sql.Composable:
    """The condition that a row `t` is the one that the record `m` is of."""
    terms = [
        sql.SQL("t.{column} = (m.row_key ->> {name})::{kind}").format(
            column=sql.Identifier(c.name),
            name=sql.Literal(c.name),
            kind=sql.SQL("uuid" if c.type.__visit_name__ == "uuid" else "text"),
        )
        for c in table.primary_key.columns
    ]
    return sql.SQL(" and ").join(terms)


def _same(table: Table, names: tuple[str, ...], condition: str | None) -> sql.Composable:
    """That a row `s` says what the row `t` says, where `condition` holds for both."""
    terms: list[sql.Composable] = []
    for name in names:
        if "{t}" in name:
            terms.append(sql.SQL(f"{name.format(t='s')} = {name.format(t='t')}"))
        else:
            terms.append(sql.SQL("s.{column} is not distinct from t.{column}").format(column=sql.Identifier(name)))
    if condition is not None:
        terms += [sql.SQL(_qualified(table, condition, row)) for row in ("s", "t")]
    if "verified_at" in table.columns:
        terms.append(sql.SQL("(s.verified_at is not null or t.verified_at is null)"))
    return sql.SQL(" and ").join(terms) if terms else sql.SQL("true")


def _qualified(table: Table, condition: str, row: str) -> str:
    """The condition of a partial index, of one row among several."""
    words = [f"{row}.{word}" if word in table.columns else word for word in condition.split()]
    return " ".join(words)
