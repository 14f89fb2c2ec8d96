"""The work queue: which conversations need staff, every list of conversations, and the search through them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clinic.accounts.models import User


def counts(user: User | None = None) -> dict[str, int]:
    """Return how much waits, by kind; `mine` is what this user has. Cheap enough to ask with every page."""
    from clinic.queue.tally import tally  # The package is imported before there are models.

    return tally(user)
