"""The way to the brain: one HTTP call for each turn, with a time limit and a strict look at the answer."""

from __future__ import annotations

import json
import select
import time
import unicodedata
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, NoReturn
from urllib.parse import urlsplit

from django.conf import settings

from clinic.conversations import effects
from clinic.conversations.models import ROUTES

LIMIT_BYTES = 256 * 1024
STATE_LIMIT_BYTES = 32 * 1024
FINDINGS_KEPT = 20
MOST_BUTTONS = 20
TITLE_LENGTH = 120
VALUE_LENGTH = 100
# Far beyond every figure of an answer; JSON may hold numbers that fit into no float.
LARGEST_NUMBER = 1e9


class BrainFailed(Exception):
    """No usable answer came within the time limit; the text says why and holds nothing that the visitor wrote."""


@dataclass(frozen=True)
class Reply:
    """One response that the brain chose: its id, values for placeholders, and its buttons.

    `buttons` are intents, whose titles the domain has; `titled` are buttons whose title no fixed text can say, such as
    a day: {"title", "intent", "value"}.
    """

    response: str
    values: dict[str, str | int | float] = field(default_factory=dict)
    buttons: tuple[str, ...] = ()
    titled: tuple[dict[str, str], ...] = ()


@dataclass(frozen=True)
class Understood:
    """What the brain understood of the message.

    `reason` says what decided the route, such as `rules:pregnancy/pregnancy` or `classifier:medical_eyelid 0.83`;
    `medical` is the probability (0 to 1) of a medical matter, `findings` are the gate's entries ("family/entry", most
    urgent first), `language` is that of the message. An answer may leave these four out: then they are "", None, [] and
    "".
    """

    route: str
    topics: list[str]
    intent: str | None
    confidence: float | None
    ranking: list[Any]
    parts: list[Any]
    reason: str = ""
    medical: float | None = None
    findings: list[str] = field(default_factory=list)
    language: str = ""


@dataclass(frozen=True)
class Answer:
    """The outcome of one turn, checked."""

    replies: list[Reply]
    effects: list[dict[str, Any]]
    understood: Understood
    state: dict[str, Any] | None


def spoken(text: str) -> str:
    """Return typed text without what precedes its first word, so that nothing the brain gets begins with "/".

    A leading "/" would be read as a command there, and so would one behind spaces or invisible characters.
    """
    for position, character in enumerate(text):
        if character != "/" and not character.isspace() and unicodedata.category(character)[0] != "C":
            return text[position:].rstrip()
    return ""


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _need(condition: bool, what: str) -> None:
    if not condition:
        raise BrainFailed(f"the answer's {what} has the wrong shape")


def _reply(raw: Any) -> Reply:
    _need(isinstance(raw, dict) and isinstance(raw.get("response"), str), "reply")
    values, buttons = raw.get("values") or {}, raw.get("buttons") or []
    _need(isinstance(values, dict), "values")
    _need(all(value is None or isinstance(value, str | int | float) for value in values.values()), "values")
    _need(
        isinstance(buttons, list)
        and len(buttons) <= MOST_BUTTONS
        and all(isinstance(button, dict) and isinstance(button.get("intent"), str) for button in buttons),
        "buttons",
    )
    return Reply(
        raw["response"],
        values,
        tuple(button["intent"] for button in buttons if "title" not in button),
        tuple(_titled(button) for button in buttons if "title" in button),
    )


def _titled(button: dict[str, Any]) -> dict[str, str]:
    """Return a button with a title of its own, checked: short plain text, and a value that comes back when pressed."""
    title, value = button["title"], button.get("value", "")
    _need(isinstance(title, str) and 0 < len(title.strip()) <= TITLE_LENGTH and title.isprintable(), "buttons")
    _need(isinstance(value, str) and len(value) <= VALUE_LENGTH and len(button["intent"]) <= VALUE_LENGTH, "buttons")
    return {"title": title, "intent": button["intent"], "value": value}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST_NUMBER


def _fired(raw: dict[str, Any]) -> dict[str, Any]:
    """Return what decided the route, checked; what is missing counts as empty."""
    reason, language, findings = raw.get("reason", ""), raw.get("language", ""), raw.get("findings", [])
    _need(isinstance(reason, str) and len(reason) <= 200, "reason")
    _need(isinstance(language, str) and len(language) <= 20, "language")
    _need(_is_texts(findings) and all(0 < len(one) <= 100 for one in findings), "findings")
    medical = raw.get("medical")
    # A sum of probabilities may be over 1 by a rounding error.
    _need(medical is None or (_is_number(medical) and -0.001 <= medical <= 1.001), "medical")
    return {
        "reason": reason,
        "medical": None if medical is None else min(max(float(medical), 0.0), 1.0),
        "findings": list(dict.fromkeys(findings))[:FINDINGS_KEPT],
        "language": language,
    }


