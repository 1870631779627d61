"""Knowing at once that the process is asked to end.

The web server waits for open requests before it ends the application's lifespan; an event stream is open for as long as
nobody ends it.
"""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def on_stopping(stop: Callable[[], None]) -> Iterator[None]:
    """Meanwhile `stop` is called in the running event loop on each signal that ends the process, before the web
    server's own handler. Does nothing but in the main thread, which alone gets signals.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in _SIGNALS}

    def stopping(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(stop)
        handler = before[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)
        elif handler == signal.SIG_DFL:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)

    for number in _SIGNALS:
        signal.signal(number, stopping)
    try:
        yield
    finally:
        for number, handler in before.items():
            if signal.getsignal(number) is stopping:
                signal.signal(number, handler)
