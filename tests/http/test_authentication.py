"""Signing in over HTTP: from a password to an answer, and every credential that must not lead to one."""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import httpx
import jwt
import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from starlette.applications import Starlette

from app import create_app
from auth import api_keys, users
from auth.access import Access
from auth.accounts import Account
from auth.actor import SYSTEM
from auth.passwords import Passwords
from auth.permissions import ROLES
from core.database import make_pool
from core.ids import new_id
from models.roles import Role
from tests.databases import new_database
from tests.http.conftest import SignedIn, client_of
from tests.http.forged_tokens import forged
from tests.signing_in import CHEAP, bearer, login_of, login_request, service_settings

PASSWORD = "nine purple otters waltz"
REFRESH = """
mutation ($token: String!) {
  refreshSession(refreshToken: $token) {
    session { accessToken expiresAt refreshToken refreshBefore }
    userErrors { code message }
  }
}
"""
LOGOUT = {"query": "mutation { logout { ended userErrors { code } } }"}
EVERYWHERE = {"query": "mutation { logoutEverywhere { ended } }"}
ME = {"query": "{ me { id login roles permissions partnerNumber requiredAction } }"}
TOKENS = ("accessToken", "refreshToken")
# Other workers ask every two seconds what was revoked.
SECONDS = 5.0


@pytest.fixture(scope="module")
def people_database(postgres: str, migrated_template: str) -> Iterator[str]:
    """The URL of a database with a partner, for users and keys of the tests' own."""
    with new_database(postgres, migrated_template) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(
                """
                insert into partners (id, created_at, updated_at, name, kind, status, country, since)
                values (gen_random_uuid(), now(), now(), 'Nord', 'BROKER', 'ACTIVE', 'DE', '2020-01-01')
                """
            )
        yield url


@pytest.fixture
async def access(people_database: str) -> AsyncIterator[Access]:
    """Administration from outside the service, as by its commands; it shares nothing with it but the database."""
    async with make_pool(people_database, 2) as pool:
        yield Access(pool, passwords=Passwords(CHEAP))


@pytest.fixture
async def anna(access: Access) -> Account:
    """A new agent with PASSWORD."""
    return (await users.add(access, SYSTEM, f"anna-{new_id()}", [Role.AGENT], password=PASSWORD)).user


@pytest.fixture
async def service(people_database: str, tmp_path: Any) -> AsyncIterator[tuple[Starlette, httpx.AsyncClient]]:
    """An application and a client of it that has not signed in."""
    app = create_app(service_settings(people_database, tmp_path))
    async with client_of(app) as client:
        yield app, client


@pytest.fixture
def visitor(service: tuple[Starlette, httpx.AsyncClient]) -> httpx.AsyncClient:
    """A client that has not signed in."""
    return service[1]


async def _mutation(client: httpx.AsyncClient, body: dict[str, Any], headers: Any = None) -> dict[str, Any]:
    """The payload of a request with one mutation."""
    response = await client.post("/graphql", json=body, headers=headers)
    assert response.status_code == 200, response.text
    (payload,) = response.json()["data"].values()
    assert isinstance(payload, dict)
    return payload


async def _login(client: httpx.AsyncClient, login: str, password: str = PASSWORD) -> dict[str, Any]:
    """The session of a login that succeeds."""
    payload = await _mutation(client, login_request(login, password))
    assert payload["userErrors"] == []
    session: dict[str, Any] = payload["session"]
    return session


async def _refresh(client: httpx.AsyncClient, token: str) -> dict[str, Any]:
    return await _mutation(client, {"query": REFRESH, "variables": {"token": token}})


