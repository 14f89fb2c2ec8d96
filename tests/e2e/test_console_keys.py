"""The staff pages by keyboard alone: the letters, what they must not do, and a walk through a whole conversation."""

from __future__ import annotations

import re
import uuid

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.chatting import Chat
from tests.e2e.conftest import Running
from tests.e2e.staffing import FILL, log_in


@pytest.fixture
def desk(page: Page, staff: tuple[str, str]) -> Page:
    """The queue, opened by a member of staff, with some work in it."""
    chat = Chat(page).open()
    chat.ask("I would like to talk to a person")
    log_in(page, *staff)
    page.goto("/staff/")
    return page


def focused(page: Page) -> str:
    """Return where the focused link leads to, or what is focused."""
    return page.evaluate("document.activeElement.getAttribute('href') ?? document.activeElement.tagName")


def test_j_and_k_walk_through_the_list_and_enter_opens(desk: Page) -> None:
    links = desk.locator("[data-row] a:first-of-type").evaluate_all("(all) => all.map((a) => a.getAttribute('href'))")
    desk.keyboard.press("j")
    assert focused(desk) == links[0]
    desk.keyboard.press("k")
    assert focused(desk) == links[0]
    desk.keyboard.press("j")
    assert focused(desk) == links[min(1, len(links) - 1)]
    desk.keyboard.press("k")
    desk.keyboard.press("Enter")
    expect(desk).to_have_url(re.compile(re.escape(links[0].partition("#")[0])))


def test_a_list_drawn_anew_leaves_the_focus_where_it_is(desk: Page) -> None:
    desk.keyboard.press("j")
    at = focused(desk)
    with desk.expect_response(lambda answer: answer.request.headers.get("hx-request") == "true"):
        desk.evaluate("document.body.dispatchEvent(new CustomEvent('live:queue', { detail: {} }))")
    desk.wait_for_timeout(300)
    assert focused(desk) == at


def test_the_search_and_the_list_of_keys(desk: Page) -> None:
    desk.keyboard.press("?")
    dialog = desk.get_by_role("dialog", name="Keyboard")
    expect(dialog).to_be_visible()
    desk.keyboard.press("j")
    expect(dialog).to_be_visible()
    desk.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    desk.keyboard.press("/")
    search = desk.get_by_role("searchbox").first
    expect(search).to_be_focused()
    desk.keyboard.type("jkrtg?/q")
    expect(search).to_have_value("jkrtg?/q")
    expect(dialog).to_be_hidden()
    desk.keyboard.press("Escape")
    expect(search).not_to_be_focused()


def test_letters_can_be_switched_off(desk: Page) -> None:
    desk.keyboard.press("?")
    switch = desk.get_by_role("dialog").get_by_role("checkbox")
    expect(switch).to_be_checked()
    switch.uncheck()
    desk.keyboard.press("Escape")
    desk.reload()
    desk.keyboard.press("j")
    assert focused(desk) == "BODY"
    desk.locator(".rail [data-help]").click()
    switch.check()
    desk.keyboard.press("Escape")
    desk.locator("h1").click()
    desk.keyboard.press("j")
    assert focused(desk) != "BODY"


def test_a_conversation_from_take_over_to_give_back(page: Page, staff: tuple[str, str], stack: Running) -> None:
    text = f"I would like to talk to a person, {uuid.uuid4().hex[:8]}"
    Chat(page).open().ask(text)
    stack.manage(*FILL)
    log_in(page, *staff)
    page.goto("/staff/")
    page.locator("#queue [data-row] a", has_text=text).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".talk")).to_contain_text(text)
    page.locator("h1").click()
    page.keyboard.press("t")
    box = page.locator("#reply-text")
    expect(box).to_be_visible()
    page.locator("h1").click()
    page.keyboard.press("r")
    expect(box).to_be_focused()
    page.keyboard.type("Hello, this is jkt from the clinic.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".said--staff").last).to_contain_text("Hello, this is jkt from the clinic.")
    expect(page.locator("#reply-text")).to_have_value("")
    page.locator("#canned summary").first.press("Enter")
    page.locator("[data-canned]").first.press("Enter")
    expect(page.locator("#reply-text")).not_to_have_value("")
    expect(page.locator("#reply-text")).to_be_focused()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    expect(page.locator('[data-key="t"]').first).to_be_visible()


def test_every_way_by_tab_shows_where_it_is(desk: Page) -> None:
    """Each stop has a visible outline, nothing traps, and the skip link is the first stop."""
    desk.keyboard.press("Tab")
    expect(desk.get_by_role("link", name="Skip to content")).to_be_focused()
    seen: list[str] = []
    for _ in range(200):
        desk.keyboard.press("Tab")
        at = desk.evaluate(
            """() => { const one = document.activeElement; const style = getComputedStyle(one);
            return [one === document.body ? "" : one.outerHTML.slice(0, 200), parseFloat(style.outlineWidth)]; }"""
        )
        if not at[0] or at[0] in seen[:1]:
            break
        seen.append(at[0])
        assert at[1] >= 2, at[0]
    else:
        pytest.fail("The focus never came back.")
    assert len(seen) > 20
