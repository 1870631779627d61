"""The GraphiQL page in the browser, its parts by the names a reader would give them."""

import json
import re

from playwright.sync_api import Locator, Page, expect


class GraphiQL:
    """One page; opens it at once."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.open(address)

    def open(self, address: str) -> None:
        """Go to an address and wait until the editors are there and the schema is loaded."""
        self.page.goto(address)
        expect(self.page.locator(".result-window .monaco-editor")).to_be_visible(timeout=20_000)
        expect(self.page.get_by_role("button", name="Re-fetch GraphQL schema")).to_be_enabled()

    def choose(self, role: str) -> None:
        """Sign in as the demo user with a role."""
        self.page.get_by_label("Demo role").select_option(role)
        self.sign_in_button.click()
        expect(self.signed_in).to_be_visible()

    def sign_in(self, login: str, password: str) -> None:
        """Type credentials and send them."""
        self.page.get_by_label("Login").fill(login)
        self.page.get_by_label("Password").fill(password)
        self.sign_in_button.click()

    def sign_out(self) -> None:
        """Sign out, and wait until the page offers to sign in again."""
        self.page.get_by_role("button", name="Sign out").click()
        expect(self.sign_in_button).to_be_visible()

    @property
    def sign_in_button(self) -> Locator:
        """What sends the credentials."""
        return self.page.get_by_role("button", name="Sign in")

    @property
    def signed_in(self) -> Locator:
        """The bar that says who is signed in."""
        return self.page.get_by_role("region", name="Signed in")

    @property
    def notice(self) -> Locator:
        """What the sign-in bar has to say."""
        return self.page.get_by_role("form", name="Sign in").get_by_role("alert")

    @property
    def query(self) -> Locator:
        """The text in the query editor."""
        return self.page.locator(".graphiql-query-editor .view-lines")

    @property
    def variables(self) -> Locator:
        """The text in the variables editor."""
        return self.page.get_by_label("Variables").locator(".view-lines").first

    @property
    def result(self) -> Locator:
        """The answer's JSON."""
        return self.page.get_by_label("Result Window").locator(".view-lines")

    @property
    def errors(self) -> Locator:
        """The banner of errors."""
        return self.page.get_by_role("alert", name="Errors")

    @property
    def tab(self) -> Locator:
        """The tab in front."""
        return self.page.locator(".graphiql-tab-active .graphiql-tab-button")

    def type(self, text: str) -> None:
        """Replace the query, key by key. A selection must go first: Monaco would set the first bracket around it."""
        self.query.click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.press("Delete")
        self.page.keyboard.type(text)
        self.page.wait_for_timeout(300)  # GraphiQL reads the editor a tenth of a second after the last key

    def run(self) -> None:
        """Press the round button. Suggestions that came late may cover it: they are sent away as a user would."""
        suggestions = self.page.locator(".suggest-widget.visible")
        if suggestions.is_visible():
            self.page.keyboard.press("Escape")
            expect(suggestions).to_be_hidden()
        self.page.get_by_role("button", name="Execute query").click()

    def answer_with(self, answer: object) -> None:
        """From now on the API answers every query with this."""
        self.page.route("**/graphql", lambda route: route.fulfill(body=json.dumps(answer)))


def shows(locator: Locator, text: str) -> None:
    """Wait until the text is there; Monaco writes spaces as no-break spaces."""
    expect(locator).to_contain_text(re.compile(re.escape(text).replace(r"\ ", r"\s")))