def _reason(response: httpx.Response) -> str:
    """Why a request was refused, after a look at the form of the refusal."""
    assert response.status_code == 401, response.text
    assert response.headers["www-authenticate"] == 'Bearer realm="customer360"'
    body = response.json()
    assert set(body) == {"errors"}
    (error,) = body["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    reason: str = error["extensions"]["reason"]
    return reason


async def _refused_within(client: httpx.AsyncClient, headers: dict[str, str]) -> str:
    """Why the credential is refused, which happens before long."""
    end = time.monotonic() + SECONDS
    while (response := await client.post("/graphql", json=ME, headers=headers)).status_code == 200:
        assert time.monotonic() < end, f"still accepted after {SECONDS} seconds"
        await asyncio.sleep(0.05)
    return _reason(response)


async def test_a_session_from_login_to_logout(visitor: httpx.AsyncClient, anna: Account) -> None:
    first = await _login(visitor, anna.login.upper())
    headers = bearer(first["accessToken"])
    me = (await visitor.post("/graphql", json=ME, headers=headers)).json()["data"]["me"]
    assert me == {
        "id": f"usr_{anna.id}",
        "login": anna.login,
        "roles": ["AGENT"],
        "permissions": sorted(ROLES[Role.AGENT]),
        "partnerNumber": None,
        "requiredAction": None,
    }
    refreshed = (await _refresh(visitor, first["refreshToken"]))["session"]
    assert refreshed["refreshToken"] != first["refreshToken"]
    assert refreshed["refreshBefore"] >= first["refreshBefore"]
    for token in (first["accessToken"], refreshed["accessToken"]):
        assert (await visitor.post("/graphql", json=ME, headers=bearer(token))).json()["data"]["me"]
    assert await _mutation(visitor, LOGOUT, bearer(refreshed["accessToken"])) == {"ended": 1, "userErrors": []}
    for token in (first["accessToken"], refreshed["accessToken"]):
        assert _reason(await visitor.post("/graphql", json=ME, headers=bearer(token))) == "REVOKED"
    after = await _refresh(visitor, refreshed["refreshToken"])
    assert (after["session"], after["userErrors"][0]["code"]) == (None, "UNAUTHENTICATED")


async def test_a_refresh_token_used_twice_ends_the_session(visitor: httpx.AsyncClient, anna: Account) -> None:
    first = await _login(visitor, anna.login)
    second = (await _refresh(visitor, first["refreshToken"]))["session"]
    assert (await _refresh(visitor, first["refreshToken"]))["session"] is None
    assert (await _refresh(visitor, second["refreshToken"]))["session"] is None
    assert _reason(await visitor.post("/graphql", json=ME, headers=bearer(second["accessToken"]))) == "REVOKED"


async def test_signing_out_everywhere_ends_every_session(visitor: httpx.AsyncClient, anna: Account) -> None:
    sessions = [await _login(visitor, anna.login) for _ in range(2)]
    assert await _mutation(visitor, EVERYWHERE, bearer(sessions[0]["accessToken"])) == {"ended": 2}
    for session in sessions:
        assert _reason(await visitor.post("/graphql", json=ME, headers=bearer(session["accessToken"]))) == "REVOKED"


async def test_a_wrong_password_and_an_unknown_login_look_the_same(visitor: httpx.AsyncClient, anna: Account) -> None:
    answers = [
        await _mutation(visitor, login_request(login, "wrong password"))
        for login in (anna.login, "nobody", "", "x" * 5000, "' or 1=1 --", "\x00")
    ]
    assert all(answer == answers[0] for answer in answers)
    assert (answers[0]["session"], answers[0]["userErrors"][0]["code"]) == (None, "SIGN_IN_FAILED")


async def test_a_login_is_no_query(visitor: httpx.AsyncClient, anna: Account) -> None:
    """In an address it would stand in logs and histories."""
    body = login_request(anna.login, PASSWORD)
    parameters = {"query": body["query"], "variables": json.dumps(body["variables"])}
    response = await visitor.get("/graphql", params=parameters)
    assert response.status_code == 405
    assert response.json()["errors"][0]["extensions"]["code"] == "OPERATION_NOT_ALLOWED"


async def test_who_has_not_signed_in_sees_no_data(anonymous: httpx.AsyncClient) -> None:
    body = (
        await anonymous.post("/graphql", json={"query": "{ __typename customers { totalCount } me { id } }"})
    ).json()
    assert body["data"] == {"__typename": "Query", "customers": None, "me": None}
    assert {error["path"][0]: error["extensions"]["code"] for error in body["errors"]} == {
        "customers": "UNAUTHENTICATED",
        "me": "UNAUTHENTICATED",
    }
    assert (await anonymous.post("/graphql", json=LOGOUT)).json()["errors"][0]["extensions"]["code"] == (
        "UNAUTHENTICATED"
    )


@pytest.mark.parametrize("role", Role)
async def test_every_role_acts_with_its_own_permissions(
    anonymous: httpx.AsyncClient, signed_in: SignedIn, role: Role
) -> None:
    client = signed_in(anonymous, role)
    me = (await client.get("/graphql", params=ME)).json()["data"]["me"]
    assert (me["login"], me["roles"]) == (login_of(role), [role.value])
    assert me["permissions"] == sorted(ROLES[role])
    assert (me["partnerNumber"] is not None) == (role is Role.PARTNER)
    query = "{ customers(first: 1) { nodes { id complaints { totalCount } } } }"
    body = (await client.post("/graphql", json={"query": query})).json()
    codes = {error["extensions"]["code"] for error in body.get("errors", ())}
    assert codes == (set() if "complaints:read" in ROLES[role] else {"FORBIDDEN"})


async def test_bad_tokens_are_refused(
    service: tuple[Starlette, httpx.AsyncClient], anna: Account, caplog: pytest.LogCaptureFixture
) -> None:
    app, client = service
    good = (await _login(client, anna.login))["accessToken"]
    caplog.set_level(logging.DEBUG)
    bad = list(forged(good, app.state.services.authentication.keys.ring.signing))
    found = {}
    for name, token, _ in bad:
        response = await client.post("/graphql", json=ME, headers=bearer(token))
        found[name] = _reason(response)
        assert token not in response.text
        assert token not in caplog.text
        assert _reason(await client.get("/graphql", params=ME, headers=bearer(token))) == found[name]
    assert found == {name: reason for name, _, reason in bad}
    assert (await client.post("/graphql", json=ME, headers=bearer(good))).json()["data"]["me"]


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": ""},
        {"authorization": "Bearer"},
        {"authorization": "Bearer "},
        {"authorization": "Basic YW5uYTpnZWhlaW0="},
        {"authorization": "Token x"},
        {"authorization": b"Bearer \xff\xfe"},
        {"x-api-key": ""},
        {"x-api-key": "c360_short"},
        {"x-api-key": "x" * 20_000},
        {"authorization": "Bearer x", "x-api-key": "c360_x"},
    ],
    ids=range(10),
)
async def test_malformed_credentials_are_refused(anonymous: httpx.AsyncClient, headers: dict[str, Any]) -> None:
    assert _reason(await anonymous.post("/graphql", json=ME, headers=headers)) == "MALFORMED"


