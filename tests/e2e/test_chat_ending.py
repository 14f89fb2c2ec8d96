"""A conversation is ended by its visitor, rated, kept as a text, and another one begun."""

from __future__ import annotations

import json
import re
from pathlib import Path

from playwright.sync_api import APIResponse, Route, expect

from tests.e2e.chatting import Chat

LASTING = "How long does Dysport last?"
OVER = "This conversation has ended"


def test_before_there_is_a_conversation_there_is_nothing_to_end(chat: Chat) -> None:
    expect(chat.panel.get_by_role("button", name="More")).to_be_hidden()
    chat.ask(LASTING)
    expect(chat.panel.get_by_role("button", name="More")).to_be_visible()


def test_the_end_is_asked_for_and_rated_with_one_press(chat: Chat) -> None:
    chat.ask(LASTING)
    chat.panel.get_by_role("button", name="More").click()
    chat.panel.get_by_role("button", name="End conversation").click()
    question = chat.panel.get_by_role("group", name="End this conversation?")
    expect(question.get_by_role("button", name="Keep it open")).to_be_focused()
    question.get_by_role("button", name="Keep it open").click()
    expect(question).to_be_hidden()
    expect(chat.panel.get_by_text(OVER, exact=True)).to_be_hidden()

    chat.end()
    expect(chat.notices.last).to_contain_text("You have ended this chat.")
    with chat.page.expect_request("**/api/v1/rating") as rated:
        chat.panel.get_by_role("group", name="Was this chat helpful?").get_by_role("button", name="Yes").click()
    assert json.loads(rated.value.post_data or "{}") == {"value": "good"}
    expect(chat.panel.get_by_text("Thank you.", exact=True)).to_be_visible()
    expect(chat.panel.get_by_role("group", name="Was this chat helpful?")).to_be_hidden()
    expect(chat.panel.get_by_role("button", name="Start a new conversation")).to_be_focused()


def test_the_answer_to_the_end_comes_late_and_leaves_the_focus_alone(chat: Chat) -> None:
    chat.ask(LASTING)
    held: list[tuple[Route, APIResponse]] = []
    chat.page.route("**/api/v1/end", lambda route: held.append((route, route.fetch())))
    # The stream tells of it.
    chat.end()
    new = chat.panel.get_by_role("button", name="Start a new conversation")
    new.focus()
    while not held:
        chat.page.wait_for_timeout(20)
    [(route, answer)] = held
    with chat.page.expect_event("requestfinished", lambda request: request.url.endswith("/end")):
        route.fulfill(response=answer)
    chat.page.wait_for_timeout(300)
    expect(new).to_be_focused()


def test_an_ended_conversation_is_still_there_after_a_reload(chat: Chat) -> None:
    chat.ask(LASTING)
    chat.end()
    chat.panel.get_by_role("group", name="Was this chat helpful?").get_by_role("button", name="No").click()
    expect(chat.panel.get_by_text("Thank you.", exact=True)).to_be_visible()
    chat.page.reload()
    expect(chat.panel.get_by_text(OVER, exact=True)).to_be_visible()
    expect(chat.questions).to_have_count(1)
    expect(chat.panel.get_by_text("Thank you.", exact=True)).to_be_visible()
    chat.panel.get_by_role("button", name="Start a new conversation").click()
    expect(chat.questions).to_have_count(0)
    expect(chat.panel.get_by_text("Automated assistant", exact=True)).to_be_visible()
    chat.ask("Does it hurt?")
    expect(chat.questions).to_have_count(1)


def test_an_end_that_does_not_get_through_is_told(chat: Chat) -> None:
    chat.ask(LASTING)
    chat.page.route("**/api/v1/end", lambda route: route.abort())
    chat.panel.get_by_role("button", name="More").click()
    chat.panel.get_by_role("button", name="End conversation").click()
    chat.panel.get_by_role("button", name="End it").click()
    expect(chat.problem).to_contain_text("That did not work.")
    expect(chat.panel.get_by_text(OVER, exact=True)).to_be_hidden()


def test_escape_closes_the_menu_then_the_question_then_the_chat(chat: Chat) -> None:
    chat.ask(LASTING)
    more = chat.panel.get_by_role("button", name="More")
    download = chat.panel.get_by_role("button", name="Download as text")
    more.click()
    expect(download).to_be_visible()
    chat.page.keyboard.press("Escape")
    expect(download).to_be_hidden()
    expect(more).to_be_focused()
    more.click()
    chat.panel.get_by_role("button", name="End conversation").click()
    chat.page.keyboard.press("Escape")
    expect(chat.panel.get_by_role("group", name="End this conversation?")).to_be_hidden()
    expect(more).to_be_focused()
    chat.page.keyboard.press("Escape")
    expect(chat.panel).to_be_hidden()
    expect(chat.launcher).to_be_focused()


def test_the_conversation_is_saved_as_a_text(chat: Chat) -> None:
    chat.ask(LASTING)
    chat.panel.get_by_role("button", name="More").click()
    with chat.page.expect_download() as saved:
        chat.panel.get_by_role("button", name="Download as text").click()
    assert re.fullmatch(r"chat-\d{4}-\d\d-\d\d\.txt", saved.value.suggested_filename)
    text = Path(saved.value.path()).read_text(encoding="utf-8")
    assert text.startswith("Chat with Willow Street Skin Clinic, saved ")
    day = r"\w+ \d+, \d{4} at \d+:\d\d.[ap]m"
    assert re.search(rf"{day} · You\n{re.escape(LASTING)}\n", text)
    assert re.search(rf"{day} · Assistant\n{re.escape(chat.answers.last.inner_text())}\n", text)
