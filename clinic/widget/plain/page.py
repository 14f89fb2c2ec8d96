"""What the plain page shows: the conversation, or the greeting before there is one, and the form below it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from clinic.conversations import responses
from clinic.conversations.models import CLOSED, Conversation, Message
from clinic.practice import facts
from clinic.visitors import consent, desk, shapes
from clinic.widget import bundle, look, strings
from clinic.widget.plain import form
from clinic.widget.plain.words import Part, Texts, fill, lines, link_pattern, moment, opening

STYLES = (settings.BASE_DIR / "clinic/visitors/static/visitors/tokens.css", strings.SOURCE / "plain.css")
NAMES = {
    Message.Sender.VISITOR: "you",
    Message.Sender.BOT: "bot",
    Message.Sender.STAFF: "staff",
    Message.Sender.SYSTEM: "system",
}
SUBTITLES = {"bot": "subtitleBot", "waiting": "subtitleWaiting", "staff": "subtitleStaff", CLOSED: "subtitleClosed"}


@dataclass(frozen=True)
class Entry:
    """One message as the page shows it; `name` is who speaks, and `when` is the time in words."""

    sender: str
    name: str
    when: str
    at: datetime
    lines: list[list[Part]]
    label_pending: bool
    sources: list[str]
    choices: list[tuple[str, str]]


@dataclass(frozen=True)
class Told:
    """What the page says besides the conversation: why something was refused, or what has come of it."""

    problem: str = ""
    text: str = ""
    token: str = ""
    ticket: str = ""
    is_answered: bool = True
    has_sent: bool = False
    is_rated: bool = False


@dataclass(frozen=True)
class Talk:
    """A conversation as it stands; without one, the greeting that is shown before anything is stored."""

    messages: list[Message]
    owner: str = "bot"
    name: str | None = None
    rating: str = ""
    has_begun: bool = False


def talk(conversation: UUID | None) -> Talk:
    """Return the whole conversation; raises the problem `conversation_gone`."""
    if conversation is None:
        return Talk([_greeting()])
    messages: list[Message] = []
    while True:
        news = desk.news(conversation, messages[-1].seq if messages else 0)
        messages += news.messages
        if len(news.messages) < desk.PAGE:
            break
    rating = Conversation.objects.filter(pk=conversation).values_list("rating", flat=True).first() or ""
    return Talk(messages, news.owner, news.name, rating, has_begun=True)


def _greeting() -> Message:
    """Return what the bot says before there is a conversation, as a message with the number 0 that is not stored."""
    now = timezone.now()
    welcome = responses.renderer().welcome(now)
    return Message(
        seq=0,
        sender=Message.Sender.BOT,
        text=welcome.text,
        buttons=welcome.buttons,
        sources=welcome.sources,
        label_pending=welcome.label_pending,
        created_at=now,
    )


@cache
def _style() -> str:
    return bundle.style(*STYLES)


def style() -> str:
    """Return the page's style sheet, with the clinic's look."""
    return _style() + look.current().css()


def texts(language: str) -> Texts:
    """Return the page's texts, most of which are the chat's."""
    return strings.of("chat", language) | strings.of("plain", language)


def document(shown: Talk, told: Told, language: str) -> str:
    """Return the page."""
    now = timezone.now()
    return render_to_string("plain.html", _context(shown, told, language, now))


def _context(shown: Talk, told: Told, language: str, now: datetime) -> dict[str, Any]:
    said, values, looks, hours = texts(language), facts.values(now), look.current(), facts.snapshot().hours
    clinic = values["clinic_name"][:1].upper() + values["clinic_name"][1:]
    entries = _entries(shown, said, values, now)
    is_over = shown.owner == CLOSED
    newest = len(entries) - 1 if is_over else min(_last_question(shown.messages) + 1, len(entries) - 1)
    has_bot = not is_over and shown.owner != "staff"
    return {
        "t": said,
        "language": language,
        "languages": {} if shown.has_begun else _others(language),
        "direction": strings.by_language()[language]["direction"],
        "style": style(),
        "clinic": clinic,
        "title": _title(shown, told, said, clinic, is_over),
        "subtitle": _subtitle(shown, said),
        "opening": opening(hours, now, said),
        # As in the chat: a clinic that has told no hours at all is not said to be closed.
        "is_open": hours.is_open(now) or hours.next_opening(now) is None,
        "numbers": lines("\n".join(_numbers(values, said)), _links(values)),
        "avatar": reverse("widget:avatar", args=[looks.avatar]) if looks.avatar else "",
        "greeting": "" if shown.has_begun else looks.greeting,
        "privacy_url": looks.privacy_url,
        "earlier": entries[:newest],
        "newest": entries[newest:],
        # The bot's buttons are of no use to somebody who talks with a person, or with nobody.
        "choices": [one for entry in entries[newest:] for one in entry.choices] if has_bot else [],
        "has_bot": has_bot,
        "is_over": is_over,
        "has_begun": shown.has_begun,
        "told": told,
        "notice": _notice(shown, told, said),
        "rating": shown.rating,
        "page": str(uuid4()),
        "ticket": "" if shown.has_begun else told.ticket or form.new_ticket(),
        "consent": "" if shown.has_begun else consent.wording(language),
        "action": reverse("widget:plain"),
    }


def _others(language: str) -> dict[str, str]:
    return {one: strings.of("plain", one)["name"] for one in strings.by_language() if one != language}


def _last_question(messages: list[Message]) -> int:
    """Return the position of the visitor's last message, -1 when there is none."""
    found = [place for place, message in enumerate(messages) if message.sender == Message.Sender.VISITOR]
    return found[-1] if found else -1


