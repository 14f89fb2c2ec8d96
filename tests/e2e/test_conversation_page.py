"""Two members of staff at one conversation: nothing takes away what somebody is typing, and nobody works unseen."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from playwright.sync_api import APIResponse, Browser, Page, Route, expect

from tests.conftest import Running
from tests.e2e.staffing import TOTP_SECRET, log_in
from tests.e2e.watching import Watch
from tests.scenarios.conversation import Turn, Visitor

BEN = ("ben", "nine patient otters 8")
QUESTION = "How long does it last?"


@contextmanager
def browsing(browser: Browser, stack: Running, who: tuple[str, str], watch: Watch) -> Iterator[Page]:
    """A browser of its own, in which somebody of staff is logged in."""
    context = browser.new_context(base_url=stack.url, viewport={"width": 1280, "height": 860})
    watch.follow(context)
    page = context.new_page()
    log_in(page, *who)
    yield page
    context.close()


@contextmanager
def without_script(page: Page, browser: Browser, stack: Running) -> Iterator[Page]:
    """Another browser with the same session, in which no script runs."""
    context = browser.new_context(base_url=stack.url, java_script_enabled=False)
    context.add_cookies([{**cookie} for cookie in page.context.cookies()])
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def ben(stack: Running) -> tuple[str, str]:
    """A colleague at the front desk."""
    secrets = {"STAFF_PASSWORD": BEN[1], "STAFF_TOTP_SECRET": TOTP_SECRET}
    stack.manage("make_member", BEN[0], "--role=front_desk", "--first-name=Ben", **secrets)
    return BEN


@pytest.fixture
def visitor(stack: Running) -> Iterator[Visitor]:
    """A visitor who has asked something and has the answer."""
    headers = {"Measuring-Key": stack.measuring_key}
    with httpx.Client(base_url=stack.url, headers=headers, timeout=60, trust_env=False) as client:
        visitor = Visitor(client, {})
        visitor.take(Turn("visitor", QUESTION))
        yield visitor


@pytest.fixture
def one(browser: Browser, stack: Running, staff: tuple[str, str], visitor: Visitor, watch: Watch) -> Iterator[Page]:
    """The conversation, open before the first member of staff."""
    with browsing(browser, stack, staff, watch) as page:
        page.goto(f"/staff/conversations/{visitor.conversation}/")
        yield page


@pytest.fixture
def other(browser: Browser, stack: Running, ben: tuple[str, str], visitor: Visitor, watch: Watch) -> Iterator[Page]:
    """The same conversation, open before Ben."""
    with browsing(browser, stack, ben, watch) as page:
        page.goto(f"/staff/conversations/{visitor.conversation}/")
        yield page


def test_what_one_is_typing_outlives_what_the_other_does(one: Page, other: Page) -> None:
    other.locator("#note-text").fill("Half a note")
    other.locator("#tag-text").fill("half a tag")
    one.locator("#take").click()
    expect(one.locator("#reply-text")).to_be_focused()
    expect(other.locator("#panel-title")).to_have_text("With morgan")
    one.locator("#tag-text").fill("call back")
    one.locator("#tag-form button").click()
    expect(other.locator("#tags")).to_contain_text("call back")
    one.locator("#note-text").fill("Called at five.")
    one.locator("#note-form button").click()
    expect(other.locator("#notes")).to_contain_text("Called at five.")
    expect(one.locator("#note-text")).to_have_value("")
    one.locator("#reply-text").fill("About four months.")
    one.keyboard.press("Control+Enter")
    expect(other.locator(".said--staff")).to_contain_text("About four months.")
    expect(one.locator("#reply-text")).to_have_value("")
    expect(other.locator("#note-text")).to_have_value("Half a note")
    expect(other.locator("#tag-text")).to_have_value("half a tag")


def test_a_reply_survives_that_a_colleague_takes_the_conversation(one: Page, other: Page) -> None:
    one.locator("#take").click()
    one.locator("#reply-text").fill("Half a sentence")
    other.locator("#take-from").click()
    other.locator("dialog[open]").get_by_role("button", name="Yes").click()
    expect(other.locator("#reply-text")).to_be_visible()
    expect(one.locator("#panel-title")).to_have_text("With Ben")
    expect(one.locator("#reply-text")).to_have_value("Half a sentence")
    one.locator("#reply-form").get_by_role("button", name="Send").click()
    expect(one.locator("#reply-problem")).to_contain_text("This conversation is with Ben now.")
    expect(one.locator("#reply-text")).to_have_value("Half a sentence")
    one.locator("#take-from").click()
    one.locator("dialog[open]").get_by_role("button", name="Yes").click()
    expect(one.locator("#reply-problem")).to_have_count(0)
    expect(one.locator("#reply-text")).to_have_value("Half a sentence")
    one.locator("#reply-form").get_by_role("button", name="Send").click()
    expect(one.locator(".said--staff .said-text")).to_have_text(["Half a sentence"])
    expect(other.locator(".said--staff .said-text")).to_have_text(["Half a sentence"])


def test_a_look_that_began_before_taking_over_leaves_the_reply_box_alone(one: Page) -> None:
    looks: list[tuple[Route, APIResponse]] = []

    def slowly(route: Route) -> None:
        taken = route.fetch()
        # Time for the news of it to come first.
        time.sleep(1)
        route.fulfill(response=taken)

    expect(one.locator(".rail [data-live]")).to_have_text("Live")
    one.route("**/panel/**", lambda route: looks.append((route, route.fetch())))
    one.route("**/take/", slowly)
    one.locator("#take").click()
    one.locator("#reply-text").fill("Half a sentence")
    one.wait_for_timeout(1000)
    for route, answer in looks:
        route.fulfill(response=answer)
    one.unroute_all(behavior="ignoreErrors")
    one.locator("#tag-text").fill("call back")
    one.locator("#tag-form button").click()
    expect(one.locator("#tags")).to_contain_text("call back")
    expect(one.locator("#reply-text")).to_have_value("Half a sentence")


def test_new_messages_appear_once_and_with_what_was_understood(one: Page, visitor: Visitor) -> None:
    before = one.locator(".said").count()
    visitor.take(Turn("visitor", "Does it hurt?"))
    visitor.take(Turn("visitor", "Is it safe?"))
    expect(one.locator(".said--visitor", has_text="Is it safe?").locator(".why")).to_be_visible()
    expect(one.locator(".said--visitor", has_text="Does it hurt?").locator(".why")).to_be_visible()
    numbers = one.locator(".said").evaluate_all("all => all.map(one => one.id)")
    assert len(numbers) == len(set(numbers)) >= before + 4
    assert numbers == sorted(numbers, key=lambda number: int(number[1:]))


def test_a_verdict_is_a_click_and_stays_where_it_was(one: Page) -> None:
    message = one.locator(".said--visitor", has_text=QUESTION)
    message.get_by_role("button", name="Right").click()
    expect(message.locator(".verdict")).to_contain_text("Right, says morgan")
    expect(message.get_by_role("button", name="Right")).to_be_focused()
    message.locator("summary", has_text="Wrong").click()
    message.get_by_label("It should have been").fill("no such thing")
    message.get_by_role("button", name="Save").click()
    expect(message.locator(".field-errors")).to_have_text("Please choose one of the list.")
    message.get_by_label("It should have been").fill("consultation")
    message.get_by_role("button", name="Save").click()
    expect(message.locator(".verdict")).to_contain_text("Wrong: consultation, says morgan")


def test_an_answer_to_a_form_is_no_question(one: Page, visitor: Visitor) -> None:
    visitor.take(Turn("visitor", "I would like to talk to a person"))
    visitor.take(Turn("visitor", "Zoe Miller"))
    message = one.locator(".said--visitor", has_text="Zoe Miller")
    expect(message.locator("summary")).to_have_text(["Answer to a form"])
    expect(message.get_by_role("button")).to_have_count(0)


def test_everything_works_without_script(browser: Browser, stack: Running, one: Page, visitor: Visitor) -> None:
    with without_script(one, browser, stack) as page:
        page.goto(f"/staff/conversations/{visitor.conversation}/")
        page.get_by_role("button", name="Take over", exact=True).click()
        page.get_by_label("Answer as").fill("About four months.")
        page.get_by_role("button", name="Send").click()
        expect(page.locator(".said--staff")).to_contain_text("About four months.")
        page.get_by_label("Write a note").fill("Called at five.")
        page.get_by_role("button", name="Save the note").click()
        expect(page.locator("#notes")).to_contain_text("Called at five.")
        page.locator("#notes").get_by_role("link", name="Edit or delete").click()
        page.get_by_label("Note").fill("Called at six.")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.locator("#notes")).to_contain_text("Called at six.")
        page.get_by_label("Add a tag").fill("call back")
        page.get_by_role("button", name="Add", exact=True).click()
        expect(page.locator("#tags")).to_contain_text("call back")
        page.locator(".said--visitor", has_text=QUESTION).get_by_role("button", name="Flag").click()
        expect(page.locator(".verdict").first).to_contain_text("To be looked at, says morgan")
        page.locator("#give-back").click()
        expect(page.locator("#panel-title")).to_have_text("With the assistant")
