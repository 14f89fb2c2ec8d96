"""Visitors who write while their line breaks, their browser sleeps and the service dies under them."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import random
import subprocess
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Self

from playwright.async_api import BrowserContext, Error, Page

from bench.cutting import HOST, Line, Trap
from bench.replaying import visitor_api
from ops.commands import environment_with, tied
from ops.machine import free_ports
from ops.paths import ROOT, python_of
from ops.probe import responds

QUESTIONS = ("How long does it last?", "Does it hurt?", "What areas can be treated?", "How much is it?")
# How often each kind of trouble comes, of 100.
MIX = {
    "answer_lost": 16,
    "answer_torn": 8,
    "request_torn": 12,
    "stream_torn": 16,
    "cut": 8,
    "refused": 10,
    "stalled": 7,
    "dead": 3,
    "slow": 3,
    "switched": 5,
    "restarted": 2,
    "reloaded": 4,
    "hidden": 2,
    "frozen": 2,
    "offline": 1,
    "doubled": 1,
}
# In the order of the visitors: the second and the fifth have two tabs.
BEGINNINGS = ("answer_lost", "doubled", "answer_torn", "reloaded", "cut")
SPRUNG_SECONDS = 5.0
LOADED_SECONDS = 180.0
# One attempt at that.
LOAD_MS = 10_000
# A line that was away for a minute is tried again every few seconds.
STORED_MS = 60_000
SCREEN = """() => [...document.querySelectorAll(".chat-row")].map((row) => ({
  seq: Number(row.dataset.seq ?? 0),
  isVisitor: row.classList.contains("chat-row--visitor"),
  state: row.dataset.state ?? "",
  text: row.querySelector(".chat-text").textContent,
}))"""
HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}"""

Troubles = list[str]


def troubles(count: int, chance: random.Random) -> Troubles:
    """Return so many kinds of trouble in their mix, shuffled; each kind at least once where there is room.

    The first ones, which meet visitors whose conversation is about to begin, are those that could begin two.
    """
    names = list(MIX)
    drawn = names[:count] + chance.choices(names, list(MIX.values()), k=max(0, count - len(names)))
    chance.shuffle(drawn)
    for place, name in enumerate(name for name in BEGINNINGS if name in drawn):
        there = drawn.index(name)
        drawn[place], drawn[there] = drawn[there], drawn[place]
    return drawn


