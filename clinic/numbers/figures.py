"""What the conversations of a period came to. A conversation belongs to the day on which it began."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from statistics import median, quantiles
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import TruncDate

from clinic.bookings.models import BookingRequest
from clinic.bookings.states import State
from clinic.casework.models import Verdict
from clinic.conversations.models import CLOSED, Conversation, Understanding
from clinic.handoffs.models import HandOff
from clinic.numbers.period import Period

TOPICS = 10
# Only a greeting: the visitor has not said anything.
GREETING = 1
NOT_ANSWERED = ("out_of_scope", "clarify")


@dataclass(frozen=True)
class Day:
    """The conversations that began on one day."""

    day: date
    in_hours: int
    after_hours: int

    @property
    def all(self) -> int:
        """Return how many there were."""
        return self.in_hours + self.after_hours


@dataclass(frozen=True)
class Waits:
    """How long hand-offs waited until somebody took them, in minutes; None where none was taken."""

    taken: int
    still_waiting: int
    median: float | None
    ninth_tenth: float | None


@dataclass(frozen=True)
class Figures:
    """Everything that the page of numbers shows.

    `answered` counts the conversations that needed no person but maybe for an appointment. `kinds`, `requests` and
    `topics` are pairs of a name and how often, `waits` of a kind of hand-off and its waits. `right` and `judged` count
    the verdicts of staff. `good` and `bad` count what visitors made of their conversations; of those that are `over`,
    because the visitor has ended or staff have closed them, `over_rated` were rated.
    """

    days: list[Day]
    answered: int
    kinds: list[tuple[str, int]]
    waits: list[tuple[str, Waits]]
    requests: list[tuple[str, int]]
    topics: list[tuple[str, int]]
    not_answered: list[tuple[str, int]]
    right: int
    judged: int
    good: int
    bad: int
    over: int
    over_rated: int

    @property
    def all(self) -> int:
        """Return how many conversations there were."""
        return sum(one.all for one in self.days)

    @property
    def after_hours(self) -> int:
        """Return how many visitors wrote while the clinic was closed."""
        return sum(one.after_hours for one in self.days)

    @property
    def booked(self) -> int:
        """Return how many requests for a visit have become an appointment."""
        return dict(self.requests).get(State.BOOKED, 0)


def of(period: Period) -> Figures:
    """Return the figures of a period."""
    talks = Conversation.objects.filter(
        created_at__gte=period.begins, created_at__lt=period.ends, last_seq__gt=GREETING
    )
    matters = HandOff.objects.filter(conversation__in=talks)
    understood = Understanding.objects.filter(message__conversation__in=talks)
    return Figures(
        days=_days(talks, period),
        answered=talks.exclude(pk__in=matters.exclude(kind=HandOff.Kind.BOOKING).values("conversation")).count(),
        kinds=_kinds(matters),
        waits=_waits(matters),
        requests=_requests(period),
        topics=_most(understood.filter(route="answer"), "intent", TOPICS),
        not_answered=_most(understood.filter(route__in=NOT_ANSWERED), "route", len(NOT_ANSWERED)),
        **_verdicts(talks),
        **_ratings(talks),
    )


def _days(talks: QuerySet[Conversation], period: Period) -> list[Day]:
    counted = (
        talks.order_by()
        .annotate(day=TruncDate("created_at", tzinfo=period.zone))
        .values("day")
        .annotate(all=Count("pk"), late=Count("pk", filter=Q(is_after_hours=True)))
    )
    found = {one["day"]: one for one in counted}
    nothing = {"all": 0, "late": 0}
    return [
        Day(day, in_hours=one["all"] - one["late"], after_hours=one["late"])
        for day in period.days
        for one in [found.get(day, nothing)]
    ]


def _most(rows: QuerySet[Understanding], field: str, most: int) -> list[tuple[str, int]]:
    counted = rows.exclude(**{field: None}).order_by().values_list(field).annotate(all=Count("pk"))
    return [(str(name), number) for name, number in counted.order_by("-all", field)[:most]]


def _kinds(matters: QuerySet[HandOff]) -> list[tuple[str, int]]:
    counted = dict(matters.order_by().values_list("kind").annotate(all=Count("conversation", distinct=True)))
    return [(kind, counted.get(kind, 0)) for kind in HandOff.Kind.values]


def _waits(matters: QuerySet[HandOff]) -> list[tuple[str, Waits]]:
    rows: dict[str, list[float]] = {kind: [] for kind in HandOff.Kind.values}
    taken = matters.filter(claimed_at__isnull=False).annotate(waited=F("claimed_at") - F("created_at"))
    for kind, waited in taken.values_list("kind", "waited"):
        rows[kind].append(waited.total_seconds() / 60)
    waiting = Counter(matters.filter(state=HandOff.State.OPEN).values_list("kind", flat=True))
    return [(kind, _wait(rows[kind], waiting[kind])) for kind in HandOff.Kind.values]


def _wait(minutes: list[float], still_waiting: int) -> Waits:
    ninth = quantiles(minutes, n=10, method="inclusive")[-1] if len(minutes) > 1 else None
    return Waits(len(minutes), still_waiting, median(minutes) if minutes else None, ninth)


def _requests(period: Period) -> list[tuple[str, int]]:
    made = BookingRequest.objects.filter(created_at__gte=period.begins, created_at__lt=period.ends)
    counted = dict(made.order_by().values_list("state").annotate(all=Count("pk")))
    return [(state, counted.get(state, 0)) for state in State.values]


def _verdicts(talks: QuerySet[Conversation]) -> dict[str, Any]:
    given = Verdict.objects.filter(message__conversation__in=talks)
    counted = Counter(given.values_list("value", flat=True))
    return {"right": counted["right"], "judged": counted["right"] + counted["wrong"]}


def _ratings(talks: QuerySet[Conversation]) -> dict[str, int]:
    is_over, is_rated = Q(ended_at__isnull=False) | Q(owner=CLOSED), ~Q(rating="")
    return talks.aggregate(
        good=Count("pk", filter=Q(rating=Conversation.Rating.GOOD)),
        bad=Count("pk", filter=Q(rating=Conversation.Rating.BAD)),
        over=Count("pk", filter=is_over),
        over_rated=Count("pk", filter=is_over & is_rated),
    )
