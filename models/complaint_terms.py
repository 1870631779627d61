"""How long the insurer takes for a complaint: days by category, in one table.

Where the law names a limit it is that one: a month for requests about personal data (GDPR, article 12(3)); for all else
the four weeks that supervisors of insurers expect at most.
"""

from dataclasses import dataclass

from models.complaints import ComplaintCategory


@dataclass(frozen=True, slots=True)
class ComplaintTerms:
    """Both in days after the complaint was filed: until its receipt is confirmed, and until it is answered."""

    acknowledge: int = 5
    answer: int = 28


COMPLAINT_TERMS: dict[ComplaintCategory, ComplaintTerms] = {
    ComplaintCategory.SERVICE_QUALITY: ComplaintTerms(),
    ComplaintCategory.CLAIMS_HANDLING: ComplaintTerms(),
    ComplaintCategory.BILLING: ComplaintTerms(answer=14),
    ComplaintCategory.POLICY_TERMS: ComplaintTerms(),
    ComplaintCategory.SALES_PRACTICES: ComplaintTerms(),
    ComplaintCategory.COMMUNICATION: ComplaintTerms(answer=14),
    ComplaintCategory.PRIVACY: ComplaintTerms(acknowledge=3, answer=30),
}
