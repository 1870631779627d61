"""A receiver of requests."""

from tests.jobs.conftest import receiver

__all__ = ["receiver"]
