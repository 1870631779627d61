"""The page is built when it must be and only then, and is served safely."""

import asyncio
import html
import json
import re
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message

from web import build, pages

WEB = Path(build.__file__).parent


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the page's source to change and build."""
    copy = tmp_path / "web"
    copy.mkdir()
    for name in build.INPUT_FILES:
        shutil.copy(WEB / name, copy)
    for name in build.INPUT_FOLDERS:
        shutil.copytree(WEB / name, copy / name)
    monkeypatch.setattr(build, "WEB", copy)
    monkeypatch.setattr(build, "DIST", copy / "dist")
    monkeypatch.setattr(build, "WORK", copy / ".build")
    return copy


@pytest.fixture
def runs(source: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tools a build ran; in their place, npm makes an empty folder and vite a page of one file."""
    tools: list[str] = []

    def run(tool: str, command: list[str], _: Path | None = None) -> None:
        tools.append(tool)
        if tool == "npm":
            (source / "node_modules").mkdir(exist_ok=True)
        if tool == "vite":
            out = Path(command[-1].removeprefix("--outDir="))
            out.mkdir()
            time.sleep(0.05)
            (out / "index.html").write_text("page")

    monkeypatch.setattr(build, "_run", run)
    monkeypatch.setattr(build, "_find_node", lambda: (Path("node"), ["npm"]))
    return tools


def test_a_second_build_does_nothing(source: Path, runs: list[str]) -> None:
    build.build()
    build.build()
    assert runs == ["npm", "vite"]
    assert (source / "dist" / "index.html").read_text() == "page"


@pytest.mark.parametrize(
    "change",
    [
        lambda source: (source / "src" / "App.tsx").write_text("changed"),
        lambda source: (source / "recipes" / "new.graphql").write_text("{ a }"),
        lambda source: (source / "recipes" / "welcome.graphql").rename(source / "recipes" / "renamed.graphql"),
        lambda source: (source / "vite.config.ts").write_text("changed"),
    ],
)
def test_a_changed_source_is_built_again_with_the_packages_there_are(
    source: Path, runs: list[str], change: Callable[[Path], object]
) -> None:
    build.build()
    change(source)
    assert not build.is_current()
    build.build()
    assert runs == ["npm", "vite", "vite"]
    assert build.is_current()


def test_a_changed_lock_installs_again(source: Path, runs: list[str]) -> None:
    build.build()
    with (source / "package-lock.json").open("a") as lock:
        lock.write("\n")
    build.build()
    assert runs == ["npm", "vite", "npm", "vite"]


def test_a_deleted_page_is_built_again(source: Path, runs: list[str]) -> None:
    build.build()
    shutil.rmtree(source / "dist")
    build.build()
    assert runs == ["npm", "vite", "vite"]


def test_builds_at_once_build_once(runs: list[str]) -> None:
    threads = [threading.Thread(target=build.build) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert runs == ["npm", "vite"]
    assert build.is_current()


@pytest.mark.usefixtures("runs")
def test_a_failed_build_leaves_the_old_page(
    source: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    build.build()
    (source / "src" / "App.tsx").write_text("changed")

    def fail(*_: object) -> None:
        raise build.BuildError("vite failed")

    monkeypatch.setattr(build, "_run", fail)
    assert build.main() == 1
    assert capsys.readouterr().err == "web: cannot build the GraphiQL page: vite failed\n"
    assert (source / "dist" / "index.html").read_text() == "page"


@pytest.mark.usefixtures("source")
@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("EAI_AGAIN", "the package registry cannot be reached"),
        ("SELF_SIGNED_CERT_IN_CHAIN", "the package registry's certificate is not trusted"),
        ("EINTEGRITY", "exit code 1"),
    ],
)
def test_a_failing_tool_is_one_clear_line(
    code: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name, script in {"node": "echo v20.20.2", "npm": f"echo npm error code {code}; exit 1"}.items():
        (tools / name).write_text(f"#!/bin/sh\n{script}\n")
        (tools / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tools))
    assert build.main() == 1
    error = capsys.readouterr().err
    assert f"npm failed, {reason} (its output: " in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("version", [(20, 19, 0), (20, 20, 2), (22, 12, 0), (24, 0, 0)])
def test_a_node_that_will_do(version: tuple[int, ...]) -> None:
    assert build._recent(version)


@pytest.mark.parametrize("version", [(), (18, 20, 4), (20, 18, 3), (21, 7, 0), (22, 11, 0)])
def test_a_node_too_old(version: tuple[int, ...]) -> None:
    assert not build._recent(version)


def test_the_lock_names_no_download_address() -> None:
    text = (WEB / "package-lock.json").read_text()
    packages = json.loads(text)["packages"]
    assert not [name for name, package in packages.items() if "resolved" in package]
    assert not [name for name, package in packages.items() if name and not package.get("integrity")]
    assert "registry" not in text


def test_every_direct_dependency_is_one_exact_version() -> None:
    package = json.loads((WEB / "package.json").read_text())
    versions = (package["dependencies"] | package["devDependencies"]).values()
    assert all(version.replace(".", "").isdigit() for version in versions)


@dataclass
class Answer:
    """What the application sent."""

    status: int
    headers: Headers
    body: bytes


async def _page(request: Request) -> Response:
    return pages.graphiql_response(request)


APP = Starlette(routes=[Route("/graphql", _page), *pages.static_routes()])
APP.state.demo_users = None


def get(path: str, accept_encoding: str = "") -> Answer:
    """Ask as a server does, with the path as the client wrote it: HTTP clients would tidy `..` away."""
    raw, sent = path.encode(), list[Message]()

    async def receive() -> Message:
        await asyncio.Event().wait()  # the client stays and says no more
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": unquote(path), "raw_path": raw, "query_string": b""}
    scope["headers"] = [(b"accept-encoding", accept_encoding.encode())]
    asyncio.run(APP(scope, receive, send))
    body = b"".join(message.get("body", b"") for message in sent[1:])
    return Answer(sent[0]["status"], Headers(raw=sent[0]["headers"]), body)


@pytest.fixture
def dist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small built page with one script, one font, and files that are nobody's business."""
    static = tmp_path / "dist" / "static"
    static.mkdir(parents=True)
    (tmp_path / "secret.js").write_text("secret")
    (tmp_path / "dist" / "stamp").write_text("secret")
    (tmp_path / "dist" / "index.html").write_text("<!doctype html>")
    (static / "index-abc.js").write_text("plain")
    (static / "index-abc.js.br").write_text("brotli")
    (static / "index-abc.js.gz").write_text("gzip")
    (static / "font-abc.woff2").write_text("font")
    monkeypatch.setattr(pages, "DIST", tmp_path / "dist")
    return tmp_path / "dist"


@pytest.mark.usefixtures("dist")
def test_the_page_may_load_only_our_own_files() -> None:
    answer = get("/graphql")
    assert (answer.status, answer.body) == (200, b"<!doctype html>")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "no-referrer"
    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == policy["worker-src"] == policy["connect-src"] == policy["font-src"] == "'self'"
    assert "unsafe-eval" not in answer.headers["content-security-policy"]


def test_without_a_build_it_says_what_to_do(dist: Path) -> None:
    shutil.rmtree(dist)
    answer = get("/graphql")
    assert (answer.status, answer.body) == (503, b"The GraphiQL page has not been built yet: run make web.\n")
    assert answer.headers["content-type"].startswith("text/plain")
    assert get("/static/index-abc.js").status == 404


def test_the_page_is_told_of_the_demo_users(dist: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (dist / "index.html").write_text("<html><head></head><body></body></html>")
    monkeypatch.setitem(APP.state._state, "demo_users", {"logins": ['"><script>@demo'], "password": None})
    page = get("/graphql").body.decode()
    [content] = re.findall(r'<meta name="customer360:demo-users" content="([^"]*)">\s*</head>', page)
    assert json.loads(html.unescape(content)) == APP.state.demo_users
    assert "<script" not in page
    monkeypatch.setitem(APP.state._state, "demo_users", None)
    assert b"meta" not in get("/graphql").body


@pytest.mark.usefixtures("dist")
@pytest.mark.parametrize(
    ("accepted", "encoding", "body"),
    [
        ("gzip, deflate, br, zstd", "br", b"brotli"),
        ("gzip, deflate", "gzip", b"gzip"),
        ("br;q=0, gzip;q=0.5", "gzip", b"gzip"),
        ("identity", None, b"plain"),
        ("gzip; q=0.0", None, b"plain"),
        ("", None, b"plain"),
    ],
)
def test_assets_are_kept_for_ever_and_sent_compressed(accepted: str, encoding: str | None, body: bytes) -> None:
    answer = get("/static/index-abc.js", accepted)
    assert (answer.status, answer.body) == (200, body)
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == pages.CONTENT_SECURITY_POLICY


@pytest.mark.usefixtures("dist")
def test_a_font_is_sent_as_it_is() -> None:
    answer = get("/static/font-abc.woff2", "br")
    assert (answer.body, answer.headers["content-type"]) == (b"font", "font/woff2")
    assert "content-encoding" not in answer.headers


@pytest.mark.usefixtures("dist")
@pytest.mark.parametrize(
    "name",
    [
        "missing.js",
        "index-abc.js.br",
        "../stamp",
        "..%2fstamp",
        "../index.html",
        "../../secret.js",
        "..%2f..%2fsecret.js",
        "%2e%2e/%2e%2e/secret.js",
        "..%5c..%5csecret.js",
        "%252e%252e%252fsecret.js",
        "/etc/passwd",
        "x%00.js",
        ".",
        "..",
        "",
    ],
)
def test_nothing_else_is_served(name: str) -> None:
    answer = get(f"/static/{name}")
    assert answer.status == 404
    assert b"secret" not in answer.body
