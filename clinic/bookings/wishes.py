"""What visitors want, as effects of a turn: submit, change, withdraw, ask for the status.

Each handler runs inside the turn's transaction with the conversation locked, says by itself what came of it, and takes
whatever shape the effect has: what cannot be used is left out, so that no turn fails on a field.

    {"type": "booking_submit", "run": "<id of this run of the form>", "update": false,
     "name": …, "phone": …, "email": …, "visitor": "new|returning", "wish": "treatment|consultation",
     "reach": "phone|text|email|chat", "preferred": "<as read back>",
     "windows": [{"start": <ISO>, "end": <ISO>, "label": …}], "consent": "<id of the response agreed to>"}
    {"type": "booking_change", "preferred": …, "windows": …, "reference": …, "proof": …}
    {"type": "booking_withdraw", "reference": …, "proof": …}
    {"type": "booking_status", "reference": …, "proof": …}

Without a reference the conversation's own latest request is meant; with one, `proof` is the last four digits of its
phone number or its e-mail address.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from clinic.bookings import adapters, desk, fields, lookup, references
from clinic.bookings.adapters import Event
from clinic.bookings.models import BookingRequest, BookingRun
from clinic.bookings.said import answer
from clinic.bookings.states import OPEN, State, may_follow
from clinic.bookings.times import confirm_by
from clinic.conversations import responses
from clinic.conversations.models import Conversation, Message
from clinic.practice import facts

Effect = Mapping[str, Any]
ID_LENGTH = 100
# Of a consent are kept so much of the response's id and of its wording's hash.
CONSENT_LENGTH, HASH_LENGTH = 27, 12


def submit(conversation: Conversation, message: Message, effect: Effect) -> None:
    """Write a request, or with `update` bring the still open one up to date; one for each run of the form.

    The same effect again does nothing; another yes to the same run only hears once more what was received.
    """
    now = timezone.now()
    run = fields.line(effect.get("run"), ID_LENGTH) or str(message.client_id)
    known = BookingRun.objects.filter(conversation=conversation, run=run).select_related("request").first()
    if known is not None:
        if known.message_id != message.pk:
            answer(conversation, message, _received(known.request), now, known.request)
        return
    request = _latest(conversation, OPEN) if effect.get("update") is True else None
    if request is not None:
        request = _held(request)
    # Whoever has the reference may have withdrawn it this moment in another conversation.
    if request is None or not request.is_open:
        request = desk.create(conversation, message, now, _wanted(effect, message, now))
        event, response = Event.SUBMITTED, _received(request)
    else:
        desk.update(request, desk.VISITOR, now, "", asks_other_time=True, **_wanted(effect, message, now))
        event, response = Event.CHANGED, "utter_booking_updated"
    BookingRun.objects.create(conversation=conversation, run=run, message=message, request=request)
    answer(conversation, message, response, now, request)
    adapters.chosen().tell(request, event, message, now)


def change(conversation: Conversation, message: Message, effect: Effect) -> None:
    """Note other preferred times: on an open request as its own, on a confirmed appointment as a wish for staff."""
    now = timezone.now()
    request = _meant(conversation, message, effect, now, (*OPEN, State.BOOKED))
    if request is None:
        return
    wanted: dict[str, Any] = {"asks_other_time": True, "confirm_by": _promise(now)}
    if preferred := fields.line(effect.get("preferred"), fields.TEXT_LENGTH):
        wanted |= {"preferred": preferred, "windows": fields.windows(effect.get("windows"))}
    if all(getattr(request, name) == value for name, value in wanted.items() if name != "confirm_by"):
        wanted = {}  # Said before: nothing new for staff.
    if wanted:
        desk.update(request, desk.VISITOR, now, "Asks for another time.", **wanted)
    response = "utter_booking_change_asked" if request.state == State.BOOKED else "utter_booking_change_noted"
    answer(conversation, message, response, now, request)
    if wanted:
        adapters.chosen().tell(request, Event.CHANGED, message, now)


def withdraw(conversation: Conversation, message: Message, effect: Effect) -> None:
    """Withdraw a request, or a confirmed appointment; withdrawing what is withdrawn changes nothing."""
    now = timezone.now()
    request = _meant(conversation, message, effect, now, (*may_follow(State.WITHDRAWN), State.WITHDRAWN))
    if request is None:
        return
    is_new = request.state != State.WITHDRAWN
    if is_new:
        desk.end(request, State.WITHDRAWN, desk.VISITOR, now)
    answer(conversation, message, "utter_booking_withdrawn", now, request)
    if is_new:
        adapters.chosen().tell(request, Event.WITHDRAWN, message, now)


def status(conversation: Conversation, message: Message, effect: Effect) -> None:
    """Say how far the clinic has come with a request."""
    now = timezone.now()
    request = _meant(conversation, message, effect, now, tuple(State))
    if request is not None:
        answer(conversation, message, f"utter_booking_status_{request.state}", now, request)


def _meant(
    conversation: Conversation, message: Message, effect: Effect, now: datetime, states: tuple[State, ...]
) -> BookingRequest | None:
    """Return the request that the visitor means, or say why there is none.

    A request that was found but is beyond the asked change is answered with its state.
    """
    reference = effect.get("reference")
    if not reference:
        found = _latest(conversation, states) or _latest(conversation, tuple(State))
        missing = "utter_booking_none"
    elif found := _own(conversation, reference):
        missing = ""
    else:
        try:
            found = lookup.find(conversation.pk, reference, effect.get("proof"))
        except lookup.TooManyTries:
            answer(conversation, message, "utter_booking_too_many_tries", now)
            return None
        missing = "utter_booking_not_found"
    if found is not None:
        # Staff may be at a request of another conversation this moment.
        found = _held(found)
    if found is None:
        answer(conversation, message, missing, now)
    elif found.state not in states:
        answer(conversation, message, f"utter_booking_status_{found.state}", now, found)
        found = None
    return found


def _held(request: BookingRequest) -> BookingRequest:
    """Lock a request until the turn's transaction ends; wait for whoever is at it, and return it as they leave it."""
    return BookingRequest.objects.select_for_update(of=("self",)).select_related("conversation").get(pk=request.pk)


