"""Which text a request runs: its own, or that of the trusted document it names; and who may bring a text at all."""

from auth.actor import Actor, Audience
from core.errors import RequestError
from core.settings import Settings
from execution.context import OperationContext
from execution.cost import Cost
from execution.trusted.known import KnownDocuments, Trusted


class DocumentNotFound(RequestError):
    """No published document has this hash or id. Apollo's clients go by this very message."""

    def __init__(self) -> None:
        super().__init__("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")


class DocumentIdRequired(RequestError):
    """A text was sent by somebody who may only run what was published."""

    def __init__(self) -> None:
        super().__init__(
            "PERSISTED_QUERY_ID_REQUIRED",
            "only published operations run here: send the hash or id of one in place of a query",
        )


class OverBudget(RequestError):
    """A document costs more than when it was published: the schema has changed since."""

    def __init__(self, document: Trusted, cost: Cost) -> None:
        super().__init__(
            "PERSISTED_QUERY_OVER_BUDGET",
            "the operation costs more than when it was published; its publisher has to publish it anew",
            cost=cost.points,
            budget=document.budget.points,
        )


def texts_refused(settings: Settings, actor: Actor) -> bool:
    """Whether the actor may run nothing but trusted documents."""
    mode = settings.trusted_documents
    return mode == "all" or (mode == "partners" and actor.audience is Audience.PARTNER)


async def text_of(documents: KnownDocuments, name: str) -> tuple[str, Trusted]:
    """The text of the document with this hash or id. Raises DocumentNotFound, DocumentsUnavailable."""
    document = documents.find(name)
    body = await documents.body(document) if document is not None else None
    if document is None or body is None:
        raise DocumentNotFound
    return body, document


async def chosen(context: OperationContext, query: str | None, document_id: str | None) -> tuple[str, Trusted | None]:
    """The text that a request with this text and this id runs, and the document it comes from, if it does.

    A text that its sender may bring is run as it is. From whom only trusted documents are accepted, the text is not
    even looked at. Raises DocumentIdRequired, DocumentNotFound, DocumentsUnavailable.
    """
    # A context without services is the service's own.
    documents = context.services.documents if context.limited else None
    if query is not None and not (documents is not None and texts_refused(context.services.settings, context.actor)):
        return query, None
    if document_id is None:
        raise DocumentIdRequired
    if documents is None:
        raise DocumentNotFound
    return await text_of(documents, document_id)
