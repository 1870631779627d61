"""Signing in on the GraphiQL page: by a demo role, by typed credentials, with a second factor; staying signed in."""

import asyncio
import json
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pyotp
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from auth import accounts, demo_users, second_factor, users
from auth.access import Access
from auth.actor import SYSTEM
from commands.access import with_access
from core.settings import Settings
from models.roles import Role
from tests.web.conftest import PAGE, Shoot, serving, settings_of
from tests.web.graphiql import GraphiQL, shows

QUERY = "{ customers(first: 1) { totalCount } }"
STORED = "JSON.parse(sessionStorage.getItem('customer360:session'))"
# Access tokens are accepted for five seconds longer, for clocks that differ (auth/tokens.py).
LIFE_SECONDS, LEEWAY_SECONDS = 4, 5


@pytest.fixture(scope="module")
def short_lived_url(served_database: str) -> Iterator[str]:
    """The address of a service whose access tokens live for seconds; settings would not allow that."""
    settings = settings_of(served_database).model_copy(update={"access_token_minutes": LIFE_SECONDS / 60})
    with serving(settings) as address:
        yield address


def stored(page: Page) -> dict[str, Any]:
    """The session as the page keeps it."""
    session: dict[str, Any] = page.evaluate(STORED)
    return session


def ends_of_sessions(database: str) -> list[str]:
    """Why the newest session ended; empty if it has not."""
    with psycopg.connect(database) as connection:
        row = connection.execute("select revoked_reason from sessions order by id desc limit 1").fetchone()
    return [] if row is None or row[0] is None else [row[0]]


def test_a_role_is_chosen_and_left_again(visitor: GraphiQL, shoot: Shoot) -> None:
    visitor.type(QUERY)
    visitor.run()
    expect(visitor.errors).to_contain_text("UNAUTHENTICATED sign in first")
    expect(visitor.notice).to_have_text("Sign in to see this.")
    shoot("signed_out_light")
    visitor.choose("senior agent")
    expect(visitor.signed_in).to_contain_text("senior.agent@demo SENIOR_AGENT")
    visitor.run()
    shows(visitor.result, '"totalCount": 1')
    expect(visitor.errors).to_be_hidden()
    visitor.sign_out()
    visitor.run()
    expect(visitor.errors).to_contain_text("UNAUTHENTICATED sign in first")
    assert visitor.page.evaluate("sessionStorage.length") == 0
    assert "Bearer" not in visitor.page.evaluate("JSON.stringify(localStorage)")


def test_the_token_of_a_session_signed_out_is_refused(visitor: GraphiQL, served_database: str) -> None:
    visitor.choose("agent")
    session = json.dumps(stored(visitor.page))
    visitor.sign_out()
    end = time.monotonic() + 20
    while ends_of_sessions(served_database) != ["SIGNED_OUT"]:
        assert time.monotonic() < end, "the service was not told"
        visitor.page.wait_for_timeout(50)
    visitor.page.evaluate("text => sessionStorage.setItem('customer360:session', text)", session)
    visitor.page.reload()
    expect(visitor.notice).to_have_text("Your session has ended. Sign in again.", timeout=20_000)


def test_every_demo_role_may_sign_in(visitor: GraphiQL) -> None:
    options = visitor.page.get_by_label("Demo role").locator("option").all_text_contents()
    assert len(options[1:]) == len(Role)
    for role in options[1:]:
        visitor.choose(role)
        expect(visitor.signed_in).to_contain_text(role.upper().replace(" ", "_"))
        visitor.sign_out()


def test_a_wrong_password_is_told(visitor: GraphiQL) -> None:
    visitor.sign_in("nobody", "not the password")
    expect(visitor.notice).to_contain_text("the login, password or code is wrong")
    expect(visitor.sign_in_button).to_be_enabled()
    assert visitor.page.evaluate("sessionStorage.length") == 0


def test_a_second_factor_is_asked_for(visitor: GraphiQL, served_database: str) -> None:
    async def add(access: Access) -> pyotp.TOTP:
        added = await users.add(access, SYSTEM, "dora", [Role.AGENT], password=password)
        async with access.transaction() as connection:
            enrolment = await second_factor.begin(access, connection, added.user)
            account = await accounts.find(connection, "id", added.user.id)
            assert account is not None
            # The code of half a minute ago is accepted too, and leaves the present one to sign in with.
            app = pyotp.TOTP(enrolment.secret)
            await second_factor.confirm(access, connection, account, app.at(time.time() - 30))
        return app

    password = "quartz lantern orchard"
    with ThreadPoolExecutor(1) as executor:
        adding = with_access(settings_of(served_database), served_database, add)
        app = executor.submit(asyncio.run, adding).result()
    code = visitor.page.get_by_label("Code", exact=True)
    expect(code).to_be_hidden()
    visitor.sign_in("dora", password)
    expect(visitor.notice).to_have_text("the code of the authenticator app is needed as well")
    code.fill("000000" if app.now() != "000000" else "111111")
    visitor.sign_in_button.click()
    expect(visitor.notice).to_contain_text("the login, password or code is wrong")
    code.fill(app.now())
    visitor.sign_in_button.click()
    expect(visitor.signed_in).to_have_text(re.compile("^dora AGENT"))