class Replica:
    """A web process of the clinic beside that of the stack, on the same database."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Prepare one with the environment of the stack's own."""
        self.port = free_ports().web
        self.restarts = 0
        self._environment = environment_with({**environment, "PORT": str(self.port)})
        self._process: subprocess.Popen[bytes] | None = None
        self._busy = asyncio.Lock()

    async def start(self) -> None:
        """Start it and wait until it answers."""
        self._process = subprocess.Popen(
            tied((python_of("clinic"), "-m", "clinic.serve")),
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        address = f"http://{HOST}:{self.port}/api/v1/openapi.json"
        while not await asyncio.to_thread(responds, address):
            assert self._process.poll() is None, "the replica has died"
            await asyncio.sleep(0.1)

    async def restart(self, *, in_order: bool) -> None:
        """End it, by SIGTERM or by SIGKILL, and start it again; two at a time do that one after the other."""
        async with self._busy:
            await self.stop(in_order=in_order)
            await self.start()
            self.restarts += 1

    async def stop(self, *, in_order: bool = True) -> None:
        """End it."""
        if self._process is not None:
            (self._process.terminate if in_order else self._process.kill)()
            await asyncio.to_thread(self._process.wait)


class Visitor:
    """One visitor: a browser profile with one tab or several, a line of their own, and what they have written.

    `written` are the messages of each tab in the order in which they were sent off.
    """

    def __init__(
        self, name: str, context: BrowserContext, line: Line, service: int, replica: Replica, chance: random.Random
    ) -> None:
        """Sit down before nothing yet; `service` is the port of the web process that nothing happens to."""
        self.name, self.context, self.line, self.chance = name, context, line, chance
        self.service, self.replica = service, replica
        self.tabs: list[Page] = []
        self.written: list[list[str]] = []
        self.problems: list[str] = []
        self.count = 0
        context.set_default_navigation_timeout(LOAD_MS)
        context.on("weberror", lambda error: self.problems.append(f"{name}: script error: {error.error}"))

    async def open(self, tabs: int) -> Self:
        """Open the chat in so many tabs."""
        for _ in range(tabs):
            page = await self.context.new_page()
            self.tabs.append(page)
            self.written.append([])
            await self._load(functools.partial(page.goto, "/chat/"), page)
        return self

    async def live_through(self, kinds: Troubles) -> None:
        """Write on, with one trouble after the other."""
        for kind in kinds:
            tab = self.chance.randrange(len(self.tabs))
            deed: Callable[[int], Awaitable[None]] = getattr(self, f"_{kind}")
            await deed(tab)
            if self.chance.random() < 0.5:
                await self._see_an_answer(tab)
            else:
                await self._pause(0.0, 0.3)

    async def settle(self, seconds: float) -> None:
        """With the line whole, wait until all is answered and every tab shows what the clinic has, but not for ever."""
        await self.line.mend()
        end = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < end:
            found = await asyncio.to_thread(self._messages, await self.token())
            answered = {message["in_reply_to"] for message in found}
            if all(message["seq"] in answered for message in found if message["sender"] == "visitor"):
                numbers = [message["seq"] for message in found]
                shown = [[row["seq"] for row in await self.screen(tab)] for tab in self.tabs]
                if all(each == numbers for each in shown):
                    return
            await asyncio.sleep(0.5)

    async def screen(self, tab: Page) -> list[dict[str, Any]]:
        """Return what a tab shows, from the top."""
        rows: list[dict[str, Any]] = await tab.evaluate(SCREEN)
        return rows

    async def token(self) -> str:
        """Return what opens the conversation, "" before it has begun."""
        kept: dict[str, str] = await self.tabs[0].evaluate(
            "() => JSON.parse(localStorage.getItem('clinic-chat') ?? '{}')"
        )
        return kept.get("token", "")

    def _messages(self, token: str) -> list[dict[str, Any]]:
        """Return what the clinic has for the visitor."""
        found: list[dict[str, Any]] = []
        while token:
            after = found[-1]["seq"] if found else 0
            more = visitor_api(self.service, token, f"messages?after={after}")["messages"]
            if not more:
                break
            found += more
        return found

    async def write(self, tab: int) -> str:
        """Type a message that there is only once, and send it off."""
        self.count += 1
        text = f"{self.chance.choice(QUESTIONS)} [{self.name}, {self.count}]"
        # Said before the key is pressed: whatever happens then, it has been written.
        self.written[tab].append(text)
        box = self.tabs[tab].get_by_role("textbox")
        await box.fill(text)
        await box.press("Enter")
        return text

    async def _answer_lost(self, tab: int) -> None:
        await self._trapped(tab, Trap("down", 0, storing=True))

    async def _answer_torn(self, tab: int) -> None:
        await self._trapped(tab, Trap("down", self.chance.randint(1, 400), storing=True))

    async def _request_torn(self, tab: int) -> None:
        await self._trapped(tab, Trap("up", self.chance.randint(1, 900), storing=True))

    async def _stream_torn(self, tab: int) -> None:
        await self._trapped(tab, Trap("down", self.chance.randint(1, 2500)))

    async def _trapped(self, tab: int, trap: Trap) -> None:
        self.line.trap = trap
        await self.write(tab)
        try:
            await asyncio.wait_for(trap.sprung.wait(), SPRUNG_SECONDS)
        except TimeoutError:
            self.line.cut()
        self.line.trap = None

    async def _cut(self, tab: int) -> None:
        await self._write_in_all_tabs()
        await self._pause(0.0, 0.4)
        self.line.cut()

    async def _refused(self, tab: int) -> None:
        await self.write(tab)
        await self._pause(0.0, 0.2)
        self.line.shut()
        if self.chance.random() < 0.5:
            await self.write(tab)
        await self._pause(0.1, 2.5)
        await self.line.open()

    async def _stalled(self, tab: int) -> None:
        await self._pause(0.0, 0.2)
        self.line.stall()
        await self._write_in_all_tabs()
        await self._pause(0.2, 3.0)
        if self.chance.random() < 0.5:
            self.line.cut()
        self.line.flow()

    async def _dead(self, tab: int) -> None:
        self.line.deaden()
        await self.write(tab)

    async def _slow(self, tab: int) -> None:
        self.line.delay = self.chance.uniform(0.05, 0.4)
        await self.write(tab)
        await self._pause(0.5, 1.5)
        self.line.delay = 0.0

    async def _switched(self, tab: int) -> None:
        await self._write_in_all_tabs()
        await self._pause(0.0, 0.3)
        self.line.switch()

    async def _restarted(self, tab: int) -> None:
        await self.write(tab)
        await self._pause(0.0, 0.3)
        await self.replica.restart(in_order=self.chance.random() < 0.5)

    async def _reloaded(self, tab: int) -> None:
        await self.write(tab)
        await self._pause(0.0, 0.2)
        page = self.tabs[tab]
        if self.chance.random() < 0.5:
            self.line.trap = Trap("down", self.chance.randint(1, 20_000))
        await self._load(page.reload, page)
        self.line.trap = None

    async def _hidden(self, tab: int) -> None:
        page = self.tabs[tab]
        await self.write(tab)
        await page.evaluate(HIDE, True)
        await self._pause(0.2, 2.0)
        self.line.cut()
        await page.evaluate(HIDE, False)

    async def _frozen(self, tab: int) -> None:
        await self.write(tab)
        control = await self.context.new_cdp_session(self.tabs[tab])
        await control.send("Page.setWebLifecycleState", {"state": "frozen"})
        await self._pause(0.2, 1.5)
        self.line.cut()
        await self._pause(0.0, 0.5)
        await control.send("Page.setWebLifecycleState", {"state": "active"})
        await control.detach()

    async def _offline(self, tab: int) -> None:
        await self.write(tab)
        await self.context.set_offline(True)
        await self.write(tab)
        await self._pause(0.2, 2.0)
        await self.context.set_offline(False)

    async def _doubled(self, tab: int) -> None:
        """Duplicate a tab that holds what it could not send: both then try."""
        self.line.storing_lost = True
        text = await self.write(tab)
        await self._pause(0.1, 0.5)
        # A window that a page opens gets a copy of its session storage, as a duplicated tab does.
        async with self.context.expect_page() as opening:
            await self.tabs[tab].evaluate("() => { window.open('/chat/'); }")
        twin = await opening.value
        await self._load(None, twin)
        await self._pause(0.0, 0.5)
        self.line.storing_lost = False
        for page in (twin, self.tabs[tab]):
            stored = page.locator(".chat-row[data-seq]", has_text=text)
            try:
                await stored.first.wait_for(timeout=STORED_MS)
            except Error:
                self.problems.append(f"{self.name}: not stored in both: {text}")
        texts = [row["text"] for row in await self.screen(twin) if row["isVisitor"]]
        if len(set(texts)) != len(texts):
            self.problems.append(f"{self.name}: the duplicated tab shows a message twice: {texts}")
        await twin.close()

    async def _write_in_all_tabs(self) -> None:
        await asyncio.gather(*(self.write(tab) for tab in range(len(self.tabs))))

    async def _see_an_answer(self, tab: int) -> None:
        """Wait a little for an answer to the last message; it may as well come later."""
        with contextlib.suppress(Error):
            await self.tabs[tab].locator(".chat-list > :last-child.chat-row--bot").wait_for(timeout=3_000)

    async def _load(self, load: Callable[[], Awaitable[Any]] | None, page: Page) -> None:
        """Load until the chat is there; a page that arrives broken is loaded again."""
        end = asyncio.get_running_loop().time() + LOADED_SECONDS
        while True:
            try:
                if load:
                    await load()
                await page.locator(".chat-row").first.wait_for(timeout=LOAD_MS)
                return
            except Error as error:
                if asyncio.get_running_loop().time() > end:
                    shown = await page.locator("body").inner_text()
                    raise AssertionError(f"{self.name}: the chat cannot be loaded: {error}; {shown!r}") from None
                load = load or page.reload
                await asyncio.sleep(0.1)

    async def _pause(self, least: float, most: float) -> None:
        await asyncio.sleep(self.chance.uniform(least, most))
