"""How long after a cut the message that was missed meanwhile is on the screen."""

from __future__ import annotations

import asyncio
import json
import random
import time
import urllib.request
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal

from playwright.async_api import Page, async_playwright

from bench.cutting import HOST, Line
from ops.probe import NO_PROXY

Kind = Literal["refused", "stalled", "switched"]
KINDS: tuple[Kind, ...] = ("refused", "stalled", "switched")
SHORTEST_SECONDS, LONGEST_SECONDS = 0.3, 4.0
LATEST_SECONDS = 30.0
QUESTION = "How long does it last?"
# Notes when a message with a number was first painted, in milliseconds since 1970.
WATCH = """() => {
  window.painted = {};
  const look = () => {
    for (const row of document.querySelectorAll(".chat-row[data-seq]")) {
      const seq = row.dataset.seq;
      if (seq in window.painted) continue;
      window.painted[seq] = 0;
      requestAnimationFrame(() => setTimeout(() => { window.painted[seq] = Date.now(); }));
    }
  };
  new MutationObserver(look).observe(document.querySelector("[role=log]"), {
    subtree: true, childList: true, attributes: true, attributeFilter: ["data-seq"],
  });
}"""


def replay_times(
    services: Sequence[int], count: int, seed: int, executable: str | None = None, arguments: Sequence[str] = ()
) -> dict[Kind, list[float]]:
    """Cut a real browser's line so often in each way, and return the seconds until it shows what it has missed.

    `services` are the ports of one web process of the clinic or of several on one database. The time runs from the
    line's return to the paint. Each cut lasts 0.3 to 4 seconds; in "switched" the line is never away but leads to
    another process, so there the time runs from the cut itself, and the missed message comes by the next one.
    """
    with ThreadPoolExecutor(1) as pool:
        measured = _measure(services, count, random.Random(seed), executable, arguments)  # noqa: S311 - cuts have to be the same each time
        return pool.submit(asyncio.run, measured).result()


async def _measure(
    services: Sequence[int], count: int, chance: random.Random, executable: str | None, arguments: Sequence[str]
) -> dict[Kind, list[float]]:
    line = Line(services, chance)
    await line.open()
    try:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=executable, args=list(arguments))
            page = await browser.new_page(base_url=line.url)
            await page.goto("/chat/")
            box = page.get_by_role("textbox")
            await box.fill(QUESTION)
            await box.press("Enter")
            await page.locator(".chat-row--visitor + .chat-row--bot").first.wait_for()
            await page.evaluate(WATCH)
            times: dict[Kind, list[float]] = {kind: [] for kind in KINDS}
            for kind in KINDS * count:
                times[kind].append(await _replay(page, line, services[0], kind, chance))
                # Let the stream stand again before the next cut.
                await asyncio.sleep(chance.uniform(0.5, 1.5))
            await browser.close()
            return times
    finally:
        await line.close()


async def _replay(page: Page, line: Line, service: int, kind: Kind, chance: random.Random) -> float:
    """Cut the line, have the clinic say something meanwhile, mend it, and return how long the page takes (seconds)."""
    session = json.loads(await page.evaluate("() => localStorage.getItem('clinic-chat')"))
    away = chance.uniform(SHORTEST_SECONDS, LONGEST_SECONDS)
    cut_at = time.monotonic()
    if kind == "refused":
        line.shut()
    else:
        line.stall()
    seq = await asyncio.to_thread(_say, service, session["token"])
    if kind == "switched":
        away = 0.0
        line.switch()
    await asyncio.sleep(max(0.0, away - (time.monotonic() - cut_at)))
    returned_at = time.time()
    await line.mend()
    end = time.monotonic() + LATEST_SECONDS
    while time.monotonic() < end:
        painted: float = await page.evaluate(f"() => window.painted[{seq}] ?? 0")
        if painted:
            return painted / 1000 - returned_at
        await asyncio.sleep(0.02)
    raise AssertionError(f"what came while the line was away ({kind}) is not shown after {LATEST_SECONDS:g} s")


def _say(service: int, token: str) -> int:
    """Write to the conversation as from another tab, wait for the answer and return its number."""
    text = {"id": str(uuid.uuid4()), "text": QUESTION}
    asked = visitor_api(service, token, "messages", text)["seq"]
    while True:
        found = visitor_api(service, token, f"messages?after={asked}")["messages"]
        if found:
            return int(found[-1]["seq"])
        time.sleep(0.02)


def visitor_api(service: int, token: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Ask the visitor API at a port: a POST with a body, else a GET; raises what urllib raises."""
    request = urllib.request.Request(
        f"http://{HOST}:{service}/api/v1/{path}",
        data=json.dumps(body).encode() if body else None,
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with NO_PROXY.open(request, timeout=30) as answer:
        found: dict[str, Any] = json.load(answer)
        return found
