"""The GraphiQL page of the real application, in a real browser that reaches nothing but this server."""

from urllib.parse import quote

import psycopg
import pytest
from playwright.sync_api import expect

from tests.web.conftest import PAGE, Shoot
from tests.web.graphiql import GraphiQL, shows


@pytest.fixture(scope="module")
def customer(demo_database: str) -> tuple[str, str]:
    """Number and name of a customer who has a contract."""
    with psycopg.connect(demo_database) as connection:
        row = connection.execute(
            "select c.number, c.display_name from customers c join contracts k on k.customer_id = c.id"
            " order by c.number limit 1"
        ).fetchone()
    assert row is not None
    return row[0], row[1]


def test_a_first_visitor_is_welcomed(visitor: GraphiQL, shoot: Shoot) -> None:
    graphiql = visitor
    expect(graphiql.page).to_have_title("customer360 · GraphiQL")
    expect(graphiql.page.locator("html")).to_have_attribute("lang", "en")
    expect(graphiql.page.get_by_role("heading", name="customer360")).to_be_visible()
    expect(graphiql.page.get_by_role("region", name="Recipes", exact=True)).to_be_visible()
    shows(graphiql.query, "query WholeCustomer {")
    shoot("welcome_light")
    graphiql.choose("agent")
    graphiql.run()
    shows(graphiql.result, '"displayName": "')
    expect(graphiql.errors).to_be_hidden()
    shoot("result_light")


def test_a_typed_query_runs(graphiql: GraphiQL, customer: tuple[str, str]) -> None:
    number, name = customer
    query = f'{{ customer(number: "{number}") {{ displayName contracts {{ totalCount }} }} }}'
    graphiql.type(query)
    shows(graphiql.query, query)
    graphiql.page.keyboard.press("Control+Enter")
    shows(graphiql.result, f'"displayName": "{name}"')
    expect(graphiql.errors).to_be_hidden()


def test_the_editor_completes_from_the_schema(graphiql: GraphiQL) -> None:
    graphiql.type("{ househ")
    graphiql.page.keyboard.press("Control+Space")
    expect(graphiql.page.locator(".suggest-widget").get_by_text("households").first).to_be_visible()


def test_the_editors_are_tidied(graphiql: GraphiQL) -> None:
    graphiql.type("{ __schema { queryType { name } } }")
    graphiql.page.get_by_role("button", name="Prettify query").click()
    expect(graphiql.query.locator(".view-line")).to_have_count(8)


def test_a_recipe_opens_in_a_new_tab_and_runs(graphiql: GraphiQL, shoot: Shoot) -> None:
    graphiql.page.get_by_role("button", name="Contracts up for renewal").click()
    expect(graphiql.tab).to_have_text("Renewals")
    shows(graphiql.query, "query Renewals($from: Date!, $to: Date!) {")
    shows(graphiql.variables, '"from": "2026-11-01"')
    graphiql.run()
    shows(graphiql.result, '"renewalOn": "2026-11-')
    shoot("recipe_light")
    graphiql.page.locator(".graphiql-tab-button").first.click()
    shows(graphiql.query, "query WholeCustomer {")


def test_the_documentation_shows_a_type_with_its_descriptions(graphiql: GraphiQL, shoot: Shoot) -> None:
    graphiql.page.get_by_role("button", name="Show Documentation Explorer").click()
    docs = graphiql.page.locator(".graphiql-doc-explorer")
    docs.get_by_role("link", name="Query", exact=True).click()
    title = docs.locator(".graphiql-doc-explorer-title")
    expect(title).to_have_text("Query")
    docs.get_by_role("link", name="Contract", exact=True).first.click()
    expect(title).to_have_text("Contract")
    expect(docs).to_contain_text("An insurance policy: what is covered, for whom, from when to when")
    expect(docs).to_contain_text("What the customer bears of each claim.")
    shoot("documentation_light")


def test_an_invalid_query_is_explained(graphiql: GraphiQL) -> None:
    graphiql.type("{ nonsense }")
    graphiql.run()
    expect(graphiql.errors).to_contain_text("Cannot query field 'nonsense'")
    expect(graphiql.errors).to_contain_text("at line 1, column 3 of the query")
    graphiql.type("{ __typename }")
    graphiql.run()
    shows(graphiql.result, '"__typename": "Query"')
    expect(graphiql.errors).to_be_hidden()


def test_an_id_of_the_wrong_kind_is_explained(graphiql: GraphiQL, shoot: Shoot) -> None:
    graphiql.type('{ customer(id: "con_0192f0c1-0000-7000-8000-000000000000") { displayName } }')
    graphiql.run()
    expect(graphiql.errors).to_contain_text("BAD_USER_INPUT expected a customer id (cus_…), got con_… at customer")
    shows(graphiql.result, '"customer": null')
    shoot("wrong_id_light")


