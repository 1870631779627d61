"""The house: layers, sizes of files, and what must not stand in any of them."""

import re
import subprocess
import sys
from pathlib import Path

LONGEST = 400
GENERATED = {"schema/schema.graphql", "docs/entities.md", "migrations/versions/0001_initial.sql"}


def _tracked(repository: Path) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=repository,
        check=True,
        capture_output=True,
        text=True,
    )
    return [repository / name for name in listed.stdout.splitlines() if (repository / name).is_file()]


def test_dependencies_run_one_way(repository: Path) -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([linter, "--no-cache"], cwd=repository, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_no_source_file_is_too_long(repository: Path) -> None:
    long = {
        str(path.relative_to(repository)): length
        for path in _tracked(repository)
        if path.suffix in {".py", ".ts", ".tsx", ".css", ".mjs"}
        and (length := len(path.read_text("utf-8").splitlines())) > LONGEST
    }
    assert not long, f"split by area, never into utils: {long}"


def test_no_download_address_in_any_lock(repository: Path) -> None:
    address = re.compile(r"https?://[^\s\"']*(npmjs|pythonhosted|pypi)\.(org|com)", re.IGNORECASE)
    found = [
        str(path.relative_to(repository))
        for path in _tracked(repository)
        if path.suffix in {".lock", ".json", ".toml", ".txt", ".npmrc", ".py", ".md", ".yml"}
        and address.search(path.read_text("utf-8", "replace"))
    ]
    assert not found


def test_every_area_has_the_same_file_name_everywhere(repository: Path) -> None:
    areas = {path.stem for path in (repository / "resolvers").glob("*.py")} - {
        "__init__",
        "access",  # who may sign in is no part of the graph of customers: there is nothing to load
        "bulk",
        "lookup",
        "node",
        "root",
        "sdl",
        "search",
        # Who asks, and what they may: these show no rows of the graph.
        "own_account",
        "users",
        "explain",
        "workflows",
    }
    for package in ("models", "loaders", "schema"):
        assert areas <= {path.stem for path in (repository / package).glob("*.py")}, package
