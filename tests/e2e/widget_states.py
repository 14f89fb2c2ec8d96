"""Every state that the widget can be in, shown one after the other on one page.

A scene brings the chat from one state to the next and yields the name of each, once it stands on the screen. Whoever
goes through them may look at a state as long as they like, and change the screen or the scheme meanwhile.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, Route, expect

from bench.member import Member
from tests.e2e.booking import begin, choose_half_day, leave_details
from tests.e2e.chatting import ANSWER_MS, Chat
from tests.e2e.plain import PlainChat

EFFECTS = "What are the side effects?"
LASTING = "How long does Dysport last?"
PERSON = "I would like to talk to a person"
# The document of the frame, not what stands below its address.
FRAME = re.compile(r"/chat/(\?|$)")
PRACTICE = re.compile(r'"practice": ?\{[^{}]*\}')
HOURS = {
    "clinic-closed": ('{"open": false, "changes_at": "2030-01-07T14:00:00Z", "time_zone": "UTC"}', "chat-hours"),
    "clinic-open": ('{"open": true, "changes_at": null, "time_zone": "UTC"}', "chat-hours is-open"),
}
ASKED_HOURS = "**/api/v1/practice"
MESSAGES = "**/api/v1/messages"
TURN = """(direction) => {
    document.documentElement.dir = direction;
    document.querySelector("clinic-chat")?.setAttribute("dir", direction);
}"""
# The launcher gives the frame this long before it says something itself.
SLOW_MS = 15_000


@dataclass(frozen=True)
class Stage:
    """Where the states are shown: a page with the chat, and somebody of the clinic."""

    chat: Chat
    member: Member

    @property
    def page(self) -> Page:
        """Return the page."""
        return self.chat.page

    def part(self, name: str) -> Locator:
        """Return a part of the chat by the name that its script has for it."""
        return self.chat.panel.locator(f"#chat-{name}")

    def enter(self, path: str = "/") -> None:
        """Come to a page for the first time."""
        # A document of the same origin that has no scripts.
        self.page.goto("/widget.js")
        self.page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
        self.page.goto(path)

    def open(self) -> Chat:
        """Come to the clinic's page for the first time and open the chat."""
        self.enter()
        return self.chat.open()

    def conversation(self) -> str:
        """Return the id of the conversation that the browser remembers."""
        return str(json.loads(self.chat.evaluate("localStorage.getItem('clinic-chat')"))["conversation"])


Scene = Callable[[Stage], Iterator[str]]


def asking(stage: Stage) -> Iterator[str]:
    """Go from the launcher to an answer, and on to what comes while nobody looks."""
    stage.enter()
    chat = stage.chat
    expect(chat.launcher).to_be_visible()
    yield "launcher"
    chat.open()
    expect(stage.part("hours")).not_to_be_empty()
    yield "greeting"
    chat.ask(EFFECTS)
    # Two bubbles, of which the second waits for a clinician.
    expect(chat.answers).to_have_count(3, timeout=ANSWER_MS)
    yield "answer"
    chat.log.locator("summary").last.click()
    yield "answer-with-source"
    stage.part("menu-button").click()
    yield "menu"
    stage.part("menu-button").click()
    chat.say("long " * 1300)
    expect(chat.problem).not_to_be_empty()
    yield "too-long"
    yield from _being_away(stage)


def _being_away(stage: Stage) -> Iterator[str]:
    held: list[Route] = []
    stage.page.route(MESSAGES, lambda route: held.append(route))
    stage.chat.say(LASTING)
    while not held:
        stage.page.wait_for_timeout(20)
    stage.part("close").click()
    expect(stage.chat.window).to_be_hidden()
    for route in held:
        route.continue_()
    stage.page.unroute(MESSAGES)
    expect(stage.chat.launcher.locator("b")).not_to_be_empty(timeout=ANSWER_MS)
    yield "unread"


