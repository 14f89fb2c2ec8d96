"""``python -m bench.reply``: how long what staff write takes from their click to the visitor's screen.

A visitor's chat box is open in a real browser while a member of staff answers by HTTP. The time runs from before the
POST to the frame in which the browser has painted the text; both ends read the same machine's clock.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import time
from collections.abc import Sequence
from statistics import median
from typing import Any

from bench.command import exit_code
from bench.compare import percentile_95
from bench.figures import REPLY
from bench.member import Clinic, Member
from bench.stacks import managed_stack
from ops.errors import Stop

REPLIES = 50
QUESTION = "How long does it last?"
PAUSE_SECONDS = 0.1
PATIENCE_MS = 10_000
FIRST = "How long does it last?"
# Notes when a text of staff has been painted: the second frame after it came begins when the first is on the screen.
WATCH = """() => {
    window.painted = {};
    const look = () => {
        for (const text of document.querySelectorAll(".chat-row--staff .chat-text")) {
            const said = text.textContent;
            if (said in window.painted) continue;
            window.painted[said] = 0;
            requestAnimationFrame(() => requestAnimationFrame(() => { window.painted[said] = Date.now(); }));
        }
    };
    new MutationObserver(look).observe(document.body, {childList: true, subtree: true});
}"""


def report(milliseconds: Sequence[float]) -> list[str]:
    """Return the lines to print."""
    middle, high = median(milliseconds), percentile_95(milliseconds)
    return [
        f"{len(milliseconds)} replies of staff, each on the visitor's screen before the next was sent.",
        f"p50 {middle:6.0f} ms",
        f"p95 {high:6.0f} ms   must ≤ {REPLY.must:g}  aim ≤ {REPLY.aim:g}  {REPLY.verdict(high)}",
        f"max {max(milliseconds):6.0f} ms",
    ]


def measure(clinic: Clinic, replies: int) -> list[float]:
    """Return the milliseconds of each reply. Raises Stop."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        raise Stop("A real browser is needed; run `make test` once, which sets it up.") from None
    with Member.of(clinic, "Ann") as ann, sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        except Error as problem:
            raise Stop(f"Chromium does not start: {problem.message.splitlines()[0]}") from None
        page = browser.new_page(base_url=clinic.url)
        page.goto("/chat/")
        # A conversation begins with its first message.
        page.locator(".chat-box").fill(FIRST)
        page.keyboard.press("Enter")
        page.locator(".chat-row--bot").nth(1).wait_for()
        conversation = page.evaluate("JSON.parse(localStorage.getItem('clinic-chat')).conversation")
        page.evaluate(WATCH)
        ann.take(conversation).raise_for_status()
        page.locator(".chat-row--system").first.wait_for()
        taken = [_one(page, ann, conversation, f"Answer number {number}.") for number in range(replies)]
        browser.close()
    return taken


def _one(page: Any, ann: Member, conversation: str, text: str) -> float:
    time.sleep(PAUSE_SECONDS)
    begun = time.time()
    ann.reply(conversation, text).raise_for_status()
    page.wait_for_function("(text) => window.painted[text]", arg=text, timeout=PATIENCE_MS)
    painted: float = page.evaluate("(text) => window.painted[text]", text)
    return painted - begun * 1000


def main() -> int:
    """Carry out the command; a problem becomes one sentence and exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m bench.reply", description=__doc__)
    parser.add_argument("--replies", type=int, default=REPLIES)
    replies = parser.parse_args().replies

    def run() -> None:
        with managed_stack() as clinic:
            print("\n".join(report(measure(clinic, replies))))

    return exit_code(run)


if __name__ == "__main__":
    sys.exit(main())
