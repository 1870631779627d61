"""The pool of a worker: what its connections stand."""

from core.database import make_pool


async def test_many_statements_do_not_disturb_those_of_psycopg(empty_database: str) -> None:
    """psycopg's own statements and those of the pipeline, which forgets all at times, share the connections."""
    async with make_pool(empty_database, 1) as pool, pool.connection() as connection:
        for number in range(8):
            await connection.execute("select %s::int", [number])
        for number in range(600):
            await connection.run(None, [(b"select $1::int + %d" % number, [1])])
        assert (await (await connection.execute("select %s::int", [7])).fetchone()) == (7,)
