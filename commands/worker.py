"""What a process that answers requests runs; there may be several, while the one of `c360 serve` looks after them."""

import gc
import multiprocessing
import os
import signal
import threading
from multiprocessing.process import BaseProcess

from starlette.applications import Starlette

# Building the schema makes many objects and no garbage: looking for some takes a sixth of the time to start.
gc.disable()


def tune_garbage_collection() -> None:
    """Keep the collector away from what lives as long as the process, and call it less often for the rest."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    gc.enable()


def worker() -> Starlette:
    """The application; a process started for it ends with the one that started it, even if that is killed."""
    server = multiprocessing.parent_process()
    if server is not None:
        threading.Thread(target=_end_after, args=[server], daemon=True).start()
    from app import app

    application = app()
    tune_garbage_collection()
    return application


def _end_after(server: BaseProcess) -> None:
    # Killed, it could not tell us to stop: we would keep its port, and have no database.
    server.join()
    try:
        from commands.supervisor import remove_shared_metrics

        remove_shared_metrics()
    finally:
        os.kill(os.getpid(), signal.SIGTERM)
