"""The load: wrk where it is installed, else a small client of our own."""

import asyncio
import itertools
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

import orjson

LUA = Path(__file__).with_name("wrk.lua")
_OURS = (sys.executable, "-m", "benchmarks.load")


@dataclass(frozen=True)
class Load:
    """What the clients saw: latencies in milliseconds."""

    requests: int
    seconds: float
    p50: float
    p99: float
    errors: int
    bytes: int


def tool() -> str:
    """The name of the client that is used."""
    return "wrk" if shutil.which("wrk") else "benchmarks.load"


def run(url: str, bodies: Path, token: str, concurrency: int, seconds: int, core: int) -> Load:
    """Post the bodies to `url` with an access token, over so many connections for so long, from one core."""
    if tool() == "wrk":
        options = ["-t1", f"-c{concurrency}", f"-d{seconds}s", "--timeout", "20s"]
        command = ["wrk", *options, "-s", str(LUA), url, "--", str(bodies), token]
    else:
        command = [*_OURS, url, str(bodies), token, str(concurrency), str(seconds)]
    return _run(command, core, seconds + 60)


def send(url: str, bodies: Path, token: str, concurrency: int, requests: int, core: int) -> Load:
    """The same for so many requests."""
    command = [*_OURS, url, str(bodies), token, str(concurrency), "0", str(requests)]
    return _run(command, core, requests // 10 + 60)


def _run(command: list[str], core: int, timeout: int) -> Load:
    command = ["taskset", "-c", str(core), *command]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=True)
    return Load(**orjson.loads(done.stdout.strip().splitlines()[-1]))


async def _client(
    request: list[bytes], host: str, port: int, more: Callable[[], bool], latencies: list[float], start: int
) -> tuple[int, int]:
    reader, writer = await asyncio.open_connection(host, port)
    errors, received, turn = 0, 0, start
    try:
        while more():
            began = time.perf_counter()
            writer.write(request[turn % len(request)])
            turn += 1
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                line.split(b":")[1] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
            )
            body = await reader.readexactly(int(length))
            latencies.append((time.perf_counter() - began) * 1000)
            received += len(head) + int(length)
            errors += not head.startswith(b"HTTP/1.1 2") or body.startswith(b'{"errors"')
    finally:
        writer.close()
    return errors, received


async def _main(url: str, bodies: str, token: str, concurrency: int, seconds: int, requests: int | None = None) -> Load:
    address, _, path = url.removeprefix("http://").partition("/")
    host, _, port = address.partition(":")
    fields = f"host: {address}\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n"
    head = f"POST /{path} HTTP/1.1\r\n{fields}content-length: "
    lines = Path(bodies).read_bytes().splitlines()  # noqa: ASYNC240
    messages = [f"{head}{len(line)}\r\n\r\n".encode() + line for line in lines]
    latencies: list[float] = []
    began = time.perf_counter()
    numbers = itertools.count()

    def more() -> bool:
        return time.perf_counter() < began + seconds if requests is None else next(numbers) < requests

    clients = (
        _client(messages, host, int(port), more, latencies, n * len(lines) // concurrency) for n in range(concurrency)
    )
    ends = await asyncio.gather(*clients)
    errors, received = sum(e for e, _ in ends), sum(r for _, r in ends)
    cuts = quantiles(latencies, n=100)
    return Load(len(latencies), time.perf_counter() - began, cuts[49], cuts[98], errors, received)


if __name__ == "__main__":
    import uvloop

    result = uvloop.run(_main(sys.argv[1], sys.argv[2], sys.argv[3], *map(int, sys.argv[4:])))
    sys.stdout.buffer.write(orjson.dumps(result) + b"\n")
