"""Roles: what a user of the service is, which decides what they may see and do (auth/permissions.py)."""

from enum import auto

from models.base import Choice


class Role(Choice):
    """A set of tasks at the insurer, or outside it."""

    ADMINISTRATOR = auto(), "Runs the service: users, settings, audit log; sees and may do everything."
    MANAGER = auto(), "Leads teams: oversight of customers, approvals without limit, reports."
    SENIOR_AGENT = auto(), "An agent who also approves up to a limit and assesses risks."
    AGENT = auto(), "Serves customers: interactions, orders, contracts, claims, complaints."
    UNDERWRITER = auto(), "Assesses and decides orders: documents, medical exams, risk."
    PARTNER = auto(), "A person or system of a selling partner: only that partner's own customers."
