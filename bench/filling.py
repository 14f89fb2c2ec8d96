"""A large book for measurements: seeded, so that it is the same each time, and written past the program's own doors."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Model

from clinic.accounts.models import User
from clinic.bookings.models import BookingRequest
from clinic.casework.models import ConversationTag, Tag
from clinic.contacts.models import Contact
from clinic.conversations.models import BOT, CLOSED, STAFF_PREFIX, WAITING, Conversation, Message, Understanding
from clinic.handoffs.desk import URGENCY
from clinic.handoffs.models import HandOff, HandOffMessage
from clinic.queue import schema

SEED = 20261121
DAYS = 400
# What is looked for: a word in three messages of ten, a phrase in one of fifty, and a word that hardly anybody writes.
COMMON, PHRASE, RARE = "treatment", "weeks after the second visit", "zygomaticus"
RARE_EVERY = 150_000
# One topic is asked about more than all others together.
TOPIC_SHARE = 0.6
OWNERS = {CLOSED: 0.55, BOT: 0.39, WAITING: 0.05, STAFF_PREFIX: 0.01}
KINDS = {"emergency": 0.02, "staff_medical": 0.25, "failed_turn": 0.08, "staff_other": 0.4, "booking": 0.25}
TAGS = ("price", "first visit", "call back", "regular", "complaint", "follow up", "press", "voucher", "vip", "spam")
TEXTS = 20_000
AT_ONCE = 5_000
SYLLABLES = [
    "ba",
    "be",
    "bi",
    "bo",
    "da",
    "de",
    "di",
    "do",
    "fa",
    "fe",
    "fi",
    "ka",
    "ke",
    "ki",
    "ko",
    "la",
    "le",
    "li",
    "lo",
    "ma",
    "me",
    "mi",
    "mo",
    "na",
    "ne",
    "ni",
    "no",
    "ra",
    "re",
    "ri",
    "ro",
    "sa",
    "se",
    "si",
    "so",
    "ta",
]


@dataclass(frozen=True)
class Filled:
    """How much the book holds."""

    conversations: int
    messages: int


class Table:
    """Writes rows of a model in bulk; columns that nobody gives have the model's default."""

    def __init__(self, model: type[Model]) -> None:
        """Prepare a row of defaults."""
        fields = model._meta.concrete_fields
        self.name, self.columns = model._meta.db_table, [field.column for field in fields]
        self._place = {field.attname: number for number, field in enumerate(fields)}
        self._default = [
            field.get_db_prep_save(field.get_default(), connection) if not field.primary_key else None
            for field in fields
        ]

    def row(self, **values: Any) -> list[Any]:
        """Return a row with these values, which the database already understands."""
        row = self._default.copy()
        for name, value in values.items():
            row[self._place[name]] = value
        return row

    def write(self, rows: Iterable[list[Any]]) -> None:
        """Write rows."""
        columns = ", ".join(f'"{column}"' for column in self.columns)
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                with cursor.copy(f"COPY {self.name} ({columns}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
                return
            places = ", ".join("?" * len(self.columns))
            cursor.connection.executemany(
                f"INSERT INTO {self.name} ({columns}) VALUES ({places})",  # noqa: S608 - names of ours
                rows,
            )


def _uuid(value: UUID) -> Any:
    return value if connection.vendor == "postgresql" else value.hex


def _moment(value: datetime) -> Any:
    return value if connection.vendor == "postgresql" else str(value.replace(tzinfo=None))


def _texts(chance: random.Random) -> list[str]:
    """Return texts of words as unevenly common as those of a language."""
    words = ["".join(chance.choices(SYLLABLES, k=chance.randint(1, 4))) for _ in range(4_000)]
    weights = list(accumulate(1 / (number + 5) for number in range(len(words))))
    texts = []
    for _ in range(TEXTS):
        text = chance.choices(words, cum_weights=weights, k=chance.randint(4, 40))
        if chance.random() < 0.3:
            text.insert(chance.randrange(len(text)), COMMON)
        if chance.random() < 0.02:
            text.insert(chance.randrange(len(text)), PHRASE)
        texts.append(" ".join(text).capitalize() + chance.choice(".?!"))
    return texts


def fill(conversations: int, messages: int, people: list[User], intents: list[str]) -> Filled:
    """Fill an empty book; the indexes of words are made afterwards, which is much faster."""
    with connection.schema_editor() as editor:
        schema.drop(None, editor)
    with transaction.atomic():
        written = _write(conversations, messages, people, intents)
    with connection.schema_editor() as editor:
        schema.create(None, editor)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for model in (Message, HandOff, HandOffMessage, BookingRequest, ConversationTag):
                table = model._meta.db_table
                cursor.execute(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}) + 1)"  # noqa: S608
                )
            # What the server does by itself when it is left alone for a minute.
            cursor.execute("VACUUM ANALYZE")
    return written


