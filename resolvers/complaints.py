"""What one can ask of complaints."""

import strawberry

import loaders
from changes import complaints
from models.history import SubjectKind
from resolvers.lookup import lookup
from schema.commands import does
from schema.complaints import Complaint
from schema.connections import Connection
from schema.feed import ComplaintUpdate, follow
from schema.fields import page
from schema.payloads import ComplaintPayload


@strawberry.type
class Query:
    """Root fields of complaints."""

    complaint: Complaint | None = lookup(
        loaders.complaints.by_id, loaders.complaints.by_number, "A complaint, by id or complaint number."
    )
    complaints: Connection[Complaint] | None = page(loaders.complaints.all_complaints, "Complaints.", local=None)


@strawberry.type
class Mutation:
    """What can be done with complaints."""

    file_complaint = does(complaints.FileComplaint, ComplaintPayload)
    assign_complaint = does(complaints.AssignComplaint, ComplaintPayload)
    investigate_complaint = does(complaints.InvestigateComplaint, ComplaintPayload)
    conclude_complaint = does(complaints.ConcludeComplaint, ComplaintPayload)
    respond_to_complaint = does(complaints.RespondToComplaint, ComplaintPayload)
    resolve_complaint = does(complaints.ResolveComplaint, ComplaintPayload)
    escalate_complaint = does(complaints.EscalateComplaint, ComplaintPayload)
    close_complaint = does(complaints.CloseComplaint, ComplaintPayload)
    reopen_complaint = does(complaints.ReopenComplaint, ComplaintPayload)
    mark_complaint_overdue = does(complaints.MarkComplaintOverdue, ComplaintPayload)


@strawberry.type
class Subscription:
    """What one can follow of complaints."""

    complaint_updates: ComplaintUpdate | None = follow(
        "Events of complaints, each with the complaint as it is then.", kind=SubjectKind.COMPLAINT, of="complaints"
    )
