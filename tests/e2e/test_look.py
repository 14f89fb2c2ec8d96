"""The chat's look: chosen in the console, with and without scripts, and worn by the chat soon after."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.e2e.conftest import Running
from tests.e2e.staffing import log_in
from tests.e2e.test_settings import HEARD_SECONDS

PAGE = "/staff/settings/widget/"
OURS, CHOSEN = "#2f5d56", "#224466"


@pytest.fixture
def console(browser: Browser, stack: Running, staff: tuple[str, str]) -> Iterator[Page]:
    """The console of a member of staff, in a browser of its own; the look is ours again afterwards."""
    context = browser.new_context(base_url=stack.url)
    page = context.new_page()
    log_in(page, *staff)
    page.goto(PAGE)
    yield page
    page.goto(PAGE)
    accent(page).fill(OURS)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_have_text(re.compile("Saved|Nothing was different"))
    time.sleep(HEARD_SECONDS)
    context.close()


@pytest.fixture
def plain(browser: Browser, stack: Running, console: Page) -> Iterator[BrowserContext]:
    """The same member of staff in a browser without scripts."""
    context = browser.new_context(base_url=stack.url, java_script_enabled=False)
    context.add_cookies(console.context.cookies())
    yield context
    context.close()


def accent(page: Page) -> Locator:
    """The text of the accent in light."""
    return page.get_by_label("Accent colour", exact=True).first


def picker(page: Page) -> Locator:
    """The browser's own way to pick that colour."""
    return page.get_by_label("Pick: Accent colour", exact=True).first


def test_what_is_typed_and_what_is_picked_are_one_colour(console: Page) -> None:
    accent(console).fill("#AA1122")
    expect(picker(console)).to_have_value("#aa1122")
    accent(console).fill("#aa11")
    expect(picker(console)).to_have_value("#aa1122")
    picker(console).fill("#112233")
    expect(accent(console)).to_have_value("#112233")


def test_a_colour_picked_without_scripts_is_worn_by_the_chat(plain: BrowserContext, page: Page) -> None:
    console = plain.new_page()
    console.goto(PAGE)
    picker(console).fill(CHOSEN)
    console.get_by_role("button", name="Save").click()
    expect(console.get_by_text("Saved: Accent colour in light.")).to_be_visible()
    expect(accent(console)).to_have_value(CHOSEN)
    time.sleep(HEARD_SECONDS)
    page.goto("/chat/")
    assert page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--accent')") == CHOSEN
