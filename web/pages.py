"""Serve the built GraphiQL page: `graphiql_response` is the page, `static_routes` its scripts, styles and fonts.

Everything comes from `web/dist`, which `make web` builds; nothing is fetched from anywhere else, and the
Content-Security-Policy holds the browser to that.
"""

import re
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

DIST = Path(__file__).parent / "dist"

# Monaco writes style elements and attributes, hence 'unsafe-inline' there; scripts and workers are our files alone.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "worker-src 'self'",
        "connect-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "font-src 'self'",
        "img-src 'self' data:",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

# Sent with the assets too: a worker obeys the policy of its own file, not the page's.
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

# The name of an asset holds a hash of its content, so no answer ever goes stale.
ASSET_HEADERS = SECURITY_HEADERS | {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Vary": "Accept-Encoding",
}

# Only these are served. The system's own table of types differs from machine to machine.
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".woff2": "font/woff2",
}

ASSET_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*")

# The build writes NAME.br and NAME.gz beside each text file. Smallest first.
ENCODINGS = {"br": ".br", "gzip": ".gz"}


def graphiql_response(_: Request) -> Response:
    """The GraphiQL page, or a plain word on how to build it."""
    try:
        page = (DIST / "index.html").read_bytes()
    except FileNotFoundError:
        text = "The GraphiQL page has not been built yet: run make web.\n"
        return PlainTextResponse(text, 503, {"Cache-Control": "no-store"} | SECURITY_HEADERS)
    return HTMLResponse(page, headers={"Cache-Control": "no-cache"} | SECURITY_HEADERS)


def static_routes() -> list[BaseRoute]:
    """The routes below /static."""
    return [Route("/static/{name}", _asset, methods=["GET"])]


def _asset(request: Request) -> Response:
    """One file of the build, compressed beforehand if the client takes it so."""
    name = request.path_params["name"]
    path = DIST / "static" / name
    media_type = MEDIA_TYPES.get(path.suffix)
    if media_type is None or not ASSET_NAME.fullmatch(name) or not path.is_file():
        return PlainTextResponse("Not found\n", 404, SECURITY_HEADERS)
    accepted = _accepted_encodings(request.headers.get("accept-encoding", ""))
    for encoding, suffix in ENCODINGS.items():
        compressed = path.with_name(name + suffix)
        if encoding in accepted and compressed.is_file():
            headers = ASSET_HEADERS | {"Content-Encoding": encoding}
            return FileResponse(compressed, headers=headers, media_type=media_type)
    return FileResponse(path, headers=ASSET_HEADERS, media_type=media_type)


def _accepted_encodings(header: str) -> set[str]:
    """The encodings of an Accept-Encoding header, without those refused by `q=0`."""
    offers = (offer.replace(" ", "").lower().partition(";") for offer in header.split(","))
    return {encoding for encoding, _, weight in offers if not re.fullmatch(r"q=0(\.0*)?", weight)}
