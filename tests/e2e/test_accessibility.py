"""What axe-core finds on every page that people see, in both colour schemes, on a desktop and on a phone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.e2e.booking import begin, choose_half_day, leave_details
from tests.e2e.chatting import Chat
from tests.e2e.conftest import Running
from tests.e2e.staffing import FILL, log_in
from tests.e2e.visiting import addresses
from tests.e2e.watching import Watch

SCREENS = {"desktop": {"width": 1280, "height": 860}, "phone": {"width": 390, "height": 844}}
NARROW = {"width": 320, "height": 640}


# WCAG 2.2, 2.5.8: 24 pixels, but for links in a line of text; a label belongs to its control.
SMALL_TARGETS = """
[...document.querySelectorAll("a[href], button, summary, select, textarea, input:not([type=hidden])")]
  .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest(".skip, .sr"))
  .filter((one) => !(one.matches("a") && getComputedStyle(one).display === "inline"))
  .filter((one) => {
    const places = [one, ...(one.labels ?? [])].map((each) => each.getBoundingClientRect());
    return !places.some((place) => place.width >= 24 && place.height >= 23.5);
  })
  .map((one) => one.outerHTML.slice(0, 160))
"""


def violations(page: Page, options: dict[str, Any] | None = None) -> list[Any]:
    """Return what axe finds, in its own words, best practices included."""
    found = Axe().run(page, options=options).response["violations"]
    return [(one["id"], [node["html"][:300] for node in one["nodes"]]) for one in found]


def assert_accessible(page: Page) -> None:
    """Fail when axe finds anything, or when the page is wider than its window."""
    assert violations(page) == []
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


@pytest.fixture(scope="module")
def pages(browser: Browser, stack: Running, staff: tuple[str, str]) -> dict[str, str]:
    """Every page of the staff, with something on each."""
    page = browser.new_page(base_url=stack.url)
    page.goto("/")
    Chat(page).open().ask("I would like to talk to a person")
    page.close()
    stack.manage(*FILL)
    return addresses(stack, staff[0])


@pytest.mark.parametrize("viewport", [SCREENS["desktop"], NARROW], ids=["desktop", "narrow"])
def test_the_staff_pages(
    viewport: ViewportSize,
    pages: dict[str, str],
    browser: Browser,
    stack: Running,
    staff: tuple[str, str],
    watch: Watch,
) -> None:
    context = browser.new_context(base_url=stack.url, viewport=viewport, color_scheme="light")
    watch.follow(context)
    page = context.new_page()
    log_in(page, *staff)
    problems = {}
    for name, address in pages.items():
        answer = page.goto(address)
        assert answer
        page.evaluate("document.querySelectorAll('main details').forEach((one) => (one.open = true))")
        found = violations(page)
        page.emulate_media(color_scheme="dark")
        # Nothing but the colours differs.
        found += violations(page, {"runOnly": ["color-contrast", "link-in-text-block"]})
        page.emulate_media(color_scheme="light")
        if not answer.ok:
            found.append(answer.status)
        if not page.evaluate("document.documentElement.scrollWidth <= innerWidth"):
            found.append("The page scrolls sideways.")
        if small := page.evaluate(SMALL_TARGETS):
            found.append(small)
        if found:
            problems[name] = found
    assert problems == {}, json.dumps(problems, indent=1)
    context.close()


@pytest.mark.parametrize("address", ["/staff/login/", "/staff/nothing-is-here/"])
def test_pages_without_a_login(address: str, page: Page) -> None:
    page.goto(address)
    assert_accessible(page)


def test_the_open_menu_and_the_list_of_keys(page: Page, staff: tuple[str, str]) -> None:
    log_in(page, *staff)
    page.goto("/staff/wording/")
    if (menu := page.locator(".menu > summary")).is_visible():
        menu.click()
        assert_accessible(page)
        page.goto("/staff/wording/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
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
