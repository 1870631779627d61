"""Edges to consents."""

from loaders.base import children, one, page
from models.consents import Consent

by_id = one(Consent)
of_customer = page(Consent, "customer_id", order="-recorded_at")
of_partner = page(Consent, "partner_id", order="-recorded_at")
# The newest of each purpose, and of each partner that sharing is about.
current_of = children(
    Consent,
    "customer_id",
    order="purpose",
    rows="""select distinct on (c.customer_id, c.purpose, c.partner_id)
        c.id, c.customer_id, c.purpose, c.status, c.channel, c.recorded_at, c.partner_id
    from consents c order by c.customer_id, c.purpose, c.partner_id, c.recorded_at desc, c.id desc""",
)
