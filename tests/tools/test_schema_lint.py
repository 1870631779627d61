"""GraphQL-ESLint on the SDL: its recommended rules for schemas and those of Relay (see eslint.config.mjs)."""

import json
import shutil
from pathlib import Path

import pytest

from tests.tools.node import TOOLS, NodeTools

pytestmark = pytest.mark.timeout(300)


def _findings(tools: NodeTools, sdl: Path, folder: Path) -> list[str]:
    """What ESLint finds in an SDL. It looks only at files below the folder it runs in."""
    shutil.copy(sdl, folder / "schema.graphql")
    answer = tools.run(
        "node_modules/eslint/bin/eslint.js",
        f"--config={TOOLS / 'eslint.config.mjs'}",
        "--format=json",
        "schema.graphql",
        cwd=folder,
        C360_SDL=str(folder / "schema.graphql"),
    )
    assert answer.code in (0, 1), answer.output
    assert not answer.stderr, answer.stderr
    (file,) = json.loads(answer.stdout)
    return [f"{message['ruleId']} at line {message['line']}: {message['message']}" for message in file["messages"]]


def test_the_schema_has_no_findings(node_tools: NodeTools, sdl: Path, tmp_path: Path) -> None:
    findings = _findings(node_tools, sdl, tmp_path)
    assert not findings, "\n".join(findings)


def test_the_linter_is_awake(node_tools: NodeTools, sdl: Path, tmp_path: Path) -> None:
    """The rules do run: a field named after its type, an undescribed type, a connection that is none."""
    spoiled = tmp_path / "spoiled.graphql"
    spoiled.write_text(sdl.read_text() + "type HatConnection { hatSize: Int hatConnectionName: String }")
    rules = {
        finding.split()[0].removeprefix("@graphql-eslint/") for finding in _findings(node_tools, spoiled, tmp_path)
    }
    assert rules >= {"no-typename-prefix", "require-description", "no-unreachable-types", "relay-connection-types"}
