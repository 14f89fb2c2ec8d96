"""Processes die while visitors write and staff answer: nothing is lost, and nothing is answered twice.

Under the real supervisor, one of the four processes after the other is killed at a moment that a seed decides. What
the clinic has acknowledged is then in its book once, and its turn has come to one end: one answer, or one honest
failure. `make prove` kills 200 times.
"""

from __future__ import annotations

import json
import logging
import os
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from bench.member import Member
from ops.probe import responds
from ops.stack import Stack
from tests.conftest import Running
from tests.scenarios.conversation import API, FINISHED

pytestmark = [pytest.mark.stack, pytest.mark.slow]

logger = logging.getLogger(__name__)
KILLS = 200 if os.environ.get("PROVE") else 10
SEED = 20261121
# rasa takes longest to come back, and web has most to lose.
MIX = ("web", "web", "worker", "rasa", "actions")
DRAIN_SECONDS = 90.0
COME_BACK_SECONDS = 90.0
FAILED = "utter_turn_failed"
# What visitors ask, and how the name of a response begins that any answer to it holds. A person who was asked for
# already is not asked for again while the contact form is open.
QUESTIONS = {
    "How long does it last?": ("utter_results_duration",),
    "Does it hurt?": ("utter_pain_anesthesia",),
    "What areas can be treated?": ("utter_treatable_areas",),
    "I would like to talk to a person": ("utter_hand_off", "utter_resume_contact"),
}
LOOK_UP = """
import json
from clinic.conversations.models import Message
for line in {conversations!r}:
    names = ("seq", "sender", "client_id", "text", "turn", "in_reply_to", "suppressed", "response", "created_at",
             "understanding__route")
    print(json.dumps(list(Message.objects.filter(conversation=line).order_by("seq").values(*names)), default=str))
"""


def insist(send: Callable[[], httpx.Response]) -> httpx.Response:
    """Send until the clinic answers, as the chat box does, whatever dies meanwhile."""
    while True:
        try:
            answer = send()
            if answer.status_code < 500:
                return answer
        except httpx.HTTPError:
            pass
        time.sleep(0.1)


