"""How much waits, as the frame and the stream tell it."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import Count

from clinic.accounts.models import User
from clinic.accounts.roles import Right
from clinic.conversations.models import STAFF_PREFIX, Conversation
from clinic.queue import conditions, counts

# What makes up the number beside the queue.
IN_QUEUE = ("emergency", "medical", "failed", "people")


@dataclass(frozen=True)
class Waiting:
    """How much of each kind waits, and how many conversations each owner holds: read once for all who look."""

    counts: dict[str, int]
    held: dict[str, int] = field(default_factory=dict)

    def of(self, user: User) -> dict[str, int]:
        """Return what of it concerns this user; nothing for who may not read it."""
        if not user.may(Right.READ):
            return {}
        return self.counts | {"mine": self.held.get(f"{STAFF_PREFIX}{user.pk}", 0)}


def read() -> Waiting:
    """Count what waits now."""
    held = Conversation.objects.filter(conditions.held()).order_by().values_list("owner").annotate(Count("pk"))
    return Waiting(counts(), dict(held))
