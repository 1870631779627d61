"""What the tools are pointed at: the real service over the demo world, and the committed SDL."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn

from app import create_app
from models.roles import Role
from tests.signing_in import Headers, bearer, service_settings
from tests.tools.node import NodeMissing, NodeTools, install


@pytest.fixture(scope="session")
def node_tools() -> NodeTools:
    """The tools from npm; the test is skipped where they cannot be had, unless C360_REQUIRE_NODE=1."""
    try:
        return install()
    except NodeMissing as error:
        if os.environ.get("C360_REQUIRE_NODE") == "1":
            raise
        pytest.skip(f"{error} (C360_REQUIRE_NODE=1 makes this a failure)")


@pytest.fixture(scope="session")
def sdl(repository: Path) -> Path:
    """The committed SDL."""
    return repository / "schema" / "schema.graphql"


@pytest.fixture(scope="session")
def service_url(service_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the service: the whole application behind a real web server, on the demo world.

    It runs in a thread of this process, so that what it logs stands in the report of a failed test.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    settings = service_settings(service_database, tmp_path_factory.mktemp("home"))
    server = uvicorn.Server(uvicorn.Config(create_app(settings), log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="service")
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    assert server.started
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=30)
    listener.close()
    assert not thread.is_alive()


@pytest.fixture(scope="session")
def credentials(tokens: dict[Role, str]) -> Headers:
    """The header that lets a tool in: of an administrator, who may see everything there is to break."""
    return bearer(tokens[Role.ADMINISTRATOR])


@pytest.fixture(scope="session")
def client(service_url: str, credentials: Headers) -> Iterator[httpx.Client]:
    """Speaks HTTP with the service, signed in."""
    with httpx.Client(base_url=service_url, headers=credentials, timeout=35) as client:
        yield client
