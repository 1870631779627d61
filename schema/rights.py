"""`viewerCan`: what whoever asks may do with objects of a type, so that a client shows only buttons that work."""

from typing import Any

from strawberry.types.info import Info

from auth.actor import Actor
from auth.permissions import PERMISSIONS
from execution.fields import ActorField


class ViewerCanField(ActorField):
    """The permissions of some areas that the actor has; the same for all objects of the type."""

    def __init__(self, areas: tuple[str, ...]) -> None:
        super().__init__(description="Those of your permissions that apply here, such as `claims:write`.")
        self.applying = frozenset(name for name in PERMISSIONS if name.partition(":")[0] in areas)

    def value(self, actor: Actor) -> list[str]:
        """Names of permissions, in order."""
        return sorted(self.applying & actor.permissions)

    def get_result(self, source: Any, info: Info[Any, Any] | None, args: list[Any], kwargs: Any) -> Any:
        """The same."""
        assert info is not None
        return self.value(info.context.actor)


def viewer_can(*areas: str) -> Any:
    """The permissions of these areas that the actor has."""
    return ViewerCanField(areas)
