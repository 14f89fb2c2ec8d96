"""Helpers for the tests of ops: small processes that stand for the product's."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ops.services import Service

SLEEPER = "import time\nprint('up', flush=True)\ntime.sleep(600)"
PARENT = (
    "import subprocess, sys, time\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    "open(sys.argv[1], 'w').write(str(child.pid))\n"
    "time.sleep(600)"
)


def sleeper(name: str, code: str = SLEEPER, *arguments: str) -> Service:
    """A service that runs a few lines of Python."""
    return Service(name, (sys.executable, "-c", code, *arguments))


def alive(pid: int) -> bool:
    """Whether a process exists and is not merely waiting to be reaped."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def wait_until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait until the condition holds; fail when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


@pytest.fixture
def said() -> list[str]:
    """Collects what would be shown to the person."""
    return []