async def test_two_credentials_are_refused_though_both_are_good(
    visitor: httpx.AsyncClient, access: Access, anna: Account
) -> None:
    token = bearer((await _login(visitor, anna.login))["accessToken"])
    key = {"x-api-key": (await api_keys.create(access, SYSTEM, "portal", "P-0000001")).text}
    for one in (token, key):
        assert (await visitor.post("/graphql", json=ME, headers=one)).status_code == 200
    response = await visitor.post("/graphql", json=ME, headers={**token, **key})
    assert _reason(response) == "MALFORMED"
    assert "one credential" in response.text


async def test_a_refusal_comes_in_the_media_type_asked_for(anonymous: httpx.AsyncClient) -> None:
    media = "application/graphql-response+json"
    response = await anonymous.post("/graphql", json=ME, headers={**bearer("x"), "accept": media})
    assert (response.status_code, response.headers["content-type"]) == (401, f"{media}; charset=utf-8")


async def test_a_disabled_user_is_refused_within_seconds(
    visitor: httpx.AsyncClient, access: Access, anna: Account
) -> None:
    session = await _login(visitor, anna.login)
    headers = bearer(session["accessToken"])
    assert (await visitor.post("/graphql", json=ME, headers=headers)).status_code == 200
    await users.disable(access, SYSTEM, anna.id)
    assert await _refused_within(visitor, headers) == "REVOKED"
    assert (await _refresh(visitor, session["refreshToken"]))["session"] is None
    again = await _mutation(visitor, login_request(anna.login, PASSWORD))
    assert again["userErrors"][0]["code"] == "SIGN_IN_FAILED"


async def test_an_api_key_acts_for_its_partner_until_it_is_revoked(visitor: httpx.AsyncClient, access: Access) -> None:
    scopes = ["customers:read", "contracts:read"]
    made = await api_keys.create(access, SYSTEM, "portal", "P-0000001", scopes)
    headers = {"X-API-Key": made.text}
    me = (await visitor.post("/graphql", json=ME, headers=headers)).json()["data"]["me"]
    assert (me["id"], me["login"], me["roles"]) == (f"key_{made.key.id}", None, ["PARTNER"])
    assert me["permissions"] == sorted(scopes)
    unknown = made.text[:-1] + ("A" if made.text[-1] != "A" else "B")
    assert _reason(await visitor.post("/graphql", json=ME, headers={"X-API-Key": unknown})) == "INVALID"
    await api_keys.revoke(access, SYSTEM, made.key.id)
    assert await _refused_within(visitor, headers) == "REVOKED"