def _lengths(conversations: int, messages: int, chance: random.Random) -> list[int]:
    """Return how many questions each conversation has; most have few, some have many."""
    usual = messages / conversations / 2
    lengths = [1 + int(chance.expovariate(1 / max(usual - 0.5, 0.01))) for _ in range(conversations)]
    left = messages // 2 - sum(lengths)
    for number in (chance.randrange(conversations) for _ in range(max(left, 0))):
        lengths[number] += 1
    return lengths


MODELS: tuple[type[Model], ...] = (
    Conversation,
    Message,
    Understanding,
    HandOff,
    HandOffMessage,
    Contact,
    BookingRequest,
    ConversationTag,
)


class _Writer:
    """Makes up conversations one after another and writes them some thousand at a time."""

    def __init__(self, chance: random.Random, people: list[User], intents: list[str]) -> None:
        """Prepare what conversations are made of."""
        self._chance, self._people, self._intents = chance, people, intents
        self._texts = _texts(chance)
        others = [1 / (number + 2) ** 1.5 for number in range(len(intents) - 1)]
        rest = (1 - TOPIC_SHARE) / (sum(others) or 1)
        self._topics = list(accumulate([TOPIC_SHARE, *(share * rest for share in others)]))
        self._tags = [Tag.objects.create(name=name, key=Tag.key_of(name)) for name in TAGS]
        self._tables = {model: Table(model) for model in MODELS}
        self._rows: dict[type[Model], list[list[Any]]] = {model: [] for model in MODELS}
        self.messages = self._matters = self._bookings = self._tagged = 0

    def _add(self, model: type[Model], **values: Any) -> None:
        self._rows[model].append(self._tables[model].row(**values))

    def write(self) -> None:
        """Write what has been made up since the last time, parents first."""
        for model, rows in self._rows.items():
            self._tables[model].write(rows)
            rows.clear()

    def conversation(self, questions: int, begins: datetime) -> None:
        """Make up a conversation with so many questions and answers."""
        chance = self._chance
        pk = _uuid(UUID(int=chance.getrandbits(128), version=4))
        owner = chance.choices(list(OWNERS), list(OWNERS.values()))[0]
        if owner == STAFF_PREFIX:
            owner += str(chance.choice(self._people).pk)
        last, at = begins + timedelta(seconds=40 * questions), _moment(begins)
        needs_staff = owner not in (BOT, CLOSED)
        kind = chance.choices(list(KINDS), list(KINDS.values()))[0] if needs_staff or chance.random() < 0.1 else ""
        waits = needs_staff and (owner == WAITING or chance.random() < 0.5)
        self._add(
            Conversation,
            id=pk,
            created_at=at,
            last_message_at=_moment(last),
            owner=owner,
            last_seq=2 * questions,
            last_topic=self._intents[0],
            closed_at=_moment(last) if owner == CLOSED else None,
            waiting_since=_moment(last) if waits else None,
            urgency=URGENCY[HandOff.Kind(kind)] if needs_staff else None,
            opened_at=_moment(last + timedelta(minutes=5)) if kind and chance.random() < 0.5 else None,
            is_after_hours=chance.random() < 0.4,
            lowest_confidence=round(chance.betavariate(5, 1.5), 3),
            assignee_id=chance.choice(self._people).pk if chance.random() < 0.03 else None,
        )
        first = self.messages + 1
        for number in range(questions):
            self._question(pk, number, begins + timedelta(seconds=40 * number))
        if kind:
            self._matter(pk, kind, first, last, is_open=needs_staff)
        if chance.random() < 0.08:
            self._add(
                Contact,
                conversation_id=pk,
                name="Robin Example",
                phone="+15550100",
                consent_text_id="utter_contact",
                consent_at=at,
                updated_at=at,
            )
        if chance.random() < 0.08:
            self._tagged += 1
            tag = chance.choice(self._tags).pk
            self._add(ConversationTag, id=self._tagged, conversation_id=pk, tag_id=tag, at=at)

    def _question(self, conversation: Any, number: int, asked: datetime) -> None:
        chance, at = self._chance, _moment(asked)
        question, answer = self.messages + 1, self.messages + 2
        self.messages += 2
        text = chance.choice(self._texts)
        if question % RARE_EVERY == 1:
            text += f" {RARE}"
        common = {"conversation_id": conversation, "created_at": at}
        self._add(Message, id=question, seq=2 * number + 1, sender="visitor", text=text, turn="answered", **common)
        self._add(
            Message,
            id=answer,
            seq=2 * number + 2,
            sender="bot",
            text=chance.choice(self._texts),
            response="utter_answer",
            in_reply_to=2 * number + 1,
            **common,
        )
        self._add(
            Understanding,
            message_id=question,
            route=chance.choices(("answer", "clarify", "out_of_scope", "smalltalk"), (80, 8, 5, 7))[0],
            intent=chance.choices(self._intents, cum_weights=self._topics)[0],
            confidence=round(chance.betavariate(8, 1.5), 3),
            milliseconds=20.0,
        )

    def _matter(self, conversation: Any, kind: str, message: int, at: datetime, *, is_open: bool) -> None:
        self._matters += 1
        created = _moment(at)
        self._add(
            HandOff,
            id=self._matters,
            conversation_id=conversation,
            kind=kind,
            urgent=kind == HandOff.Kind.EMERGENCY,
            state=HandOff.State.OPEN if is_open else HandOff.State.RESOLVED,
            created_at=created,
            resolved_at=None if is_open else created,
        )
        self._add(HandOffMessage, id=self._matters, handoff_id=self._matters, message_id=message)
        if kind == HandOff.Kind.BOOKING:
            self._bookings += 1
            self._add(
                BookingRequest,
                id=self._bookings,
                reference=f"{self._bookings:06d}",
                uid=_uuid(UUID(int=self._bookings)),
                conversation_id=conversation,
                message_id=message,
                state="submitted" if is_open else "booked",
                name="Robin Example",
                phone="+15550100",
                preferred="Tuesday morning",
                created_at=created,
                touched_at=created,
                confirm_by=_moment(at + timedelta(hours=4)),
            )


def _write(conversations: int, messages: int, people: list[User], intents: list[str]) -> Filled:
    chance = random.Random(SEED)  # noqa: S311 - no secret
    writer = _Writer(chance, people, intents)
    begin = datetime.now(UTC).replace(microsecond=0) - timedelta(days=DAYS)
    every = timedelta(days=DAYS) / conversations
    for number, questions in enumerate(_lengths(conversations, messages, chance)):
        writer.conversation(questions, begin + number * every)
        if number % AT_ONCE == AT_ONCE - 1:
            writer.write()
    writer.write()
    return Filled(conversations, writer.messages)
