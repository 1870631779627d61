"""Serve the built pages, `graphiql_response` and `portal_response`; `static_routes` are their scripts, styles, fonts.

Everything comes from `web/dist`, which `make web` builds; nothing is fetched from anywhere else, and the
Content-Security-Policy holds the browser to that.
"""

import html
import json
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


def graphiql_response(request: Request) -> Response:
    """The GraphiQL page, or a plain word on how to build it."""
    return _page(request, "index.html", "GraphiQL page")


def portal_response(request: Request) -> Response:
    """The example of a partner portal, or a plain word on how to build it."""
    return _page(request, "portal.html", "partner portal")


def _page(request: Request, file: str, name: str) -> Response:
    """A page of the build.

    `app.state.demo_users` is what the page offers for a quick sign-in (auth.demo_users.for_the_page), or None. It is
    told in a meta element: a script in the page would need a hole in the policy.
    """
    try:
        page = (DIST / file).read_text()
    except FileNotFoundError:
        text = f"The {name} has not been built yet: run make web.\n"
        return PlainTextResponse(text, 503, {"Cache-Control": "no-store"} | SECURITY_HEADERS)
    demo_users = request.app.state.demo_users
    if demo_users is not None:
        content = html.escape(json.dumps(demo_users))
        page = page.replace("</head>", f'  <meta name="customer360:demo-users" content="{content}">\n  </head>', 1)
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
