"""The frame around every staff page: where its reader may go, what waits, and whether the bot is off."""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import resolve, reverse
from django.utils.functional import SimpleLazyObject

from clinic import queue
from clinic.accounts.models import User
from clinic.accounts.roles import Right
from clinic.practice import facts
from clinic.staff import access, waiting


@dataclass(frozen=True)
class Entry:
    """A page in the navigation: its title, its URL name, and the counts whose sum stands beside it."""

    title: str
    name: str
    counts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Group:
    """Entries that belong together, under a heading unless that is empty."""

    title: str
    entries: tuple[Entry, ...]


NAVIGATION = (
    Group(
        "",
        (
            Entry("Queue", "queue", waiting.IN_QUEUE),
            Entry("Morning", "morning"),
            Entry("Bookings", "bookings", ("booking",)),
            Entry("Numbers", "numbers"),
        ),
    ),
    Group(
        "Settings",
        (
            Entry("Clinic", "practice"),
            Entry("Bot on or off", "bot"),
            Entry("Opening hours", "hours"),
            Entry("Label wording", "wording"),
            Entry("Canned replies", "canned"),
            Entry("Alerts", "alert_rules"),
            Entry("Chat on your website", "widget"),
        ),
    ),
    Group(
        "Oversight",
        (
            Entry("Not delivered", "alerts", ("undelivered",)),
            Entry("Export", "export"),
            Entry("People", "people"),
            Entry("Audit log", "audit"),
            Entry("Privacy", "privacy"),
        ),
    ),
    Group(
        "You",
        (
            Entry("Account", "account"),
            Entry("Password", "password"),
            Entry("Second factor", "second_factor"),
            Entry("Sessions", "sessions"),
        ),
    ),
)


@dataclass(frozen=True)
class Badge:
    """A sum of counts: which ones, how many that are now, and whether one of them is an emergency."""

    counts: tuple[str, ...]
    number: int
    is_urgent: bool


@dataclass(frozen=True)
class Link:
    """An entry as the reader of a page sees it."""

    title: str
    name: str
    address: str
    badge: Badge | None


@dataclass(frozen=True)
class Frame:
    """What `base.html` shows around a page; without groups the reader may not go anywhere yet. `counts` is JSON."""

    groups: list[tuple[str, list[Link]]]
    badge: Badge | None
    counts: str
    clinic: str
    is_bot_off: bool = False
    bot_off_reason: str = ""


def frame(request: HttpRequest) -> dict[str, object]:
    """Context processor: `frame`, worked out only by a page that shows it."""
    return {"frame": SimpleLazyObject(lambda: _frame(request))}


def _frame(request: HttpRequest) -> Frame:
    practice = facts.snapshot().practice
    user = request.user
    if not isinstance(user, User) or access.obstacle(user, request.session):
        return Frame([], None, "", practice.name)
    counts = queue.counts(user) if user.may(Right.READ) else {}
    groups = [(group.title, links) for group in NAVIGATION if (links := _links(group, user, counts))]
    badge = _badge(NAVIGATION[0].entries[0], counts)
    state = (practice.is_bot_off, practice.bot_off_reason)
    return Frame(groups, badge, json.dumps(counts), practice.name, *state)


def _links(group: Group, user: User, counts: dict[str, int]) -> list[Link]:
    return [
        Link(entry.title, entry.name, address, _badge(entry, counts))
        for entry in group.entries
        if may_open(user, address := reverse(f"staff:{entry.name}"))
    ]


def may_open(user: User, address: str) -> bool:
    """Tell whether the page asks for no right or for one that the user has: the right that its view declares."""
    right = getattr(resolve(address).func, "right", None)
    return right is None or user.may(right)


def _badge(entry: Entry, counts: dict[str, int]) -> Badge | None:
    if not entry.counts:
        return None
    is_urgent = "emergency" in entry.counts and counts.get("emergency", 0) > 0
    return Badge(entry.counts, sum(counts.get(name, 0) for name in entry.counts), is_urgent)
