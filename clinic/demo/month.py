"""The month itself: who comes when, what they say to the real bot, and what the clinic's people do about it."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml

from clinic.accounts.models import User
from clinic.accounts.roles import Role
from clinic.audit.log import Actor
from clinic.bookings import desk as bookings
from clinic.bookings.models import BookingRequest
from clinic.casework import desk as casework
from clinic.casework.models import NONE_OF_THEM
from clinic.contacts.models import Contact
from clinic.conversations import book, ending, takeover, turn
from clinic.conversations.models import Conversation, Message
from clinic.demo.clock import Clock, told_by
from clinic.handoffs.models import HandOff
from clinic.outbox.models import Delivery
from clinic.practice import facts
from clinic.practice.hours import Hours, moment
from clinic.threads import writing
from clinic.visitors import consent

VISITORS = Path(__file__).with_name("visitors.yml")
DAYS = 30
# So many visitors come on a usual day.
A_DAY = 8
AFTER_HOURS = 0.4
# So many end their chat, so many of those rate it, and so many of those liked it.
ENDED, RATED, LIKED = 0.6, 0.4, 0.85
# The hours at which people write, and how often another one is tried.
AWAKE = (0, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 20, 21, 21, 22, 22, 23)
TRIES = 20
# What came in within this time is what the morning finds.
LAST_NIGHT = timedelta(hours=14)
STAFF = (
    ("ann.keller", "Ann", "Keller", Role.FRONT_DESK),
    ("ben.ortiz", "Ben", "Ortiz", Role.MANAGER),
    ("maya.lind", "Maya", "Lind", Role.CLINICIAN),
)
UNDELIVERED = 2


@dataclass(frozen=True)
class Person:
    """Somebody who never was."""

    name: str
    phone: str
    email: str

    def said(self, step: str) -> str:
        """Return a step with this person's details in it."""
        return step.replace("{name}", self.name).replace("{phone}", self.phone).replace("{email}", self.email)


@dataclass(frozen=True)
class Visit:
    """When somebody writes, and what they do."""

    at: datetime
    person: Person
    steps: Sequence[str | Mapping[str, Any]]
    # What has become of it by the morning: "held", "seen" or "".
    since: str = ""


