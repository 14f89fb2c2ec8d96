"""Conversations as turn lists: reading them, holding them over the visitor API, and saying what came out otherwise.

A scenario is a YAML list of turns. A turn says what the visitor does, and what has to come of it:

    - visitor: how pricey is one visit, and will I feel the needle
      bot: [utter_cost_savings, utter_clinic_costs, utter_pain_anesthesia]
    - press: Side effects
      route: answer

README.md lists the keys. Nothing here needs a test runner, so that other tools can hold the same conversations.
"""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import httpx
import yaml

FOLDER = Path(__file__).parent
DOMAIN = FOLDER.parents[1] / "domain.yml"
API = "/api/v1"
TURN_SECONDS = 60.0
LOOK_SECONDS = 0.02
NOT_SENT = 0
FINISHED = ("answered", "failed", "none")
NONE = "none"

DEEDS = {"visitor", "press", "json", "raw", "staff", "staff_says"}
MANNERS = {"times", "id", "token", "content_type"}
EXPECTATIONS = {
    "bot",
    "bot_begins",
    "route",
    "topics",
    "hand_off",
    "buttons",
    "offers",
    "owner",
    "refused",
    "status",
    "mentions",
    "stored_before",
    "record",
    "notices",
}
TOKENS = ("own", "none", "forged", "expired")
IDS = ("new", "same")
ROUTES = ("emergency", "staff_medical", "staff_other", "booking", "answer", "clarify", "smalltalk", "out_of_scope")
HAND_OFFS = ("emergency", "staff_medical", "staff_other", "booking", NONE)
STAFF_DEEDS = ("take", "give_back", "close")
OWNERS = ("bot", "waiting", "staff", "closed")
# Responses that come in two forms, by the clinic's hours, stand in a scenario without their ending.
BY_HOURS = ("_open", "_closed")


class ScenarioError(Exception):
    """A scenario file cannot be used; the text says which turn and why."""


class NoSuchButton(Exception):
    """The visitor was offered no button with this title."""


@dataclass(frozen=True)
class Turn:
    """What a visitor does, how (`manners`), and what has to come of it (`expected`), by the keys of the file."""

    deed: str
    what: Any
    manners: Mapping[str, Any] = field(default_factory=dict)
    expected: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Scenario:
    """A conversation: its name, such as `follow_ups/visitor_asks_why`, and its turns."""

    name: str
    turns: tuple[Turn, ...]


@dataclass(frozen=True)
class Got:
    """What came of a turn.

    `asked` is the visitor's message as measuring shows it, None when nothing new was stored; `replies` are the bot's
    messages that answer it; `problem` is the refusal's body, or why nothing could be sent; `kept` tells whether a
    message that was not taken left the book as it was. What staff did (`by_staff`) has what the visitor reads of it as
    `replies`.
    """

    status: int
    asked: Mapping[str, Any] | None = None
    replies: tuple[Mapping[str, Any], ...] = ()
    owner: str = ""
    problem: Mapping[str, Any] = field(default_factory=dict)
    kept: bool = True
    by_staff: bool = False


class Staff(Protocol):
    """A member of staff, who works on a conversation by its id."""

    def take(self, conversation: str) -> httpx.Response:
        """Take it over."""
        ...

    def give_back(self, conversation: str) -> httpx.Response:
        """Give it back to the bot."""
        ...

    def close(self, conversation: str) -> httpx.Response:
        """Close it."""
        ...

    def reply(self, conversation: str, text: str) -> httpx.Response:
        """Write to the visitor."""
        ...


# ---------------------------------------------------------------------------------------------------- reading


def files(folder: Path = FOLDER) -> list[Path]:
    """Return all scenario files below a folder."""
    return sorted(folder.rglob("*.yml"))


