"""The staff pages move by themselves: new work, messages, typing, sound, notifications, with and without stream."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tests.e2e.chatting import Chat
from tests.e2e.conftest import Running
from tests.e2e.staffing import log_in
from tests.e2e.watching import Watch

# What a browser is asked to show and to play, instead of showing and playing it.
STUBS = """
window.shown = [];
window.played = 0;
window.Notification = class extends EventTarget {
  static permission = "default";
  static async requestPermission() { this.permission = "granted"; return "granted"; }
  constructor(title, more) { super(); window.shown.push([title, more?.body ?? ""]); }
};
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...at) { window.played += 1; start.apply(this, at); };
"""
SECRET = "Is my neighbour's reaction to it usual"
# Longer than the pause between two looks while the stream is down.
POLLED_MS = 15_000


@pytest.fixture
def desk(browser: Browser, stack: Running, staff: tuple[str, str], watch: Watch) -> Iterator[Page]:
    """A page of a member of staff who is logged in, in a browser of its own."""
    context: BrowserContext = browser.new_context(base_url=stack.url, viewport={"width": 1280, "height": 860})
    context.add_init_script(STUBS)
    watch.follow(context)
    page = context.new_page()
    log_in(page, *staff)
    yield page
    context.close()


def live(page: Page) -> None:
    """Wait until the page's stream stands."""
    expect(page.locator(".rail [data-live]")).to_have_text("Live")


def badge(page: Page) -> int:
    """Return the number beside the queue."""
    return int(page.locator(".rail .badge").first.locator("> :first-child").inner_text() or "0")


def open_newest(page: Page, text: str) -> None:
    """Open the conversation whose newest message has this text."""
    page.locator("#queue [data-row] a", has_text=text).click()
    expect(page.locator(".talk")).to_contain_text(text)


def asking(chat: Chat) -> str:
    """Let the visitor ask for a person, in words that no other conversation has; return them."""
    text = f"I would like to talk to a person, my number is {uuid.uuid4().hex[:8]}"
    chat.ask(text)
    return text


def wait_for_notification(page: Page) -> None:
    """Wait until the browser was asked to show one; the page's policy lets no expression be waited for in it."""
    for _ in range(100):
        if page.evaluate("window.shown.length"):
            return
        page.wait_for_timeout(100)
    pytest.fail("No notification came.")


def without_stream(page: Page) -> None:
    """Cut every stream, the one that stands as well; single answers get through."""

    def cut(route: Route) -> None:
        if "once=1" in route.request.url:
            route.continue_()
        else:
            route.abort()

    page.context.route(re.compile("/staff/stream"), cut)


def test_new_work_shows_in_the_queue_and_the_counts(desk: Page, chat: Chat) -> None:
    desk.goto("/staff/")
    live(desk)
    before = badge(desk)
    text = asking(chat)
    expect(desk.locator("#queue")).to_contain_text(text)
    expect(desk.locator(".rail .badge").first).to_contain_text(str(before + 1))
    expect(desk).to_have_title(re.compile(rf"^\({before + 1}\) Queue"))


def test_a_message_shows_in_the_open_conversation(desk: Page, chat: Chat) -> None:
    text = asking(chat)
    desk.goto("/staff/")
    open_newest(desk, text)
    live(desk)
    chat.say("does it hurt much")
    expect(desk.locator(".talk")).to_contain_text("does it hurt much")


def test_staff_see_that_the_visitor_types(desk: Page, chat: Chat) -> None:
    text = asking(chat)
    desk.goto("/staff/")
    open_newest(desk, text)
    live(desk)
    desk.locator('[data-key="t"]').first.click()
    expect(desk.locator("#reply-text")).to_be_visible()
    live(desk)
    chat.box.press_sequentially("I wan", delay=50)
    expect(desk.locator("#visitor-typing")).to_be_visible()


def test_without_the_stream_it_looks_every_ten_seconds(desk: Page, chat: Chat) -> None:
    without_stream(desk)
    desk.goto("/staff/")
    expect(desk.locator(".rail [data-live]")).to_have_text("Looking every 10 seconds")
    before = badge(desk)
    text = asking(chat)
    expect(desk.locator(".rail .badge").first).to_contain_text(str(before + 1), timeout=POLLED_MS)
    expect(desk.locator("#queue")).to_contain_text(text)
    open_newest(desk, text)
    chat.say("how long does it last")
    expect(desk.locator(".talk")).to_contain_text("how long does it last", timeout=POLLED_MS)


def test_the_stream_comes_back(desk: Page) -> None:
    without_stream(desk)
    desk.goto("/staff/")
    expect(desk.locator(".rail [data-live]")).to_have_text("Looking every 10 seconds")
    desk.context.unroute_all()
    live(desk)


def test_sound_and_notification_say_how_much_and_never_what(desk: Page, chat: Chat) -> None:
    desk.goto("/staff/")
    live(desk)
    switch = desk.locator(".rail").get_by_role("switch", name="Sound and notifications")
    expect(switch).not_to_be_checked()
    switch.check()
    played = desk.evaluate("window.played")
    assert played > 0
    chat.ask(SECRET)
    asking(chat)
    expect(desk.locator("#announcement")).to_have_text(re.compile("^New: "))
    wait_for_notification(desk)
    assert desk.evaluate("window.played") > played
    for title, body in desk.evaluate("window.shown"):
        assert re.fullmatch(r"New: \d+ [a-z ,\d]+", title)
        assert body == ""
    desk.reload()
    expect(switch).to_be_checked()
    switch.uncheck()
    desk.reload()
    expect(switch).not_to_be_checked()


def test_one_page_of_several_speaks(desk: Page, chat: Chat) -> None:
    desk.goto("/staff/")
    desk.locator(".rail").get_by_role("switch", name="Sound and notifications").check()
    second = desk.context.new_page()
    second.goto("/staff/")
    live(second)
    live(desk)
    text = asking(chat)
    wait_for_notification(desk)
    expect(second.locator("#queue")).to_contain_text(text)
    assert second.evaluate("window.shown") == []


def test_a_page_whose_session_is_over_shows_the_login(desk: Page, stack: Running) -> None:
    desk.goto("/staff/")
    live(desk)
    without_stream(desk)
    cookies = [one for one in desk.context.cookies() if "csrf" in one["name"]]
    desk.context.clear_cookies()
    desk.context.add_cookies(cookies)
    desk.evaluate("window.dispatchEvent(new Event('online'))")
    expect(desk).to_have_url(re.compile("/staff/login/"), timeout=POLLED_MS)
