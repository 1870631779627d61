"""A worker by one driver and by the other, too."""

from tests.access.conftest import either

__all__ = ["either"]