def test_errors_are_listed_in_words(graphiql: GraphiQL, shoot: Shoot) -> None:
    masked = {"message": "Your role may not see premiums.", "extensions": {"code": "FORBIDDEN"}}
    paths = [["customer", "contracts", "nodes", item, "premium"] for item in range(5)]
    late = {"message": "The claims system did not answer.", "path": ["customer", "claims"], "extensions": {"code": "X"}}
    answer = {"data": {"customer": None}, "errors": [*({**masked, "path": path} for path in paths), late]}
    graphiql.answer_with(answer)
    graphiql.run()
    rows = graphiql.errors.get_by_role("listitem")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("FORBIDDEN Your role may not see premiums.")
    expect(rows.first).to_contain_text("at customer \u203a contracts \u203a nodes \u203a item 1 \u203a premium;")
    expect(rows.first).to_contain_text("and 2 more")
    shows(graphiql.result, '"code": "FORBIDDEN"')
    shoot("errors_light")


def test_a_server_that_is_gone_is_named(graphiql: GraphiQL) -> None:
    graphiql.page.route("**/graphql", lambda route: route.abort())
    graphiql.run()
    expect(graphiql.errors).to_contain_text("SERVER_UNREACHABLE The server cannot be reached.")


def test_an_answer_that_is_no_json_is_shown(graphiql: GraphiQL) -> None:
    graphiql.page.route("**/graphql", lambda route: route.fulfill(status=502, body="Bad Gateway"))
    graphiql.run()
    expect(graphiql.errors).to_contain_text("HTTP_502 The server did not answer in JSON: Bad Gateway")


def test_an_address_opens_its_query(graphiql: GraphiQL, base_url: str) -> None:
    query = "query First { __typename } query Second($name: String!) { __type(name: $name) { kind } }"
    variables = '{"name": "String"}'
    graphiql.open(f"{base_url}{PAGE}?query={quote(query)}&variables={quote(variables)}&operationName=Second")
    shows(graphiql.query, query)
    shows(graphiql.variables, variables)
    expect(graphiql.tab).to_have_text("Second")
    graphiql.page.locator(".graphiql-query-editor").get_by_role("button", name="Execute query").click()
    graphiql.page.get_by_role("menuitem", name="Second").click()
    shows(graphiql.result, '"kind": "SCALAR"')


def test_work_is_there_after_a_reload(graphiql: GraphiQL, base_url: str) -> None:
    graphiql.type("query Kept { __typename }")
    graphiql.run()
    shows(graphiql.result, "Query")
    graphiql.page.wait_for_timeout(800)  # GraphiQL stores its tabs half a second after the last change
    graphiql.open(base_url + PAGE)
    expect(graphiql.tab).to_have_text("Kept")
    expect(graphiql.page.locator(".graphiql-tab-button")).to_have_count(1)
    graphiql.page.get_by_role("button", name="Show History").click()
    expect(graphiql.page.locator(".graphiql-history-item-label").first).to_have_text("Kept")


def test_every_button_and_image_has_a_name(graphiql: GraphiQL) -> None:
    nameless = "[...document.querySelectorAll('button')].filter(b => !b.innerText.trim() && !b.ariaLabel).length"
    assert graphiql.page.evaluate(nameless) == 0
    assert graphiql.page.locator("img:not([alt])").count() == 0


@pytest.mark.parametrize("color_scheme", ["dark"])
def test_the_dark_theme(graphiql: GraphiQL, shoot: Shoot) -> None:
    background = "getComputedStyle(document.querySelector('#root')).backgroundColor"
    assert graphiql.page.evaluate(background) == "rgb(33, 42, 59)"
    shoot("welcome_dark")
    graphiql.page.get_by_role("button", name="Overdue payments").click()
    expect(graphiql.tab).to_have_text("OverduePayments")
    graphiql.run()
    shows(graphiql.result, '"totalCount":')
    shoot("recipe_dark")
    graphiql.type('{ node(id: "C-0000001") { id } }')
    graphiql.run()
    expect(graphiql.errors).to_contain_text("BAD_USER_INPUT this is not an id of this graph")
    shoot("errors_dark")


def test_the_theme_can_be_chosen(graphiql: GraphiQL) -> None:
    graphiql.page.get_by_role("button", name="Open settings dialog").click()
    graphiql.page.get_by_role("button", name="Dark").click()
    expect(graphiql.page.locator("body.graphiql-dark")).to_be_attached()
    assert graphiql.page.evaluate("getComputedStyle(document.body).colorScheme") == "dark"
