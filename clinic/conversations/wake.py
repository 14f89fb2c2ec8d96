"""Tells whoever listens that a conversation has news. A nudge only: the sequence numbers are the truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, cast, get_args
from uuid import UUID

from django.db import connection, transaction

CHANNEL = "clinic_messages"

Who = Literal["bot", "staff", "visitor"]


@dataclass(frozen=True)
class News:
    """What a conversation has news of: with `who`, that they have begun (`on`) or ended typing; without, the book."""

    who: Who | None = None
    on: bool = False


# Called from any thread.
Listener = Callable[[UUID, News], None]
_listeners: list[Listener] = []
BOOK = News()


def listen(listener: Listener) -> None:
    """Call `listener` at every news from this process."""
    _listeners.append(listener)


def stop_listening(listener: Listener) -> None:
    """Undo `listen`."""
    _listeners.remove(listener)


def tell(conversation: UUID, typing: bool | None = None) -> None:
    """Tell the listeners of this process at once; `typing` says whether the bot types."""
    _tell(conversation, _of_bot(typing))


def announce(conversation: UUID, typing: bool | None = None) -> None:
    """Tell every listener, in other processes too (PostgreSQL), as soon as the transaction that this is in commits.

    `typing`, which saves telling it apart, says whether the bot types; whoever wakes reads the book.
    """
    news = _of_bot(typing)
    _notify(conversation, news)
    transaction.on_commit(lambda: _tell(conversation, news))


def typing(conversation: UUID, who: Who, on: bool) -> None:
    """Tell every listener, in other processes too (PostgreSQL), that somebody types or has stopped.

    Nothing of it is kept: whoever shows it lets it end by itself when it is not told again within some seconds.
    """
    news = News(who, on)
    _notify(conversation, news)
    _tell(conversation, news)


def parse(payload: str) -> tuple[UUID, News]:
    """Return what another process announced, a notice's payload on `CHANNEL`; raises ValueError for anything else."""
    identity, *typed = payload.split(":")
    conversation = UUID(identity)
    if not typed:
        return conversation, BOOK
    if len(typed) != 2 or typed[0] not in get_args(Who) or typed[1] not in ("0", "1"):
        raise ValueError("no news")
    return conversation, News(cast(Who, typed[0]), typed[1] == "1")


def _of_bot(typing: bool | None) -> News:
    return BOOK if typing is None else News("bot", typing)


def _tell(conversation: UUID, news: News) -> None:
    for listener in tuple(_listeners):
        listener(conversation, news)


def _notify(conversation: UUID, news: News) -> None:
    if connection.vendor != "postgresql":
        return
    payload = str(conversation) if news.who is None else f"{conversation}:{news.who}:{int(news.on)}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, payload])
