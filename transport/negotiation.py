"""Which media type to answer in (GraphQL over HTTP, section 6; RFC 9110, section 12.5.1)."""

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
HTML = "text/html"
EVENTS = "text/event-stream"


def _ranges(accept: str) -> list[tuple[float, int, str]]:
    ranges = []
    for position, item in enumerate(accept.split(",")):
        media, *parameters = (part.strip().lower() for part in item.split(";"))
        quality = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                try:
                    quality = float(parameter[2:])
                except ValueError:
                    quality = 0.0
        if media and quality > 0:
            ranges.append((-quality, position, media))
    return sorted(ranges)


def answer_in(accept: str | None, *, html: bool = False) -> str | None:
    """The media type to answer in: what the client likes best of what we have; None when it accepts none of it.

    A client that does not say gets application/json, and so does `*/*`, as the specification asks of a server
    until all clients know the new type. An event stream is for those that name it. `html` says that a page could be
    shown instead.
    """
    if accept is None or not accept.strip():
        return JSON
    for _, _, media in _ranges(accept):
        if media == GRAPHQL:
            return GRAPHQL
        if media in (JSON, "application/*", "*/*"):
            return JSON
        if media == EVENTS or (html and media == HTML):
            return media
    return None


def takes_events(accept: str | None) -> bool:
    """Whether the client names event streams among what it accepts, as it must for a subscription."""
    return any(media == EVENTS for _, _, media in _ranges(accept or ""))
