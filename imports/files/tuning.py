"""Settings of the interpreter that make an import faster; they hold while it runs."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def tuned() -> Iterator[None]:
    """Collect garbage seldom and let threads take turns more often.

    A batch is some 100,000 objects, all alive until it is written: looking through them again and again took a third
    of the time. And the thread that talks to the database waits a switch interval for each turn while the other one
    converts rows.
    """
    threshold, interval = gc.get_threshold(), sys.getswitchinterval()
    gc.set_threshold(500_000, *threshold[1:])
    sys.setswitchinterval(min(interval, 0.0005))
    try:
        yield
    finally:
        gc.set_threshold(*threshold)
        sys.setswitchinterval(interval)
