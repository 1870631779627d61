"""One operation shows one moment: what others commit while it runs is seen by none of its levels."""

import psycopg
import pytest

from core.database import make_pool
from core.pipeline import Row, Statement
from core.snapshot import Snapshot
from execution.operations import Runner
from tests.graph import Graph

_QUERY = """{ customers(first: 1, where: { kind: { eq: PERSON } }) { nodes {
    displayName version addresses { id customer { displayName version } } } } }"""


async def test_a_write_between_two_levels_is_not_seen(
    runner: Runner, own_demo_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = Snapshot._send
    writes: list[int] = []

    async def interrupted(self: Snapshot, batch: list[Statement], *, last: bool) -> list[list[Row]]:
        rows = await send(self, batch, last=last)
        # After every round trip somebody renames all customers and commits.
        with psycopg.connect(own_demo_database) as connection:
            connection.execute("update customers set display_name = display_name || '!', version = version + 1")
        writes.append(1)
        return rows

    async with make_pool(own_demo_database, 2) as pool:
        graph = Graph(runner, pool)
        monkeypatch.setattr(Snapshot, "_send", interrupted)
        answer = await graph.ask(_QUERY)
        assert len(writes) == answer.round_trips == 3
        (customer,) = answer.data["customers"]["nodes"]
        assert customer["addresses"]
        for address in customer["addresses"]:
            assert address["customer"] == {"displayName": customer["displayName"], "version": customer["version"]}
        monkeypatch.undo()
        fresh = (await graph.ask(_QUERY)).data["customers"]["nodes"][0]
        assert fresh["version"] == customer["version"] + 3
