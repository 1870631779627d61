"""Cross-origin requests: pages of the origins in C360_CORS_ORIGINS may ask the endpoint, no others.

Credentials are never allowed: browsers then send no cookies and no stored logins, and scripts name their token
themselves. The service sets no cookies, so that a page from elsewhere has nobody to pretend to be (CSRF).
"""

from collections.abc import Sequence

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp

# What scripts may send, and what they may read of an answer, besides what every script may.
REQUEST_HEADERS = ("authorization", "content-type", "last-event-id", "x-api-key")
ANSWER_HEADERS = ("ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "retry-after", "www-authenticate")


def with_cors(endpoint: ASGIApp, origins: Sequence[str]) -> ASGIApp:
    """The endpoint, open to pages of these origins; just as it was if there are none."""
    if not origins:
        return endpoint
    return CORSMiddleware(
        endpoint,
        allow_origins=origins,
        allow_methods=("GET", "POST"),
        allow_headers=REQUEST_HEADERS,
        expose_headers=ANSWER_HEADERS,
    )
