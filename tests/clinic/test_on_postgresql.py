"""What the database itself has to keep, once more on PostgreSQL, where its server is installed."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bench.postgres import cluster, programs
from ops.errors import Stop
from ops.paths import ROOT

# Locks, triggers, notices between processes, and the full-text search.
FILES = (
    "tests/clinic/audit/test_protection.py",
    "tests/clinic/conversations/test_ending.py",
    "tests/clinic/conversations/test_takeover.py",
    "tests/clinic/handoffs/test_waiting.py",
    "tests/clinic/queue/test_search.py",
    "tests/clinic/visitors/test_stream.py",
)
# Of the files about take-over and the visitor's end, these alone; the rest asks the database nothing new.
CHOSEN = "not test_takeover and not test_ending or click or at_once or another_process"


@pytest.mark.only_on("sqlite")
def test_the_same_on_postgresql() -> None:
    try:
        programs()
    except Stop as missing:
        pytest.skip(str(missing))
    with cluster() as address:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", CHOSEN, *FILES],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": address},
            capture_output=True,
            text=True,
        )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert "skipped" not in done.stdout
