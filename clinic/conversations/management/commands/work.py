"""`manage.py work`: the clinic worker. It does the jobs that no request waits for, such as turns that died."""

from __future__ import annotations

import logging
import signal
import threading
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand

from clinic import jobs
from clinic.conversations.responses import DomainError, renderer

logger = logging.getLogger(__name__)
# What a job is at when the process has to end is done again by the next worker, when its lease has run out.
END_SECONDS = 4.0


class Command(BaseCommand):
    """Do every registered job in a thread of its own until SIGTERM or SIGINT."""

    help = "Run the clinic worker: retry turns that died, deliver the outbox, and so on."

    def handle(self, *args: Any, **options: Any) -> None:
        """Start the jobs and wait; a database that is away is waited for."""
        try:
            renderer()
        except DomainError as error:
            raise SystemExit(str(error)) from None
        stopped = threading.Event()

        def stop(_number: int, _frame: FrameType | None) -> None:
            stopped.set()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        threads = [
            threading.Thread(target=job.keep_running, args=(stopped,), name=job.name, daemon=True)
            for job in jobs.all_jobs()
        ]
        logger.info("The worker has started.")
        for thread in threads:
            thread.start()
        stopped.wait()
        for thread in threads:
            thread.join(END_SECONDS / len(threads))
        logger.info("The worker has stopped.")
