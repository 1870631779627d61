"""The running application and a browser that reaches nothing else.

Screenshots go to the folder C360_SCREENSHOTS, else to pytest's temporary folder.
"""

import asyncio
import base64
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
import uvicorn
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Route,
    ViewportSize,
    sync_playwright,
)
from pydantic import SecretStr

from app import create_app
from auth import demo_users
from commands.access import with_access
from core.settings import Settings
from tests.databases import new_database
from tests.keys import MASTER_KEY
from tests.web.graphiql import GraphiQL
from web import build

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
ARGUMENTS += ["--disable-component-update", "--disable-sync"]

PAGE = "/"

ColorScheme = Literal["light", "dark"]


@contextmanager
def serving(settings: Settings, port: int = 0) -> Iterator[str]:
    """The address of the application with these settings, with its demo users; on a free port unless one is given."""
    build.build()
    url = settings.database_url
    assert url is not None
    with ThreadPoolExecutor(1) as executor:  # in this thread, Playwright may have an event loop
        made = with_access(settings, url, lambda access: demo_users.ensure(access, settings.host))
        executor.submit(asyncio.run, made).result()
    listener = socket.create_server(("127.0.0.1", port))
    server = uvicorn.Server(uvicorn.Config(create_app(settings), log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listener.close()


@pytest.fixture(scope="session")
def served_database(postgres: str, demo_template: str) -> Iterator[str]:
    """The database of the running application: a demo world in which people sign in."""
    with new_database(postgres, demo_template) as url:
        yield url


def settings_of(url: str, **others: Any) -> Settings:
    """Settings of a service over a database of the tests, with the master key that its sensitive values are under."""
    return Settings(database_url=url, master_key=SecretStr(base64.b64encode(MASTER_KEY).decode()), **others)


@pytest.fixture(scope="session")
def base_url(served_database: str) -> Iterator[str]:
    """The running application over the small demo world."""
    with serving(settings_of(served_database)) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for a file of tests; each test opens its own fresh profile."""
    if not CHROMIUM.exists() and os.environ.get("C360_REQUIRE_BROWSER") != "1":
        pytest.skip(f"there is no Chromium at {CHROMIUM} (apt-get install chromium)")
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)


@pytest.fixture
def color_scheme() -> ColorScheme:
    """What the reader's system prefers."""
    return "light"


@pytest.fixture
def context(browser: Browser, color_scheme: ColorScheme) -> Iterator[BrowserContext]:
    """A fresh profile. Fails on any request to elsewhere, script error, or breach of the security policy."""
    faults: list[str] = []

    def only_this_server(route: Route) -> None:
        if urlsplit(route.request.url).hostname == "127.0.0.1":
            route.continue_()
        else:
            faults.append(f"request to {route.request.url}")
            route.abort()

    def on_console(message: ConsoleMessage) -> None:
        # Chromium reports each 4xx answer as an error; from the API they are wanted here.
        # A socket that cannot be opened is told of by its address in the text.
        from_api = message.location["url"].endswith("/graphql") or "/graphql' failed" in message.text
        if message.type in {"error", "warning"} and not from_api:
            faults.append(f"console {message.type}: {message.text}")

    def watch(page: Page) -> None:
        page.on("console", on_console)
        page.on("pageerror", lambda error: faults.append(f"page error: {error}"))

    size = ViewportSize(width=1440, height=900)
    with browser.new_context(color_scheme=color_scheme, viewport=size, locale="en-GB") as context:
        context.route("**/*", only_this_server)
        context.add_init_script(
            "addEventListener('securitypolicyviolation', e => console.error('CSP', e.violatedDirective, e.blockedURI))"
        )
        context.on("page", watch)
        yield context
    assert faults == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A first visitor's page."""
    return context.new_page()


Shoot = Callable[[str], None]


@pytest.fixture
def shoot(page: Page, tmp_path: Path) -> Shoot:
    """Saves a screenshot under a name."""
    folder = Path(os.environ.get("C360_SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)

    def shoot(name: str) -> None:
        page.mouse.move(720, 899)
        page.wait_for_timeout(300)
        page.screenshot(path=folder / f"{name}.png")

    return shoot


@pytest.fixture
def visitor(page: Page, base_url: str) -> GraphiQL:
    """The page as a first visitor sees it."""
    return GraphiQL(page, base_url + PAGE)


@pytest.fixture
def graphiql(visitor: GraphiQL) -> GraphiQL:
    """The page, ready to type, of somebody who may see everything."""
    visitor.choose("administrator")
    return visitor
