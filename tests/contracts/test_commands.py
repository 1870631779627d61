"""Every command has a row in a table of tests, by which it is done whole, or refused and nothing changed."""

import importlib
from pathlib import Path

import pytest

import resolvers.root  # noqa: F401  (it brings in every command)
from changes.commands import COMMANDS
from core.names import camel_case
from tests.changes.orders.test_refusals import ALL as ORDERS
from tests.changes.webhooks.test_commands import MUTATIONS as WEBHOOKS

_TESTS = Path(__file__).parents[1]

# What makes something anew, or differs too much from its neighbours for a row: where it is done, and refused.
APART: dict[str, str] = {
    "registerPerson": "changes/customers/test_registering.py",
    "registerOrganisation": "changes/customers/test_registering.py",
    "logInteraction": "changes/complaints/test_complaints.py",
    "mergeCustomers": "changes/merging/test_merge.py",
    "unmergeCustomers": "changes/merging/test_leading_on.py",
    "draftOrder": "changes/orders/test_refusals.py",
    "registerWebhook": "changes/webhooks/test_commands.py",
    "disableWebhook": "changes/webhooks/test_commands.py",
    "fileComplaint": "changes/complaints/test_complaints.py",
    "assignComplaint": "changes/complaints/test_complaints.py",
    "investigateComplaint": "changes/complaints/test_complaints.py",
    "concludeComplaint": "changes/complaints/test_complaints.py",
    "respondToComplaint": "changes/complaints/test_complaints.py",
    "resolveComplaint": "changes/complaints/test_complaints.py",
    "escalateComplaint": "changes/complaints/test_complaints.py",
    "closeComplaint": "changes/complaints/test_complaints.py",
    "reopenComplaint": "changes/complaints/test_complaints.py",
    "markComplaintOverdue": "changes/complaints/test_complaints.py",
}


def _in_tables() -> set[str]:
    """The commands with a row: in `CASES` of a module called cases, or in the tables of orders and webhooks."""
    found = {*ORDERS, *WEBHOOKS}
    for path in sorted(_TESTS.glob("changes/*/cases.py")):
        module = importlib.import_module(".".join(("tests", *path.relative_to(_TESTS).with_suffix("").parts)))
        found |= {case.name for case in module.CASES}
    return found


def _commands() -> set[str]:
    """What can be done, as mutations are called; tests have commands of their own."""
    return {camel_case(name) for name, kind in COMMANDS.items() if kind.__module__.startswith("changes.")}


def test_every_command_has_a_row() -> None:
    missing = _commands() - _in_tables() - APART.keys()
    assert not missing, f"add a case for each of these to a table of its area in tests/changes: {sorted(missing)}"


def test_no_row_is_of_a_command_that_is_gone() -> None:
    assert _in_tables() | APART.keys() <= _commands()
    assert not _in_tables() & APART.keys()


@pytest.mark.parametrize("name", APART)
def test_what_stands_apart_is_tested_there(name: str) -> None:
    assert name in (_TESTS / APART[name]).read_text()
