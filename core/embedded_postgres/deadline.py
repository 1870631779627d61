"""One point in time that all steps of a start share, so that waiting twice never takes twice as long."""

import time

from core.embedded_postgres.errors import EmbeddedPostgresError

# Short, because an existing cluster is up within a fraction of a second.
_POLL_SECONDS = 0.01


class Deadline:
    """A moment on the monotonic clock after which waiting is given up."""

    def __init__(self, seconds: float) -> None:
        """Set the deadline `seconds` from now."""
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    @property
    def left(self) -> float:
        """Seconds that remain, never less than zero."""
        return max(0.0, self._end - time.monotonic())

    def pause(self, waiting_for: str) -> None:
        """Sleep a moment before the next look.

        Raises EmbeddedPostgresError, with `waiting_for` in the message, when the deadline has passed.
        """
        if not self.left:
            raise EmbeddedPostgresError(f"gave up after {self.seconds:g} seconds waiting for {waiting_for}")
        time.sleep(_POLL_SECONDS)
