"""What a process that answers requests runs; there may be several, while the one of `c360 serve` looks after them."""

import gc
import multiprocessing
import os
import signal
import threading
from multiprocessing.process import BaseProcess

from starlette.applications import Starlette

# A process started for it does not come by cli.py.
gc.disable()


def tune_garbage_collection() -> None:
    """Keep the collector away from what lives as long as the process, and call it less often for the rest.

    What it would find now, of 270,000 objects, are some 2,000 of the imports: less than a tenth of a second is worth.
    """
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
