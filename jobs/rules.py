"""The rules of delivering webhooks, which settings decide, in one readable object."""

import random
from dataclasses import dataclass
from datetime import timedelta

from core.settings import Settings

# Between two attempts the time grows by this factor.
_FACTOR = 4
# Times vary by so much, so that not all come back to an endpoint at the same moment.
_JITTER = 0.2


@dataclass(frozen=True, slots=True)
class Rules:
    """How long an attempt takes at most, how often and when it is made again, and when an endpoint is disabled."""

    seconds: float = 15.0
    attempts: int = 10
    first_pause: timedelta = timedelta(seconds=5)
    longest_pause: timedelta = timedelta(hours=12)
    disable_after: timedelta = timedelta(days=3)
    # Attempts at one endpoint at the same time, of different customers.
    parallel: int = 10
    # Deliveries of one endpoint that wait; beyond that its place in the feed waits.
    waiting: int = 1_000
    # A job leaves off after so long, so that other endpoints get their turn.
    turn: timedelta = timedelta(seconds=30)

    @classmethod
    def of(cls, settings: Settings) -> "Rules":
        """The rules by the settings."""
        return cls(
            seconds=settings.webhook_seconds,
            attempts=settings.webhook_attempts,
            disable_after=timedelta(days=settings.webhook_disable_days),
        )

    @property
    def lease(self) -> timedelta:
        """After so long an attempt counts as lost: the process that made it was killed."""
        return timedelta(seconds=self.seconds + 5)

    def pause(self, attempts: int, retry_after: int | None = None) -> timedelta:
        """How long to wait after so many failed attempts, longer if the endpoint asks for it (in seconds)."""
        exponential: timedelta = min(self.first_pause * _FACTOR ** min(attempts - 1, 12), self.longest_pause)
        varied = exponential * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311  # nosec B311
        return max(varied, min(timedelta(seconds=retry_after or 0), self.longest_pause))
