"""What the worker process does: jobs that the apps register, each run again and again in a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from django.db import Error, connection

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """One thing to do every `pause_seconds`; `run` may be interrupted by the end of the process at any moment."""

    name: str
    pause_seconds: float
    run: Callable[[], object]

    def keep_running(self, stopped: threading.Event) -> None:
        """Run until `stopped`. An error is logged by its kind alone; the next run tries again."""
        while not stopped.is_set():
            try:
                self.run()
            except Exception as error:
                logger.error("The job %s failed: %s.", self.name, type(error).__name__)
                _drop_connection()
            stopped.wait(self.pause_seconds)
        _drop_connection()


def _drop_connection() -> None:
    """Close this thread's connection; one that is broken may not even close, which must not end the thread."""
    with suppress(Error):
        connection.close()


_jobs: dict[str, Job] = {}


def register(job: Job) -> None:
    """Let the worker do this job; for an app's `ready`."""
    _jobs[job.name] = job


def all_jobs() -> list[Job]:
    """Return every registered job."""
    return list(_jobs.values())
