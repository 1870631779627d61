"""The lock file of the tools: exact versions, checked by their hashes, from whatever registry is at hand."""

import json

from tests.tools.node import TOOLS


def test_every_direct_dependency_is_one_exact_version() -> None:
    package = json.loads((TOOLS / "package.json").read_text())
    versions = (package["dependencies"] | package["overrides"]).values()
    assert all(version.replace(".", "").isdigit() for version in versions)


def test_the_lock_names_no_download_address() -> None:
    text = (TOOLS / "package-lock.json").read_text()
    packages = json.loads(text)["packages"]
    assert not [name for name, package in packages.items() if "resolved" in package]
    assert not [name for name, package in packages.items() if name and not package.get("integrity")]
    assert "registry" not in text