def read_scenario(path: Path, folder: Path = FOLDER) -> Scenario:
    """Return the scenario of a file. Raises ScenarioError."""
    name = str(path.relative_to(folder).with_suffix(""))
    try:
        # The plain loader: the fast one refuses the lone surrogates that some scenarios are about.
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as problem:
        raise ScenarioError(f"{name} is not valid YAML: {problem}") from None
    if not isinstance(raw, list) or not raw:
        raise ScenarioError(f"{name} is not a list of turns.")
    return Scenario(name, tuple(_turn(entry, f"{name}, turn {number}") for number, entry in enumerate(raw, 1)))


def _turn(raw: Any, where: str) -> Turn:
    if not isinstance(raw, dict):
        raise ScenarioError(f"{where} is not a mapping.")
    if unknown := set(raw) - DEEDS - MANNERS - EXPECTATIONS:
        raise ScenarioError(f"{where} has unknown keys: {', '.join(sorted(map(str, unknown)))}.")
    deeds = sorted(set(raw) & DEEDS)
    if len(deeds) != 1:
        raise ScenarioError(f"{where} needs exactly one of {', '.join(sorted(DEEDS))}.")
    manners = {key: raw[key] for key in raw if key in MANNERS}
    expected = {key: raw[key] for key in raw if key in EXPECTATIONS}
    if "staff" in raw and raw["staff"] not in STAFF_DEEDS:
        raise ScenarioError(f"{where} has staff: {raw['staff']}, which is none of {', '.join(STAFF_DEEDS)}.")
    _check_values(manners, expected, where)
    return Turn(deeds[0], raw[deeds[0]], manners, expected)


def _check_values(manners: Mapping[str, Any], expected: Mapping[str, Any], where: str) -> None:
    allowed = {"token": TOKENS, "id": IDS, "route": ROUTES, "hand_off": HAND_OFFS, "owner": OWNERS}
    for key, value in {**manners, **expected}.items():
        if key in allowed and (wrong := set(one_or_more(value)) - set(allowed[key])):
            raise ScenarioError(f"{where} has {key}: {sorted(wrong)}, which is none of {', '.join(allowed[key])}.")
        if key in ("bot", "bot_begins", "topics", "buttons", "offers", "notices") and not isinstance(value, list):
            raise ScenarioError(f"{where} has {key} without a list.")
    if "record" in expected and not isinstance(expected["record"], dict):
        raise ScenarioError(f"{where} has record without a mapping.")
    if "refused" in expected and "status" not in expected:
        raise ScenarioError(f"{where} is refused without a status.")
    if {"refused", "stored_before"} & set(expected) and {"bot", "bot_begins", "route", "topics"} & set(expected):
        raise ScenarioError(f"{where} expects a refusal or a repetition and also an answer.")


def one_or_more(value: Any) -> list[Any]:
    """Return a list as it is and any other value as the only one of a list."""
    return value if isinstance(value, list) else [value]


def visitor_texts(scenario: Scenario) -> list[str]:
    """Return what the visitor types in a scenario, pressed buttons and raw requests left out."""
    return [turn.what for turn in scenario.turns if turn.deed == "visitor"]


# ---------------------------------------------------------------------------------------------------- responses

PLACEHOLDER = re.compile(r"\{\w+\}")


def response_patterns(domain: Path = DOMAIN) -> dict[str, list[re.Pattern[str]]]:
    """Return for each response id the forms that its variants can take once their placeholders are filled."""
    responses = yaml.load(domain.read_bytes(), Loader=yaml.CSafeLoader)["responses"]
    return {name: [_pattern(variant["text"]) for variant in variants] for name, variants in responses.items()}


def _pattern(text: str) -> re.Pattern[str]:
    fixed = (re.escape(piece) for piece in PLACEHOLDER.split(text.strip()))
    return re.compile("(.+?)".join(fixed), re.DOTALL)


def response_of(text: str, patterns: Mapping[str, Sequence[re.Pattern[str]]]) -> str:
    """Return the id of the response that a visitor reads as `text`; what none says comes back as it is, quoted."""
    return next(
        (name for name, forms in patterns.items() if any(form.fullmatch(text) for form in forms)), json.dumps(text)
    )