def _understood(raw: Any) -> Understood:
    _need(isinstance(raw, dict) and raw.get("route") in ROUTES, "route")
    topics, intent, confidence = raw.get("topics"), raw.get("intent"), raw.get("confidence")
    _need(_is_texts(topics) and all(0 < len(topic) <= 100 for topic in topics), "topics")
    _need(intent is None or (isinstance(intent, str) and len(intent) <= 100), "intent")
    _need(confidence is None or _is_number(confidence), "confidence")
    ranking, parts = raw.get("ranking") or [], raw.get("parts") or []
    _need(isinstance(ranking, list), "ranking")
    _need(isinstance(parts, list), "parts")
    return Understood(raw["route"], topics, intent, confidence, ranking[:10], parts, **_fired(raw))


def checked(raw: Any) -> Answer:
    """Return the parsed body of an answer as an `Answer`; raises `BrainFailed` unless it has the agreed shape."""
    _need(isinstance(raw, dict), "body")
    replies, raw_effects, state = raw.get("replies"), raw.get("effects"), raw.get("state")
    _need(isinstance(replies, list) and len(replies) <= 20, "replies")
    _need(isinstance(raw_effects, list) and len(raw_effects) <= 20, "effects")
    for effect in raw_effects:
        _need(isinstance(effect, dict) and isinstance(effect.get("type"), str), "effect")
        _need(effects.is_known(effect["type"]), "effect")
    _need(state is None or isinstance(state, dict), "state")
    _need(len(json.dumps(state)) <= STATE_LIMIT_BYTES, "state")
    answer = Answer([_reply(one) for one in replies], raw_effects, _understood(raw.get("understood")), state)
    _need(bool(answer.replies) or any(effects.answers(one["type"]) for one in raw_effects), "replies")
    return answer


# Connections that are kept open between turns, with the address they go to.
_idle: deque[tuple[str, HTTPConnection]] = deque()


def _connection(address: str) -> HTTPConnection:
    """Return a connection to the brain that nobody else uses; raises OSError."""
    while _idle:
        known, connection = _idle.pop()
        if known == address and not _has_ended(connection):
            return connection
        connection.close()
    parts = urlsplit(address)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=settings.TURN_TIMEOUT_SECONDS)
    connection.connect()
    return connection


def _has_ended(connection: HTTPConnection) -> bool:
    """Tell whether the other side has closed an idle connection, or said what nobody asked it."""
    if connection.sock is None:
        return True
    look = select.poll()
    look.register(connection.sock, select.POLLIN)
    return bool(look.poll(0))


def hang_up() -> None:
    """Close the connections that no turn uses."""
    while _idle:
        _idle.pop()[1].close()


def _body(connection: HTTPConnection, path: str, turn: Mapping[str, Any]) -> bytes:
    deadline = time.monotonic() + settings.TURN_TIMEOUT_SECONDS
    connection.request("POST", path, json.dumps(turn).encode(), {"Content-Type": "application/json"})
    response = connection.getresponse()
    if response.status != 200:
        raise BrainFailed(f"the answer has status {response.status}")
    chunks: list[bytes] = []
    size = 0
    while chunk := response.read1(LIMIT_BYTES):
        chunks.append(chunk)
        size += len(chunk)
        if size > LIMIT_BYTES:
            raise BrainFailed("the answer is too long")
        if time.monotonic() > deadline:
            raise BrainFailed("the answer took too long")
    response.close()  # Reading in pieces does not tell the connection that it is free again.
    return b"".join(chunks)


def _sent(turn: Mapping[str, Any]) -> bytes:
    """Send a turn and return the answer's body; raises OSError, HTTPException or `BrainFailed`."""
    address = settings.RASA_URL
    connection = _connection(address)
    try:
        body = _body(connection, f"{urlsplit(address).path}/webhooks/website/turn", turn)
    except BaseException:
        connection.close()  # What is left of this answer must not be taken for the next one's.
        raise
    _idle.append((address, connection))
    return body


def ask(turn: Mapping[str, Any]) -> Answer:
    """Send one turn, in the shape of docs/architecture.md, and return its checked answer; raises `BrainFailed`."""
    try:
        raw = json.loads(_sent(turn), parse_constant=_refuse_constant)
    except (OSError, HTTPException) as error:
        raise BrainFailed(f"the call failed with {type(error).__name__}") from None
    except (ValueError, RecursionError):
        raise BrainFailed("the answer is no JSON") from None
    return checked(raw)
