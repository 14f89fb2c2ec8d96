"""How fast the staff pages are over a large book: `python -m bench.console [--database sqlite|postgresql]`.

Every page goes through the real views: middleware, rights, audit log, queries on a fresh connection, and templates.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median, quantiles
from typing import TYPE_CHECKING

from bench.command import exit_code
from bench.figures import Goal
from bench.postgres import cluster
from ops.console import say, step
from ops.errors import Stop

if TYPE_CHECKING:
    from django.test import Client

    from clinic.accounts.models import User

DATABASES = ("sqlite", "postgresql")
LIST = Goal(must=150, aim=75, at_least=False)
COUNTS = Goal(must=150, aim=5, at_least=False)
WARM_UPS = 3
DEEP = 2_000
WIDTH = 58


@dataclass(frozen=True)
class Page:
    """One page that is measured; of the lists and the search the pages count, of the other pages they inform."""

    name: str
    address: str
    goal: Goal | None = LIST


@dataclass(frozen=True)
class Size:
    """How large the book is, and how often each page is asked for."""

    conversations: int
    messages: int
    repeats: int


def main() -> int:
    """Measure on one database or on both and return the exit code: 1 when a figure misses what it must be."""
    parser = argparse.ArgumentParser(prog="python -m bench.console", description=__doc__)
    parser.add_argument("--conversations", type=int, default=100_000)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=40, help="how often each page is asked for")
    parser.add_argument("--database", choices=DATABASES, help="the one database; without it both, one after another")
    chosen = parser.parse_args()

    def measure() -> None:
        if not 10 <= 2 * chosen.conversations <= chosen.messages or chosen.repeats < 2:
            raise Stop("There must be 5 conversations or more, two messages for each, and two repeats.")
        if chosen.database:
            _measure(chosen.database, Size(chosen.conversations, chosen.messages, chosen.repeats))
        else:
            _both(Size(chosen.conversations, chosen.messages, chosen.repeats))

    return exit_code(measure)


def _both(size: Size) -> None:
    """Measure on each database in a process of its own: Django knows one."""
    missed = []
    for database in DATABASES:
        arguments = ["--database", database]
        for name, value in vars(size).items():
            arguments += [f"--{name}", str(value)]
        if os.spawnv(os.P_WAIT, sys.executable, [sys.executable, "-m", "bench.console", *arguments]):  # noqa: S606
            missed.append(database)
    if missed:
        raise Stop(f"Not measured, or too slow: {' and '.join(missed)}.")


def _measure(database: str, size: Size) -> None:
    with tempfile.TemporaryDirectory(prefix="clinic-console-") as folder, _address(database) as address:
        os.environ |= {"VAR_DIR": folder, "DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "clinic.settings"}
        import django

        django.setup()
        if found := _figures(database, size):
            raise Stop(f"Slower than must be: {', '.join(found)}.")


@contextmanager
def _address(database: str) -> Iterator[str]:
    if database == "sqlite":
        yield ""
        return
    with cluster() as address:
        yield address


def _figures(database: str, size: Size) -> list[str]:
    """Fill the book, print a line for each page, and return which are slower than they must be."""
    from django.core.management import call_command
    from django.test.utils import override_settings

    from bench.filling import fill
    from clinic.conversations import responses

    call_command("migrate", verbosity=0)
    people, browser = _people()
    intents = list(responses.renderer().intents)
    with step(f"Filling {database} with {size.conversations:,} conversations"):
        filled = fill(size.conversations, size.messages, people, intents)
    say(f"{filled.conversations:,} conversations, {filled.messages:,} messages. {size.repeats} requests each, in ms:")
    say(f"{'':{WIDTH}} {'p50':>7} {'p95':>7} {'CPU':>7}")
    missed = []
    with override_settings(ALLOWED_HOSTS=["testserver"]):
        for page in _pages(people[0], intents):
            p50, p95, busy = _time(browser, page.address, size.repeats)
            verdict = page.goal.verdict(p95) if page.goal else ""
            say(f"{page.name:{WIDTH}} {p50:7.1f} {p95:7.1f} {busy:7.1f}  {verdict}")
            if verdict == "NOT MET":
                missed.append(page.name)
    return missed


def _people() -> tuple[list[User], Client]:
    """Return some members of staff and the browser of the first, who is logged in."""
    from allauth.mfa.totp.internal.auth import TOTP
    from django.test import Client

    from clinic.accounts.models import User
    from clinic.accounts.roles import Role

    people = [User.objects.create_user(f"member-{number}", role=Role.FRONT_DESK) for number in range(5)]
    TOTP.activate(people[0], "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    browser = Client()
    browser.force_login(people[0])
    return people, browser


def _pages(me: User, intents: list[str]) -> Iterator[Page]:
    """Yield what is measured: every list, its first page and a late one, every kind of search, and the other pages."""
    from django.urls import reverse

    from bench.filling import COMMON, PHRASE, RARE, TAGS
    from clinic.conversations.models import Conversation
    from clinic.handoffs.models import HandOff
    from clinic.queue.filters import State

    for state in State:
        yield from _list(f"list: {state.label}", me, state=state)
    for flag in ("unanswered", "opened", "after_hours", "low_confidence"):
        yield from _list(f"list: {flag}", me, state=State.ANY, **{flag: True})
    for kind in HandOff.Kind:
        yield from _list(f"queue: {kind}", me, kind=kind)
    yield from _list("list: booking, any state", me, state=State.ANY, kind=HandOff.Kind.BOOKING)
    yield from _days(me)
    yield from _list("list: the commonest intent", me, state=State.ANY, intent=intents[0])
    yield from _list("list: a middling intent", me, state=State.ANY, intent=intents[9])
    yield from _list("list: the rarest intent", me, state=State.ANY, intent=intents[-1])
    yield from _list("list: no such intent", me, state=State.ANY, intent="no_such_intent")
    yield from _list("list: route out_of_scope", me, state=State.ANY, route="out_of_scope")
    yield from _list("list: a tag", me, state=State.ANY, tag=TAGS[0])
    yield from _list("list: assigned to me", me, state=State.ANY, assignee="me")
    yield from _list("list: assigned to nobody", me, state=State.ANY, assignee="nobody")
    yield from _list("search: a word in 30 % of the messages", me, state=State.ANY, words=f'"{COMMON}"')
    for name, words in (
        ("a rare word", RARE),
        ("a phrase", f'"{PHRASE}"'),
        ("a long prefix", COMMON[:5]),
        ("a prefix of three letters", COMMON[:3]),
        ("two common words", f'"{COMMON}" "second"'),
        ("no hit", "nowhere"),
    ):
        yield from _list(f"search: {name}", me, is_deep=False, state=State.ANY, words=words)
    yield from _list("search: a common word in what waits", me, is_deep=False, state=State.WAITING, words=f'"{COMMON}"')
    yield from _list(
        "search: a common word with a rare intent", me, is_deep=False, state=State.ANY, words=COMMON, intent=intents[-1]
    )
    yield Page("counts", reverse("staff:counts"), COUNTS)
    longest = Conversation.objects.order_by("-last_seq").first()
    usual = Conversation.objects.order_by("created_at").first()
    assert longest is not None  # noqa: S101 - the book is full
    assert usual is not None  # noqa: S101
    yield Page("a conversation", reverse("staff:conversation", args=[usual.pk]))
    yield Page(
        f"the longest conversation ({longest.last_seq} messages)", reverse("staff:conversation", args=[longest.pk])
    )
    yield Page("morning", reverse("staff:morning"), None)
    yield Page("bookings", reverse("staff:bookings"), None)


def _days(me: User) -> Iterator[Page]:
    from datetime import timedelta

    from django.utils import timezone

    from clinic.queue.filters import State

    today = timezone.now().date()
    long_ago = today - timedelta(days=300)
    yield from _list("list: one day, long ago", me, state=State.ANY, first=long_ago, last=long_ago)
    yield from _list("list: a month, long ago", me, state=State.ANY, first=long_ago, last=long_ago + timedelta(days=30))
    yield from _list("list: until long ago", me, state=State.ANY, last=long_ago)


def _list(name: str, me: User, *, is_deep: bool = True, **chosen: object) -> Iterator[Page]:
    """Yield a list's first page and, unless told otherwise, its 2,000th, or its last where it has fewer."""
    from django.urls import reverse

    from clinic.queue import read
    from clinic.queue.filters import Filters

    filters = Filters(**chosen)  # type: ignore[arg-type]
    address = reverse("staff:queue")
    yield Page(name, f"{address}{filters.address()}")
    if not is_deep:
        return
    length = filters.queryset(me)[: DEEP * read.ON_A_PAGE].count()
    number = min(DEEP, -(-length // read.ON_A_PAGE))
    if number > 1:
        place = (number - 1) * read.ON_A_PAGE - 1
        before = read.ordered(filters, None, me)[place : place + 1][0]
        yield Page(f"{name}, page {number:,}", f"{address}{filters.address(after=str(read.key_of(before, filters)))}")


def _time(browser: Client, address: str, repeats: int) -> tuple[float, float, float]:
    """Return in milliseconds the median and the 95th percentile of a page's time, and the median of its CPU time.

    The CPU time is that of this process, which is all there is on SQLite, and without the server's on PostgreSQL.
    """
    from django.db import connection

    taken, busy = [], []
    for number in range(repeats + WARM_UPS):
        # Each request of the real server has a connection of its own.
        connection.close()
        begun, busy_then = time.perf_counter(), time.process_time()
        response = browser.get(address)
        if number >= WARM_UPS:
            taken.append((time.perf_counter() - begun) * 1000)
            busy.append((time.process_time() - busy_then) * 1000)
        if response.status_code != 200:
            raise Stop(f"{address} answered {response.status_code}.")
    hundredths = quantiles(taken, n=100, method="inclusive")
    return hundredths[49], hundredths[94], median(busy)


if __name__ == "__main__":
    sys.exit(main())
