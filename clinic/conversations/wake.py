"""Tells whoever listens that a conversation has news. A nudge only: the sequence numbers are the truth."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.db import connection, transaction

CHANNEL = "clinic_messages"

# Called from any thread with the conversation; the second argument is True or False when typing began or ended.
Listener = Callable[[UUID, bool | None], None]
_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Call `listener` at every news from this process."""
    _listeners.append(listener)


def stop_listening(listener: Listener) -> None:
    """Undo `listen`."""
    _listeners.remove(listener)


def tell(conversation: UUID, typing: bool | None = None) -> None:
    """Tell the listeners of this process at once."""
    for listener in tuple(_listeners):
        listener(conversation, typing)


def announce(conversation: UUID, typing: bool | None = None) -> None:
    """Tell every listener, in other processes too (PostgreSQL), as soon as the transaction that this is in commits.

    `typing` is for the listeners of this process only, and saves telling it apart: whoever wakes reads the book.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, str(conversation)])
    transaction.on_commit(lambda: tell(conversation, typing))
