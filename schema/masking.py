"""Masked values: what is shown in the place of a sealed value. The value itself comes only from the mutation `reveal`.

national_id: MaskedValue | None = masked()
"""

from collections.abc import Mapping
from typing import Any

import strawberry
from strawberry.types.info import Info

from auth.actor import Actor
from execution.fields import ValueField
from execution.permissions import INHERITED
from models.sealed import MaskedReason

_REASON = MaskedReason.SENSITIVE


@strawberry.type(description="A sensitive value, shown masked.")
class MaskedValue:
    """A mask in the place of a value."""

    __permission__ = INHERITED

    masked: str = strawberry.field(description="What may be shown of the value, such as `•••• 4711`.")
    reason: MaskedReason = strawberry.field(description="Why it is masked.")
    revealable: bool = strawberry.field(description="Whether you may see it in full, by the mutation `reveal`.")


class MaskedField(ValueField):
    """The masked form of a sealed value, from the column `<name>_masked` of its row.

    `reveal` is the permission that the value itself needs.
    """

    def __init__(self, reveal: str) -> None:
        super().__init__()
        self.reveal = reveal

    @property
    def is_basic_field(self) -> bool:
        """Never: what is shown depends on who asks."""
        return False

    def constants(self, actor: Actor) -> Mapping[str, str | bool]:
        """Why it is masked, and whether the actor may see more."""
        return {"reason": _REASON.value, "revealable": actor.may(self.reveal)}

    @property
    def parts(self) -> dict[str, str]:
        """The one that comes from the row."""
        return {"masked": self.columns[0]}

    def get_result(self, source: Any, info: Info[Any, Any] | None, args: list[Any], kwargs: Any) -> Any:
        """The MaskedValue, or None when there is no value."""
        assert info is not None
        shown = source[self.columns[0]]
        if shown is None:
            return None
        return MaskedValue(masked=shown, reason=_REASON, revealable=info.context.actor.may(self.reveal))


def masked(reveal: str = "customers:reveal") -> Any:
    """The masked form of the sealed value that is named like the field; who has `reveal` may see the value."""
    return MaskedField(reveal)
