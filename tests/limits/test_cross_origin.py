"""Who may ask from a browser, and what a browser may do with the answer."""

import httpx
import pytest

from core.errors import StartError
from core.settings import load
from tests.limits.conftest import Open, Service

PORTAL = "https://portal.example.com"
QUERY = {"query": "{ __typename }"}
PREFLIGHT = {"origin": PORTAL, "access-control-request-method": "POST"}


def _cors(response: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name.startswith("access-control-")}


async def test_no_origin_unless_named(service: Service) -> None:
    client = service.anonymous
    assert _cors(await client.post("/graphql", json=QUERY, headers={"origin": PORTAL})) == {}
    preflight = await client.options("/graphql", headers=PREFLIGHT)
    assert (preflight.status_code, _cors(preflight)) == (405, {})


async def test_named_origins_and_no_others(open_service: Open) -> None:
    async with open_service(cors_origins=f"{PORTAL}, http://localhost:3000") as service:
        client = service.anonymous
        for origin in (PORTAL, "http://localhost:3000"):
            response = await client.post("/graphql", json=QUERY, headers={"origin": origin})
            assert response.headers["access-control-allow-origin"] == origin
            assert "origin" in response.headers["vary"].lower()
            assert "accept" in response.headers["vary"].lower()
            assert "ratelimit-remaining" in response.headers["access-control-expose-headers"]
        for origin in (
            "https://evil.example.com",
            f"{PORTAL}.evil.example.com",
            "null",
            PORTAL.replace("https", "http"),
        ):
            response = await client.post("/graphql", json=QUERY, headers={"origin": origin})
            assert "access-control-allow-origin" not in response.headers
        for path in ("/health", "/.well-known/jwks.json"):
            assert _cors(await client.get(path, headers={"origin": PORTAL})) == {}


async def test_preflight(open_service: Open) -> None:
    async with open_service(cors_origins=PORTAL) as service:
        client = service.anonymous
        wanted = "authorization, content-type, x-api-key"
        response = await client.options("/graphql", headers=PREFLIGHT | {"access-control-request-headers": wanted})
        assert response.status_code == 200
        assert response.headers["access-control-allow-origin"] == PORTAL
        assert set(wanted.split(", ")) <= set(response.headers["access-control-allow-headers"].lower().split(", "))
        assert "access-control-allow-credentials" not in response.headers
        refused = await client.options("/graphql", headers=PREFLIGHT | {"origin": "https://evil.example.com"})
        assert refused.status_code == 400
        assert "access-control-allow-origin" not in refused.headers


@pytest.mark.parametrize(
    "origins", ["*", "portal.example.com", f"{PORTAL}/", f"{PORTAL}/app", "null", "https://*.example.com", "ftp://x"]
)
def test_what_is_no_origin_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch, origins: str) -> None:
    monkeypatch.setenv("C360_CORS_ORIGINS", origins)
    with pytest.raises(StartError, match="C360_CORS_ORIGINS"):
        load()


async def test_forms_of_other_pages_are_refused(service: Service) -> None:
    for media in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        response = await service.anonymous.post(
            "/graphql", content=b'{"query": "{ __typename }"}', headers={"content-type": media}
        )
        assert response.status_code == 415
    mutation = {"query": 'mutation { login(login: "a", password: "b") { userErrors { code } } }'}
    assert (await service.anonymous.get("/graphql", params=mutation)).status_code == 405


async def test_no_cookies(service: Service) -> None:
    for response in (await service.anonymous.post("/graphql", json=QUERY), await service.anonymous.get("/")):
        assert "set-cookie" not in response.headers


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/graphql"),
        ("GET", "/graphql"),
        ("PUT", "/graphql"),
        ("GET", "/health"),
        ("GET", "/nowhere"),
        ("GET", "/.well-known/jwks.json"),
        ("GET", "/"),
        ("GET", "/static/nothing.js"),
        ("POST", "/health"),
    ],
)
async def test_security_headers_on_every_answer(service: Service, method: str, path: str) -> None:
    response = await service.anonymous.request(method, path)
    for name in (
        "content-security-policy",
        "cross-origin-resource-policy",
        "referrer-policy",
        "x-content-type-options",
        "x-frame-options",
    ):
        assert len(response.headers.get_list(name)) == 1, name
    assert "default-src 'none'" in response.headers["content-security-policy"]


async def test_an_unexpected_failure_tells_nothing(service: Service) -> None:
    del service.app.state.services
    transport = httpx.ASGITransport(app=service.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        response = await client.post("/graphql", json=QUERY)
    assert response.status_code == 500
    assert response.json()["errors"][0]["extensions"] == {"code": "INTERNAL"}
    assert response.headers["x-content-type-options"] == "nosniff"
