"""Memory of processes and all that they started, from /proc.

Proportional set size (PSS) counts a page that several processes share once, divided among them, so that the sum over
processes is what they really take (`Documentation/filesystems/proc.rst` of the Linux kernel).
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from ops.commands import end, tied
from ops.paths import ROOT

PROC = Path("/proc")
SETTLE_SECONDS = 1.0


def family(pids: Iterable[int], proc: Path = PROC) -> set[int]:
    """Return the processes and all their descendants."""
    children: dict[int, list[int]] = defaultdict(list)
    for stat in proc.glob("[0-9]*/stat"):
        try:
            after_name = stat.read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        children[int(after_name[1])].append(int(stat.parent.name))
    found: set[int] = set()
    waiting = list(pids)
    while waiting:
        pid = waiting.pop()
        if pid not in found:
            found.add(pid)
            waiting += children[pid]
    return found


def pss_megabytes(pids: Iterable[int], proc: Path = PROC) -> float:
    """Return the proportional set size of the processes and all their descendants, in MB (10^6 bytes)."""
    return sum(_pss_kilobytes(proc / str(pid) / "smaps_rollup") for pid in family(pids, proc)) * 1024 / 1e6


def _pss_kilobytes(rollup: Path) -> int:
    try:
        lines = rollup.read_text().splitlines()
    except OSError:  # it has just ended
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def supervisor_megabytes() -> float:
    """Return what the process behind `make run` takes: a Python that has loaded the supervisor, and nothing else."""
    code = "import ops.__main__, time; time.sleep(60)"
    with subprocess.Popen(tied([sys.executable, "-c", code]), cwd=ROOT, stdin=subprocess.DEVNULL) as process:
        try:
            time.sleep(SETTLE_SECONDS)
            return pss_megabytes([process.pid])
        finally:
            end(process)
