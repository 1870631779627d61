"""What one can ask of complaints."""

import strawberry

import loaders
from resolvers.lookup import lookup
from schema.complaints import Complaint
from schema.connections import Connection
from schema.fields import page


@strawberry.type
class Query:
    """Root fields of complaints."""

    complaint: Complaint | None = lookup(
        loaders.complaints.by_id, loaders.complaints.by_number, "A complaint, by id or complaint number."
    )
    complaints: Connection[Complaint] | None = page(loaders.complaints.all_complaints, "Complaints.", local=None)
