"""Chance: everything random in the demo world comes from one seeded generator for each chunk of customers."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import TypeVar

from imports.demo.moments import DAY, HOUR, Day, Moment, weekday

T = TypeVar("T")

_VERSION_7 = 0x7 << 76
_VARIANT = 0x8 << 60
_LOW_62 = (1 << 62) - 1


def shares(weights: Mapping[T, int]) -> tuple[T, ...]:
    """A tuple in which each key stands as often as its weight: `dice.pick` from it is a weighted choice."""
    return tuple(key for key, weight in weights.items() for _ in range(weight))


class Dice(Random):
    """A seeded random generator with the few draws the world is made of."""

    def pick(self, items: Sequence[T]) -> T:
        """One of the items (random.choice costs four times as much)."""
        return items[int(self.random() * len(items))]

    def chance(self, probability: float) -> bool:
        """True with the probability."""
        return self.random() < probability

    def between(self, low: int, high: int) -> int:
        """An integer from low to high, both included; low when high is below it."""
        return low + int(self.random() * (high - low + 1)) if high > low else low

    def skewed(self, low: int, high: int) -> int:
        """Like `between`, but low numbers come more often."""
        return low + int(self.random() ** 2 * (high - low + 1)) if high > low else low

    def digits(self, count: int) -> str:
        """A string of decimal digits."""
        return f"{int(self.random() * 10**count):0{count}}"

    def new_id(self, moment: Moment) -> str:
        """A UUIDv7 of the moment, as 32 hexadecimal digits: sorts by time, repeats with the seed."""
        bits = self.getrandbits(84)
        milliseconds = moment * 1000 + (bits >> 74) % 1000
        return f"{milliseconds << 80 | _VERSION_7 | (bits >> 62 & 0xFFF) << 64 | _VARIANT | bits & _LOW_62:032x}"

    def at_work(self, day: Day) -> Moment:
        """A moment in office hours of the day."""
        return day * DAY + 8 * HOUR + int(self.random() * 10 * HOUR)

    def any_time(self, day: Day) -> Moment:
        """A moment of the day while people are awake."""
        return day * DAY + 6 * HOUR + int(self.random() * 16 * HOUR)

    def working_day(self, low: Day, high: Day) -> Day:
        """A day from low to high, moved from the weekend to the Friday before it where there is room."""
        day = self.between(low, high)
        return max(low, day - max(0, weekday(day) - 4))
