"""Lines break, browsers sleep and replicas die while visitors write: nothing is lost, and nothing comes twice.

Real tabs talk to the real stack through a line that a seed breaks. Afterwards the clinic's book and the screens are
compared with what was typed. `make prove` makes 1,000 troubles; CUTS_SEED and CUTS in the environment repeat a run.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import random
import re
import time
import uuid
from collections import Counter
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any, TypeVar

import pytest
from playwright.async_api import async_playwright
from playwright.sync_api import BrowserContext, Page, expect

from bench.cutting import HOST, Line, Trap
from bench.replaying import QUESTION, replay_times
from tests.conftest import Running
from tests.e2e.conftest import QUIET, SYSTEM_CHROMIUM
from tests.e2e.enduring import Replica, Visitor, troubles

logger = logging.getLogger(__name__)
PROVE = bool(os.environ.get("PROVE"))
CUTS = int(os.environ.get("CUTS", "1000" if PROVE else "30"))
SEED = int(os.environ.get("CUTS_SEED", "20261121"))
VISITORS = 8 if PROVE else 5
SETTLED_SECONDS = 40.0
# A turn whose process died waits for its lease: twice this and a little.
TURN_TIMEOUT_SECONDS = 4
EXECUTABLE = str(SYSTEM_CHROMIUM) if SYSTEM_CHROMIUM.exists() else None
FINISHED = ("answered", "failed")
# How often the replay is measured for each way of being cut, and what it may take on a busy machine; the aim is 0.5 s.
REPLAYS = 20 if PROVE else 2
REPLAY_SECONDS = 3.0
LOOK_UP = """
import json
from django.utils.dateparse import parse_datetime
from clinic.conversations.models import Conversation, Message
began = parse_datetime({began!r})
names = ("conversation", "seq", "sender", "client_id", "text", "turn", "in_reply_to", "suppressed")
rows = Message.objects.filter(conversation__created_at__gte=began).order_by("conversation", "seq")
begun = Conversation.objects.filter(created_at__gte=began).values_list("pk", flat=True)
print(json.dumps({{"messages": list(rows.values(*names)), "conversations": list(begun)}}, default=str))
"""
NOW = "from django.utils import timezone; print(timezone.now().isoformat())"

T = TypeVar("T")
Rows = list[dict[str, Any]]


@dataclass
class Outcome:
    """What one visitor has written in each tab, and what the tabs show at the end."""

    name: str
    written: list[list[str]]
    screens: list[Rows]
    problems: list[str]


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run work in an event loop of its own: the browser of the other tests holds that of this thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


async def endure(service: int, environment: dict[str, str], kinds: list[str]) -> list[Outcome]:
    """Let visitors live through the troubles and return what they have seen."""
    replica = Replica({**environment, "TURN_TIMEOUT_SECONDS": str(TURN_TIMEOUT_SECONDS)})
    lines: list[Line] = []
    try:
        await replica.start()
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=EXECUTABLE, args=list(QUIET))
            visitors = []
            for number in range(VISITORS):
                chance = random.Random(f"{SEED} {number}")
                line = Line([replica.port, service], chance)
                lines.append(line)
                await line.open()
                context = await browser.new_context(base_url=line.url)
                visitors.append(Visitor(f"v{number}", context, line, service, replica, chance))
            # Every third has two tabs, both of which write.
            await asyncio.gather(*(each.open(2 if number % 3 == 1 else 1) for number, each in enumerate(visitors)))
            begun = time.monotonic()
            await asyncio.gather(*(each.live_through(kinds[number::VISITORS]) for number, each in enumerate(visitors)))
            troubled = time.monotonic() - begun
            await asyncio.gather(*(each.settle(SETTLED_SECONDS) for each in visitors))
            logger.info("Troubled for %.1f s, settled after %.1f s.", troubled, time.monotonic() - begun - troubled)
            outcomes = [
                Outcome(each.name, each.written, [await each.screen(tab) for tab in each.tabs], each.problems)
                for each in visitors
            ]
            await browser.close()
            return outcomes
    finally:
        await asyncio.gather(*(line.close() for line in lines))
        await replica.stop()


def complaints(outcome: Outcome, book: Rows) -> Iterator[str]:
    """Return what is not as it has to be with one visitor, a sentence each; `book` is what it has of their messages."""
    typed = [text for texts in outcome.written for text in texts]
    asked = [row for row in book if row["sender"] == "visitor"]
    stored = Counter(row["text"] for row in asked)
    yield from (f"lost: {text}" for text in typed if not stored[text])
    yield from (f"stored {times} times: {text}" for text, times in stored.items() if times > 1)
    yield from (f"is {row['turn']}: {row['text']}" for row in asked if row["turn"] not in FINISHED)
    for texts in outcome.written:
        if [row["text"] for row in asked if row["text"] in texts] != [text for text in texts if stored[text]]:
            yield "the book has another order than the visitor"
    if len({row["conversation"] for row in book}) > 1:
        yield "there is more than one conversation"
    visible = [(row["seq"], row["text"]) for row in book if not row["suppressed"]]
    for screen in outcome.screens:
        yield from (
            f"not shown as sent: {row['text']}" for row in screen if row["isVisitor"] and row["state"] != "sent"
        )
        if [(row["seq"], row["text"]) for row in screen] != visible:
            shown = Counter(row["seq"] for row in screen)
            missing = [seq for seq, _ in visible if not shown[seq]]
            doubled = [seq for seq, times in shown.items() if times > 1]
            yield f"the screen is not the book: missing {missing}, doubled {doubled}, numbers {list(shown)}"


def look_up(stack: Running, began: str) -> tuple[dict[str, Rows], set[str]]:
    """Return the messages of each conversation that has begun since, and the conversations that nobody wrote in."""
    found = json.loads(stack.manage("shell", "--no-imports", "-c", LOOK_UP.format(began=began)))
    books: dict[str, Rows] = {}
    for row in found["messages"]:
        books.setdefault(row["conversation"], []).append(row)
    written = {key for key, rows in books.items() if any(row["sender"] == "visitor" for row in rows)}
    return books, set(found["conversations"]) - written


@pytest.mark.slow
def test_nothing_is_lost_or_doubled_while_lines_break(stack: Running, browser: object) -> None:
    began = stack.manage("shell", "--no-imports", "-c", NOW).strip()
    kinds = troubles(CUTS, random.Random(SEED))
    port = int(stack.url.rpartition(":")[2])
    outcomes = run(endure(port, stack.environment, kinds))
    books, empty = look_up(stack, began)
    found = []
    for outcome in outcomes:
        typed = {text for texts in outcome.written for text in texts}
        own = [row for rows in books.values() if any(each["text"] in typed for each in rows) for row in rows]
        found += [f"{outcome.name}: {sentence}" for sentence in complaints(outcome, own)] + outcome.problems
    found += [f"begun for nobody: {conversation}" for conversation in empty]
    assert found == [], f"CUTS_SEED={SEED} CUTS={CUTS}"
    count = sum(len(texts) for outcome in outcomes for texts in outcome.written)
    logger.info("%s messages, %s", count, dict(Counter(kinds)))


@pytest.mark.slow
def test_what_was_missed_is_shown_soon_after_the_line_returns(stack: Running, browser: object) -> None:
    port = int(stack.url.rpartition(":")[2])
    times = replay_times([port], REPLAYS, SEED, EXECUTABLE, QUIET)
    for kind, found in times.items():
        late = quantiles(found, n=20, method="inclusive")[-1]
        logger.info("Replay when %s: median %.2f s, p95 %.2f s of %s.", kind, median(found), late, len(found))
    everything = [each for found in times.values() for each in found]
    assert median(everything) <= REPLAY_SECONDS, f"CUTS_SEED={SEED}: {times}"


def unsent(page: Page, **fields: str) -> None:
    """Load the chat in a tab that could not send a message before."""
    page.goto("/chat/")
    item = {"id": str(uuid.uuid4()), "conversation": "", "text": QUESTION} | fields
    page.evaluate("(item) => sessionStorage.setItem('clinic-chat-unsent', JSON.stringify([item]))", item)
    page.reload()


def test_a_message_whose_id_has_begun_another_conversation_is_sent_all_the_same(context: BrowserContext) -> None:
    taken = str(uuid.uuid4())
    assert context.request.post("/api/v1/conversations", data={"id": taken}).status == 201
    page = context.new_page()
    unsent(page, id=taken)
    expect(page.locator(".chat-row--visitor[data-seq]")).to_have_text(re.compile(re.escape(QUESTION)))
    expect(page.locator(".chat-row--bot")).to_have_count(2)


def test_what_was_meant_for_a_conversation_that_is_over_goes_back_into_the_box(context: BrowserContext) -> None:
    page = context.new_page()
    begun: list[str] = []
    page.on("request", lambda request: begun.append(request.url) if request.method == "POST" else None)
    unsent(page, conversation=str(uuid.uuid4()))
    expect(page.get_by_role("textbox")).to_have_value(QUESTION)
    expect(page.locator(".chat-row--visitor")).to_have_count(0)
    assert begun == []


def test_the_checks_notice_what_they_are_for() -> None:
    def said(seq: int, sender: str, text: str, **fields: Any) -> dict[str, Any]:
        return {
            "conversation": "c",
            "seq": seq,
            "sender": sender,
            "text": text,
            "turn": "answered",
            "suppressed": False,
        } | fields

    def shown(row: dict[str, Any], **fields: Any) -> dict[str, Any]:
        return {
            "seq": row["seq"],
            "isVisitor": row["sender"] == "visitor",
            "state": "sent",
            "text": row["text"],
        } | fields

    one, answer = said(1, "visitor", "one"), said(2, "bot", "answer")
    two = said(3, "visitor", "two")
    book = [one, answer, two]
    screen = [shown(row) for row in book]
    again = said(4, "visitor", "two")

    def found(book: Rows, screen: Rows, written: tuple[str, ...] = ("one", "two")) -> str:
        return " ".join(complaints(Outcome("v", [list(written)], [screen], []), book))

    assert found(book, screen) == ""
    assert "lost: three" in found(book, screen, ("one", "two", "three"))
    assert "another order" in found(book, screen, ("two", "one"))
    assert "stored 2 times: two" in found([*book, again], [*screen, shown(again)])
    assert "missing [2], doubled []" in found(book, [screen[0], screen[2]])
    assert "missing [], doubled [2]" in found(book, [*screen[:2], *screen[1:]])
    assert "the screen is not the book" in found(book, [screen[1], screen[0], screen[2]])
    assert "not shown as sent: two" in found(book, [*screen[:2], shown(two, state="failed")])
    assert "is running: two" in found([one, answer, {**two, "turn": "running"}], screen)
    assert "more than one conversation" in found([one, answer, {**two, "conversation": "d"}], screen)


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while chunk := await reader.read(1000):
            writer.write(chunk)
    writer.close()


async def _use_a_line() -> None:
    server = await asyncio.start_server(_echo, HOST, 0)
    line = Line([server.sockets[0].getsockname()[1]], random.Random(1))
    await line.open()
    request = b"POST /api/v1/messages HTTP/1.1"

    async def said(text: bytes, *, seconds: float = 0.3) -> bytes:
        reader, writer = await asyncio.open_connection(HOST, line.port)
        writer.write(text)
        try:
            return await asyncio.wait_for(reader.read(1000), seconds)
        except ConnectionError:
            return b"cut"
        finally:
            writer.close()

    assert await said(request) == request
    for trap, heard in (
        (Trap("down", 5), (request[:5],)),
        (Trap("up", 7, storing=True), (request[:7], b"", b"cut")),
        (Trap("down", 0, storing=True), (b"", b"cut")),
    ):
        line.trap = trap
        assert await said(request) in heard
        assert trap.sprung.is_set()
    line.trap = Trap("down", 0, storing=True)
    assert await said(b"GET /") == b"GET /"
    line.shut()
    with pytest.raises(ConnectionRefusedError):
        await said(request)
    await line.mend()
    line.stall()
    with pytest.raises(TimeoutError):
        await said(request)
    line.flow()
    assert await said(request) == request
    await line.close()
    server.close()


def test_the_line_breaks_as_it_is_told_to() -> None:
    run(_use_a_line())
