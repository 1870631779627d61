"""Look up the locked packages among the known vulnerabilities (pip-audit); fail if one has any.

Without a network, or with an index that publishes no advisories, nothing is looked up, and the output says so: what
cannot be known is no reason to stop.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

LOCK = Path(__file__).parent / "dev.lock"
_PATIENCE_SECONDS = 120


def audited(requirements: Path) -> list[dict[str, Any]] | None:
    """Every package of a lock with what is known of it; None if that cannot be looked up."""
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--require-hashes", "--requirement"]
    command += [str(requirements), "--format", "json", "--progress-spinner", "off", "--timeout", "10"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE_SECONDS, check=False)
        packages: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        return None
    return None if all("skip_reason" in package for package in packages) else packages


def first_of(lock: Path, folder: str) -> Path:
    """A lock of the first package alone."""
    head, _, _ = lock.read_text("utf-8").partition("\n    --hash=")
    _, _, rest = lock.read_text("utf-8").partition(head)
    lines = rest.splitlines()
    end = next(number for number, line in enumerate(lines) if not line.endswith("\\"))
    one = Path(folder, "one.lock")
    one.write_text(head + "\n".join(lines[: end + 1]) + "\n", "utf-8")
    return one


def main() -> int:
    """Print what was found. Returns 1 if a package has a known vulnerability."""
    with tempfile.TemporaryDirectory() as folder:
        # One package tells whether anybody answers; only then all are asked about.
        packages = audited(LOCK) if audited(first_of(LOCK, folder)) is not None else None
    if packages is None:
        print("pip-audit: skipped, no service of advisories can be reached from here")  # noqa: T201
        return 0
    bad = [package for package in packages if package.get("vulns")]
    for package in bad:
        for found in package["vulns"]:
            fixed = ", ".join(found.get("fix_versions") or ["no version yet"])
            print(f"{package['name']} {package['version']}: {found['id']}, mended in {fixed}")  # noqa: T201
    skipped = sum("skip_reason" in package for package in packages)
    print(f"pip-audit: {len(packages) - skipped} packages, {len(bad)} vulnerable, {skipped} unknown")  # noqa: T201
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
