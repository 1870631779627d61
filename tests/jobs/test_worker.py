"""`c360 worker` as a process: delivers, stops when it is asked to, and may be killed at any moment."""

import base64
import itertools
import os
import signal
import subprocess
import time
from collections import defaultdict
from pathlib import Path

import pytest

from tests.commands.service import C360, free_port
from tests.jobs.partner import Portal
from tests.jobs.receiver import Receiver, eventually
from tests.jobs.test_webhooks import settled
from tests.keys import MASTER_KEY


def worker(partner: Portal, home: Path, log: Path, command: str = "worker") -> subprocess.Popen[bytes]:
    """Start one over the partner's database; or with another command that does the same besides."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("C360_", "PG"))}
    settings = {
        "DATABASE_URL": partner.desk.url,
        "C360_HOME": str(home),
        "C360_MASTER_KEY": base64.b64encode(MASTER_KEY).decode(),
        "C360_WEBHOOK_PRIVATE": "true",
        "C360_WEBHOOK_SECONDS": "3",
        "C360_PORT": str(free_port()),
    }
    with log.open("ab") as output:
        return subprocess.Popen([C360, command], env={**kept, **settings}, stdout=output, stderr=output)


@pytest.mark.timeout(300)
async def test_a_killed_worker_leaves_no_gap(partner: Portal, receiver: Receiver, tmp_path: Path) -> None:
    contracts = partner.contracts(4)
    await partner.register(receiver.url)
    receiver.delay = 0.05
    log = tmp_path / "log"
    processes = [worker(partner, tmp_path, log)]
    try:
        events = []
        for batch, wanted in itertools.islice(zip(itertools.count(), (5, 25, 45), strict=False), 3):
            events += await partner.happen([contract for _ in range(5) for contract in contracts])
            await receiver.until(wanted, 90)
            # With requests under way, whose answers never come to be noted.
            processes[-1].kill()
            processes[-1].wait()
            processes.append(worker(partner, tmp_path, log))
            assert batch < 3
        await eventually(lambda: settled(partner, "DELIVERED") == len(events), "all delivered", seconds=120)
        processes[-1].send_signal(signal.SIGTERM)
        assert processes[-1].wait(20) == 0
    finally:
        for process in processes:
            process.kill()
            process.wait()
    assert set(receiver.ids) == set(events)
    first: dict[str | None, list[str]] = defaultdict(list)
    for got in receiver.got:
        if got.id not in first[got.customer]:
            first[got.customer].append(got.id)
    assert first == {contract.customer: events[place::4] for place, contract in enumerate(contracts)}
    # What was under way is sent again, and little else.
    assert len(receiver.got) - len(events) <= 3 * 10
    assert "Traceback" not in log.read_text()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("command", ["worker", "serve"])
async def test_it_is_woken_at_once(partner: Portal, receiver: Receiver, tmp_path: Path, command: str) -> None:
    await partner.register(receiver.url)
    process = worker(partner, tmp_path, tmp_path / "log", command)
    try:
        (contract,) = partner.contracts(1)
        await partner.happens(contract)
        await receiver.until(1, 90)
        begun = time.monotonic()
        await partner.happens(contract)
        await receiver.until(2)
        assert time.monotonic() - begun < 5
    finally:
        process.terminate()
        assert process.wait(20) == 0
