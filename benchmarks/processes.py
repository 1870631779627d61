"""CPU time and memory of processes, from /proc."""

from collections.abc import Iterable
from pathlib import Path

Times = dict[str, int]


def tree(pid: int) -> list[int]:
    """The process and all its descendants."""
    found = [pid]
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            for child in children.read_text().split():
                found += tree(int(child))
        except OSError:
            continue
    return found


def cpu_times(pids: Iterable[int]) -> Times:
    """Nanoseconds on a core, by thread."""
    times: Times = {}
    for pid in pids:
        for file in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            try:
                times[str(file)] = int(file.read_text().split()[0])
            except OSError:
                continue
    return times


def cpu_ms(before: Times, after: Times) -> float:
    """Milliseconds on a core between two readings."""
    return sum(time - before.get(thread, 0) for thread, time in after.items()) / 1e6


def rss_mb(pids: Iterable[int]) -> float:
    """Resident memory in MB."""
    total = 0
    for pid in pids:
        try:
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    return total / 1024
