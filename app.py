"""The ASGI application: routes, lifespan, and nothing else."""

import contextlib
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute

from auth import demo_users
from core.database import make_pool
from core.scope import ROLES
from core.settings import Settings, load
from execution.operations import Runner
from execution.services import Services, open_services
from jobs.background import working
from jobs.metrics import BackgroundMetrics
from resolvers.root import schema
from transport.cors import with_cors
from transport.graphql_http import GraphQLEndpoint
from transport.graphql_ws import SocketEndpoint
from transport.metrics import Metrics
from transport.operations import Operations
from transport.security_headers import SECURITY_HEADERS, SecurityHeaders
from transport.stopping import on_stopping
from web.pages import graphiql_response, portal_response, static_routes


async def _page(request: Request) -> Response:
    return graphiql_response(request)


async def _portal(request: Request) -> Response:
    return portal_response(request)


async def _public_keys(request: Request) -> Response:
    """The public keys that access tokens are signed with (RFC 7517)."""
    services: Services = request.app.state.services
    return JSONResponse(services.authentication.keys.ring.jwks(), headers={"cache-control": "max-age=60"})


async def _health(request: Request) -> Response:
    """200 when the database answers, 503 when it does not."""
    try:
        async with request.app.state.pool.connection(timeout=2) as connection:
            await connection.execute("select 1")
    except Exception:
        return JSONResponse({"status": "unavailable"}, 503)
    return JSONResponse({"status": "ok"})


async def _failed(_: Request, __: Exception) -> Response:
    """A failure that nothing caught: the log has it, the client learns nothing of it."""
    errors = [{"message": "something went wrong in the service", "extensions": {"code": "INTERNAL"}}]
    return JSONResponse({"errors": errors}, 500, SECURITY_HEADERS)


def create_app(settings: Settings) -> Starlette:
    """The application for one worker; its database pool lives as long as the ASGI lifespan.

    `settings.database_url` must be set: the caller has started or chosen the server.
    """
    if settings.database_url is None:
        raise ValueError("create_app needs a database_url")
    pool = make_pool(settings.database_url, settings.pool_size)
    readers = {role.name: make_pool(settings.database_url, settings.pool_size, role) for role in ROLES}
    runner = Runner(schema._schema)
    metrics = Metrics([pool, *readers.values()], runner.documents) if settings.metrics else None
    background_metrics = BackgroundMetrics(metrics.registry if metrics else None)
    if metrics:
        metrics.before_scrape(lambda: background_metrics.read(pool))

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.pool = pool
        sampling = metrics.sampling() if metrics else contextlib.nullcontext()
        async with pool, sampling, open_services(settings, pool, readers) as services:
            app.state.services = services
            at_work = working(services, runner, background_metrics) if settings.background else contextlib.nullcontext()
            async with at_work:
                with on_stopping(services.events.end):
                    yield

    operations = Operations(runner, metrics, settings.subscriptions_per_actor)
    endpoint = GraphQLEndpoint(operations, settings.max_body_bytes)
    offered = demo_users.for_the_page(settings)
    application = Starlette(
        routes=[
            Route("/", _page),
            Route("/graphql", with_cors(endpoint, settings.cors_origins)),
            WebSocketRoute("/graphql", SocketEndpoint(operations, settings)),
            Route("/health", _health),
            *([Route("/metrics", metrics.endpoint)] if metrics else []),
            Route("/.well-known/jwks.json", _public_keys),
            *([Route("/portal", _portal)] if offered is not None else []),
            *static_routes(),
        ],
        middleware=[Middleware(SecurityHeaders)],
        exception_handlers={Exception: _failed},
        lifespan=lifespan,
    )
    application.state.demo_users = offered
    return application


def app() -> Starlette:
    """The application by the environment's settings: `uvicorn --factory app:app`."""
    return create_app(load())
