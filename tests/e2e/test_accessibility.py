"""What axe-core finds on every page that people see, in both colour schemes, on a desktop and on a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.e2e.booking import begin, choose_half_day, leave_details
from tests.e2e.chatting import Chat
from tests.e2e.conftest import Running
from tests.e2e.staffing import FILL, log_in
from tests.e2e.watching import Watch

SCREENS = {"desktop": {"width": 1280, "height": 860}, "phone": {"width": 390, "height": 844}}
STAFF_PAGES = (
    "/staff/",
    "/staff/alerts/",
    "/staff/bookings/",
    "/staff/bookings/?show=all",
    "/staff/hours/",
    "/staff/password/",
    "/staff/wording/",
)


def assert_accessible(page: Page) -> None:
    """Fail with axe's own words when it finds anything, best practices included."""
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "The page scrolls sideways."


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=SCREENS)
def page(request: pytest.FixtureRequest, scheme: str, browser: Browser, stack: Running, watch: Watch) -> Iterator[Page]:
    """An empty page in each scheme on each screen."""
    context = browser.new_context(base_url=stack.url, viewport=SCREENS[request.param], color_scheme=scheme)
    watch.follow(context)
    yield context.new_page()
    context.close()


def test_the_home_page_and_the_chat(page: Page) -> None:
    page.goto("/")
    assert_accessible(page)
    chat = Chat(page).open()
    assert_accessible(page)
    chat.ask("What are the side effects?")
    chat.log.locator("summary").last.click()
    assert_accessible(page)
    chat.say(" ")
    expect(chat.problem).not_to_be_empty()
    chat.panel.get_by_role("button", name="Start over").click()
    assert_accessible(page)


def test_the_contact_form(page: Page) -> None:
    page.goto("/")
    chat = Chat(page).open()
    chat.ask("I would like to talk to a person")
    expect(chat.button("Skip")).to_be_visible()
    assert_accessible(page)


def test_the_booking_form(page: Page) -> None:
    page.goto("/")
    chat = Chat(page).open()
    begin(chat)
    assert_accessible(page)
    choose_half_day(chat)
    chat.press("No, I am new")
    leave_details(chat, "Ana Núñez")
    assert_accessible(page)


def test_the_staff_pages(page: Page, staff: tuple[str, str], stack: Running) -> None:
    page.goto("/")
    Chat(page).open().ask("I would like to talk to a person")
    stack.manage(*FILL)
    page.goto("/staff/")
    assert_accessible(page)
    log_in(page, *staff)
    for address in STAFF_PAGES:
        page.goto(address)
        assert_accessible(page)
    page.goto("/staff/bookings/")
    page.locator(".line a").first.click()
    expect(page.get_by_role("heading", name="History")).to_be_visible()
    page.get_by_text("Offer times").first.click()
    assert_accessible(page)
    page.goto("/staff/")
    page.locator(".line a").first.click()
    expect(page.get_by_role("heading", name="Conversation", exact=True)).to_be_visible()
    assert_accessible(page)


def test_a_narrow_screen_and_forced_colours(browser: Browser, stack: Running) -> None:
    context = browser.new_context(
        base_url=stack.url,
        viewport={"width": 320, "height": 568},
        forced_colors="active",
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto("/")
    assert_accessible(page)
    chat = Chat(page).open()
    assert_accessible(page)
    chat.say("Does it hurt?")
    expect(chat.answers).to_have_count(2)
    assert_accessible(page)
    assert page.evaluate("document.getAnimations().length") == 0
    assert page.evaluate("getComputedStyle(document.getElementById('chat-box')).fontSize") == "16px"
    context.close()
