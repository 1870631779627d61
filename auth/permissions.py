"""What each role may do: permissions are `area:verb`, and this is the one table of them (checklist, section 6)."""

from models.roles import Role

# Every permission there is, and what it allows. Fields and mutations name one of these; a test compares both ways.
PERMISSIONS: dict[str, str] = {
    "customers:read": "See customers, their contact points, relationships, households and totals.",
    "customers:write": "Register customers and change what is known of them.",
    "customers:merge": "Merge duplicate customers, and take a merge back.",
    "customers:assess": "Set a customer's risk score and decide on KYC.",
    "customers:read_restricted": "See customers who are flagged restricted, and all that belongs to them.",
    "customers:restrict": "Flag customers as restricted.",
    "customers:read_birth_date": "See dates of birth, and filter and sort by them.",
    "customers:read_income": "See incomes, and filter and sort by them.",
    "customers:reveal": "See national ids and bank accounts in full, for a stated purpose that is audited.",
    "consents:write": "Record that a customer gave or withdrew consent.",
    "contracts:read": "See contracts, their parties, coverage and agents.",
    "contracts:write": "Issue, amend, renew, lapse, reinstate and cancel contracts.",
    "billing:read": "See payments and receipts.",
    "billing:write": "Record and match receipts, and record, fail and refund payments, within the limit of the role.",
    "orders:read": "See orders (applications), their documents and decisions.",
    "orders:write": "Draft, submit and withdraw orders, and bring documents.",
    "orders:underwrite": "Verify documents, require medical exams, and underwrite orders.",
    "orders:approve": "Approve or reject orders, within the limit of the role.",
    "medical:read": "See medical exams and their results.",
    "medical:reveal": "See medical notes in full, for a stated purpose that is audited.",
    "claims:read": "See claims, their notes and payments.",
    "claims:write": "Submit claims and add notes and documents.",
    "claims:investigate": "Acknowledge, assign and investigate claims.",
    "claims:approve": "Approve, reject and settle claims, within the limit of the role.",
    "interactions:read": "See interactions and follow-up tasks.",
    "interactions:write": "Log interactions and follow-up tasks.",
    "complaints:read": "See complaints.",
    "complaints:write": "File and answer complaints.",
    "complaints:escalate": "Escalate complaints to the regulator, and close them.",
    "history:read": "See the timeline and events of customers.",
    "history:write": "Log events and life events of customers.",
    "internal:read": "See what the insurer keeps to itself: scores, segments, reserves, notes, attributes, sources.",
    "staff:read": "See agents, teams and partners.",
    "products:read": "See products.",
    "reports:read": "See totals over many customers.",
    "webhooks:read": "See webhook endpoints and what was delivered to them.",
    "webhooks:write": "Register, change, pause and remove webhook endpoints, and deliver again.",
    "webhooks:disable": "Disable webhook endpoints that do not answer.",
    "access:read": "See users, their roles and sessions, and API keys.",
    "access:write": "Add, change and disable users and API keys.",
    "audit:read": "See the audit log, and who has looked at a customer.",
}

# Whatever needs one of these is sensitive, and the audit log names it when it is shown.
SENSITIVE = frozenset({"medical:read", "customers:read_birth_date", "customers:read_income"})

_READ = {
    "customers:read",
    "contracts:read",
    "billing:read",
    "orders:read",
    "claims:read",
    "interactions:read",
    "complaints:read",
    "history:read",
    "internal:read",
    "staff:read",
    "products:read",
}

_AGENT = _READ | {
    "customers:write",
    "customers:read_birth_date",
    "customers:reveal",
    "consents:write",
    "orders:write",
    "claims:write",
    "interactions:write",
    "complaints:write",
    "history:write",
}

_SENIOR_AGENT = _AGENT | {
    "customers:assess",
    "customers:merge",
    "customers:read_income",
    "contracts:write",
    "billing:write",
    "orders:approve",
    "claims:investigate",
    "claims:approve",
    "reports:read",
}

_UNDERWRITER = _READ | {
    "customers:read_birth_date",
    "customers:read_income",
    "customers:assess",
    "orders:write",
    "orders:underwrite",
    "orders:approve",
    "medical:read",
    "medical:reveal",
    "interactions:write",
}

_MANAGER = (
    _SENIOR_AGENT
    | _UNDERWRITER
    | {"customers:read_restricted", "customers:restrict", "complaints:escalate", "audit:read"}
)

# A partner sees its own book of customers, as far as it needs that to serve them: nothing medical, no birth dates or
# incomes, no complaints (they may be about the partner), no internal history, no staff. It manages its own webhooks.
_PARTNER = {
    "customers:read",
    "contracts:read",
    "billing:read",
    "orders:read",
    "orders:write",
    "claims:read",
    "claims:write",
    "products:read",
    "history:read",
    "webhooks:read",
    "webhooks:write",
}

ROLES: dict[Role, frozenset[str]] = {
    Role.ADMINISTRATOR: frozenset(PERMISSIONS),
    Role.MANAGER: frozenset(_MANAGER),
    Role.SENIOR_AGENT: frozenset(_SENIOR_AGENT),
    Role.AGENT: frozenset(_AGENT),
    Role.UNDERWRITER: frozenset(_UNDERWRITER),
    Role.PARTNER: frozenset(_PARTNER),
}


def permissions_of(roles: frozenset[Role]) -> frozenset[str]:
    """All that any of the roles allows."""
    return frozenset().union(*(ROLES[role] for role in roles))
