"""All workflows; each stands in the module of its area, beside the states it leads through."""

from typing import Any

from core.workflow import Workflow
from models.billing import PAYMENT_WORKFLOW
from models.claims import CLAIM_DOCUMENT_WORKFLOW, CLAIM_PAYMENT_WORKFLOW, CLAIM_WORKFLOW
from models.complaints import COMPLAINT_WORKFLOW
from models.contracts import CONTRACT_WORKFLOW
from models.customers import CUSTOMER_WORKFLOW, KYC_WORKFLOW
from models.follow_ups import FOLLOW_UP_WORKFLOW
from models.orders import MEDICAL_EXAM_WORKFLOW, ORDER_DOCUMENT_WORKFLOW, ORDER_WORKFLOW
from models.receipts import RECEIPT_WORKFLOW
from models.webhooks import WEBHOOK_WORKFLOW

WORKFLOWS: tuple[Workflow[Any], ...] = (
    CUSTOMER_WORKFLOW,
    KYC_WORKFLOW,
    ORDER_WORKFLOW,
    ORDER_DOCUMENT_WORKFLOW,
    MEDICAL_EXAM_WORKFLOW,
    CONTRACT_WORKFLOW,
    PAYMENT_WORKFLOW,
    RECEIPT_WORKFLOW,
    CLAIM_WORKFLOW,
    CLAIM_DOCUMENT_WORKFLOW,
    CLAIM_PAYMENT_WORKFLOW,
    COMPLAINT_WORKFLOW,
    FOLLOW_UP_WORKFLOW,
    WEBHOOK_WORKFLOW,
)