class Writer(threading.Thread):
    """A visitor who writes until told to stop, and reads by number as the chat box does.

    `sent` are the acknowledged messages: id → (number, text); `read` is everything read, in order.
    """

    def __init__(self, own: Stack, number: int, stopped: threading.Event) -> None:
        super().__init__(name=f"visitor {number}")
        headers = {"Measuring-Key": own.measuring_key}
        self.http = httpx.Client(base_url=own.url, headers=headers, timeout=10, trust_env=False)
        self.chance = random.Random(SEED + number)
        self.stopped = stopped
        begun = self.http.post(f"{API}/conversations").raise_for_status().json()
        self.conversation: str = begun["conversation"]
        self.http.headers["Authorization"] = f"Bearer {begun['token']}"
        self.sent: dict[str, tuple[int, str]] = {}
        self.read: list[dict[str, Any]] = []
        self.problems: list[str] = []
        self.answered, self.last_turn = 0, ""

    def run(self) -> None:
        while not self.stopped.is_set():
            self.write(self.chance.choice(list(QUESTIONS)))
            # Some write again before they are answered; who has just read an apology takes a breath.
            if self.chance.random() < 0.7:
                self.wait_for_answer(12)
            pause = 2.0 if self.last_turn == "failed" else self.chance.uniform(0.05, 0.6)
            self.stopped.wait(pause)
        self.wait_for_answer(DRAIN_SECONDS)

    def write(self, text: str) -> None:
        body = {"id": str(uuid.uuid4()), "text": text}
        answer = insist(lambda: self.http.post(f"{API}/messages", json=body))
        if answer.status_code not in (200, 202):
            self.problems.append(f"refused: {answer.text}")
            return
        self.sent[body["id"]] = (answer.json()["seq"], text)

    def look(self) -> list[dict[str, Any]]:
        """Read what is new and return the whole conversation as it stands now."""
        last = self.read[-1]["seq"] if self.read else 0
        self.read += insist(lambda: self.http.get(f"{API}/messages", params={"after": last})).json()["messages"]
        everything: list[dict[str, Any]] = []
        while True:
            after = everything[-1]["seq"] if everything else 0
            page = insist(lambda after=after: self.http.get(f"{API}/messages", params={"after": after})).json()
            if not page["messages"]:
                return everything
            everything += page["messages"]

    def wait_for_answer(self, seconds: float) -> None:
        """Wait until every turn is over, but not for ever."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            turns = [message["turn"] for message in self.look() if message["sender"] == "visitor"]
            self.answered, self.last_turn = turns.count("answered"), turns[-1] if turns else ""
            if all(turn in FINISHED for turn in turns):
                return
            time.sleep(0.15)


class Answerer(threading.Thread):
    """A member of staff who answers one visitor; with `leaves`, gives the conversation back now and then."""

    def __init__(self, member: Member, writer: Writer, stopped: threading.Event, *, leaves: bool) -> None:
        super().__init__(name=member.name)
        self.member, self.writer, self.stopped, self.leaves = member, writer, stopped, leaves
        self.chance = random.Random(SEED)
        self.said: dict[str, str] = {}
        self.problems: list[str] = []

    def run(self) -> None:
        talk = self.writer.conversation
        while not self.stopped.is_set():
            self.expect(insist(lambda: self.member.take(talk)), 200)
            for _ in range(self.chance.randint(1, 3)):
                self.reply(f"Answer {len(self.said)} of {self.member.name}.")
                self.stopped.wait(self.chance.uniform(0.1, 0.5))
            if self.leaves:
                # Refused as "not yours" when it was done and only the answer died.
                self.expect(insist(lambda: self.member.give_back(talk)), 200, 409)
                self.stopped.wait(self.chance.uniform(0.5, 1.5))

    def reply(self, text: str) -> None:
        client_id = str(uuid.uuid4())
        self.expect(insist(lambda: self.member.reply(self.writer.conversation, text, client_id)), 200)
        self.said[client_id] = text

    def expect(self, answer: httpx.Response, *statuses: int) -> None:
        if answer.status_code not in statuses:
            self.problems.append(f"{self.name}: {answer.request.url.path} gave {answer.status_code}")


def is_up(own: Stack, name: str) -> bool:
    """Tell whether a process runs and, if it listens, answers: only then there is something to kill."""
    ports = own.ports
    address = {"web": f"http://127.0.0.1:{ports.web}{API}/openapi.json", "rasa": f"http://127.0.0.1:{ports.rasa}/"}
    address["actions"] = f"http://127.0.0.1:{ports.actions}/health"
    return name in own.pids() and (name not in address or responds(address[name]))


def kill_them(own: Stack, count: int, answered: Callable[[], int]) -> Counter[str]:
    """Kill processes in an order and at moments that the seed decides; return how often each.

    Most die when messages are answered again after the one before (`answered` counts), some while it is still away.
    """
    chance = random.Random(SEED)
    names = [MIX[number % len(MIX)] for number in range(count)]
    chance.shuffle(names)
    before = 0
    for name in names:
        if chance.random() < 0.8:
            wait_until(lambda before=before: answered() > before, "no message was answered any more")
        wait_until(lambda name=name: is_up(own, name), f"{name} did not come back")
        time.sleep(chance.uniform(0.0, 1.0))
        own.kill(name)
        before = answered()
    return Counter(names)


def wait_until(look: Callable[[], bool], problem: str) -> None:
    """Wait until it is so; fail with the problem when it takes too long."""
    end = time.monotonic() + COME_BACK_SECONDS
    while not look():
        assert time.monotonic() < end, problem
        time.sleep(0.05)


def books(running: Running, conversations: list[str]) -> list[list[dict[str, Any]]]:
    """Return the book's messages of each conversation."""
    printed = running.manage("shell", "--no-imports", "-c", LOOK_UP.format(conversations=conversations))
    return [json.loads(line) for line in printed.splitlines()]


def complaints(sent: dict[str, tuple[int, str]], read: list[dict[str, Any]], book: list[dict[str, Any]]) -> list[str]:
    """Return what is not as it has to be in one conversation, a sentence each."""
    found = []
    if [row["seq"] for row in book] != list(range(1, len(book) + 1)):
        found.append("the numbers have gaps")
    if [row["seq"] for row in read] != [row["seq"] for row in book if not row["suppressed"]]:
        found.append("the visitor has not read every message once")
    asked = [row for row in book if row["sender"] == "visitor"]
    stored = sorted((row["client_id"], row["seq"], row["text"]) for row in asked)
    if stored != sorted((identity, *what) for identity, what in sent.items()):
        found.append("what the book has is not what was acknowledged")
    for row in asked:
        answers = [answer for answer in book if answer["in_reply_to"] == row["seq"]]
        found += [f"#{row['seq']} {problem}" for problem in _wrong_turn(row, answers)]
    return found