def is_response(expected: str, got: str) -> bool:
    """Tell whether a response id is the expected one; `utter_booking` stands for its forms by the clinic's hours."""
    return got == expected or got in {expected + ending for ending in BY_HOURS}


# ---------------------------------------------------------------------------------------------------- talking


class Visitor:
    """One visitor in a conversation of their own."""

    def __init__(self, http: httpx.Client, tokens: Mapping[str, str], staff: Staff | None = None) -> None:
        """Open a conversation. `http` has the stack's address and measuring key; `tokens` hold an `expired` one.

        `staff` does what a scenario lets staff do.
        """
        self.http = http
        self.staff = staff
        begun = http.post(f"{API}/conversations").raise_for_status().json()
        self.tokens = {**tokens, "own": begun["token"], "forged": forged(begun["token"]), NONE: ""}
        self.conversation: str = begun["conversation"]
        self.messages: list[dict[str, Any]] = begun["messages"]
        self.seen = self.messages[-1]["seq"]
        self.last_id = ""

    def take(self, turn: Turn) -> Got:
        """Do what the turn says and wait until it is answered or refused. Raises httpx.HTTPError."""
        if turn.deed in ("staff", "staff_says"):
            return self._by_staff(turn)
        try:
            body = self._body(turn)
        except NoSuchButton as problem:
            return Got(NOT_SENT, problem={"code": "no_such_button", "detail": str(problem)})
        answer = self._post(body, turn.manners)
        if answer.status_code not in (200, 202):
            return Got(answer.status_code, problem=answer.json(), kept=self._has_seen_all())
        if answer.status_code == 200:
            return Got(200, kept=self._has_seen_all())
        return self._answer_to(answer.json()["seq"])

    def _by_staff(self, turn: Turn) -> Got:
        if self.staff is None:
            raise ScenarioError("Nobody of the staff is here.")
        deeds = {name: getattr(self.staff, name) for name in STAFF_DEEDS}
        if turn.deed == "staff":
            answer = deeds[turn.what](self.conversation)
        else:
            answer = self.staff.reply(self.conversation, turn.what)
        found = self._after(self.seen)
        self.messages += found["messages"]
        self.seen = found["last_seq"]
        return Got(answer.status_code, replies=tuple(found["messages"]), owner=found["owner"], by_staff=True)

    def everything(self) -> list[dict[str, Any]]:
        """Return every message that the visitor may read. Raises httpx.HTTPError."""
        messages: list[dict[str, Any]] = self._after(0)["messages"]
        return messages

    def _has_seen_all(self) -> bool:
        return not self._after(self.seen)["messages"]

    def _body(self, turn: Turn) -> bytes:
        if turn.manners.get("id", "new") == "new":
            self.last_id = str(uuid.uuid4())
        if turn.deed == "raw":
            text = str(turn.what) * turn.manners.get("times", 1)
            return text.replace("$id", self.last_id).encode("utf-8", "surrogatepass")
        if turn.deed == "json":
            return json.dumps(turn.what).replace("$id", self.last_id).encode("ascii")
        body: dict[str, Any] = {"id": self.last_id}
        if turn.deed == "press":
            body["choice"] = self._button(turn.what)
        else:
            body["text"] = turn.what * turn.manners.get("times", 1)
        # Escapes what UTF-8 cannot carry, so that it reaches the API at all.
        return json.dumps(body).encode("ascii")

    def _button(self, wanted: str | int) -> dict[str, int]:
        """Return where the button stands that has this title, or this place (from 1) among the newest ones."""
        for message in reversed(self.messages):
            titles = [button["title"] for button in message["buttons"]]
            if isinstance(wanted, int) and titles:
                return {"seq": message["seq"], "button": wanted - 1}
            if wanted in titles:
                return {"seq": message["seq"], "button": titles.index(wanted)}
        raise NoSuchButton(f"No message of this conversation has the button {wanted!r}.")

    def _post(self, body: bytes, manners: Mapping[str, Any]) -> httpx.Response:
        token = self.tokens[manners.get("token", "own")]
        headers = {"Content-Type": manners.get("content_type", "application/json")}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return self.http.post(f"{API}/messages", content=body, headers=headers)

    def _after(self, seq: int) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.tokens['own']}"}
        found: dict[str, Any] = (
            self.http.get(f"{API}/messages", params={"after": seq}, headers=headers).raise_for_status().json()
        )
        return found

    def _answer_to(self, seq: int) -> Got:
        deadline = time.monotonic() + TURN_SECONDS
        while not self._is_finished(seq) and time.monotonic() < deadline:
            time.sleep(LOOK_SECONDS)
        # A look that met the end of the turn half-way may lack its replies, so this is another one.
        found = self._after(seq - 1)
        asked = next(message for message in found["messages"] if message["seq"] == seq)
        replies = [message for message in found["messages"] if message["in_reply_to"] == seq]
        self.messages += [asked, *replies]
        self.seen = found["last_seq"]
        return Got(202, asked, tuple(replies), found["owner"])

    def _is_finished(self, seq: int) -> bool:
        return any(
            message["seq"] == seq and message["turn"] in FINISHED for message in self._after(seq - 1)["messages"]
        )


