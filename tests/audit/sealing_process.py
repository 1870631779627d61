"""A process that seals until it is told to stop: `python -m tests.audit.sealing_process URL BATCH`."""

import asyncio
import signal
import sys

from auth.audit.connection import connect
from auth.audit.sealing import Sealer


async def main(url: str, batch: int) -> None:
    loop, end = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, end.set)
    sealed = 0
    async with await connect(url) as connection:
        sealer = Sealer(batch)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while not end.is_set():
            sealed += await sealer.seal_if_free(connection)
            await asyncio.sleep(0.002)
    sys.stdout.write(f"{sealed}\n")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
