"""The partner portal: a partner's customers and what happens to them, through a restart of the service."""

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import psycopg
import pytest
from playwright.sync_api import Locator, Page, expect

from core.settings import Settings
from models.history import SubjectKind
from tests.events.following import an_event, write
from tests.web.conftest import Shoot, serving


class Restartable:
    """The running application, which can be stopped and started again at its address."""

    def __init__(self, database_url: str) -> None:
        self._settings = Settings(database_url=database_url, background=False)
        self._running = ExitStack()
        self.address = self._running.enter_context(serving(self._settings))

    def stop(self) -> None:
        """End it; its port is free then."""
        self._running.close()

    def start(self) -> None:
        """Start it again."""
        port = urlsplit(self.address).port
        assert port is not None
        self._running.enter_context(serving(self._settings, port))


@pytest.fixture
def service(own_demo_database: str) -> Iterator[Restartable]:
    """The application over a demo world of the test's own."""
    made = Restartable(own_demo_database)
    yield made
    made.stop()


class Partner:
    """What happens to a contract in the book of the demo world's partner."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        with psycopg.connect(database_url) as connection:
            row = connection.execute(
                """
                select c.id, c.customer_id from contracts c
                join partner_book b on b.object_id = c.id join users u on u.partner_id = b.partner_id
                join customers k on k.id = c.customer_id
                where u.login = 'partner@demo' and not k.restricted order by k.number limit 1
                """
            ).fetchone()
        assert row is not None
        self._contract, self.customer = UUID(str(row[0])), UUID(str(row[1]))

    def amend(self, *texts: str) -> None:
        """Record an amendment for each text, in a transaction of its own."""
        with ThreadPoolExecutor(1) as executor:  # in this thread, Playwright may have an event loop
            executor.submit(asyncio.run, self._amend(texts)).result()

    async def _amend(self, texts: tuple[str, ...]) -> None:
        about: dict[str, Any] = {"customer_id": self.customer, "subject_id": self._contract}
        async with await psycopg.AsyncConnection.connect(self._url) as connection:
            for text in texts:
                await write(
                    connection,
                    an_event(text, type="ContractAmended", subject_kind=SubjectKind.CONTRACT, **about),
                )
                await connection.commit()

    def rename(self, name: str) -> None:
        """Give the customer another name."""
        with psycopg.connect(self._url) as connection:
            connection.execute("update customers set display_name = %s where id = %s", (name, self.customer))


def _texts(page: Page) -> Locator:
    return page.get_by_role("region", name="Events").get_by_role("listitem").locator("span")


def _sign_in(page: Page, service: Restartable) -> None:
    page.goto(f"{service.address}/portal")
    expect(page.get_by_label("Login")).to_have_value("partner@demo")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("status")).to_have_text("live", timeout=20_000)


def test_a_partner_follows_its_customers_through_a_restart(
    page: Page, service: Restartable, own_demo_database: str, shoot: Shoot
) -> None:
    _sign_in(page, service)
    partner = Partner(own_demo_database)
    customers = page.get_by_role("region", name="Customers").get_by_role("row")
    assert customers.count() > 5
    shoot("portal_quiet")
    partner.rename("Renamed Meanwhile")
    partner.amend("Premium changed.")
    expect(_texts(page)).to_have_text(["Premium changed."], timeout=20_000)
    # The event brings the customer as they are now.
    expect(page.get_by_role("region", name="Customers")).to_contain_text("Renamed Meanwhile")
    service.stop()
    expect(page.get_by_role("status")).to_have_text("connecting …")
    partner.amend(*(f"Missed {n}." for n in range(5)))
    service.start()
    expect(page.get_by_role("status")).to_have_text("live", timeout=30_000)
    partner.amend("After that.")
    expected = ["After that.", *(f"Missed {n}." for n in reversed(range(5))), "Premium changed."]
    expect(_texts(page)).to_have_text(expected, timeout=30_000)
    shoot("portal_after_restart")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_who_cannot_sign_in_is_told_so(page: Page, service: Restartable, shoot: Shoot) -> None:
    page.goto(f"{service.address}/portal")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text(re.compile("password", re.IGNORECASE))
    shoot("portal_sign_in")


def test_there_is_no_portal_in_production(own_demo_database: str) -> None:
    with serving(Settings(database_url=own_demo_database, demo_customers=0, background=False)) as address:
        assert httpx.get(f"{address}/portal").status_code == 404
