"""The unit of work: the one write door. What a command does, it does through this, in one transaction.

A row is fetched for update and only if the actor may see it; its version is compared; what is changed is noted for the
audit log, and what happened is written into the event history. All of it is committed together, or none.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ARRAY, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import SQLModel

from auth.actor import Actor, ActorKind, Audience
from auth.audit import append as append_audit
from auth.audit import changed
from auth.sealed import data_key
from changes import rows
from changes.errors import Conflict, CustomerMerged, Forbidden, NotFound
from changes.scope import may_see
from core.addresses import PUBLIC, AddressRules
from core.ids import new_id, public_id
from core.sealing import Keyring, SealedField
from core.snapshot import Pool
from core.workflow import Workflow
from events.append import NewEvent, append
from models.base import Versioned
from models.customers import Customer
from models.history import SUBJECT_TABLES, EventCategory, EventSource
from models.merges import CustomerMerge

M = TypeVar("M", bound=SQLModel)
V = TypeVar("V", bound=Versioned)

_SUBJECTS = {table: kind for kind, table in SUBJECT_TABLES.items()}

_ACTOR_PREFIXES = {ActorKind.USER: "usr", ActorKind.API_KEY: "key"}

# Columns that say nothing anybody would look for in the audit log.
_BOOKKEEPING = {"version", "updated_at", "restricted"}
# Values of these say something of a person, although they are no text.
_PERSONAL = {"birth_date", "income_amount"}


@dataclass(frozen=True, slots=True)
class Door:
    """What changes are made with: a pool of the tables' owner, the keys of the sealed values, opened if needed, and the
    addresses that others may have us send to.
    """

    pool: Pool
    keyring: Callable[[], Awaitable[Keyring]]
    addresses: AddressRules = PUBLIC


class Work:
    """One command being carried out: its transaction, who does it, and when. Made by `changes.performing.perform`.

    `source` says in the event history who or what recorded what happens.
    """

    def __init__(self, connection: rows.Connection, door: Door, actor: Actor, operation: str, now: datetime) -> None:
        self.connection = connection
        self.actor = actor
        self.operation = operation
        self.now = now
        self.today: date = now.date()
        self.correlation_id = new_id()
        self.source = EventSource.PORTAL if actor.audience is Audience.PARTNER else EventSource.SERVICE
        self.addresses = door.addresses
        self._door = door
        self._customers: dict[str, None] = {}
        self._changes: list[tuple[Table, UUID, str, Any, Any]] = []
        self._objects: dict[str, None] = {}
        self._made: set[UUID] = set()
        self._agent: UUID | None = None
        self._agent_known = False

    async def keyring(self) -> Keyring:
        """The keys of the sealed values. Raises RequestError when they cannot be had."""
        return await self._door.keyring()

    async def fetch(
        self,
        model: type[M],
        row_id: UUID,
        expected_version: int | None = None,
        *,
        argument: str | None = None,
        lock: bool = True,
    ) -> M:
        """The row, locked until the end, if the actor may see it; `argument` is the input that named it. What is only
        referred to, such as a partner, needs no lock.

        Raises NotFound, the same whether it is not there or out of the actor's sight, Conflict when it has another
        version than expected, and CustomerMerged for a customer that was merged into another.
        """
        found = await rows.select(self.connection, model, {"id": row_id}, lock=lock)
        table = rows.table_of(model)
        if not found and table.name == "customers":
            await self._not_merged(row_id, f"input.{argument}" if argument else None)
        if not found or not await may_see(self.connection, self.actor, table.name, row_id):
            raise NotFound(_kind(model), f"input.{argument}" if argument else None)
        if expected_version is not None and found[0].version != expected_version:  # type: ignore[attr-defined]
            raise Conflict(_kind(model), found[0].version)  # type: ignore[attr-defined]
        return found[0]

    async def fetch_part(
        self, model: type[M], row_id: UUID, expected_version: int | None = None, *, argument: str
    ) -> tuple[Customer, M]:
        """A row that is part of a customer, such as an address, and the customer, whose version counts for both.

        The customer is locked first, as by every command about it, so that two of them do not wait for each other.
        Raises NotFound and Conflict as `fetch` does.
        """
        for found in await rows.select(self.connection, model, {"id": row_id}):
            await rows.select(self.connection, Customer, {"id": _customer_of(found)}, lock=True)
        row = await self.fetch(model, row_id, argument=argument)
        owner = _customer_of(row)
        assert owner is not None
        return await self.fetch(Customer, owner, expected_version, argument=argument), row

    async def rows_of(self, model: type[M], *, lock: bool = False, order: str = "id", **conditions: Any) -> list[M]:
        """Rows that hang on one that was fetched, such as the documents of an order: `order_id=order.id`."""
        return await rows.select(self.connection, model, conditions, lock=lock, order=order)

    async def create(self, row: M) -> M:
        """Write a new row; returns it as the database has it, with its number."""
        stamps = {name: self.now for name in ("created_at", "updated_at") if name in rows.table_of(type(row)).columns}
        for name, moment in stamps.items():
            setattr(row, name, moment)
        made = await rows.insert(self.connection, row)
        self._made.add(made.id)  # type: ignore[attr-defined]
        self._note(made, {}, _values(made))
        return made

    async def change(self, row: M, **values: Any) -> M:
        """Set columns of a row that was fetched; returns the row as it is then. Does nothing where nothing differs."""
        different = {name: value for name, value in values.items() if getattr(row, name) != value}
        if not different:
            return row
        before = {name: getattr(row, name) for name in different}
        if isinstance(row, Versioned) and row.id not in self._made:
            different |= {"version": row.version + 1, "updated_at": self.now}
        changed_row = await rows.update(self.connection, row, different)
        self._note(changed_row, before, different)
        return changed_row

    async def touch(self, row: V) -> V:
        """Count a change of something that is part of the row, such as an address of a customer: a new version."""
        if row.id in self._made:
            return row
        return await rows.update(self.connection, row, {"version": row.version + 1, "updated_at": self.now})

    async def remove(self, row: SQLModel) -> None:
        """Delete a row that was fetched, for what is not kept once it no longer holds. Raises psycopg.Error where
        other rows refer to it.
        """
        await rows.delete(self.connection, row)
        gone = {name: value for name, value in _values(row).items() if value is not None}
        self._note(row, gone, dict.fromkeys(gone))

    async def step(
        self, row: M, workflow: Workflow[Any], transition: str, *, column: str = "status", **values: Any
    ) -> M:
        """Let the row go a way of the workflow that its `column` is the state of, and set columns with it.

        Raises TransitionImpossible, and Forbidden when the actor may not go that way.
        """
        target = workflow.step(transition, getattr(row, column))
        self.require(workflow.transition(transition).permission)
        return await self.change(row, **{column: target}, **values)

    def require(self, permission: str) -> None:
        """Raise Forbidden unless the actor has a permission."""
        if not self.actor.may(permission):
            raise Forbidden(permission)

    async def happened(
        self,
        event_type: str,
        subject: SQLModel,
        summary: str,
        *,
        customer_id: UUID | None = None,
        occurred_at: datetime | None = None,
        cause: UUID | None = None,
        source: EventSource | None = None,
        external: EventCategory | None = None,
        facts: Mapping[str, Any] | None = None,
        **payload: Any,
    ) -> UUID:
        """Write an event about a row; returns its id, for what it is the cause of.

        It belongs to the row's customer unless another is named, and comes from the work's own source unless from
        another. `external` is the class of a type that another system has made up; `facts` go into the payload too,
        such as one that is called like an argument here. Summaries are read by whoever may see the subject: they hold
        no sensitive value.
        """
        kind = _SUBJECTS[rows.table_of(type(subject)).name]
        customer_id = customer_id or _customer_of(subject)
        if customer_id is not None:
            self._customers[str(customer_id)] = None
        event = NewEvent(
            event_type,
            customer_id,
            kind,
            subject.id,  # type: ignore[attr-defined]
            summary,
            {**payload, **(facts or {})},
            occurred_at,
            cause,
            external,
        )
        (event_id,) = await append(
            self.connection,
            [event],
            source=source or self.source,
            actor=self.actor_name,
            correlation_id=self.correlation_id,
            now=self.now,
        )
        return event_id

    @property
    def actor_name(self) -> str:
        """Who does it, as the history names them: the public id of a user or API key, or "system"."""
        prefix = _ACTOR_PREFIXES.get(self.actor.kind)
        return public_id(prefix, self.actor.id) if prefix and self.actor.id else "system"

    async def seal(self, field: SealedField, customer_id: UUID, row_id: UUID, text: str) -> dict[str, Any]:
        """The columns that hold a sensitive value of a customer in a row, to be set together.

        Raises BadInput when an identifier has neither letters nor digits.
        """
        keyring = await self.keyring()
        key = await data_key(self.connection, keyring, customer_id)
        return keyring.columns(key, field, row_id, text)

    async def agent(self) -> UUID | None:
        """The agent the acting user is; None where no agent is known for them."""
        if not self._agent_known:
            self._agent_known = True
            if self.actor.kind is ActorKind.USER:
                found = await self.connection.execute("select agent_id from users where id = %s", [self.actor.id])
                row = await found.fetchone()
                self._agent = row[0] if row else None
        return self._agent

    def concerns(self, customer_id: UUID) -> None:
        """Name a customer in the audit entry, of whom no single row is told there."""
        self._customers[str(customer_id)] = None

    def forget(self) -> None:
        """Leave out of the audit entry what was done until now, for it was taken back; whom it was about stays."""
        self._changes.clear()
        self._objects.clear()

    async def finish(self) -> None:
        """Write the audit entry: which objects were changed, and each field's value before and after.

        What people wrote, and what tells of a person, stands there as a keyed digest (docs/adr/0024-changes.md).
        """
        personal = any(_is_personal(table, name) for table, _, name, _, _ in self._changes)
        keyring = await self.keyring() if personal else None
        entries = [
            {
                "object": f"{table.name}/{row_id}",
                "field": name,
                "before": _told(before, table, name, keyring),
                "after": _told(after, table, name, keyring),
            }
            for table, row_id, name, before, after in self._changes
        ]
        await append_audit(
            self.connection,
            changed(
                self.actor,
                self.operation,
                customer_ids=self._customers,
                objects=tuple(self._objects),
                fields=tuple(dict.fromkeys(f"{table.name}.{name}" for table, _, name, _, _ in self._changes)),
                changes=entries,
            ),
        )

    async def _not_merged(self, customer_id: UUID, argument: str | None) -> None:
        """Raise CustomerMerged for a customer that was merged into one whom the actor may see."""
        merges = await rows.select(self.connection, CustomerMerge, {"merged_id": customer_id, "undone_at": None})
        for merge in merges:
            if await may_see(self.connection, self.actor, "customers", merge.customer_id):
                (survivor,) = await rows.select(self.connection, Customer, {"id": merge.customer_id})
                raise CustomerMerged(merge.merged_number, survivor.number, public_id("cus", str(survivor.id)), argument)

    def _note(self, row: SQLModel, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        table = rows.table_of(type(row))
        row_id: UUID = row.id  # type: ignore[attr-defined]
        self._objects[f"{table.name}/{row_id}"] = None
        customer = _customer_of(row)
        if customer is not None:
            self._customers[str(customer)] = None
        for name, value in after.items():
            if name.endswith(("_sealed", "_index")):
                continue
            if name in before or (value is not None and name not in _BOOKKEEPING):
                self._changes.append((table, row_id, name, before.get(name), value))


def _values(row: SQLModel) -> dict[str, Any]:
    table = rows.table_of(type(row))
    skipped = {"id", "created_at", *_BOOKKEEPING}
    return {c.name: getattr(row, c.name) for c in table.columns if c.name not in skipped and c.computed is None}


def _customer_of(row: SQLModel) -> UUID | None:
    if rows.table_of(type(row)).name == "customers":
        return row.id  # type: ignore[attr-defined, no-any-return]
    return getattr(row, "customer_id", None)


def _kind(model: type[SQLModel]) -> str:
    """The model's name in running text, such as "contract party"."""
    return "".join(f" {c.lower()}" if c.isupper() else c for c in model.__name__).strip()


# Texts that are codes or numbers of ours, not what people wrote.
_PLAIN_TEXTS = {"number", "currency", "country", "language"}


def _is_personal(table: Table, name: str) -> bool:
    """Whether a column's values tell something of a person, or are what people wrote."""
    kind = table.columns[name].type
    written = isinstance(kind, Text | JSONB | ARRAY | LargeBinary) and name not in _PLAIN_TEXTS
    return written or name in _PERSONAL


def _told(value: Any, table: Table, name: str, keyring: Keyring | None) -> str | None:
    if value is None:
        return None
    if _is_personal(table, name):
        assert keyring is not None
        return keyring.digest(str(value))
    return value.isoformat() if isinstance(value, date) else str(value)