async def test_the_public_keys_check_the_tokens_and_keep_the_private_key(
    visitor: httpx.AsyncClient, anna: Account
) -> None:
    response = await visitor.get("/.well-known/jwks.json")
    assert response.status_code == 200
    assert "max-age" in response.headers["cache-control"]
    token = (await _login(visitor, anna.login))["accessToken"]
    key = jwt.PyJWKSet.from_dict(response.json())[jwt.get_unverified_header(token)["kid"]]
    claims = jwt.decode(token, key, algorithms=[key.algorithm_name], audience="customer360", issuer="customer360")
    assert UUID(claims["sub"]) == anna.id
    assert all("d" not in each for each in response.json()["keys"])


async def test_nothing_secret_reaches_the_logs(
    visitor: httpx.AsyncClient,
    access: Access,
    anna: Account,
    caplog: pytest.LogCaptureFixture,
    people_database: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = "a password typed wrongly"
    answers = [await visitor.post("/graphql", json=login_request(anna.login, wrong))]
    session = await _login(visitor, anna.login)
    headers = bearer(session["accessToken"])
    await visitor.post("/graphql", json=ME, headers=headers)
    second = (await _refresh(visitor, session["refreshToken"]))["session"]
    for token in (session["refreshToken"], second["refreshToken"], "no refresh token"):
        answers.append(await visitor.post("/graphql", json={"query": REFRESH, "variables": {"token": token}}))
    answers.append(await visitor.post("/graphql", json=ME, headers=headers))
    key = (await api_keys.create(access, SYSTEM, "portal", "P-0000001")).text
    await visitor.post("/graphql", json=ME, headers={"x-api-key": key})
    answers.append(await visitor.post("/graphql", json=ME, headers={**headers, "x-api-key": key}))
    secrets = [PASSWORD, wrong, key, *(each[name] for each in (session, second) for name in TOKENS)]
    assert "SIGNED_IN" in caplog.text
    assert [secret[:20] for secret in secrets if secret in caplog.text] == []
    for answer in answers:
        assert [secret[:20] for secret in secrets if secret in answer.text] == []
    with psycopg.connect(people_database) as connection:
        stored = "\n".join(row[0] for row in connection.execute("select to_jsonb(a)::text from audit_entries a"))
    assert str(anna.id) in stored
    assert [secret[:20] for secret in secrets if secret in stored] == []


async def test_without_the_database_a_credential_is_unavailable_not_wrong(
    postgres: str, migrated_template: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("auth.revocations._STALE_SECONDS", 1.0)
    with new_database(postgres, migrated_template) as url:
        app = create_app(service_settings(url, tmp_path))
        async with make_pool(url, 1) as pool:
            await users.add(Access(pool, passwords=Passwords(CHEAP)), SYSTEM, "anna", [Role.AGENT], password=PASSWORD)
        async with client_of(app) as client:
            app.state.pool.timeout = 0.3
            headers = bearer((await _login(client, "anna"))["accessToken"])
            assert (await client.post("/graphql", json=ME, headers=headers)).json()["data"]["me"]["login"] == "anna"
            with _closed(postgres, url):
                await asyncio.sleep(1.1)
                for credential in (headers, {"x-api-key": "c360_aaaaaaaa_" + "A" * 43}):
                    response = await client.post("/graphql", json=ME, headers=credential)
                    assert response.status_code == 503, response.text
                    assert response.json()["errors"][0]["extensions"]["code"] == "SERVICE_UNAVAILABLE"
                    assert "www-authenticate" not in response.headers
                assert (await client.get("/health")).status_code == 503
            await _eventually(client, headers)


@contextmanager
def _closed(server: str, url: str) -> Iterator[None]:
    """The database takes no connections for a while, as if it were gone."""
    name = conninfo_to_dict(url)["dbname"]
    allow = "update pg_database set datallowconn = %s where datname = %s"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(allow, [False, name])
        connection.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name])
        yield
        connection.execute(allow, [True, name])


async def _eventually(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    """The database is back, and with it the answers."""
    end = time.monotonic() + 20
    while (response := await client.post("/graphql", json=ME, headers=headers)).status_code != 200:
        assert time.monotonic() < end, response.text
        await asyncio.sleep(0.1)
    assert response.json()["data"]["me"]["login"] == "anna"
