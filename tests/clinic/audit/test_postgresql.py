"""The protection of the audit log once more on PostgreSQL, where its server is installed."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bench.postgres import cluster, programs
from ops.errors import Stop
from ops.paths import ROOT

TESTS = ("tests/clinic/audit/test_protection.py",)


def test_the_same_on_postgresql() -> None:
    try:
        programs()
    except Stop as missing:
        pytest.skip(str(missing))
    with cluster() as address:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *TESTS],
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": address},
            capture_output=True,
            text=True,
        )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    # REPLACE alone is SQLite's own.
    assert "1 skipped" in done.stdout
