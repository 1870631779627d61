"""GraphQL over HTTP, as the audits of the graphql-http project understand it: MUST, SHOULD and MAY alike."""

from pathlib import Path

import pytest

from tests.signing_in import Headers
from tests.tools.node import NodeTools

pytestmark = pytest.mark.timeout(300)

AUDITS = 61


def test_every_audit_passes(node_tools: NodeTools, service_url: str, credentials: Headers, tmp_path: Path) -> None:
    # By the environment: the arguments of a program can be read by everybody on the machine.
    results = node_tools.read(
        "audits.mjs", f"{service_url}/graphql", cwd=tmp_path, C360_AUTHORIZATION=credentials["authorization"]
    )
    failed = [f"{audit['id']} {audit['name']}: {audit['reason']}" for audit in results if audit["status"] != "ok"]
    assert not failed, "\n".join(failed)
    assert len({audit["id"] for audit in results}) == len(results) == AUDITS
