"""Whatever somebody writes stays text: hostile text in every field, then every page, every alert and the exports."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.chatting import ANSWER_MS, Chat
from tests.e2e.conftest import Running
from tests.e2e.payloads import PAYLOADS
from tests.e2e.staffing import FILL, log_in
from tests.e2e.visiting import addresses
from tests.e2e.watching import Watch

POISON = ("shell", "--no-imports", "-c", "from tests.e2e.poisoning import poison; poison()")
HEAL = ("shell", "--no-imports", "-c", "from tests.e2e.poisoning import heal; heal()")
GREETING = ("shell", "--no-imports", "-c", "from clinic.widget import look; print(look.current().greeting.split()[0])")
LEAKS = ("shell", "--no-imports", "-c", "from tests.e2e.poisoning import leaks; leaks()")
# Longer than the clinic's facts are kept.
FACTS_MS = 5_500
# What only a payload can have put on a page.
PLANTED = """
[...document.querySelectorAll(
  'img[src="x"], svg[onload], iframe, template, style, [onerror], [onfocus], [hx-get="/harm"], [data-hx-get],' +
  'a[href^="javascript:" i], script:not([src]), b'
)].map((one) => one.outerHTML.slice(0, 200))
"""


def assert_harmless(page: Page, address: str) -> None:
    """Fail when a payload has become more than text on the page."""
    assert page.evaluate("window.harmed") is None, address
    assert page.evaluate(PLANTED) == [], address
    assert page.evaluate("getComputedStyle(document.body).display") != "none"


def test_messages_are_text_in_the_chat_the_queue_the_transcript_and_the_search(
    chat: Chat, staff: tuple[str, str], browser: Browser, stack: Running, watch: Watch
) -> None:
    context = browser.new_context(base_url=stack.url)
    watch.follow(context)
    page = context.new_page()
    log_in(page, *staff)
    chat.ask("I would like to talk to a person")
    for payload in PAYLOADS:
        chat.say(payload.replace("\r\n", " ").strip())
        expect(chat.questions.last.locator(".chat-text")).to_contain_text(payload.replace("\r\n", " ").strip()[:20])
    expect(chat.sent(len(PAYLOADS))).to_contain_text("Sent", timeout=ANSWER_MS)
    assert_harmless(chat.page, "the chat")
    page.goto("/staff/")
    assert_harmless(page, "the queue")
    page.goto("/staff/?q=harmed")
    expect(page.locator("#queue")).to_contain_text("harmed")
    assert_harmless(page, "the search")
    page.locator("#queue [data-row] a").first.click()
    expect(page.locator(".talk")).to_contain_text(PAYLOADS[0])
    said = page.locator(".said--visitor .said-text").all_inner_texts()
    assert sum("harmed" in text for text in said) >= 9
    assert_harmless(page, "the transcript")
    context.close()


@pytest.fixture
def poisoned(stack: Running) -> Iterator[Callable[[], object]]:
    """Puts payloads into the book when it is called; afterwards the book is as before."""
    yield lambda: stack.manage(*POISON)
    stack.manage(*HEAL)


def test_nothing_in_the_book_is_more_than_text_on_any_page(
    poisoned: Callable[[], object], chat: Chat, staff: tuple[str, str], browser: Browser, stack: Running, watch: Watch
) -> None:
    chat.ask("I would like to talk to a person")
    stack.manage(*FILL)
    context = browser.new_context(base_url=stack.url)
    watch.follow(context)
    page = context.new_page()
    log_in(page, *staff)
    pages = addresses(stack, staff[0])
    poisoned()
    page.wait_for_timeout(FACTS_MS)
    for address in (*pages.values(), "/staff/?q=harmed", "/staff/bookings/?show=all", "/"):
        answer = page.goto(address)
        assert answer
        assert answer.ok, address
        page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
        assert_harmless(page, address)
        assert not re.search("[\r\n]", page.title())
    page.goto(pages["conversation"])
    expect(page.locator("main")).to_contain_text("harmed=")
    greeting = stack.manage(*GREETING).splitlines()[-1]
    for address in ("/chat/", "/chat/plain/"):
        page.goto(address)
        expect(page.get_by_text(greeting).first).to_be_visible()
        assert page.evaluate("window.harmed") is None, address
    context.close()


def test_alerts_hold_no_words_and_exports_no_formulas(
    poisoned: Callable[[], object], chat: Chat, stack: Running
) -> None:
    for payload in PAYLOADS:
        if len(payload.split()) < 40:
            chat.say(f"{payload} I want to talk to a person")
    chat.ask("I would like to talk to a person")
    poisoned()
    found = json.loads(stack.manage(*LEAKS).splitlines()[-1])
    assert found["alerts"] == []
    assert found["cells"] == []
    assert min(found["conversations"], found["messages"]) > len(PAYLOADS)