@dataclass
class Month:
    """Everything that the demo needs to play a month that ends `until`, always the same for the same seed.

    `missed` are the steps that could not be done, because the bot offered no such button.
    """

    until: datetime
    seed: int = 1
    scripts: dict[str, Any] = field(default_factory=lambda: yaml.safe_load(VISITORS.read_text(encoding="utf-8")))

    def __post_init__(self) -> None:
        """Start the dice, and others for how visitors leave, which change nothing of the story."""
        self.dice = random.Random(self.seed)  # noqa: S311 - a story, no secret
        self.leaving = random.Random(self.seed)  # noqa: S311
        self.clock = Clock(self.until)
        self.missed: list[str] = []

    def play(self, days: int = DAYS, a_day: int = A_DAY) -> int:
        """Fill the book; return how many conversations there are. Needs a brain that answers."""
        staff = _staff()
        visits = self.visits(days, a_day)
        with told_by(self.clock):
            for visit in visits:
                # One transaction each: the worker never sees an alert of the demo that still waits.
                with writing():
                    self._play(visit, staff)
        return len(visits)

    def visits(self, days: int, a_day: int) -> list[Visit]:
        """Return who comes in the days before `until`, the earliest first."""
        hours = facts.snapshot().hours
        today = self.until.astimezone(hours.zone).date()
        found = []
        for number in range(days):
            day = today - timedelta(days=number)
            weekend = 0.5 if day.weekday() >= 5 else 1
            found += [self._visit(day, hours) for _ in range(max(1, round(self.dice.gauss(a_day, 2) * weekend)))]
        found += self._last_night()
        return sorted((one for one in found if one.at < self.until - timedelta(minutes=3)), key=lambda one: one.at)

    def _last_night(self) -> list[Visit]:
        """Return those who come in any case in the last night."""
        scripts = [one for one in self.scripts["visitors"] if "last_night" in one]
        return [
            Visit(
                self.until - LAST_NIGHT * self.dice.uniform(0.1, 0.95),
                self._person(),
                one["steps"],
                since="" if one["last_night"] is True else one["last_night"],
            )
            for one in scripts
        ]

    def _visit(self, day: date, hours: Hours) -> Visit:
        script = self.dice.choices(
            self.scripts["visitors"], weights=[one["often"] for one in self.scripts["visitors"]]
        )[0]
        at = self._moment(day, hours, is_open=self.dice.random() > AFTER_HOURS)
        return Visit(at, self._person(), script["steps"])

    def _moment(self, day: date, hours: Hours, *, is_open: bool) -> datetime:
        """Return a moment of the day at which the clinic is open, or is not, if it can be."""
        for _ in range(TRIES):
            clock = time(self.dice.choice(AWAKE), self.dice.randint(0, 59), self.dice.randint(0, 59))
            at = moment(day, clock, hours.zone)
            if hours.is_open(at) == is_open:
                break
        return at

    def _person(self) -> Person:
        name = self.dice.choice(self.scripts["names"])
        letters = "".join(letter for letter in name.lower() if letter.isascii() and letter.isalpha())
        number = self.dice.randint(0, 99)
        # 555-01xx belongs to nobody, and neither does example.com.
        return Person(name, f"202 555 01{number:02}", f"{letters}{number}@example.com")

    def _play(self, visit: Visit, staff: Sequence[User]) -> None:
        self.clock.at = visit.at
        conversation, _ = book.begin(consent.agreed(consent.wording()))
        for step in visit.steps:
            if isinstance(step, Mapping) and "pause" in step:
                self.clock.pass_(minutes=step["pause"])
            elif not self._say(conversation, step, visit.person):
                # The talk has gone another way than the script thought.
                self.missed.append(f"{visit.steps[0]}: {step}")
                break
            self.clock.pass_(seconds=self.dice.randint(8, 70))
        if visit.at < self.until - LAST_NIGHT:
            self._settle(conversation, visit.person, staff)
            self._leave(conversation)
        elif visit.since == "held":
            takeover.take_over(conversation.pk, staff[0])
            takeover.reply(conversation.pk, staff[0], self._words("staff_medical", visit.person.name), uuid4())
        elif visit.since == "seen":
            Conversation.objects.filter(pk=conversation.pk).update(opened_at=self.clock.at + timedelta(minutes=5))
        self._judge(conversation, staff)
        self._deliver(conversation)

    def _say(self, conversation: Conversation, step: str | Mapping[str, Any], person: Person) -> bool:
        """Type or press something and have it answered; return whether there was such a button."""
        text, choice = (None, self._button(conversation, step["press"])) if isinstance(step, Mapping) else (step, None)
        if text is None and choice is None:
            return False
        stored = book.store_visitor_message(conversation.pk, uuid4(), text and person.said(text), choice)
        self.clock.pass_(seconds=1)
        if stored.claim:
            turn.run_claimed_turns(stored.claim)
        return True

    @staticmethod
    def _button(conversation: Conversation, wanted: str | int) -> tuple[int, int] | None:
        """Return where a button stands among the newest ones, by its title or its place from 1."""
        newest = Message.objects.filter(conversation=conversation).exclude(buttons=[]).order_by("-seq").first()
        titles = [button["title"] for button in newest.buttons] if newest else []
        place = wanted - 1 if isinstance(wanted, int) else titles.index(wanted) if wanted in titles else len(titles)
        return (newest.seq, place) if newest and place < len(titles) else None

    def _settle(self, conversation: Conversation, person: Person, staff: Sequence[User]) -> None:
        """Let staff do their work on what the bot handed over."""
        matter = HandOff.objects.filter(conversation=conversation).order_by("-urgent", "created_at").first()
        if matter is None:
            return
        clinician = next(one for one in staff if one.role == Role.CLINICIAN)
        who = clinician if matter.kind in ("emergency", "staff_medical") else self.dice.choice(staff)
        self._wait_for_staff(matter.urgent)
        request = BookingRequest.objects.filter(conversation=conversation).first()
        takeover.take_over(conversation.pk, who)
        self.clock.pass_(minutes=1)
        is_known = request is not None or Contact.objects.filter(conversation=conversation, declined=False).exists()
        takeover.reply(conversation.pk, who, self._words(matter.kind, person.name if is_known else ""), uuid4())
        self.clock.pass_(minutes=self.dice.randint(2, 9))
        if request is not None and request.is_open:
            self._answer(request, who)
        if self.dice.random() < 0.4:
            casework.add_note(conversation, self.dice.choice(self.scripts["notes"]), uuid4(), who, _by(who))
        if self.dice.random() < 0.4:
            casework.add_tag(conversation, self.dice.choice(self.scripts["tags"]), who, _by(who))
        takeover.give_back(conversation.pk, who)

    def _leave(self, conversation: Conversation) -> None:
        """Let some visitors end the chat, and some of those say what it was like."""
        if self.leaving.random() < ENDED:
            self.clock.pass_(minutes=1)
            ending.end(conversation.pk)
            if self.leaving.random() < RATED:
                is_good = self.leaving.random() < LIKED
                ending.rate(conversation.pk, Conversation.Rating.GOOD if is_good else Conversation.Rating.BAD)

    def _words(self, kind: str, name: str) -> str:
        """Return what staff write first, to somebody whose name is known or not."""
        called = f" {name.split()[0]}" if name else ""
        return str(self.dice.choice(self.scripts["replies"][kind])).replace("{visitor}", called)

    def _wait_for_staff(self, urgent: bool) -> None:
        """Let time pass until somebody comes: minutes while the clinic is open, else the next opening and some."""
        hours = facts.snapshot().hours
        if not hours.is_open(self.clock.at) and not urgent:
            self.clock.at = hours.next_opening(self.clock.at) or self.clock.at
        self.clock.pass_(minutes=2 + self.dice.expovariate(1 / (4 if urgent else 14)))

    def _answer(self, request: BookingRequest, who: User) -> None:
        """Confirm most requests for a visit, and decline some."""
        if self.dice.random() < 0.2:
            bookings.decline(request.reference, request.version, who, "")
            return
        hours = facts.snapshot().hours
        opening = hours.next_opening(self.clock.at + timedelta(days=self.dice.randint(2, 9)))
        start = (opening or self.clock.at + timedelta(days=3)) + timedelta(minutes=30 * self.dice.randint(1, 8))
        bookings.confirm(request.reference, request.version, who, start, 30, "")

    def _judge(self, conversation: Conversation, staff: Sequence[User]) -> None:
        """Let staff say of some messages whether they were understood."""
        heard = Message.objects.filter(conversation=conversation, sender="visitor", understanding__isnull=False)
        for message in heard.filter(choice__isnull=True).select_related("understanding"):
            if self.dice.random() < 0.1:
                who = self.dice.choice(staff)
                is_right = message.understanding.route != "out_of_scope"
                casework.judge(
                    message, "right" if is_right else "wrong", "" if is_right else NONE_OF_THEM, who, _by(who)
                )

    def _deliver(self, conversation: Conversation) -> None:
        """Take the demo's alerts for delivered: nobody outside is told of a visitor who never was."""
        waiting = Delivery.objects.filter(conversation=conversation, state=Delivery.State.WAITING)
        waiting.update(state=Delivery.State.DELIVERED, delivered_at=self.clock.at)


def _by(user: User) -> Actor:
    return Actor(user.pk, user.username)


def lose_some() -> None:
    """Let a few alerts of the last night be undelivered, so that the list of those is not empty."""
    last = Delivery.objects.order_by("-created_at").values_list("pk", flat=True)[:UNDELIVERED]
    Delivery.objects.filter(pk__in=list(last)).update(
        state=Delivery.State.UNDELIVERED, attempts=8, last_error="ConnectionRefusedError"
    )


def _staff() -> list[User]:
    """Return the demo's people, made if they are not there; nobody can log in as one of them."""
    found = []
    for username, first, last, role in STAFF:
        user, created = User.objects.get_or_create(
            username=username, defaults={"first_name": first, "last_name": last, "role": role}
        )
        if created:
            user.set_unusable_password()
            user.save(update_fields=["password"])
        found.append(user)
    return found