def keeping_hours(stage: Stage) -> Iterator[str]:
    """Open the chat while the clinic is closed, and again while it is open."""
    for name, (practice, look) in HOURS.items():
        stage.page.route(FRAME, _document_with(practice))
        stage.page.route(ASKED_HOURS, lambda route: route.abort())
        stage.open()
        expect(stage.part("hours")).to_have_class(look)
        yield name
        stage.page.unroute(FRAME)
        stage.page.unroute(ASKED_HOURS)


def _document_with(practice: str) -> Callable[[Route], None]:
    def alter(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=PRACTICE.sub(f'"practice": {practice}', answer.text()))

    return alter


def needing_staff(stage: Stage) -> Iterator[str]:
    """Ask for a person, wait for one, and talk with one."""
    chat = stage.open()
    chat.ask(PERSON)
    expect(chat.log.locator(".chat-choice:visible")).not_to_have_count(0)
    yield "contact-question"
    chat.press("Skip")
    chat.press("I'd rather not")
    yield "waiting-for-staff"
    conversation = stage.conversation()
    ann = stage.member
    ann.take(conversation).raise_for_status()
    ann.reply(conversation, f"Hello, this is {ann.name}. What would you like to know?").raise_for_status()
    expect(chat.staff).to_have_count(1)
    yield "staff-joined"
    ann.type(conversation).raise_for_status()
    expect(stage.part("typing")).to_be_visible()
    yield "staff-typing"


def booking(stage: Stage) -> Iterator[str]:
    """Fill in the form for a visit."""
    chat = stage.open()
    begin(chat)
    yield "booking-half-days"
    choose_half_day(chat)
    yield "button-question"
    chat.press("No, I am new")
    leave_details(chat, "Zoë Example")
    yield "booking-read-back"


def losing_the_line(stage: Stage) -> Iterator[str]:
    """Write where there is no line, and where the line fails."""
    chat = stage.open()
    chat.ask(LASTING)
    stage.page.context.set_offline(True)
    chat.say("Does it hurt?")
    expect(stage.part("status")).not_to_be_empty()
    yield "offline"
    stage.page.route(MESSAGES, lambda route: route.abort())
    stage.page.context.set_offline(False)
    expect(chat.log.locator(".chat-retry")).to_be_visible()
    yield "not-sent"
    stage.page.unroute(MESSAGES)


def ending(stage: Stage) -> Iterator[str]:
    """End the conversation and rate it."""
    chat = stage.open()
    chat.ask(LASTING)
    stage.part("menu-button").click()
    stage.part("end").click()
    yield "end-question"
    stage.part("end-yes").click()
    expect(stage.part("rate")).to_be_visible()
    yield "ended"
    stage.part("rate").get_by_role("button").first.click()
    expect(stage.part("rated")).to_be_visible()
    yield "rated"


def being_out_of_reach(stage: Stage) -> Iterator[str]:
    """Open a chat whose frame does not come."""
    stage.page.route(FRAME, lambda route: route.abort())
    stage.enter()
    stage.chat.launcher.click()
    expect(stage.chat.window.get_by_role("link")).to_be_visible(timeout=SLOW_MS)
    yield "out-of-reach"
    stage.page.unroute(FRAME)


def without_scripts(stage: Stage) -> Iterator[str]:
    """Use the page that needs no scripts."""
    stage.enter("/chat/plain/")
    plain = PlainChat(stage.page)
    yield "plain-greeting"
    plain.ask(EFFECTS)
    yield "plain-answer"


SCENES: tuple[Scene, ...] = (
    asking,
    keeping_hours,
    needing_staff,
    booking,
    losing_the_line,
    ending,
    being_out_of_reach,
    without_scripts,
)


def states(stage: Stage, scenes: tuple[Scene, ...] = SCENES) -> Iterator[str]:
    """Bring the page into every state there is, one after the other, and yield the name of each."""
    for scene in scenes:
        yield from scene(stage)


def turn(page: Page, direction: str) -> None:
    """Have page, launcher and chat read in a direction, `ltr` or `rtl`."""
    for frame in page.frames:
        frame.evaluate(TURN, direction)


def enlarge_text(page: Page) -> None:
    """Have the browser show text at twice the usual size, as its settings offer."""
    page.context.new_cdp_session(page).send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
