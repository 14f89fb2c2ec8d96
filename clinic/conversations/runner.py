"""Runs turns beside the requests, in a small fixed pool of threads in the web process, and those that died with one."""

from __future__ import annotations

import logging
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from clinic.conversations import brain
from clinic.conversations.book import Claim
from clinic.conversations.turn import dead_turns, run_claimed_turns, run_pending_turns
from clinic.threads import DatabasePool

logger = logging.getLogger(__name__)
SWEEP_SECONDS = 2.0
_pool = DatabasePool("turn", settings.TURN_THREADS)


def submit(conversation: UUID, claim: Claim | None = None) -> None:
    """Have the conversation's waiting messages answered soon, beginning with a claimed one; returns at once."""
    _pool.submit(run_logged, conversation, claim)


def run_logged(conversation: UUID, claim: Claim | None = None) -> None:
    """Run the waiting turns; an error is logged by its kind alone and left to the sweeper."""
    try:
        if claim is None:
            run_pending_turns(conversation)
        else:
            run_claimed_turns(claim)
    except Exception as error:
        # The text of an error may quote what a visitor wrote, so only its kind and place are told.
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        where = f"{place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else "?"
        logger.error("The turns of conversation %s died: %s at %s.", conversation, type(error).__name__, where)


def sweep() -> int:
    """Run the turns of every conversation whose message waits in vain; return how many conversations that were."""
    conversations = dead_turns(timezone.now())
    for conversation in conversations:
        run_logged(conversation)
    return len(conversations)


def close() -> None:
    """Wait for running turns and close the pool's connections, and those to the brain."""
    _pool.close()
    brain.hang_up()
