"""Changing hands: apps above this one register what follows for them when staff do something with a conversation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import Enum

from clinic.accounts.models import User
from clinic.conversations.models import Conversation


class Deed(Enum):
    """What a member of staff has done with a conversation."""

    TAKEN = "taken over"
    ANSWERED = "answered"
    GIVEN_BACK = "given back, its matters settled"
    LEFT_OPEN = "given back with its matters left open"
    CLOSED = "closed"


# Called inside the deed's transaction with the locked conversation, which has its new owner already; the follower may
# change it but need not save.
Follower = Callable[[Conversation, User, Deed, datetime], None]
_followers: list[Follower] = []


def register(follower: Follower) -> None:
    """Let `follower` do its part of every deed."""
    if follower not in _followers:
        _followers.append(follower)


def follow(conversation: Conversation, user: User, deed: Deed, now: datetime) -> None:
    """Have every follower do its part."""
    for follower in _followers:
        follower(conversation, user, deed, now)
