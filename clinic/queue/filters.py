"""The filters of the lists, as the address keeps them: read, written and applied here and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db import connection, models
from django.db.models import F, Q, QuerySet
from django.http import QueryDict

from clinic.accounts.models import User
from clinic.casework.models import ConversationTag, Tag
from clinic.conversations.models import BOT, STAFF_PREFIX, WAITING, Conversation
from clinic.handoffs.models import HandOff
from clinic.practice import facts
from clinic.practice.hours import moment
from clinic.queue import conditions, search
from clinic.queue.schema import MESSAGE, UNDERSTANDING
from clinic.queue.search import Terms

# Below this the brain was unsure of what it had understood.
LOW_CONFIDENCE = 0.5
NAME = re.compile(r"[A-Za-z0-9_/]{1,100}")
ME, NOBODY = "me", "nobody"
LARGEST_NUMBER = 2**31 - 1


class State(models.TextChoices):
    """Which conversations a list is about, with what staff call it."""

    NEEDED = "needed", "Needs staff"
    WAITING = "waiting", "Waiting"
    MINE = "mine", "With me"
    STAFF = "staff", "With staff"
    BOT = "bot", "With the assistant"
    CLOSED = "closed", "Closed"
    ANY = "any", "All conversations"


class Reader:
    """Reads the values of an address one by one, and remembers the filters whose value means nothing."""

    def __init__(self, query: QueryDict) -> None:
        """Begin with the address."""
        self._query = query
        self.ignored: list[str] = []

    def text(self, name: str) -> str:
        """Return a value without the space around it, "" when there is none."""
        return str(self._query.get(name, "")).replace("\x00", "").strip()

    def one_of(self, name: str, choices: type[models.TextChoices]) -> str:
        """Return a value that is one of the choices."""
        return self._checked(name, self.text(name) in choices.values)

    def name(self, name: str) -> str:
        """Return a name of the program's, such as an intent's."""
        return self._checked(name, NAME.fullmatch(self.text(name)) is not None)

    def flag(self, name: str) -> bool:
        """Return whether a filter is on."""
        return self._checked(name, self.text(name) == "1") == "1"

    def day(self, name: str) -> date | None:
        """Return a date of every zone's calendar."""
        try:
            found = date.fromisoformat(self.text(name)) if self.text(name) else None
        except ValueError:
            found = None
        is_good = found is not None and 1970 <= found.year < 9999
        return found if self._checked(name, is_good) else None

    def person(self, name: str) -> str:
        """Return `me`, `nobody`, or the number of a person."""
        text = self.text(name)
        is_number = text.isascii() and text.isdigit() and len(text) < 11 and int(text) <= LARGEST_NUMBER
        return self._checked(name, text in (ME, NOBODY) or is_number)

    def tag(self, name: str) -> str:
        """Return a tag as it is compared."""
        key = Tag.key_of(self.text(name))
        return key if self._checked(name, 0 < len(key) <= 100) else ""

    def _checked(self, name: str, is_good: bool) -> str:
        text = self.text(name)
        if text and not is_good:
            self.ignored.append(name)
        return text if is_good else ""


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed down to.

    `first` and `last` are dates in the clinic's zone on which a conversation began. A hand-off of a `kind` must be
    unresolved where the list is about what needs staff, else it may be resolved. `intent` and `route` are what one of
    its messages was understood as. `tag` is a tag as it is compared; `assignee` a person's number, `me` or `nobody`;
    `rating` what the visitor made of it.
    `ignored` are the names of filters in the address whose value means nothing.
    """

    state: str = State.NEEDED
    unanswered: bool = False
    opened: bool = False
    after_hours: bool = False
    low_confidence: bool = False
    kind: str = ""
    first: date | None = None
    last: date | None = None
    intent: str = ""
    route: str = ""
    tag: str = ""
    assignee: str = ""
    rating: str = ""
    words: str = ""
    ignored: tuple[str, ...] = ()

    @classmethod
    def read(cls, query: QueryDict) -> Filters:
        """Read the filters of an address; what means nothing is left out and named in `ignored`."""
        reader = Reader(query)
        typed = reader.text("q")[: search.LONGEST]
        # Who looks for a word without saying where, looks everywhere.
        usual = State.ANY if typed else State.NEEDED
        return cls(
            state=reader.one_of("state", State) or usual,
            unanswered=reader.flag("unanswered"),
            opened=reader.flag("opened"),
            after_hours=reader.flag("after_hours"),
            low_confidence=reader.flag("low_confidence"),
            kind=reader.one_of("kind", HandOff.Kind),
            first=reader.day("from"),
            last=reader.day("to"),
            intent=reader.name("intent"),
            route=reader.name("route"),
            tag=reader.tag("tag"),
            assignee=reader.person("assignee"),
            rating=reader.one_of("rating", Conversation.Rating),
            words=typed,
            ignored=tuple(reader.ignored),
        )

    def values(self) -> dict[str, str]:
        """Return the filters as the address has them, without those that narrow nothing down."""
        usual = State.ANY if self.words else State.NEEDED
        named = {
            "state": "" if self.state == usual else str(self.state),
            **{name: "1" if getattr(self, name) else "" for name in FLAGS},
            "kind": self.kind,
            "from": self.first.isoformat() if self.first else "",
            "to": self.last.isoformat() if self.last else "",
            "intent": self.intent,
            "route": self.route,
            "tag": self.tag,
            "assignee": self.assignee,
            "rating": self.rating,
            "q": self.words,
        }
        return {name: value for name, value in named.items() if value}

    def address(self, **more: str) -> str:
        """Return the query string of these filters, and of more values, with its "?"; "" when there is none."""
        query = urlencode(self.values() | more)
        return f"?{query}" if query else ""

    def without(self, name: str) -> Filters:
        """Return the filters without the one that the address calls so."""
        field = FIELDS.get(name, name)
        usual: dict[str, Any] = {one.name: one.default for one in fields(self)}
        state = State.NEEDED if field == "words" and self.state == State.ANY else self.state
        changes: dict[str, Any] = {"state": state, field: usual[field]}
        return replace(self, **changes)

    @property
    def is_queue(self) -> bool:
        """Tell whether the list is about what needs staff, most pressing first."""
        return self.state == State.NEEDED

    @property
    def terms(self) -> Terms | None:
        """Return what is searched for."""
        return Terms.read(self.words)

    @property
    def is_narrow(self) -> bool:
        """Tell whether anything but the state is asked for."""
        return bool(self.values().keys() - {"state"})

    def queryset(self, me: User | None = None) -> QuerySet[Conversation]:
        """Return the conversations in no order; "mine" and `me` are this person's."""
        found = Conversation.objects.filter(*self._states(me), *self._marks(), *self._people(me))
        if self.first:
            begins = _midnight(self.first)
            # Whatever began later was written in later, which an index knows.
            found = found.filter(created_at__gte=begins, last_message_at__gte=begins)
        if self.last:
            found = found.filter(created_at__lt=_midnight(self.last + timedelta(days=1)))
        for column, value in (("intent", self.intent), ("route", self.route)):
            if value:
                found = found.filter(_understood(column, value))
        if self.words:
            terms = self.terms
            found = found.filter(search.said(terms)) if terms else found.none()
        return found

    def _states(self, me: User | None) -> list[Q | conditions.Condition]:
        mine = f"{STAFF_PREFIX}{me.pk}" if me else ""
        states: dict[State, list[Q | conditions.Condition]] = {
            State.NEEDED: [conditions.needed()],
            State.WAITING: [conditions.held(), Q(owner=WAITING)],
            State.MINE: [conditions.held(), Q(owner=mine)],
            State.STAFF: [conditions.held(), Q(owner__startswith=STAFF_PREFIX)],
            State.BOT: [Q(owner=BOT)],
            State.CLOSED: [conditions.closed()],
            State.ANY: [],
        }
        return states[State(self.state)]

    def _marks(self) -> list[Q | conditions.Condition]:
        found: list[Q | conditions.Condition] = []
        if self.unanswered or self.opened:
            found.append(conditions.awaited())
        if self.opened:
            found.append(Q(opened_at__gte=F("waiting_since")))
        if self.after_hours:
            found.append(Q(is_after_hours=True))
        if self.low_confidence:
            found.append(Q(lowest_confidence__lt=LOW_CONFIDENCE))
        if self.rating:
            found.append(Q(rating=self.rating))
        if self.kind:
            matters = HandOff.objects.filter(kind=self.kind)
            if self.is_queue:
                matters = matters.exclude(state=HandOff.State.RESOLVED)
            found.append(Q(pk__in=matters.order_by().values("conversation")))
        return found

    def _people(self, me: User | None) -> list[Q | conditions.Condition]:
        found: list[Q | conditions.Condition] = []
        if self.tag:
            found.append(Q(pk__in=ConversationTag.objects.filter(tag__key=self.tag).values("conversation")))
        if self.assignee == NOBODY:
            found.append(conditions.unassigned())
        elif self.assignee:
            number = (me.pk if me else 0) if self.assignee == ME else int(self.assignee)
            found.append(Q(assignee=number))
        return found


FLAGS = ("unanswered", "opened", "after_hours", "low_confidence")
# Where the address calls a field otherwise.
FIELDS: Mapping[str, str] = {"from": "first", "to": "last", "q": "words"}


def _midnight(day: date) -> datetime:
    return moment(day, time.min, facts.snapshot().hours.zone)


def _understood(column: str, value: str) -> conditions.Condition:
    """Tell whether a message of a conversation was understood as something; `column` is one of ours."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT COUNT(*) FROM (SELECT 1 FROM {UNDERSTANDING} WHERE {column} = %s"  # noqa: S608
            f" LIMIT {conditions.MANY + 1}) AS found",
            [value],
        )
        is_common = cursor.fetchone()[0] > conditions.MANY
    if is_common:
        # No join, or SQLite might begin with all messages that were understood so.
        own = f"(SELECT u.{column} FROM {UNDERSTANDING} u WHERE u.message_id = m.id)"  # noqa: S608
        return conditions.has_message(f"{MESSAGE} m", f"{own} = {{1}}", value, is_common=True)
    joined = f"{MESSAGE} m JOIN {UNDERSTANDING} u ON u.message_id = m.id"
    return conditions.has_message(joined, f"u.{column} = {{1}}", value, is_common=False)
