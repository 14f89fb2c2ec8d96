"""What staff change in the console, visitors hear at once; and nobody but staff answers while the bot is off."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.chatting import Chat
from tests.e2e.conftest import Running
from tests.e2e.staffing import log_in

# Within this time every process has read the clinic's facts again.
HEARD_SECONDS = 5.5
PAGE = "/staff/settings/"


@pytest.fixture
def console(browser: Browser, stack: Running, staff: tuple[str, str]) -> Iterator[Page]:
    """The console of a member of staff, in a browser of its own."""
    context = browser.new_context(base_url=stack.url)
    page = context.new_page()
    log_in(page, *staff)
    yield page
    context.close()


def save(console: Page, label: str, value: str) -> None:
    """Change one fact and save it."""
    console.goto(PAGE)
    console.get_by_label(label, exact=True).fill(value)
    console.get_by_role("button", name="Look at what changes").click()
    console.get_by_role("button", name="Save").click()
    expect(console.get_by_text(f"Saved: {label}.")).to_be_visible()


def test_an_answer_changes_with_the_clinics_facts(chat: Chat, console: Page) -> None:
    save(console, "Prices", "A unit costs $11.")
    time.sleep(HEARD_SECONDS)
    chat.ask("what does it cost")
    expect(chat.log.get_by_text("A unit costs $11.")).to_be_visible()
    save(console, "Prices", "")
    time.sleep(HEARD_SECONDS)


@pytest.fixture
def bot_off(console: Page) -> Iterator[None]:
    """Switch the bot off for a while."""
    console.goto(f"{PAGE}bot/")
    console.get_by_label("Why").fill("The texts are being checked.")
    console.get_by_role("button", name="Switch the bot off").click()
    expect(console.get_by_text("The bot is switched off.")).to_be_visible()
    time.sleep(HEARD_SECONDS)
    yield
    console.goto(f"{PAGE}bot/")
    console.get_by_role("button", name="Switch the bot on").click()
    time.sleep(HEARD_SECONDS)


@pytest.mark.usefixtures("bot_off")
def test_while_the_bot_is_off_there_is_the_contact_form_alone(page: Page) -> None:
    chat = Chat(page).open()
    expect(chat.log.get_by_text(re.compile("Automatic answers are switched off")).first).to_be_visible()
    chat.ask("is it safe?")
    expect(chat.log.get_by_text(re.compile("I have passed your message on to our staff"))).to_be_visible()
    expect(chat.button("Skip")).to_be_visible()
    chat.ask("I cannot breathe")
    expect(chat.log.get_by_text(re.compile("Please get emergency help now: call 911"))).to_be_visible()
