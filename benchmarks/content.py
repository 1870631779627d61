"""Whether the servers answer with the same content: their answers in one normal form, compared value by value."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

_ID = re.compile(r"^[a-z]{3}_(?=[0-9a-f]{8}-)")
_MOMENT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:")
_SUMS = ("lifetimeValue", "annualPremium", "premium", "claimed", "paid", "amount")


def normal(value: Any) -> Any:
    """The value with ids without prefix, connections as lists, sums as `amount currency` and moments in UTC."""
    if isinstance(value, list):
        return [normal(item) for item in value]
    if isinstance(value, dict):
        return _object(value)
    if value is None or isinstance(value, bool):
        return value
    text = str(value)
    if _MOMENT.match(text):
        return datetime.fromisoformat(text).astimezone(UTC).isoformat()
    return _ID.sub("", text)


def _object(value: dict[str, Any]) -> Any:
    if set(value) == {"nodes"}:
        return normal(value["nodes"])
    if set(value) == {"amount", "currency"}:
        return _sum(value["amount"], value["currency"])
    flat = {name: normal(item) for name, item in value.items() if name != "currency"}
    if "currency" in value:
        # Amounts beside their currency, as columns are.
        for name in _SUMS:
            if flat.get(name) is not None:
                flat[name] = _sum(flat[name], value["currency"])
    return flat


def _sum(amount: Any, currency: str) -> str:
    return f"{Decimal(str(amount)):.2f} {currency}"


def objects(value: Any) -> int:
    """How many objects the normal form has."""
    if isinstance(value, list):
        return sum(map(objects, value))
    return 1 + sum(map(objects, value.values())) if isinstance(value, dict) else 0


def differences(ours: Any, theirs: Any, path: str = "") -> Iterator[str]:
    """Each place where two normal forms are not the same."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for name in ours.keys() | theirs.keys():
            if name not in theirs or name not in ours:
                yield f"{path}.{name}: only {'ours' if name in ours else 'theirs'}"
            else:
                yield from differences(ours[name], theirs[name], f"{path}.{name}")
    elif isinstance(ours, list) and isinstance(theirs, list):
        if len(ours) != len(theirs):
            yield f"{path}: {len(ours)} and {len(theirs)}"
        for ordinal, (mine, other) in enumerate(zip(ours, theirs, strict=False)):
            yield from differences(mine, other, f"{path}[{ordinal}]")
    elif ours != theirs:
        yield f"{path}: {ours!r} and {theirs!r}"


class Comparison:
    """The answers of one server beside those of the service."""

    def __init__(self) -> None:
        self.answers = 0
        self.equal = 0
        self.objects = 0
        self.kinds: Counter[str] = Counter()
        self.first: list[str] = []

    def add(self, ours: Any, theirs: Any) -> None:
        """Compare two answers."""
        mine, other = normal(ours), normal(theirs)
        found = list(differences(mine, other))
        self.answers += 1
        self.equal += not found
        self.objects += objects(other)
        self.kinds.update(re.sub(r"\[\d+\]", "[]", text.partition(":")[0]) for text in found)
        self.first = [*self.first, *found][:5]

    def summary(self) -> dict[str, Any]:
        """The result in short."""
        return {
            "answers": self.answers,
            "equal": self.equal,
            "objectsPerAnswer": round(self.objects / max(self.answers, 1), 1),
            "differences": dict(self.kinds),
            "first": self.first,
        }
