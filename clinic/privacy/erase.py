"""Erasing whole conversations with everything that belongs to them, and making sure that nothing of them stays.

Every table that tells of a conversation refers to it and goes with it. Files of the outbox are removed with their
deliveries. Afterwards the index of words is merged, because it keeps the words of what was deleted until then, and
SQLite's log of changes is emptied.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import QuerySet

from clinic.audit.actions import Action
from clinic.audit.log import Actor, record
from clinic.conversations.models import Conversation
from clinic.outbox.channels import FILE
from clinic.outbox.models import Delivery
from clinic.privacy.models import LegalHold
from clinic.threads import writing

# Pages of the index of words that one step merges; each step is a transaction of its own, so that nobody waits long.
MERGED_PAGES = 500
MOST_STEPS = 10_000


class Held(Exception):
    """A legal hold keeps the conversation."""


def conversation(pk: UUID, by: Actor, reason: str) -> bool:
    """Erase one conversation and record it; return whether there was one. Raises `Held`.

    `reason` is a fixed word of the program's. Call `leave_no_trace` when the last one is erased.
    """
    with writing():
        found = Conversation.objects.select_for_update().filter(pk=pk)
        if not found.exists():
            return False
        if LegalHold.objects.filter(conversation=pk).exists():
            raise Held
        erase(found)
        record(Action.CONVERSATION_ERASED, by, ("conversation", pk), reason=reason)
    return True


def erase(conversations: QuerySet[Conversation]) -> None:
    """Delete conversations, which nothing holds, with all that belongs to them; inside a transaction."""
    events = Delivery.objects.filter(conversation__in=conversations, channel=FILE).values_list("event", flat=True)
    forget_files(list(events))
    conversations.delete()


def forget_files(events: Collection[UUID]) -> None:
    """Remove the files of the outbox for these events as soon as the transaction commits."""
    if events:
        transaction.on_commit(lambda: _unlink(events))


def _unlink(events: Iterable[UUID]) -> None:
    for event in events:
        for file in settings.OUTBOX_DIR.glob(f"*{event}.json"):
            file.unlink(missing_ok=True)


def event_of(file: Path) -> UUID | None:
    """Return the event that a file of the outbox is about, or None when its name is none of ours."""
    try:
        return UUID(file.stem[-36:])
    except ValueError:
        return None


def leave_no_trace() -> None:
    """Make the database forget what was deleted; outside a transaction.

    PostgreSQL does so by its own vacuum.
    """
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE%fts5%'")
        for (table,) in cursor.fetchall():
            _merge(table)
        # Whoever reads at this moment keeps a part of the log; the next run empties that.
        if not connection.in_atomic_block:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _merge(table: str) -> None:
    """Merge an index of words into one piece, which holds no words of deleted rows, step by step."""
    pages = -MERGED_PAGES
    for _ in range(MOST_STEPS):
        with writing(), connection.cursor() as cursor:
            before = _changes(cursor)
            # The name comes from the database itself.
            cursor.execute(f"INSERT INTO {table}({table}, rank) VALUES ('merge', %s)", [pages])  # noqa: S608
            # By SQLite's documentation there is nothing left to merge once a step changes fewer than two rows.
            if _changes(cursor) - before < 2:
                return
        pages = MERGED_PAGES


def _changes(cursor: object) -> int:
    cursor.execute("SELECT total_changes()")  # type: ignore[attr-defined]
    return int(cursor.fetchone()[0])  # type: ignore[attr-defined]