def _links(values: dict[str, str]) -> re.Pattern[str]:
    return link_pattern(values[name] for name in ("clinic_phone", "urgent_phone", "emergency_number", "crisis_line"))


def _numbers(values: dict[str, str], said: Texts) -> list[str]:
    """Return which numbers to call, that for emergencies first."""
    emergency = fill(said["emergency"], number=values["emergency_number"])
    phone = values["clinic_phone"]
    return [emergency, fill(said["callUs"], phone=phone)] if phone else [emergency]


def _entries(shown: Talk, said: Texts, values: dict[str, str], now: datetime) -> list[Entry]:
    zone = facts.snapshot().hours.zone
    links = _links(values)
    return [
        Entry(
            sender=message.sender,
            name=_name(message, said),
            when=moment(message.created_at.astimezone(zone), now.astimezone(zone), said),
            at=message.created_at,
            lines=lines(message.text, None if message.sender == Message.Sender.VISITOR else links),
            label_pending=message.label_pending,
            sources=[fill(said["source"], **source) for source in message.sources],
            choices=[
                (f"choice-{message.seq}-{position}", button["title"]) for position, button in enumerate(message.buttons)
            ],
        )
        for message in shown.messages
    ]


def _name(message: Message, said: Texts) -> str:
    name = shapes.name_shown(message.author_name)
    return fill(said["staffNamed"], name=name) if name else said[NAMES[Message.Sender(message.sender)]]


def _subtitle(shown: Talk, said: Texts) -> str:
    if shown.owner == "staff" and shown.name:
        return fill(said["subtitleStaffNamed"], name=shown.name)
    return said[SUBTITLES.get(shown.owner, "subtitleBot")]


def _title(shown: Talk, told: Told, said: Texts, clinic: str, is_over: bool) -> str:
    """Return what a screen reader says first: what has come of the button."""
    if told.problem:
        name = "titleProblem"
    elif is_over:
        name = "titleEnded"
    elif not told.is_answered:
        name = "titleWaiting"
    elif not shown.has_begun:
        return clinic
    else:
        answers = shown.messages[_last_question(shown.messages) + 1 :]
        name = "titleAnswer" if answers else "titleSent"
    return fill(said[name], clinic=clinic)


def _notice(shown: Talk, told: Told, said: Texts) -> str:
    """Return what is to be done now, where that is not plain to see."""
    if shown.owner == CLOSED or not shown.has_begun:
        return ""
    if not told.is_answered:
        return fill(said["onItsWay"], look=said["look"])
    return fill(said["withStaff"], look=said["look"]) if shown.owner in ("waiting", "staff") else ""
