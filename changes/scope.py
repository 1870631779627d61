"""Whether an actor may see a row it is about to change: asked of PostgreSQL, by the database role the actor reads with.

Changes are written by the owner of the tables, whom no policy holds back. So the row is looked for once more as the
actor's own role, in the same transaction and after it was locked: the same policies, views and grants that decide what
the actor can read decide what it can change (models/scope.py).
"""

from uuid import UUID

from psycopg import sql

from auth.actor import Actor, ActorKind
from auth.scope import role_of
from changes.rows import Connection


async def may_see(connection: Connection, actor: Actor, table: str, row_id: UUID) -> bool:
    """Whether the actor's role sees the row. Raises psycopg.errors.InsufficientPrivilege where it may read no row."""
    if actor.kind is ActorKind.SYSTEM:
        return True
    role = role_of(actor)
    async with connection.pipeline():
        await connection.execute("select set_config('c360.partner_id', %s, true)", [actor.partner_id or ""])
        await connection.execute(sql.SQL("set local search_path = {}").format(_path(role.schemas)))
        await connection.execute(sql.SQL("set local role {}").format(sql.Identifier(role.name)))
        found = await connection.execute(
            sql.SQL("select 1 from {} where id = %s").format(sql.Identifier(table)), [row_id]
        )
        await connection.execute("reset role")
        await connection.execute("reset search_path")
    return await found.fetchone() is not None


def _path(schemas: tuple[str, ...]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, schemas))