def forged(token: str) -> str:
    """Return the token with another signature of the same length."""
    body, _, signature = token.rpartition(":")
    return f"{body}:{signature[::-1]}"


def hold(scenario: Scenario, http: httpx.Client, tokens: Mapping[str, str], staff: Staff | None = None) -> list[Got]:
    """Hold a whole conversation and return what came of each turn. Raises httpx.HTTPError."""
    visitor = Visitor(http, tokens, staff)
    return [visitor.take(turn) for turn in scenario.turns]


# ---------------------------------------------------------------------------------------------------- comparing


def seen_of(got: Got, patterns: Mapping[str, Sequence[re.Pattern[str]]]) -> dict[str, Any]:
    """Return what came of a turn under the keys that a scenario uses for its expectations."""
    if got.problem:
        return {"status": got.status, "refused": got.problem.get("code"), "kept": got.kept}
    if got.by_staff:
        notices = [message["text"] for message in got.replies if message["sender"] == "system"]
        named = [response_of(text, patterns) for text in notices]
        return {"status": got.status, "notices": named, "owner": got.owner}
    if got.asked is None:
        return {"status": got.status, "stored_before": True, "kept": got.kept}
    understood = got.asked.get("understood") or {}
    responses = [response_of(message["text"], patterns) for message in got.replies]
    buttons = [button["title"] for message in got.replies for button in message["buttons"]]
    return {
        "status": got.status,
        "turn": got.asked["turn"],
        "bot": responses,
        "route": understood.get("route"),
        "topics": understood.get("topics"),
        "hand_off": got.asked["handoff"] or NONE,
        "buttons": buttons,
        "owner": got.owner,
    }


def complaints(turn: Turn, got: Got, patterns: Mapping[str, Sequence[re.Pattern[str]]]) -> list[str]:
    """Return what came otherwise than the turn expects, a sentence each."""
    seen = seen_of(got, patterns)
    # What the book has to hold then is looked up after the conversation: `record_complaints`.
    expected = {key: value for key, value in turn.expected.items() if key != "record"}
    found = list(_broken_promises(turn, got, seen))
    if expected and got.asked is not None:
        # Who expects an answer and names no hand-off expects that there is none.
        expected.setdefault("hand_off", NONE)
    if "mentions" in expected:
        shown = " ".join([got.problem.get("detail", ""), *(message["text"] for message in got.replies)])
        found += [
            f'"{words}" is not in the text' for words in one_or_more(expected.pop("mentions")) if words not in shown
        ]
    return found + [f"{key} should be {value}" for key, value in expected.items() if not _agrees(key, value, seen)]


