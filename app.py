"""The ASGI application: routes, lifespan, and nothing else."""

import contextlib
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.database import make_pool
from core.settings import Settings, load
from execution.operations import Runner
from resolvers.root import schema
from transport.graphql_http import GraphQLEndpoint
from web.pages import graphiql_response, static_routes


async def _page(request: Request) -> Response:
    return graphiql_response(request)


async def _health(request: Request) -> Response:
    """200 when the database answers, 503 when it does not."""
    try:
        async with request.app.state.pool.connection(timeout=2) as connection:
            await connection.execute("select 1")
    except Exception:
        return JSONResponse({"status": "unavailable"}, 503)
    return JSONResponse({"status": "ok"})


def create_app(settings: Settings) -> Starlette:
    """The application for one worker; its database pool lives as long as the ASGI lifespan.

    `settings.database_url` must be set: the caller has started or chosen the server.
    """
    if settings.database_url is None:
        raise ValueError("create_app needs a database_url")
    pool = make_pool(settings.database_url, settings.pool_size)

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        app.state.pool = pool
        async with pool:
            yield

    endpoint = GraphQLEndpoint(Runner(schema._schema), settings.max_body_bytes)
    return Starlette(
        routes=[
            Route("/", _page),
            Route("/graphql", endpoint.answer, methods=["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]),
            Route("/health", _health),
            *static_routes(),
        ],
        lifespan=lifespan,
    )


def app() -> Starlette:
    """The application by the environment's settings: `uvicorn --factory app:app`."""
    return create_app(load())