def _latest(conversation: Conversation, states: tuple[State, ...]) -> BookingRequest | None:
    return BookingRequest.objects.filter(conversation=conversation, state__in=states).order_by("-id").first()


def _own(conversation: Conversation, reference: Any) -> BookingRequest | None:
    """Return the conversation's own request with this reference; nobody else reads there, so it needs no proof."""
    typed = references.read(reference) if isinstance(reference, str) else ""
    return BookingRequest.objects.filter(conversation=conversation, reference=typed).first()


def _received(request: BookingRequest) -> str:
    reachable = request.phone or request.email
    return "utter_booking_received" if reachable else "utter_booking_received_here"


def _promise(now: datetime) -> datetime | None:
    return confirm_by(facts.snapshot().hours, now)


def _wanted(effect: Effect, message: Message, now: datetime) -> dict[str, Any]:
    """Return the fields of a request as the effect gives them."""
    phone, email, unread = _contact(effect)
    version = _consent(effect)
    return {
        "name": fields.line(effect.get("name"), fields.NAME_LENGTH),
        "phone": phone,
        "email": email,
        "contact": unread,
        "visitor": _one_of(BookingRequest.Visitor.values, effect.get("visitor")),
        "wish": _one_of(BookingRequest.Wish.values, effect.get("wish")),
        "reach": _one_of(BookingRequest.Reach.values, effect.get("reach")),
        "preferred": fields.line(effect.get("preferred"), fields.TEXT_LENGTH),
        "windows": fields.windows(effect.get("windows")),
        "consent_version": version,
        # Consent is given with the message that says yes, at the time that we stored it.
        "consent_at": message.created_at if version else None,
        "confirm_by": _promise(now),
    }


def _consent(effect: Effect) -> str:
    """Return which text the visitor said yes to and its version, "utter_ask_consent@3f2a9c1b4d5e"; "" without a yes."""
    text = fields.line(effect.get("consent"), ID_LENGTH)
    wording = responses.renderer().wording_hash(text)[:HASH_LENGTH]
    return f"{text[:CONSENT_LENGTH]}@{wording}" if wording else text[:CONSENT_LENGTH]


def _contact(effect: Effect) -> tuple[str, str, str]:
    """Return phone, e-mail and what was typed but is neither, which staff still see."""
    phone = email = ""
    unread = []
    try:
        phone = fields.phone(effect.get("phone"))
    except fields.BadPhone:
        unread.append(fields.line(effect.get("phone"), fields.NAME_LENGTH))
    try:
        email = fields.email(effect.get("email"))
    except fields.BadEmail:
        unread.append(fields.line(effect.get("email"), fields.NAME_LENGTH))
    return phone, email, "; ".join(filter(None, unread))[: fields.NAME_LENGTH]


def _one_of(known: list[str], value: Any) -> str:
    return value if isinstance(value, str) and value in known else ""
