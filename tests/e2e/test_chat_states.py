"""What the chat shows and keeps when something is not as it should be."""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.conftest import Running
from tests.e2e.chatting import ANSWER_MS, Chat

LASTING = "How long does Dysport last?"
BEGIN, MESSAGES, PRACTICE = "**/api/v1/conversations", "**/api/v1/messages", "**/api/v1/practice"


def answering(status: int, body: str, **headers: str) -> Callable[[Route], None]:
    """Let a server or something before it give this answer."""
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda route: route.fulfill(status=status, body=body, headers=told)


def problem(status: int, code: str, detail: str, **headers: str) -> Callable[[Route], None]:
    """Let the clinic refuse with this sentence."""
    return answering(status, json.dumps({"code": code, "detail": detail}), Content_Type="application/json", **headers)


def once(first: Callable[[Route], None]) -> Callable[[Route], None]:
    """Treat the first request so, and let all others through."""
    treated: list[Route] = []

    def treat(route: Route) -> None:
        treated.append(route)
        (first if len(treated) == 1 else Route.continue_)(route)

    return treat


# ------------------------------------------------------------------------------------------------- before it begins


def test_the_box_is_there_before_any_script_has_run(browser: Browser, stack: Running) -> None:
    context = browser.new_context(base_url=stack.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/chat/")
    page.get_by_label("Your message").fill(LASTING)
    expect(page.get_by_label("Your message")).to_have_value(LASTING)
    expect(page.get_by_text("By sending one or choosing a topic you agree to this.")).to_be_visible()
    context.close()


def test_the_box_takes_the_keyboard_before_the_rest_has_started(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto("/")
    Chat(page).open().box.fill("A draft")
    # Whatever a frame wants done soon is done late.
    context.add_init_script(
        "if (window.parent !== window) {"
        " const later = window.setTimeout; window.setTimeout = (deed, ms) => later(deed, ms || 2500); }"
    )
    page.reload()
    chat = Chat(page)
    chat.box.focus()
    page.keyboard.type("and more")
    expect(chat.answers).to_have_count(0)
    expect(chat.box).to_have_value("A draft\nand more")
    expect(chat.answers).to_have_count(1)
    assert chat.evaluate("document.activeElement.id") == "chat-box"


def test_without_tls_a_message_has_an_id_too(context: BrowserContext) -> None:
    # Other pages than those of a secure context do not have it.
    context.add_init_script("delete Crypto.prototype.randomUUID")
    page = context.new_page()
    page.goto("/")
    with page.expect_request(MESSAGES) as sent:
        assert Chat(page).open().ask(LASTING)
    assert uuid.UUID(json.loads(sent.value.post_data or "{}")["id"]).version == 4


def test_a_first_message_records_what_the_visitor_has_agreed_to(chat: Chat) -> None:
    consent = chat.panel.get_by_text("you agree to this")
    expect(consent).to_be_visible()
    with chat.page.expect_request(BEGIN) as begun:
        chat.say(LASTING)
    assert re.fullmatch(r"[0-9a-f]{16}", json.loads(begun.value.post_data or "{}")["consent"])
    expect(consent).to_be_hidden()
    expect(chat.answers).to_have_count(2, timeout=ANSWER_MS)


def test_whoever_only_looks_leaves_no_trace(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    chat = Chat(page).open()
    chat.box.fill("Only a thought")
    page.wait_for_timeout(300)
    assert asked == []
    assert chat.evaluate("localStorage.getItem('clinic-chat')") is None


def test_a_wording_that_has_changed_is_shown_before_anything_is_sent(chat: Chat) -> None:
    chat.page.route(BEGIN, once(problem(422, "invalid_request", "Please load the page again.")))
    chat.say(LASTING)
    expect(chat.box).to_have_value(LASTING)
    expect(chat.questions).to_have_count(0)
    expect(chat.panel.get_by_text("you agree to this")).to_be_visible()
    chat.box.press("Enter")
    expect(chat.answers).to_have_count(2, timeout=ANSWER_MS)
    expect(chat.box).to_have_value("")


def test_two_tabs_that_send_at_once_begin_one_conversation(context: BrowserContext, chat: Chat) -> None:
    second_page = context.new_page()
    second_page.goto("/")
    second = Chat(second_page).open()
    held: list[Route] = []
    context.route(BEGIN, lambda route: held.append(route))
    chat.say("Does it hurt?")
    second.say(LASTING)
    chat.page.wait_for_timeout(700)
    [only] = held
    only.continue_()
    for each in (chat, second):
        expect(each.questions).to_have_count(2, timeout=ANSWER_MS)
        expect(each.answers).to_have_count(3, timeout=ANSWER_MS)
    assert len(held) == 1


# ------------------------------------------------------------------------------------------------- bad answers


def test_a_beginning_whose_answer_was_lost_is_gone_on_with_in_the_next_tab(context: BrowserContext, chat: Chat) -> None:
    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    chat.page.route(BEGIN, lose)
    with chat.page.expect_event("requestfailed") as lost:
        chat.say(LASTING)
    chat.page.close()
    page = context.new_page()
    page.goto("/")
    with page.expect_request(BEGIN) as found:
        Chat(page).open().ask(LASTING)
    assert json.loads(found.value.post_data or "{}") == json.loads(lost.value.post_data or "{}")
    assert json.loads(found.value.post_data or "{}")["id"] == Chat(page).evaluate(
        "JSON.parse(localStorage.getItem('clinic-chat')).conversation"
    )


def test_too_many_messages_are_told_with_the_next_try(chat: Chat) -> None:
    chat.ask("Does it hurt?")
    chat.page.route(MESSAGES, problem(429, "rate_limited", "Please wait a moment.", Retry_After="30"))
    chat.say(LASTING)
    expect(chat.sent(1)).to_contain_text("Please wait a moment. Next try in 30 seconds.")
    chat.page.unroute(MESSAGES)
    chat.sent(1).get_by_role("button", name="Try again").click()
    expect(chat.answers).to_have_count(3, timeout=ANSWER_MS)
    expect(chat.sent(1)).to_contain_text("Sent")


def test_too_many_beginnings_are_told_with_the_next_try(chat: Chat) -> None:
    chat.page.route(BEGIN, problem(429, "rate_limited", "Please wait a moment.", Retry_After="300"))
    chat.say(LASTING)
    expect(chat.panel.get_by_text("Please wait a moment. Next try in 5 minutes.")).to_be_visible()
    expect(chat.sent(0)).to_contain_text("Not sent.")
    chat.page.unroute(BEGIN)
    chat.sent(0).get_by_role("button", name="Try again").click()
    expect(chat.answers).to_have_count(2, timeout=ANSWER_MS)


@pytest.mark.parametrize(
    "bad",
    [
        answering(500, ""),
        answering(502, "<html>Bad gateway</html>", Content_Type="text/html"),
        answering(202, '{"seq": 2, "crea', Content_Type="application/json"),
    ],
    ids=["500", "502", "half a line"],
)
@pytest.mark.parametrize("where", [BEGIN, MESSAGES])
def test_a_bad_answer_loses_nothing(chat: Chat, where: str, bad: Callable[[Route], None]) -> None:
    chat.page.route(where, bad)
    chat.say(LASTING)
    expect(chat.sent(0)).to_contain_text("Not sent.")
    expect(chat.questions.locator(".chat-text")).to_have_text(LASTING)
    chat.page.unroute(where)
    expect(chat.answers).to_have_count(2, timeout=ANSWER_MS)
    expect(chat.questions).to_have_count(1)


def test_no_answer_at_all_loses_nothing(chat: Chat) -> None:
    held: list[Route] = []
    chat.page.route(MESSAGES, once(held.append))
    chat.say(LASTING)
    expect(chat.sent(0)).to_contain_text("Sending")
    expect(chat.answers).to_have_count(2, timeout=30_000)
    expect(chat.questions).to_have_count(1)
    assert len(held) == 1


# ------------------------------------------------------------------------------------------------- the text in the box


def test_a_text_that_is_not_sent_yet_survives_a_reload_and_the_next_page(chat: Chat) -> None:
    chat.box.fill("Half a thou")
    chat.page.reload()
    expect(chat.box).to_have_value("Half a thou")
    chat.page.goto("about:blank")
    chat.page.goto("/?next")
    expect(chat.box).to_have_value("Half a thou")
    chat.say("A whole one")
    expect(chat.answers).to_have_count(2, timeout=ANSWER_MS)
    chat.page.reload()
    expect(chat.answers).to_have_count(2, timeout=ANSWER_MS)
    expect(chat.box).to_have_value("")


def test_a_paste_of_50_000_characters_stays_and_is_told_of_at_once(chat: Chat) -> None:
    text = "word " * 10_000
    began = time.monotonic()
    chat.box.fill(text)
    expect(chat.problem).to_contain_text("too long by 44,000 characters")
    chat.box.press("Enter")
    assert time.monotonic() - began < 5
    expect(chat.box).to_have_value(text)
    expect(chat.questions).to_have_count(0)
    chat.box.fill("word " * 1_200)
    expect(chat.problem).to_have_text("")


def test_characters_are_counted_as_the_clinic_counts_them(chat: Chat) -> None:
    chat.box.fill("🙂" * 6_000)
    expect(chat.problem).to_have_text("")
    chat.box.fill("🙂" * 6_001)
    expect(chat.problem).to_contain_text("by 1 characters")


def test_what_was_not_sent_goes_back_into_the_box_when_the_visitor_ends(chat: Chat) -> None:
    chat.ask(LASTING)
    chat.page.route(MESSAGES, answering(500, ""))
    chat.say("First")
    chat.say("Second")
    chat.box.fill("Third")
    chat.end()
    expect(chat.box).to_have_value("First\nSecond\nThird")
    expect(chat.questions).to_have_count(1)
    chat.page.unroute(MESSAGES)
    chat.panel.get_by_role("button", name="Start a new conversation").click()
    expect(chat.box).to_have_value("First\nSecond\nThird")


# ------------------------------------------------------------------------------------------------- open or closed

MONDAY_NOON = datetime(2026, 11, 23, 17, tzinfo=UTC)


def practice(now: datetime, changes_in: timedelta, is_open: bool) -> dict[str, Any]:
    """Return what the clinic says of its hours at a moment."""
    return {
        "now": now.isoformat(),
        "open": is_open,
        "changes_at": (now + changes_in).isoformat(),
        "time_zone": "America/New_York",
    }


def told(page: Page, body: dict[str, Any]) -> Chat:
    """Open the chat of a clinic that says this of its hours."""
    page.route(PRACTICE, answering(200, json.dumps(body), Content_Type="application/json"))
    return Chat(page).open()


@pytest.mark.parametrize(
    ("after", "is_open", "line", "button"),
    [
        (timedelta(hours=5), True, "Open until 5:00 pm", "Talk to a person"),
        (timedelta(days=3), True, "Open now", "Talk to a person"),
        (timedelta(hours=1), False, "Closed. Opens 1:00 pm", "Leave a message"),
        (timedelta(hours=21), False, "Closed. Opens Tuesday, 9:00 am", "Leave a message"),
        (timedelta(days=9), False, "Closed. Opens Wednesday, December 2, 12:00 pm", "Leave a message"),
    ],
)
def test_the_head_says_whether_the_clinic_is_open(
    page: Page, after: timedelta, is_open: bool, line: str, button: str
) -> None:
    chat = told(page, practice(MONDAY_NOON, after, is_open))
    # Between the time and its half there may be a space that does not break.
    expect(chat.panel.locator(".chat-hours")).to_have_text(re.compile(f"^{re.sub(r' (?=[ap]m$)', '.', line)}$"))
    expect(chat.panel.get_by_role("button", name=button)).to_be_visible()


@pytest.mark.parametrize("days", [-1, 1])
def test_a_clock_that_is_wrong_by_a_day_fools_nobody(context: BrowserContext, days: int) -> None:
    context.clock.set_fixed_time(datetime.now(UTC) + timedelta(days=days))
    page = context.new_page()
    page.goto("/")
    now = datetime.now(UTC)
    chat = told(page, practice(now, timedelta(seconds=1), is_open=True))
    expect(chat.panel.locator(".chat-hours")).to_have_text(re.compile(r"^Open until \d+:\d\d.[ap]m$"))
    chat.ask(LASTING)
    # Without a day: it was today.
    expect(chat.log.locator(".chat-row--bot").last.locator("time")).to_have_text(re.compile(r"^\d+:\d\d.[ap]m$"))


def test_the_head_is_renewed_when_the_clinic_closes(context: BrowserContext) -> None:
    context.clock.install()
    page = context.new_page()
    page.goto("/")
    chat = told(page, practice(MONDAY_NOON, timedelta(minutes=5), is_open=True))
    expect(chat.panel.get_by_text(re.compile("Open until 12:05"))).to_be_visible()
    closed = practice(MONDAY_NOON + timedelta(minutes=5), timedelta(hours=3), is_open=False)
    page.route(PRACTICE, answering(200, json.dumps(closed), Content_Type="application/json"))
    context.clock.fast_forward("06:00")
    expect(chat.panel.get_by_text(re.compile("Closed. Opens 3:05"))).to_be_visible()


# ------------------------------------------------------------------------------------------------- other ways to be


def test_the_interface_speaks_spanish_and_marks_what_is_english(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto("/chat/?lang=es-MX")
    expect(page.get_by_text("El asistente es automático y responde en inglés.")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "es")
    page.get_by_role("button", name="Pedir una cita").click()
    said = page.locator(".chat-row--visitor .chat-text")
    expect(said).to_have_text("I would like to book a visit")
    answers = page.locator(".chat-row--bot .chat-text")
    expect(answers.nth(1)).to_be_visible(timeout=ANSWER_MS)
    for number in range(answers.count()):
        expect(answers.nth(number)).to_have_attribute("lang", "en")
    expect(page.locator(".chat-choices").last).to_have_attribute("lang", "en")
    expect(page.get_by_text("Enviado")).to_be_visible()


def test_in_a_tab_of_its_own_nothing_closes_and_the_box_has_the_focus(context: BrowserContext) -> None:
    page = context.new_page()
    page.goto("/chat/")
    expect(page.get_by_label("Your message")).to_be_focused()
    expect(page.get_by_role("button", name="Close chat")).to_be_hidden()
    wide = page.locator("main").bounding_box()
    assert wide
    assert wide["width"] < 800
    assert abs(wide["x"] * 2 + wide["width"] - 1280) < 20
