"""What each partner and the ordinary staff must see, worked out in Python from the plain rows.

On purpose it shares nothing with the view, the triggers and the policies but the list of a partner's events.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg.rows import dict_row

from models.scope import PARTNER_EVENTS

Row = dict[str, Any]

# Tables whose rows belong to a customer and nothing else.
_OF_CUSTOMER = ("customer_identifiers", "addresses", "phones", "emails", "household_members")
_PARTS = {
    "contract_parties": ("contracts", "contract_id"),
    "payments": ("contracts", "contract_id"),
    "order_status_changes": ("orders", "order_id"),
    "order_documents": ("orders", "order_id"),
    "claim_documents": ("claims", "claim_id"),
    "claim_payments": ("claims", "claim_id"),
}
_SUBJECTS = {"CONTRACT": "contracts", "ORDER": "orders", "CLAIM": "claims"}


@dataclass
class World:
    """All rows of a database, by table."""

    rows: dict[str, list[Row]] = field(default_factory=dict)

    @classmethod
    def of(cls, url: str) -> "World":
        """Read it, as the owner."""
        world = cls()
        with psycopg.connect(url, row_factory=dict_row) as connection:
            tables = connection.execute("select tablename::text from pg_tables where schemaname = 'public'").fetchall()
            for row in tables:
                name = row["tablename"]
                world.rows[name] = connection.execute(f"select * from {name}".encode()).fetchall()
        return world

    @property
    def tables(self) -> list[str]:
        """The tables whose rows have ids."""
        return [table for table, rows in self.rows.items() if all("id" in row for row in rows)]

    def ids(self, table: str) -> set[str]:
        """All ids of a table."""
        return {str(row["id"]) for row in self.rows[table]}

    def partners(self) -> list[str]:
        """The ids of all partners."""
        return sorted(self.ids("partners"))

    def restricted(self) -> set[str]:
        """The ids of restricted customers."""
        return {str(row["id"]) for row in self.rows["customers"] if row["restricted_at"] is not None}

    def shares(self, customer: str, partner: str) -> bool:
        """Whether the last thing the customer said about sharing with the partner was no refusal."""
        said = [
            (row["recorded_at"], row["id"], row["status"])
            for row in self.rows["consents"]
            if row["purpose"] == "PARTNER_SHARING"
            and str(row["customer_id"]) == customer
            and (row["partner_id"] is None or str(row["partner_id"]) == partner)
        ]
        return not said or max(said)[2] == "GRANTED"

    def seen_by_partner(self, partner: str) -> dict[str, set[str]]:
        """The ids of the rows a partner must see, of every table with data of customers."""
        sold = [row for row in self.rows["contracts"] if str(row["partner_id"]) == partner]
        holders = {str(row["customer_id"]) for row in sold}
        customers = {one for one in holders - self.restricted() if self.shares(one, partner)}

        def mine(rows: list[Row]) -> set[str]:
            return {str(row["id"]) for row in rows if str(row["customer_id"]) in customers}

        seen: dict[str, set[str]] = defaultdict(set)
        seen["customers"] = customers
        for table in _OF_CUSTOMER:
            seen[table] = mine(self.rows[table])
        seen["consents"] = mine(
            [
                row
                for row in self.rows["consents"]
                if row["purpose"] == "PARTNER_SHARING" and str(row["partner_id"]) in (partner, "None")
            ]
        )
        seen["relationships"] = mine(
            [row for row in self.rows["relationships"] if str(row["related_customer_id"]) in customers]
        )
        seen["households"] = {
            str(row["household_id"]) for row in self.rows["household_members"] if str(row["customer_id"]) in customers
        }
        seen["contracts"] = mine(sold)
        seen["orders"] = mine([row for row in self.rows["orders"] if str(row["partner_id"]) == partner])
        seen["claims"] = mine([row for row in self.rows["claims"] if str(row["contract_id"]) in seen["contracts"]])
        for table, (parent, column) in _PARTS.items():
            seen[table] = {str(row["id"]) for row in self.rows[table] if str(row[column]) in seen[parent]}
        seen["events"] = {
            str(row["id"])
            for row in self.rows["events"]
            if row["type"] in PARTNER_EVENTS
            and str(row["subject_id"]) in seen.get(_SUBJECTS.get(row["subject_kind"], ""), set())
        }
        return seen

    def seen_by_staff(self, table: str) -> set[str]:
        """The ids of the rows the ordinary staff must see: those that tell of no restricted customer."""
        hidden = self.restricted()
        owners = ("id",) if table == "customers" else ("customer_id", "related_customer_id", "party_customer_id")
        seen = {
            str(row["id"])
            for row in self.rows[table]
            if not hidden & {str(row[owner]) for owner in owners if owner in row}
        }
        if table == "events":
            # What is told of a relationship names both customers.
            secret = self.ids("relationships") - self.seen_by_staff("relationships")
            seen -= {str(row["id"]) for row in self.rows["events"] if str(row["subject_id"]) in secret}
        if table == "households":
            members: dict[str, set[str]] = defaultdict(set)
            for row in self.rows["household_members"]:
                members[str(row["household_id"])].add(str(row["customer_id"]))
            seen -= {household for household, lives_there in members.items() if lives_there <= hidden}
        if table == "audit_entries":
            return set()
        return seen
