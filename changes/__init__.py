"""What can be done: commands by area, and the one write door that carries them out. Nothing here knows GraphQL."""

from changes.performing import perform
from changes.work import Door, Work

__all__ = ["Door", "Work", "perform"]
