"""Database roles: who a connection is to PostgreSQL, which decides the rows and columns it gets (models/scope.py)."""

from dataclasses import dataclass

from core.pipeline import Statement


@dataclass(frozen=True, slots=True)
class DatabaseRole:
    """A role without a login of its own, which a connection takes on when it is opened.

    `schemas` are looked through in order: for the staff, views without restricted customers come before the tables.
    """

    name: str
    schemas: tuple[str, ...] = ("public",)

    @property
    def session(self) -> dict[str, str]:
        """The session settings that make a connection this role."""
        return {"role": self.name, "search_path": ",".join(self.schemas)}


STAFF = DatabaseRole("c360_staff", ("c360_staff", "public"))
STAFF_UNRESTRICTED = DatabaseRole("c360_staff_unrestricted")
PARTNER = DatabaseRole("c360_partner")

ROLES = (STAFF, STAFF_UNRESTRICTED, PARTNER)

_SET_PARTNER = b"select set_config('c360.partner_id', $1, true)"


def as_partner(partner_id: str) -> Statement:
    """The statement that lets the role PARTNER see the book of one partner (a UUID) until the transaction ends.

    Without it that role sees no customer at all.
    """
    return _SET_PARTNER, [partner_id]
