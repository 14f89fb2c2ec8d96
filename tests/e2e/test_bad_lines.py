"""The chat on bad lines, before bad services and on bad machines: it says how things are, and loses no text."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Request, Route, expect

from tests.conftest import Running
from tests.e2e.chatting import ANSWER_MS, Chat
from tests.e2e.half import HalfAnswers

LASTING = "How long does Dysport last?"
HURTING = "Does it hurt?"
BEGIN, SEND = "**/api/v1/conversations", "**/api/v1/messages"
STREAM, LOOK = re.compile(r"/api/v1/stream"), re.compile(r"/api/v1/messages\?")
# So long a text is refused by the chat itself.
PASTED = "a long story, ñ 😀 " * 2_800
# Longer than any pause or patience that the chat has.
LONG_MS = 60_000
# How many requests fail until the test says otherwise.
ALWAYS = 10_000
BROKEN = ('{"messages":[{"seq":2,"te', '{"conversation":"', "", "null", "[]", "<html>")


class Tab(Chat):
    """The chat in a tab of its own."""

    def __init__(self, page: Page) -> None:
        """Work with the chat that is the page itself."""
        self.page = page
        self.panel = page.get_by_role("main")
        self.log = page.get_by_role("log")
        self.box = page.get_by_label("Your message")
        self.problem = page.get_by_role("alert")
        self.status = page.locator("#chat-status")
        self.answers = self.log.locator(".chat-row--bot .chat-text")
        self.questions = self.log.locator(".chat-row--visitor")

    def load(self) -> Tab:
        """Go there and see the greeting."""
        self.page.goto("/chat/")
        expect(self.answers.first).to_be_visible(timeout=ANSWER_MS)
        return self

    def wait(self, milliseconds: int = LONG_MS) -> None:
        """Let the page's clock run on at once; needs `clock.install`."""
        self.page.clock.run_for(milliseconds)

    def wait_until(self, happens: Callable[[], bool], within: int) -> None:
        """Let the page's clock run on by so many milliseconds, and the machine do its part, until something happens."""
        for _ in range(60):
            if happens():
                return
            self.wait(within // 60)
            self.page.wait_for_timeout(100)
        pytest.fail("It did not happen.")

    def wait_for_answers(self, count: int) -> None:
        """Let the page's clock run, ten times as fast as the service's, until there are so many answers."""
        for _ in range(200):
            if self.answers.count() >= count:
                break
            self.wait(1_000)
            self.page.wait_for_timeout(100)
        expect(self.answers).to_have_count(count)

    def expect_asked(self, *texts: str) -> None:
        """Fail unless the visitor has said exactly this and each is marked as sent."""
        expect(self.questions.locator(".chat-text")).to_have_text(list(texts), timeout=ANSWER_MS)
        for number in range(len(texts)):
            expect(self.sent(number)).to_contain_text("Sent")


class Meddling:
    """Stands between the page and some addresses of the service: the first requests fail, the others go through."""

    def __init__(self, page: Page, place: Any, times: int, answer: Callable[[Route], None], method: str = "") -> None:
        """Answer the first `times` requests of this method (any, when empty) with `answer`."""
        self.left, self.answer, self.method = times, answer, method
        self.bodies: list[dict[str, Any]] = []
        page.route(place, self._meddle)

    def _meddle(self, route: Route, request: Request) -> None:
        if self.method and request.method != self.method:
            route.fallback()
            return
        if request.method == "POST":
            self.bodies.append(json.loads(request.post_data or "{}"))
        if self.left:
            self.left -= 1
            self.answer(route)
        else:
            route.fallback()


def refusing(status: int, code: str = "", detail: str = "", wait: int = 0) -> Callable[[Route], None]:
    """Return what answers with this status: as the service does where there is a code, else as a proxy before it."""

    def answer(route: Route) -> None:
        body = json.dumps({"status": status, "code": code, "detail": detail}) if code else "<h1>Oh no</h1>"
        kind = "application/problem+json" if code else "text/html"
        headers = {"Retry-After": str(wait)} if wait else {}
        route.fulfill(status=status, body=body, headers={"Content-Type": kind, **headers})

    return answer


def cut_short(route: Route) -> None:
    """Let the service do it, and lose the end of its answer."""
    done = route.fetch()
    text = done.text()
    route.fulfill(status=done.status, headers={"Content-Type": "application/json"}, body=text[: len(text) // 2])


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty page whose clock can be turned."""
    opened = context.new_page()
    opened.clock.install()
    return opened


@pytest.fixture
def tab(page: Page) -> Tab:
    """The chat with its greeting."""
    return Tab(page).load()


@pytest.fixture
def silent() -> Iterator[HalfAnswers]:
    """A service that takes requests and says nothing."""
    with HalfAnswers() as running:
        yield running


def redirect(page: Page, place: Any, service: HalfAnswers) -> None:
    """Lead requests for this place to another service, which the page does not notice."""
    page.route(place, lambda route: route.continue_(url=f"{service.url}/"))


# A service that refuses


@pytest.mark.parametrize("place", [BEGIN, SEND])
def test_too_many_requests_are_told_with_the_time_and_sent_later(tab: Tab, place: str) -> None:
    slow_down = refusing(429, "rate_limited", "That was a lot at once.", wait=30)
    meddling = Meddling(tab.page, place, 1, slow_down, "POST")
    tab.say(LASTING)
    expect(tab.panel.get_by_text("That was a lot at once.")).to_be_visible()
    expect(tab.panel.get_by_text(re.compile(r"Next try in \d+ seconds"))).to_be_visible()
    expect(tab.questions.locator(".chat-text")).to_have_text([LASTING])
    tab.wait(20_000)
    assert len(meddling.bodies) == 1
    tab.wait(15_000)
    tab.expect_asked(LASTING)
    tab.wait_for_answers(2)
    expect(tab.panel.get_by_text("That was a lot at once.")).to_have_count(0)
    assert len({body["id"] for body in meddling.bodies}) == 1


@pytest.mark.parametrize("place", [BEGIN, SEND])
@pytest.mark.parametrize("code", ["", "failed"])
def test_a_service_that_fails_is_tried_again_under_the_same_id(tab: Tab, place: str, code: str) -> None:
    meddling = Meddling(tab.page, place, ALWAYS, refusing(500, code, "Something went wrong."), "POST")
    tab.say(LASTING)
    expect(tab.sent(0).get_by_role("button", name="Try again")).to_be_visible()
    expect(tab.questions.locator(".chat-text")).to_have_text([LASTING])
    tab.wait_until(lambda: len(meddling.bodies) >= 3, within=15_000)
    meddling.left = 0
    tab.wait_until(lambda: "Sent" in tab.sent(0).inner_text(), within=15_000)
    tab.expect_asked(LASTING)
    tab.wait_for_answers(2)
    assert len({body["id"] for body in meddling.bodies}) == 1


def test_a_service_that_goes_on_failing_says_so_and_keeps_the_text_over_a_reload(tab: Tab) -> None:
    Meddling(tab.page, BEGIN, ALWAYS, refusing(503), "POST")
    tab.say(LASTING)
    tab.say(HURTING)
    tab.wait_until(lambda: tab.status.inner_text() != "", within=3 * LONG_MS)
    expect(tab.status).to_contain_text("The chat cannot be reached right now.")
    expect(tab.status).to_contain_text("555-0142")
    tab.page.reload()
    expect(tab.questions.locator(".chat-text")).to_have_text([LASTING, HURTING])
    tab.page.unroute(BEGIN)
    tab.wait()
    tab.expect_asked(LASTING, HURTING)


# Answers that end in the middle


@pytest.mark.parametrize("place", [BEGIN, SEND])
def test_an_answer_that_is_lost_half_way_stores_once(tab: Tab, place: str) -> None:
    meddling = Meddling(tab.page, place, 1, cut_short, "POST")
    tab.say(LASTING)
    tab.wait(5_000)
    tab.expect_asked(LASTING)
    tab.wait_for_answers(2)
    tab.page.reload()
    tab.expect_asked(LASTING)
    assert len({body["id"] for body in meddling.bodies}) == 1


@pytest.mark.parametrize("broken", BROKEN)
def test_nonsense_instead_of_an_answer_stores_once(tab: Tab, broken: str) -> None:
    def answer(route: Route) -> None:
        route.fetch()
        route.fulfill(status=200, headers={"Content-Type": "application/json"}, body=broken)

    Meddling(tab.page, SEND, 1, answer, "POST")
    Meddling(tab.page, LOOK, 2, answer)
    tab.say(LASTING)
    tab.wait(5_000)
    tab.expect_asked(LASTING)
    tab.wait_for_answers(2)
    expect(tab.box).to_be_enabled()


HALF_EVENT = b': hello\n\nid: 2\nevent: message\ndata: {"seq":2,"sender":"bot","text":"half of an ans'


@pytest.mark.parametrize(
    "beginning", [b"", b": hello\n\n", HALF_EVENT, b"id: 2\nevent: message\ndata: {broken\n\n", b"data: null\n\n"]
)
def test_half_an_event_and_then_silence_is_got_over(tab: Tab, beginning: bytes) -> None:
    with HalfAnswers(beginning=beginning) as half:
        redirect(tab.page, STREAM, half)
        tab.say(LASTING)
        while not half.asked:
            tab.page.wait_for_timeout(50)
        tab.wait_for_answers(2)
        tab.expect_asked(LASTING)
        expect(tab.log.get_by_text("half of an ans")).to_have_count(0)
        tab.page.unroute(STREAM)
    tab.say(HURTING)
    tab.wait_for_answers(3)
    tab.expect_asked(LASTING, HURTING)


# No answer at all


@pytest.mark.parametrize("place", [BEGIN, SEND])
def test_no_answer_at_all_is_given_up_and_tried_again(tab: Tab, silent: HalfAnswers, place: str) -> None:
    redirect(tab.page, place, silent)
    tab.say(LASTING)
    expect(tab.sent(0)).to_contain_text("Sending")
    # The request has to get there before the page's clock runs out on it.
    for _ in range(100):
        if silent.asked:
            break
        tab.page.wait_for_timeout(100)
    again = tab.sent(0).get_by_role("button", name="Try again")
    tab.wait_until(lambda: silent.asked > 1 and again.is_visible(), within=6 * LONG_MS)
    expect(tab.sent(0)).to_contain_text("Not sent.")
    tab.box.fill("half a thought")
    tab.page.unroute(place)
    tab.wait()
    tab.expect_asked(LASTING)
    expect(tab.box).to_have_value("half a thought")


def test_a_service_that_is_silent_about_everything_leaves_the_chat_usable(tab: Tab, silent: HalfAnswers) -> None:
    redirect(tab.page, "**/api/v1/**", silent)
    tab.say(LASTING)
    tab.say(HURTING)
    tab.wait_until(lambda: tab.status.inner_text() != "", within=6 * LONG_MS)
    expect(tab.questions.locator(".chat-text")).to_have_text([LASTING, HURTING])
    tab.page.unroute("**/api/v1/**")
    tab.wait()
    tab.expect_asked(LASTING, HURTING)


# Bad machines


@pytest.mark.parametrize("days", [-1, 1])
def test_a_clock_that_is_wrong_by_a_day_changes_nothing(context: BrowserContext, stack: Running, days: int) -> None:
    right = Tab(context.new_page()).load().panel.locator("#chat-hours")
    expect(right).to_be_visible()
    wrong = context.new_page()
    wrong.clock.install(time=datetime.now(UTC) + timedelta(days=days))
    tab = Tab(wrong).load()
    expect(tab.panel.locator("#chat-hours")).to_have_text(right.inner_text())
    tab.ask(LASTING)
    tab.expect_asked(LASTING)
    # The time alone: it is today, whatever the machine says.
    expect(tab.sent(0)).to_have_text(re.compile(r"^Sent\s*\d{1,2}:\d\d [ap]m$"))
    tab.wait(90_000)
    tab.ask(HURTING)
    tab.expect_asked(LASTING, HURTING)


def test_two_tabs_that_send_at_once_share_one_conversation(context: BrowserContext) -> None:
    tabs = [Tab(context.new_page()).load() for _ in range(2)]
    for tab, text in zip(tabs, (LASTING, HURTING), strict=True):
        tab.box.fill(text)
    for tab in tabs:
        tab.page.evaluate("setTimeout(() => document.getElementById('chat-form').requestSubmit(), 50)")
    for tab in tabs:
        expect(tab.questions).to_have_count(2, timeout=ANSWER_MS)
        expect(tab.answers).to_have_count(3, timeout=ANSWER_MS)
    assert tabs[0].questions.all_inner_texts() == tabs[1].questions.all_inner_texts()
    first, second = (tab.evaluate("JSON.parse(localStorage['clinic-chat']).conversation") for tab in tabs)
    assert first == second


@pytest.mark.parametrize("has_begun", [False, True])
def test_a_paste_of_50000_characters_stays_in_the_box(tab: Tab, has_begun: bool) -> None:
    assert len(PASTED) > 50_000
    if has_begun:
        tab.ask(LASTING)
    tab.box.focus()
    tab.page.keyboard.insert_text(PASTED)
    expect(tab.problem).to_contain_text("too long")
    tab.box.press("Enter")
    expect(tab.problem).to_contain_text("911")
    expect(tab.box).to_have_value(PASTED)
    expect(tab.questions).to_have_count(int(has_begun))
    assert tab.panel.bounding_box()["height"] <= 860  # type: ignore[index]
    expect(tab.panel.get_by_role("button", name="Send")).to_be_in_viewport()
    tab.page.reload()
    expect(tab.box).to_have_value(PASTED)
    tab.box.fill(HURTING)
    expect(tab.problem).to_be_empty()
    tab.box.press("Enter")
    expect(tab.questions.last).to_contain_text(HURTING)


BLOCKED = (
    "for (const name of ['localStorage', 'sessionStorage'])"
    " Object.defineProperty(window, name, {get() { throw new DOMException('blocked', 'SecurityError'); }});"
)
FULL = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };"


@pytest.mark.parametrize("script", [BLOCKED, FULL])
def test_where_nothing_can_be_stored_a_message_waits_and_is_sent(context: BrowserContext, script: str) -> None:
    context.add_init_script(script)
    page = context.new_page()
    page.clock.install()
    tab = Tab(page).load()
    meddling = Meddling(page, SEND, ALWAYS, refusing(500), "POST")
    tab.say(LASTING)
    expect(tab.sent(0)).to_contain_text("Not sent.")
    meddling.left = 0
    for _ in range(3):
        tab.wait(5_000)
    tab.expect_asked(LASTING)
    tab.ask(HURTING)
    tab.expect_asked(LASTING, HURTING)


# What changes behind the page's back


def test_a_notice_that_has_changed_is_read_before_anything_is_sent(page: Page) -> None:
    loads = []

    def outdated(route: Route) -> None:
        loads.append(route.request.url)
        if len(loads) > 1:
            route.fallback()
            return
        served = route.fetch()
        text, count = re.subn(r'("consent": ?")[0-9a-f]{16}"', r'\g<1>0123456789abcdef"', served.text())
        assert count == 1
        headers = {name: value for name, value in served.headers.items() if name not in ("content-encoding", "etag")}
        route.fulfill(status=200, headers=headers, body=text)

    page.route(re.compile(r"/chat/$"), outdated)
    tab = Tab(page).load()
    tab.say(LASTING)
    expect(tab.box).to_have_value(LASTING, timeout=ANSWER_MS)
    expect(tab.questions).to_have_count(0)
    expect(tab.panel.get_by_text("you agree to this")).to_be_visible()
    assert len(loads) == 2
    tab.box.press("Enter")
    tab.expect_asked(LASTING)


def test_a_conversation_that_is_deleted_while_it_is_open_gives_the_text_back(tab: Tab, stack: Running) -> None:
    tab.ask(LASTING)
    conversation = uuid.UUID(tab.evaluate("JSON.parse(localStorage['clinic-chat']).conversation"))
    delete = (
        f"from clinic.conversations.models import Conversation as C; C.objects.filter(pk='{conversation}').delete()"
    )
    stack.manage("shell", "--no-imports", "-c", delete)
    tab.say(HURTING)
    # The stream may have told before.
    expect(tab.problem).to_contain_text(re.compile("no longer here|has ended"))
    expect(tab.box).to_have_value(HURTING)
    expect(tab.questions.locator(".chat-text")).to_have_text([LASTING])
    tab.panel.get_by_role("button", name="Start a new conversation").click()
    expect(tab.box).to_have_value(HURTING)
    tab.box.press("Enter")
    tab.expect_asked(HURTING)
    expect(tab.answers).to_have_count(2, timeout=ANSWER_MS)