def all_complaints(
    scenario: Scenario, gots: Sequence[Got], patterns: Mapping[str, Sequence[re.Pattern[str]]]
) -> list[list[str]]:
    """Return the complaints of each turn, among them the one that only the turn before shows."""
    found = [complaints(turn, got, patterns) for turn, got in zip(scenario.turns, gots, strict=True)]
    asked_back = [seen_of(got, patterns).get("route") == "clarify" for got in gots]
    for number in range(1, len(gots)):
        if asked_back[number - 1] and asked_back[number]:
            found[number].append("the bot asks back twice in a row")
    return found


def _broken_promises(turn: Turn, got: Got, seen: Mapping[str, Any]) -> Iterable[str]:
    """What holds for every turn: no server error, what was accepted is answered, what was refused leaves no trace."""
    if got.status >= 500:
        yield "the server failed"
    if got.problem and not got.problem.get("detail"):
        yield "the refusal says nothing"
    if got.status == NOT_SENT:
        yield "there was no such button to press"
    elif got.problem and "refused" not in turn.expected:
        yield "it was refused"
    if not got.kept:
        yield "the conversation has changed although nothing new was taken"
    if got.asked is not None and seen["turn"] != "answered":
        yield f"its turn is {seen['turn']}"
    # Who expects no answer at all says so.
    if got.asked is not None and not got.replies and turn.expected.get("bot") != []:
        yield "it got no reply"


def _agrees(key: str, value: Any, seen: Mapping[str, Any]) -> bool:
    if key in ("bot", "bot_begins"):
        got = seen.get("bot")
        if got is None or len(got) < len(value) or (key == "bot" and len(got) > len(value)):
            return False
        return all(is_response(*pair) for pair in zip(value, got, strict=False))
    if key == "offers":
        return set(value) <= set(seen.get("buttons") or [])
    if key in ("topics", "buttons", "notices"):
        return bool(seen.get(key) == value)
    return seen.get(key) in one_or_more(value)


def record_complaints(scenario: Scenario, records: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what the book's booking requests of the conversation have otherwise than its last turn expects.

    `{}` expects none; else there has to be one, with these fields; `preferred` need only occur in it.
    """
    wanted = scenario.turns[-1].expected.get("record")
    if wanted is None:
        return []
    if len(records) != bool(wanted):
        return [f"the book has {len(records)} requests of the conversation"]
    return [
        f"the request's {name} is {records[0].get(name)!r} and should be {value!r}"
        for name, value in wanted.items()
        if not (value in records[0][name] if name == "preferred" else records[0].get(name) == value)
    ]


def told(scenario: Scenario, gots: Sequence[Got], patterns: Mapping[str, Sequence[re.Pattern[str]]]) -> str:
    """Return the whole conversation as text: each turn, what came, and under a mark what should have come."""
    lines = [scenario.name]
    wrong = all_complaints(scenario, gots, patterns)
    for turn, got, complaints_of_turn in zip(scenario.turns, gots, wrong, strict=True):
        manners = f"  ({', '.join(f'{key}: {value}' for key, value in turn.manners.items())})" if turn.manners else ""
        lines.append(f"  {turn.deed}: {_shortened(turn.what)}{manners}")
        lines += [f"      {key}: {value}" for key, value in seen_of(got, patterns).items() if value not in ([], None)]
        if complaints_of_turn:
            lines.append(f"   !  expected {dict(turn.expected)}")
            lines += [f"   !  {complaint}" for complaint in complaints_of_turn]
    return "\n".join(lines)


def _shortened(what: Any) -> str:
    text = what if isinstance(what, str) else json.dumps(what)
    shown = text if len(text) <= 200 else f"{text[:200]} … ({len(text)} characters)"
    # Lone surrogates and null bytes must not break the report.
    return shown.encode("unicode_escape").decode("ascii") if not shown.isprintable() else shown