def test_a_reload_keeps_the_session_and_a_new_tab_has_none(visitor: GraphiQL, context: BrowserContext) -> None:
    visitor.choose("agent")
    visitor.open(visitor.page.url)
    expect(visitor.signed_in).to_contain_text("agent@demo")
    other = GraphiQL(context.new_page(), visitor.page.url)
    expect(other.sign_in_button).to_be_visible()


def test_the_session_is_renewed_silently(page: Page, short_lived_url: str, served_database: str) -> None:
    graphiql = GraphiQL(page, short_lived_url + PAGE)
    graphiql.choose("agent")
    graphiql.type(QUERY)
    first = stored(page)
    end = time.monotonic() + LIFE_SECONDS + LEEWAY_SECONDS + 1
    while time.monotonic() < end:
        page.keyboard.press("Shift")
        page.wait_for_timeout(500)
    later = stored(page)
    assert later["renewals"] >= 2
    assert later["accessToken"] != first["accessToken"]
    graphiql.run()
    shows(graphiql.result, '"totalCount": 1')
    assert ends_of_sessions(served_database) == []


def test_a_page_left_alone_is_not_renewed_until_it_is_used(page: Page, short_lived_url: str) -> None:
    graphiql = GraphiQL(page, short_lived_url + PAGE)
    graphiql.choose("agent")
    graphiql.type(QUERY)
    page.wait_for_timeout((2 * LIFE_SECONDS + LEEWAY_SECONDS) * 1000)
    left = stored(page)["renewals"]
    assert left == 1, "once for the keys pressed before"
    page.get_by_role("button", name="Execute query").click()
    shows(graphiql.result, '"totalCount": 1')
    assert stored(page)["renewals"] == left + 1


def test_a_token_the_service_finds_expired_is_renewed(page: Page, short_lived_url: str) -> None:
    graphiql = GraphiQL(page, short_lived_url + PAGE)
    graphiql.choose("agent")
    later = time.time() * 1000 + 1e8
    wrong = json.dumps({**stored(page), "expiresAt": later, "renewAt": later})
    page.evaluate("text => sessionStorage.setItem('customer360:session', text)", wrong)
    graphiql.open(short_lived_url + PAGE)
    graphiql.type(QUERY)
    before = stored(page)
    page.wait_for_timeout((LIFE_SECONDS + LEEWAY_SECONDS + 1) * 1000)
    assert stored(page) == before
    graphiql.run()
    shows(graphiql.result, '"totalCount": 1')
    assert stored(page)["renewals"] == before["renewals"] + 1


def test_a_credential_typed_as_a_header_stands_for_itself(visitor: GraphiQL) -> None:
    visitor.choose("agent")
    visitor.type("{ me { login } }")
    visitor.page.get_by_role("button", name="Headers").click()
    visitor.page.get_by_label("Headers").locator(".view-lines").last.click()
    visitor.page.keyboard.insert_text('{"X-API-Key": "nonsense"}')
    visitor.page.wait_for_timeout(300)
    visitor.run()
    expect(visitor.errors).to_contain_text("UNAUTHENTICATED the API key is malformed")
    expect(visitor.signed_in).to_contain_text("agent@demo")


def test_without_demo_users_one_types_login_and_password(page: Page, served_database: str) -> None:
    with serving(settings_of(served_database, demo_customers=0)) as address:
        graphiql = GraphiQL(page, address + PAGE)
        expect(page.get_by_label("Login")).to_be_visible()
        expect(page.get_by_label("Demo role")).to_have_count(0)
        assert demo_users.WELL_KNOWN_PASSWORD not in page.content()
        graphiql.sign_in("agent@demo", demo_users.WELL_KNOWN_PASSWORD)
        expect(graphiql.signed_in).to_contain_text("agent@demo AGENT")


def test_a_duplicated_tab_shares_the_session(
    page: Page, context: BrowserContext, short_lived_url: str, served_database: str
) -> None:
    first = GraphiQL(page, short_lived_url + PAGE)
    first.choose("agent")
    with context.expect_page() as opened:
        page.evaluate("window.open('/')")
    second = opened.value
    expect(second.get_by_role("region", name="Signed in")).to_be_visible(timeout=20_000)
    assert stored(second)["id"] == stored(page)["id"]
    before = stored(page)["renewals"]
    for _ in range(3 * LIFE_SECONDS):
        page.keyboard.press("Shift")
        second.keyboard.press("Shift")
        second.wait_for_timeout(500)
    assert stored(page)["renewals"] > before
    assert stored(page)["refreshToken"] == stored(second)["refreshToken"]
    assert ends_of_sessions(served_database) == []
    first.sign_out()
    expect(second.get_by_role("form", name="Sign in").get_by_role("alert")).to_have_text(
        "You signed out in another tab."
    )


def test_production_offers_no_demo_roles() -> None:
    settings = Settings(env="production")
    assert demo_users.for_the_page(settings) is None
    assert demo_users.for_the_page(Settings(demo_customers=0)) is None


@pytest.mark.parametrize(("host", "known"), [("127.0.0.1", True), ("::1", True), ("0.0.0.0", False)])
def test_the_page_has_the_password_only_where_it_is_no_secret(host: str, known: bool) -> None:
    offered = demo_users.for_the_page(Settings(host=host))
    assert offered is not None
    assert (offered["password"] == demo_users.WELL_KNOWN_PASSWORD) is known
