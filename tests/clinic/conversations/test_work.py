"""The worker process."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.db import InterfaceError

from clinic import env, jobs
from clinic.jobs import Job
from tests.clinic.conftest import wait_for

PUT = """
import time, django
django.setup()
from clinic.outbox import post
post.put("hand_off", {"title": "Emergency"}, [("file", "")])
print(time.time())
"""


def surroundings(folder: Path) -> dict[str, str]:
    """The environment of a clinic that keeps everything in a folder."""
    ours = {"VAR_DIR": str(folder), "ENV_FILE": os.devnull, "DJANGO_SETTINGS_MODULE": "clinic.settings"}
    return {**os.environ, **ours}


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A worker process that has started, with a database of its own."""
    environment = surroundings(tmp_path)
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=env.BASE_DIR, env=environment, check=True)
    with subprocess.Popen(
        [sys.executable, "manage.py", "work"], cwd=env.BASE_DIR, env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        try:
            assert "has started" in process.stderr.readline()
            yield process
        finally:
            process.kill()


def test_the_worker_stops_cleanly_when_told_to(worker: subprocess.Popen[str]) -> None:
    worker.send_signal(signal.SIGTERM)
    _, rest = worker.communicate(timeout=15)
    assert worker.returncode == 0
    assert "has stopped" in rest


def test_the_worker_delivers_soon_what_another_process_has_put(worker: subprocess.Popen[str], tmp_path: Path) -> None:
    command = [sys.executable, "-c", PUT]
    done = subprocess.run(
        command, cwd=env.BASE_DIR, env=surroundings(tmp_path), check=True, capture_output=True, text=True
    )
    [file] = wait_for(lambda: list((tmp_path / "outbox").glob("*.json")), 15)
    # It looks every half second; the rest is for a machine that is busy with other tests.
    assert file.stat().st_mtime - float(done.stdout) < 2


def test_a_job_goes_on_after_an_error_whose_text_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    stopped, runs = threading.Event(), []

    def run() -> None:
        runs.append(1)
        if len(runs) == 3:
            stopped.set()
        raise RuntimeError("what a visitor said")

    with caplog.at_level(logging.ERROR):
        Job("odd", 0.001, run).keep_running(stopped)
    assert len(runs) == 3
    assert "The job odd failed: RuntimeError." in caplog.text
    assert "visitor" not in caplog.text


def test_a_connection_that_cannot_be_closed_does_not_end_a_job(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down() -> None:
        raise InterfaceError("the connection is gone")

    monkeypatch.setattr(jobs, "connection", SimpleNamespace(close=break_down))
    stopped, runs = threading.Event(), []

    def run() -> None:
        runs.append(1)
        if len(runs) == 2:
            stopped.set()
        raise RuntimeError

    Job("odd", 0.001, run).keep_running(stopped)
    assert len(runs) == 2