def _wrong_turn(row: dict[str, Any], answers: list[dict[str, Any]]) -> Iterator[str]:
    """What is wrong with how one message was answered."""
    names = [answer["response"] for answer in answers]
    if row["turn"] not in ("answered", "failed"):
        yield f"is {row['turn']}"
    elif row["turn"] == "failed" and names != [FAILED]:
        yield f"failed and was answered with {names}"
    elif row["turn"] == "answered" and not any(name.startswith(QUESTIONS[row["text"]]) for name in names):
        yield f"was answered with {names}"
    if len(set(names)) != len(names) or len({answer["created_at"] for answer in answers}) > 1:
        yield f"was answered more than once: {names}"
    if (row["understanding__route"] is not None) != (row["turn"] == "answered"):
        yield "is understood without an answer, or the other way round"


def test_nothing_is_lost_or_answered_twice_while_processes_die(own: Stack, running: Running) -> None:
    stopped = threading.Event()
    writers = [Writer(own, number, stopped) for number in range(4)]
    with Member.of(running, "Ann") as ann, Member.of(running, "Bo") as bo:
        staff = [
            Answerer(ann, writers[0], stopped, leaves=False),
            Answerer(bo, writers[1], stopped, leaves=True),
        ]
        for thread in (*writers, *staff):
            thread.start()
        try:
            killed = kill_them(own, KILLS, lambda: sum(writer.answered for writer in writers))
        finally:
            stopped.set()
            for thread in (*writers, *staff):
                thread.join()
    for writer in writers:
        writer.look()
        writer.http.close()
    found = books(running, [writer.conversation for writer in writers])
    for writer, book in zip(writers, found, strict=True):
        assert complaints(writer.sent, writer.read, book) == [], writer.name
    for answerer, book in zip(staff, found[:2], strict=True):
        said = sorted((row["client_id"], row["text"]) for row in book if row["sender"] == "staff")
        assert said == sorted(answerer.said.items())
        assert said
    assert [problem for thread in (*writers, *staff) for problem in thread.problems] == []
    # Ann never left, so the bot has said nothing since she came.
    joined = next(row["seq"] for row in found[0] if row["response"] == "utter_staff_joined")
    assert [
        row["seq"] for row in found[0] if row["sender"] == "bot" and row["seq"] > joined and not row["suppressed"]
    ] == []
    turns = Counter(row["turn"] for book in found for row in book if row["sender"] == "visitor")
    assert sum(killed.values()) == KILLS
    # While rasa is away every message is told so at once; still the clinic has come back again and again.
    assert turns["answered"] >= KILLS // 2, turns
    logger.info("%s messages: %s; killed: %s", sum(turns.values()), dict(turns), dict(killed))


def test_the_checks_notice_what_they_are_for() -> None:
    def message(seq: int, sender: str, **fields: Any) -> dict[str, Any]:
        usual = {"client_id": None, "text": "", "turn": "none", "in_reply_to": None, "suppressed": False}
        usual |= {"response": "", "created_at": f"{seq}", "understanding__route": None}
        return {**usual, "seq": seq, "sender": sender, **fields}

    text, [response] = next(iter(QUESTIONS.items()))
    asked = message(1, "visitor", client_id="a", text=text, turn="answered", understanding__route="answer")
    once = message(2, "bot", response=response, in_reply_to=1)
    sent = {"a": (1, text)}
    assert complaints(sent, [asked, once], [asked, once]) == []
    twice = [asked, once, {**once, "seq": 3, "created_at": "3"}]
    lost = [{**asked, "turn": "running", "understanding__route": None}]
    for read, book, words in (
        (twice, twice, "more than once"),
        ([asked], [asked, once], "has not read"),
        (lost, lost, "is running"),
        ([], [], "acknowledged"),
        ([asked, {**once, "seq": 3}], [asked, {**once, "seq": 3}], "gaps"),
    ):
        assert any(words in complaint for complaint in complaints(sent, read, book)), words
