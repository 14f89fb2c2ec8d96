"""`manage.py work`: the clinic worker. It sweeps up turns that died with their process."""

from __future__ import annotations

import logging
import signal
import threading
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection
from django.utils import timezone

from clinic.conversations.responses import DomainError, renderer
from clinic.conversations.runner import run_logged
from clinic.conversations.turn import dead_turns

logger = logging.getLogger(__name__)
PAUSE_SECONDS = 2.0


def sweep() -> int:
    """Run the turns of every conversation whose message waits in vain; return how many conversations that were."""
    conversations = dead_turns(timezone.now())
    for conversation in conversations:
        run_logged(conversation)
    return len(conversations)


class Command(BaseCommand):
    """Sweep until SIGTERM or SIGINT."""

    help = "Run the clinic worker: retry turns that died, once, and then hand their message to staff."

    def handle(self, *args: Any, **options: Any) -> None:
        """Sweep every two seconds; a database that is away is waited for."""
        try:
            renderer()
        except DomainError as error:
            raise SystemExit(str(error)) from None
        stopped = threading.Event()

        def stop(_number: int, _frame: FrameType | None) -> None:
            stopped.set()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        logger.info("The worker has started.")
        while not stopped.is_set():
            try:
                sweep()
            except DatabaseError as error:
                logger.error("The sweep failed: %s.", type(error).__name__)
                connection.close()
            stopped.wait(PAUSE_SECONDS)
        connection.close()
        logger.info("The worker has stopped.")
