"""Front ends are generated from the SDL: by GraphQL Code Generator, and by Relay, whose paging also runs for real."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from graphql import build_schema, parse, validate

from tests.signing_in import Headers
from tests.tools.node import TOOLS, NodeTools

pytestmark = pytest.mark.timeout(300)

CLIENTS = TOOLS / "clients"
CONFIG = {
    "strict": True,
    "noUncheckedIndexedAccess": True,
    "target": "es2022",
    "moduleResolution": "bundler",
    "types": [],
}


@pytest.fixture(scope="session")
def canonical_query(repository: Path) -> str:
    """The canonical query."""
    return (repository / "benchmarks" / "queries" / "customer_360.graphql").read_text()


@pytest.fixture(scope="session")
def recipes(repository: Path, sdl: Path) -> list[Path]:
    """The recipes of the GraphiQL page that the SDL allows; another test looks after those it does not."""
    schema = build_schema(sdl.read_text())
    files = sorted((repository / "web" / "recipes").glob("*.graphql"))
    return [file for file in files if not validate(schema, parse(file.read_text()))]


def _project(folder: Path, **compiler_options: Any) -> Path:
    """An empty TypeScript project with the installed packages. Returns the folder for its source."""
    (folder / "node_modules").symlink_to(TOOLS / "node_modules")
    (folder / "tsconfig.json").write_text(
        json.dumps({"compilerOptions": CONFIG | compiler_options, "include": ["src"]}),
    )
    source = folder / "src"
    source.mkdir()
    return source


def _succeeds(tools: NodeTools, program: str, *arguments: str, cwd: Path) -> None:
    answer = tools.run(f"node_modules/.bin/{program}", *arguments, cwd=cwd)
    assert answer.code == 0, answer.output


def test_the_client_preset_generates_code_that_compiles(
    node_tools: NodeTools, sdl: Path, canonical_query: str, recipes: list[Path], tmp_path: Path
) -> None:
    source = _project(tmp_path, module="esnext", noEmit=True)
    (source / "use_codegen.ts").write_text((CLIENTS / "use_codegen.ts").read_text())
    (tmp_path / "canonical.graphql").write_text(canonical_query)
    assert recipes
    config = {
        "schema": str(sdl),
        "documents": ["canonical.graphql", *map(str, recipes)],
        "generates": {
            "src/generated/": {
                "preset": "client",
                "config": {"scalars": {"Decimal": "string", "CurrencyCode": "string"}, "defaultScalarType": "unknown"},
            }
        },
    }
    (tmp_path / "codegen.json").write_text(json.dumps(config))
    _succeeds(node_tools, "graphql-codegen", "--config=codegen.json", cwd=tmp_path)
    _succeeds(node_tools, "tsc", cwd=tmp_path)


@pytest.fixture(scope="module")
def relay_artifacts(
    node_tools: NodeTools, sdl: Path, canonical_query: str, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """What relay-compiler makes of the canonical query and a paged fragment, strictly compiled to JavaScript."""
    folder = tmp_path_factory.mktemp("relay")
    # skipLibCheck: the declarations inside relay-runtime 21 do not pass TypeScript 7 themselves.
    source = _project(
        folder, module="commonjs", jsx="react-jsx", lib=["es2022"], rootDir="src", outDir="js", skipLibCheck=True
    )
    # Relay wants the names of queries to end with Query.
    query = canonical_query.replace("query Customer360(", "query Customer360Query(")
    component = (CLIENTS / "Customer360.tsx").read_text().replace("# CANONICAL QUERY", query)
    (source / "Customer360.tsx").write_text(component)
    (source / "__generated__").mkdir()
    config = {
        "src": "src",
        "schema": "schema.graphql",
        "language": "typescript",
        "artifactDirectory": "src/__generated__",
        "customScalarTypes": {"Decimal": "string"},
    }
    (folder / "relay.config.json").write_text(json.dumps(config))
    (folder / "schema.graphql").write_text(sdl.read_text())
    _succeeds(node_tools, "relay-compiler", cwd=folder)
    _succeeds(node_tools, "tsc", cwd=folder)
    return folder / "js" / "__generated__"


def test_relay_compiles_the_canonical_query(relay_artifacts: Path) -> None:
    assert {file.name for file in relay_artifacts.iterdir()} == {
        "ContractsPaginationQuery.graphql.js",
        "Customer360PageQuery.graphql.js",
        "Customer360Query.graphql.js",
        "Customer360SearchQuery.graphql.js",
        "Customer360_contracts.graphql.js",
    }


def test_relay_pages_through_a_connection(
    node_tools: NodeTools,
    relay_artifacts: Path,
    service_url: str,
    credentials: Headers,
    client: httpx.Client,
    tmp_path: Path,
) -> None:
    query = "{ customers(first: 100) { nodes { id contracts(first: 100) { nodes { number } } } } }"
    customers = client.post("/graphql", json={"query": query}).json()["data"]["customers"]["nodes"]
    customer = max(customers, key=lambda customer: len(customer["contracts"]["nodes"]))
    numbers = [contract["number"] for contract in customer["contracts"]["nodes"]]
    assert len(numbers) >= 3, "the demo world has no customer with more than one page of two"
    shown = node_tools.read(
        "relay_paging.mjs",
        f"{service_url}/graphql",
        relay_artifacts,
        customer["id"],
        cwd=tmp_path,
        C360_AUTHORIZATION=credentials["authorization"],
    )
    assert shown == [numbers[:end] for end in range(2, len(numbers) + 2, 2)]
