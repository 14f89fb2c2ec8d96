"""The worker process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from clinic import env


def test_the_worker_stops_cleanly_when_told_to(tmp_path: Path) -> None:
    environment = {**os.environ, "VAR_DIR": str(tmp_path), "ENV_FILE": os.devnull}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=env.BASE_DIR, env=environment, check=True)
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "work"], cwd=env.BASE_DIR, env=environment, stderr=subprocess.PIPE, text=True
    )
    assert worker.stderr is not None
    assert "has started" in worker.stderr.readline()
    worker.send_signal(signal.SIGTERM)
    _, rest = worker.communicate(timeout=15)
    assert worker.returncode == 0
    assert "has stopped" in rest
