"""One person's data: found by phone number, e-mail address or booking reference, and everything that is kept of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model, ProtectedError, Q
from django.db.models.deletion import Collector

from clinic.bookings import fields, references
from clinic.bookings.models import BookingRequest
from clinic.contacts.models import Contact
from clinic.conversations.models import Conversation, Message
from clinic.conversations.readings import readings

PHONE, EMAIL, REFERENCE = "phone", "email", "reference"
# The last digits of a number stand together however it is written, nearly always.
LAST_DIGITS = 4
MOST_MENTIONS = 20_000


class NotAKey(ValueError):
    """The text is no phone number, no e-mail address and no reference."""


@dataclass(frozen=True)
class Key:
    """What a person is looked for by: its kind, and the value in its normal form."""

    kind: str
    value: str

    @classmethod
    def read(cls, text: str) -> Key:
        """Read what staff typed; raises `NotAKey`."""
        if reference := references.read(text):
            return cls(REFERENCE, reference)
        try:
            if "@" in text:
                return cls(EMAIL, fields.email(text).casefold())
            return cls(PHONE, fields.phone(text))
        except (fields.BadEmail, fields.BadPhone):
            raise NotAKey from None


@dataclass
class Found:
    """One conversation of a person, and by what it was found."""

    conversation: Conversation
    by: list[str] = field(default_factory=list)


def find(key: Key) -> list[Found]:
    """Return every conversation that belongs to the key, newest first.

    A number or an address also finds conversations in which it was only written, whether it was kept as a contact or
    not.
    """
    by: dict[UUID, list[str]] = {}
    for name, conversations in _places(key).items():
        for pk in conversations:
            if name not in by.setdefault(pk, []):
                by[pk].append(name)
    found = Conversation.objects.filter(pk__in=by).select_related("contact", "hold").prefetch_related("bookings")
    return [Found(one, by[one.pk]) for one in found.order_by("-last_message_at", "-id")]


def _places(key: Key) -> dict[str, Iterable[UUID]]:
    if key.kind == REFERENCE:
        return {"booking request": _of(BookingRequest.objects.filter(reference=key.value))}
    same = Q(**{f"{key.kind}__iexact": key.value})
    typed = BookingRequest.objects.exclude(contact="").filter(contact__icontains=_piece(key))
    return {
        "contact": _of(Contact.objects.filter(same)),
        "booking request": [
            *_of(BookingRequest.objects.filter(same)),
            *(pk for pk, text in typed.values_list("conversation", "contact") if _is_in(key, text)),
        ],
        "a message": _mentions(key),
    }


def _of(found: Any) -> list[UUID]:
    return list(found.values_list("conversation", flat=True))


def _piece(key: Key) -> str:
    """Return what a text must hold to be worth reading."""
    return key.value[-LAST_DIGITS:] if key.kind == PHONE else key.value


def _is_in(key: Key, text: str) -> bool:
    read = readings(text)
    return key.value in read["phones"] or key.value in (address.casefold() for address in read["emails"])


def _mentions(key: Key) -> Iterator[UUID]:
    """Give the conversations in which the visitor or staff wrote the number or the address."""
    texts = Message.objects.filter(text__icontains=_piece(key)).exclude(sender="bot").order_by("-id")
    for conversation, text in texts.values_list("conversation", "text")[:MOST_MENTIONS].iterator():
        if _is_in(key, text):
            yield conversation


def other_keys(found: Iterable[Found], key: Key) -> list[Key]:
    """Return the other numbers and addresses in what was found, under which there may be more of the same person."""
    known: dict[Key, None] = {}
    for one in found:
        contact = getattr(one.conversation, "contact", None)
        for holder in (*([contact] if contact else []), *one.conversation.bookings.all()):
            known |= {Key(PHONE, holder.phone): None} if holder.phone else {}
            known |= {Key(EMAIL, holder.email.casefold()): None} if holder.email else {}
    return [other for other in known if other != key]


# What only the program needs to do its work, and who of the staff did something.
LEFT_OUT = {"lease_token", "lease_until", "lease", "epoch", "attempts", "client_id", "due_at", "version", "uid"}


class _Everything(Collector):
    """Gathers each row that would go with a conversation, which is each row that tells of it."""

    def can_fast_delete(self, *args: Any, **kwargs: Any) -> bool:
        """Look at every row."""
        return False

    def collect(self, *args: Any, **kwargs: Any) -> None:
        """Gather what is held, too."""
        try:
            super().collect(*args, **kwargs)
        except ProtectedError as error:
            for row in error.protected_objects:
                cast("set[Model]", self.data[type(row)]).add(row)


def exported(conversation: Conversation) -> dict[str, list[dict[str, Any]]]:
    """Return everything that is kept about a conversation as plain JSON, by the name of its kind.

    Whatever part of the program keeps something: what an erasure removes is what an export holds.
    """
    everything = _Everything(using=DEFAULT_DB_ALIAS, origin=conversation)
    everything.collect([conversation])
    kinds = sorted(everything.data.items(), key=lambda item: item[0]._meta.label)
    rows = {model._meta.label: sorted(instances, key=_order) for model, instances in kinds}
    kept = {model for model, instances in kinds if instances}
    return {label: [_plain_row(row, kept) for row in found] for label, found in rows.items() if found}


def _order(row: Model) -> Any:
    return (getattr(row, "seq", 0), str(row.pk).zfill(20))


def _plain_row(row: Model, kept: set[type[Model]]) -> dict[str, Any]:
    """Return a row's fields; what it refers to outside of `kept`, such as a tag, as text."""
    shown = (one for one in row._meta.concrete_fields if one.name not in LEFT_OUT and not _is_staff(one))
    return {
        one.name: str(getattr(row, one.name))
        if one.is_relation and one.related_model not in kept
        else _plain(one.value_from_object(row))
        for one in shown
    }


def _is_staff(one: Any) -> bool:
    return one.is_relation and one.related_model._meta.label == "accounts.User"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value
