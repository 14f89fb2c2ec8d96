"""The widget by keyboard alone, and what screen readers are told of it."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.e2e.chatting import ANSWER_MS, Chat
from tests.e2e.conftest import Running
from tests.e2e.watching import Watch
from tests.e2e.widget_states import FRAME, MESSAGES, SLOW_MS

LASTING = "How long does Dysport last?"
# Where the keyboard's focus is: in the frame, on the launcher's own parts, or on the page.
PLACE = """() => {
    const host = document.querySelector("clinic-chat");
    if (document.activeElement !== host) return document.activeElement === document.body ? "nowhere" : "page";
    return host.shadowRoot.activeElement.localName;
}"""
NAME = """() => {
    const one = document.activeElement;
    return one === document.body ? "" : one.ariaLabel ?? one.textContent.trim();
}"""
# Notes in the frame, before its script runs, how loud the log is when a message is put into it.
NOTE_LOUDNESS = """
window.loudness = [];
new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
        if (target.id === "chat-list" && addedNodes.length) window.loudness.push(target.parentElement.ariaLive);
    }
}).observe(document, { childList: true, subtree: true });
"""


def place(page: Page) -> str:
    """Return where the focus is: frame, button or dialog, another part of the launcher, page or nowhere."""
    return str(page.evaluate(PLACE))


def focused(chat: Chat) -> str:
    """Return the name of what has the focus within the frame, "" for nothing."""
    return str(chat.log.evaluate(NAME))


def pressed(chat: Chat, key: str, most: int = 30) -> list[str]:
    """Press a key until the focus leaves the frame, and return the names of what it comes by."""
    names: list[str] = []
    for _ in range(most):
        chat.page.keyboard.press(key)
        name = focused(chat)
        if place(chat.page) != "iframe" or not name:
            return names
        names.append(name)
    raise AssertionError(f"The focus does not leave the frame: {names}")


def key(page: Page, *names: str) -> None:
    """Press keys one after the other."""
    for name in names:
        page.keyboard.press(name)


@pytest.fixture
def answered(chat: Chat) -> Chat:
    """An open chat with one answer."""
    chat.ask(LASTING)
    return chat


def test_every_control_is_reached_both_ways_and_the_frame_is_left(answered: Chat) -> None:
    answered.box.focus()
    before = pressed(answered, "Shift+Tab")
    [person] = [name for name in before if name.startswith(("Talk to a person", "Leave a message"))]
    expected = ["More", "Close chat", "Conversation", "911", "Where this comes from", person, "Book a visit"]
    assert before == expected[::-1]
    answered.launcher.evaluate("(button) => button.getRootNode().querySelector('iframe').focus()")
    assert pressed(answered, "Tab") == [*expected, "Your message", "Send"]


def test_the_box_has_the_focus_although_the_frame_came_late(page: Page) -> None:
    held: list[Route] = []
    page.route(FRAME, lambda route: held.append(route))
    page.reload()
    chat = Chat(page)
    chat.launcher.focus()
    key(page, "Enter")
    expect(chat.launcher).to_have_attribute("aria-expanded", "true")
    while not held:
        page.wait_for_timeout(20)
    for route in held:
        route.continue_()
    expect(chat.box).to_be_focused()


def test_topics_of_the_greeting_are_chosen_by_keyboard(chat: Chat) -> None:
    topic = chat.button("How long results last")
    topic.focus()
    key(chat.page, "Enter")
    expect(chat.answers).to_have_count(2, timeout=ANSWER_MS)
    expect(chat.box).to_be_focused()


def test_the_menu_is_opened_walked_and_closed(answered: Chat) -> None:
    page, more = answered.page, answered.panel.get_by_role("button", name="More")
    more.focus()
    key(page, "Enter", "Tab")
    assert focused(answered) == "Download as text"
    with page.expect_download() as download:
        key(page, "Enter")
    assert download.value.suggested_filename.endswith(".txt")
    expect(more).to_be_focused()
    key(page, "Enter", "Tab", "Tab")
    assert focused(answered) == "End conversation"
    key(page, "Escape")
    expect(more).to_be_focused()
    expect(answered.panel.get_by_text("End conversation")).to_be_hidden()
    expect(answered.window).to_be_visible()


def test_escape_takes_back_the_question_before_it_closes_the_chat(answered: Chat) -> None:
    page, more = answered.page, answered.panel.get_by_role("button", name="More")
    more.focus()
    key(page, "Enter", "Tab", "Tab", "Enter")
    expect(answered.panel.get_by_role("button", name="Keep it open")).to_be_focused()
    key(page, "Escape")
    expect(more).to_be_focused()
    expect(answered.panel.get_by_role("button", name="Keep it open")).to_be_hidden()
    key(page, "Escape")
    expect(answered.window).to_be_hidden()
    expect(answered.launcher).to_be_focused()
    expect(answered.launcher).to_have_attribute("aria-expanded", "false")


def test_escape_closes_the_chat_from_every_control(answered: Chat) -> None:
    controls = answered.panel.locator("button:visible, summary:visible, a:visible, textarea, [role=log]")
    assert controls.count() >= 9
    for number in range(controls.count()):
        controls.nth(number).focus()
        key(answered.page, "Escape")
        expect(answered.launcher).to_be_focused()
        key(answered.page, "Enter")
        expect(answered.box).to_be_focused()
        expect(answered.launcher).to_have_attribute("aria-expanded", "true")


def test_a_conversation_is_ended_rated_and_begun_anew(answered: Chat) -> None:
    page, panel = answered.page, answered.panel
    panel.get_by_role("button", name="More").focus()
    key(page, "Enter", "Tab", "Tab", "Enter", "Shift+Tab")
    assert focused(answered) == "End it"
    key(page, "Enter")
    expect(panel.get_by_role("button", name="Yes")).to_be_visible()
    expect(answered.box).to_be_focused()
    key(page, "Shift+Tab", "Shift+Tab", "Shift+Tab")
    assert focused(answered) == "Yes"
    key(page, "Enter")
    expect(panel.get_by_role("button", name="Start a new conversation")).to_be_focused()
    key(page, "Enter")
    expect(answered.box).to_be_focused()
    expect(answered.answers).to_have_count(1)


def test_a_message_that_was_not_sent_is_sent_again(answered: Chat) -> None:
    page = answered.page
    page.route(MESSAGES, lambda route: route.abort())
    answered.say("Does it hurt?")
    again = answered.panel.get_by_role("button", name="Try again")
    again.focus()
    page.unroute(MESSAGES)
    key(page, "Enter")
    expect(answered.answers).to_have_count(3, timeout=ANSWER_MS)


def test_the_sources_are_unfolded_and_folded(answered: Chat) -> None:
    answered.log.locator("summary").focus()
    for is_open in (True, False):
        key(answered.page, "Enter")
        expect(answered.log.get_by_text("Patient guide").first).to_be_visible(visible=is_open)


def test_on_a_phone_the_focus_stays_in_the_chat(browser: Browser, stack: Running, watch: Watch) -> None:
    context = browser.new_context(base_url=stack.url, viewport={"width": 390, "height": 844})
    watch.follow(context)
    page = context.new_page()
    page.goto("/")
    Chat(page).open()
    places = set()
    for direction in ("Tab", "Shift+Tab"):
        for _ in range(25):
            key(page, direction)
            places.add(place(page))
    assert "page" not in places
    context.close()


def test_a_chat_that_does_not_come_is_left_by_keyboard(page: Page) -> None:
    page.route(FRAME, lambda route: route.abort())
    page.reload()
    chat = Chat(page)
    chat.launcher.focus()
    key(page, "Enter")
    instead = chat.window.get_by_role("link", name="Open in a new tab")
    expect(instead).to_be_visible(timeout=SLOW_MS)
    reached = set()
    for _ in range(12):
        key(page, "Tab")
        reached.add(page.evaluate("document.activeElement?.shadowRoot?.activeElement?.textContent"))
    assert {"Open in a new tab", "Try again", "Close"} <= reached
    instead.focus()
    key(page, "Escape")
    expect(chat.window).to_be_hidden()
    expect(chat.launcher).to_be_focused()


# --------------------------------------------------------------------------------------------- what is read out


def test_only_what_is_new_is_read_out(context: BrowserContext) -> None:
    context.add_init_script(NOTE_LOUDNESS)
    page = context.new_page()
    page.goto("/")
    chat = Chat(page).open()
    assert set(loudness(chat)) == {"off"}
    # The greeting has been read by then.
    expect(chat.log).to_have_attribute("aria-live", "polite")
    chat.ask(LASTING)
    assert loudness(chat)[-1] == "polite"
    page.reload()
    expect(chat.answers).to_have_count(2)
    assert set(loudness(chat)) == {"off"}
    expect(chat.log).to_have_attribute("aria-live", "polite")
    expect(chat.log).to_have_attribute("aria-relevant", "additions")


def loudness(chat: Chat) -> list[Any]:
    """Return how loud the log was, message by message."""
    return list(chat.evaluate("window.loudness"))


def test_screen_readers_hear_of_the_line_and_of_problems(context: BrowserContext, chat: Chat) -> None:
    chat.say(" ")
    expect(chat.problem).to_contain_text("Please type your question")
    expect(chat.box).to_have_attribute("aria-invalid", "true")
    expect(chat.box).to_have_accessible_description(chat.problem.inner_text())
    context.set_offline(True)
    expect(chat.panel.get_by_role("status").filter(has_text="You are offline.")).to_be_visible()
    context.set_offline(False)


def test_the_launcher_says_how_many_messages_are_unread(answered: Chat) -> None:
    held: list[Route] = []
    answered.page.route(MESSAGES, lambda route: held.append(route))
    answered.say("Does it hurt?")
    key(answered.page, "Escape")
    expect(answered.launcher).to_be_focused()
    while not held:
        answered.page.wait_for_timeout(20)
    for route in held:
        route.continue_()
    answered.page.unroute(MESSAGES)
    expect(answered.launcher).to_have_accessible_name("Questions? Chat with us. New messages: 1", timeout=ANSWER_MS)
    key(answered.page, "Enter")
    expect(answered.box).to_be_focused()
    key(answered.page, "Escape")
    expect(answered.launcher).to_have_accessible_name("Questions? Chat with us")
