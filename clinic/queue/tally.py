"""How much waits, counted from indexes alone."""

from __future__ import annotations

from django.db import connection

from clinic.accounts.models import User
from clinic.conversations.models import STAFF_PREFIX, Conversation
from clinic.handoffs.models import HandOff
from clinic.outbox import post
from clinic.queue import conditions

NAMES: dict[str, str] = {
    HandOff.Kind.EMERGENCY: "emergency",
    HandOff.Kind.STAFF_MEDICAL: "medical",
    HandOff.Kind.FAILED_TURN: "failed",
    HandOff.Kind.STAFF_OTHER: "people",
    HandOff.Kind.BOOKING: "booking",
}
# The condition of the hand-offs' own unique index, word for word, so that the index alone answers.
_UNRESOLVED = "SELECT kind, COUNT(*) FROM handoffs_handoff WHERE NOT (state = 'resolved') GROUP BY kind"


def tally(user: User | None) -> dict[str, int]:
    """Return how many unresolved hand-offs of each kind there are, and what else waits; `mine` is what `user` has."""
    with connection.cursor() as cursor:
        cursor.execute(_UNRESOLVED)
        kinds = dict(cursor.fetchall())
    mine = Conversation.objects.filter(conditions.held(), owner=f"{STAFF_PREFIX}{user.pk}").count() if user else 0
    return {name: kinds.get(kind, 0) for kind, name in NAMES.items()} | {
        "undelivered": post.undelivered().filter(conditions.on_column("state = 'undelivered'", "state")).count(),
        "unanswered": Conversation.objects.filter(conditions.awaited()).count(),
        "mine": mine,
    }
