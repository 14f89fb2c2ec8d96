"""A visitor with a fresh browser profile on a page that carries the chat, and what the browser notes of the visit."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bench.figures import ROUND_TRIP_MS
from ops.errors import Stop

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Frame, Page, Request

WATCH = Path(__file__).with_name("widget_watch.js")
SLOWER = 4
# Slow 4G: bytes a second, down and up.
SLOW_LINE = {"latency": ROUND_TRIP_MS, "downloadThroughput": 1_600_000 // 8, "uploadThroughput": 750_000 // 8}
PATIENCE_SECONDS = 30.0
# Asking costs the page time: first it is left alone for as long as what is waited for should take, then asked seldom.
QUIET_MS, ASK_EVERY_MS = 500, 100
# Whatever a page does by itself it has done this long after it was loaded.
IDLE_SECONDS = 1.0
RUNNING = ("fetch", "xhr", "eventsource", "websocket", "ping")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def origin_of(address: str) -> str:
    """Return the origin of a web address."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def chromium_path() -> str | None:
    """Return where Debian's Chromium is; without one Playwright takes its own."""
    return shutil.which("chromium")


@contextmanager
def browser() -> Iterator[Browser]:
    """Give a headless Chromium. Raises Stop when there is none."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        raise Stop("A real browser is needed; run `make test` once, which sets it up.") from None
    with sync_playwright() as playwright:
        try:
            launched = playwright.chromium.launch(executable_path=chromium_path(), args=ARGUMENTS)
        except Error as problem:
            raise Stop(f"Chromium does not start: {problem.message.splitlines()[0]}") from None
        try:
            yield launched
        finally:
            launched.close()


class Visit:
    """One visit to one page, by somebody who has never been there; a context manager."""

    def __init__(self, browser: Browser, service: str, *, slow_line: bool = False, slow_processor: bool = True) -> None:
        """Come with a fresh profile; `service` is the origin that the chat comes from."""
        self.service = service
        self.requests: list[Request] = []
        self.context = browser.new_context(viewport={"width": 1280, "height": 860})
        self.complaints: list[str] = []
        self.context.on("request", lambda request: self.requests.append(request))
        self.context.on("console", lambda said: self.complaints.append(said.text))
        self.context.add_init_script(path=WATCH)
        self.page: Page = self.context.new_page()
        self.protocol = self.context.new_cdp_session(self.page)
        if slow_line:
            self.protocol.send("Network.enable")
            self.protocol.send("Network.emulateNetworkConditions", {"offline": False, **SLOW_LINE})
        if slow_processor:
            self.protocol.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})

    def __enter__(self) -> Visit:
        """Return the visit."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave; the profile is gone."""
        self.context.close()

    def look(self, address: str, *shown: str) -> None:
        """Load a page and wait until these things have been on the screen: `heading`, `launcher`."""
        self.page.goto(address, wait_until="load")
        for name in shown:
            self.noted(self.page.main_frame, name)

    def rest(self) -> None:
        """Do nothing until the page has come to rest."""
        self.page.wait_for_timeout(IDLE_SECONDS * 1000)

    def hover(self) -> None:
        """Move the mouse onto the launcher."""
        place = self.page.evaluate(
            "() => { const {x, y, width, height} = document.querySelector('clinic-chat').shadowRoot"
            ".querySelector('button[aria-expanded]').getBoundingClientRect(); return [x + width / 2, y + height / 2]; }"
        )
        self.page.mouse.move(*place)

    def press(self) -> None:
        """Press the mouse's button where it is."""
        self.page.mouse.down()
        self.page.mouse.up()

    def usable(self) -> float:
        """Wait until the chat's box takes text, see that it does, and return when that was. Raises Stop."""
        moment = self.noted(self.frame(), "usable")
        self.page.keyboard.insert_text("Hello")
        taken = self.frame().evaluate("() => document.activeElement.value")
        if taken != "Hello":
            raise Stop(f"The chat's box seemed to take text, but holds {taken!r} after typing Hello.")
        return moment

    def ask(self, text: str) -> None:
        """Write a message in place of what stands in the box, send it, and wait for its answer. Raises Stop."""
        before = self.shown()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(text)
        self.page.keyboard.press("Enter")
        self.wait(lambda: self.shown() >= before + 2, "an answer")

    def shown(self) -> int:
        """Return how many messages stand in the chat."""
        return int(self.frame().evaluate("() => document.querySelectorAll('[role=log] > ol > li').length"))

    def frame(self) -> Frame:
        """Return the chat's frame. Raises Stop when it does not come."""

        def find() -> Any:
            return next((frame for frame in self.page.frames if origin_of(frame.url) == self.service), None)

        found: Frame = self.wait(find, "the frame")
        return found

    def noted(self, frame: Frame, name: str) -> float:
        """Wait for something on the screen and return when that was, in milliseconds since 1970. Raises Stop."""
        self.page.wait_for_timeout(QUIET_MS)
        moment: float = self.wait(lambda: frame.evaluate("(name) => window.bench?.[name]", name), name)
        return moment

    def wait(self, ask: Callable[[], Any], what: str) -> Any:
        """Ask until something true comes and return it. Raises Stop."""
        until = time.monotonic() + PATIENCE_SECONDS
        while not (found := ask()):
            if time.monotonic() > until:
                said = "".join(f" The browser says: {complaint}" for complaint in self.complaints[:1])
                raise Stop(f"The page shows nothing of this after {PATIENCE_SECONDS:.0f} seconds: {what}.{said}")
            self.page.wait_for_timeout(ASK_EVERY_MS)
        return found

    def notes(self) -> dict[str, Any]:
        """Return what the page itself has noted, see `bench/widget_watch.js`."""
        noted: dict[str, Any] = self.page.evaluate("() => window.bench")
        return noted

    def blocked(self) -> float:
        """Return the milliseconds of long tasks beyond their first 50."""
        return sum(max(0.0, duration - 50) for _, duration in self.notes()["long"])

    def ours(self) -> list[Request]:
        """Return all requests to the service so far."""
        return [request for request in self.requests if origin_of(request.url) == self.service]

    def foreign(self) -> list[str]:
        """Return the addresses of all requests to anybody but the page's host and the service."""
        known = {self.service, origin_of(self.page.url)}
        return [r.url for r in self.requests if not r.url.startswith("data:") and origin_of(r.url) not in known]

    def kilobytes(self, *, only_script: bool = False) -> float:
        """Return what the service has sent that is no answer of its API, as compressed, in kB (10^3 bytes).

        Raises Stop when something was not compressed as the measured figures are.
        """
        total = 0
        for request in self.ours():
            if request.resource_type in RUNNING or (only_script and request.resource_type != "script"):
                continue
            response = request.response()
            headers = response.all_headers() if response else {}
            if "image" not in headers.get("content-type", "") and headers.get("content-encoding") != "br":
                raise Stop(f"{urlsplit(request.url).path} came without Brotli.")
            total += int(headers["content-length"])
        return total / 1000

    def slowest_answers(self) -> dict[str, float]:
        """Return how long the page's requests to the service took as it sees them: milliseconds by path."""
        return dict(
            self.page.evaluate(
                "(service) => performance.getEntriesByType('resource').filter(({name}) => name.startsWith(service))"
                ".map(({name, duration}) => [new URL(name).pathname, duration])",
                self.service,
            )
        )

    def heap_megabytes(self) -> tuple[float, float]:
        """Return the memory of the page and its frames of the same site, after a garbage collection, in MB (10^6).

        First what the scripts hold, then that and what the document holds (elements, styles, events).
        """
        for _ in range(2):
            self.protocol.send("HeapProfiler.collectGarbage")
        used = self.protocol.send("Runtime.getHeapUsage")
        return used["usedSize"] / 1e6, (used["usedSize"] + used.get("embedderHeapUsedSize", 0)) / 1e6


def load_average() -> float:
    """Return how many processes wanted a processor in the last minute."""
    return os.getloadavg()[0]
