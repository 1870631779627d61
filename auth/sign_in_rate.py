"""How often somebody may try to sign in from one network address, whoever they say they are.

The lock-out (auth/lockout.py) protects one account against many passwords; this one protects all accounts against one
password that is tried on each of them.
"""

from auth.networks import counted_as
from core.errors import RequestError
from core.rate_limit import RateLimiter


class TooManySignIns(RequestError):
    """Too many sign-ins were tried from one address."""

    def __init__(self, seconds: int) -> None:
        message = f"too many sign-ins from this network address; try again in {seconds} s"
        super().__init__("RATE_LIMITED", message, retryAfter=seconds)


async def count_sign_in(rates: RateLimiter, address: str, per_minute: int) -> None:
    """Count an attempt, before its password is looked at. Raises TooManySignIns. With 0 a minute nothing is counted."""
    if per_minute == 0:
        return
    verdict = await rates.spend(f"sign-in:{counted_as(address)}", 1, per_minute)
    if not verdict.allowed:
        raise TooManySignIns(verdict.retry_after_seconds or 60)
