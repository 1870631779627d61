"""How many of something each actor holds at the moment: sockets, and what runs over them."""


class Slots:
    """Counts for each name what it holds, up to `most` at a time. For one process; only for use in the event loop."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._held: dict[str, int] = {}

    def take(self, name: str) -> bool:
        """Take one, unless the name holds as many as it may."""
        held = self._held.get(name, 0)
        if held >= self.most:
            return False
        self._held[name] = held + 1
        return True

    def give_back(self, name: str) -> None:
        """Give back one that was taken."""
        held = self._held[name] - 1
        if held:
            self._held[name] = held
        else:
            del self._held[name]
