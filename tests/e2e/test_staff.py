"""Staff see in their browser what a visitor wrote in hers."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Browser, Page, expect

from tests.e2e.chatting import Chat
from tests.e2e.conftest import Running
from tests.e2e.staffing import FILL, log_in, next_code

NASTY = '<img src=x onerror="window.harmed=1"> how long does it last?'


def test_staff_log_in_and_read_a_conversation(
    chat: Chat, staff: tuple[str, str], browser: Browser, stack: Running
) -> None:
    chat.ask(NASTY)
    text = f"I would like to talk to a person, {uuid.uuid4().hex[:8]}"
    chat.ask(text)
    context = browser.new_context(base_url=stack.url)
    page = context.new_page()
    log_in(page, *staff)
    page.goto("/staff/")
    newest = page.locator("#queue [data-row]", has_text=text)
    expect(newest).to_contain_text("Waiting for staff")
    expect(newest).to_contain_text("Asked for staff")
    newest.get_by_role("link").first.click()
    said = page.locator(".said--visitor")
    expect(said.first.locator(".said-text")).to_have_text(NASTY)
    assert page.locator(".talk img").count() == 0
    assert page.evaluate("window.harmed") is None
    said.last.locator("summary").first.click()
    expect(said.last).to_contain_text("human request")
    expect(said.last).to_contain_text(re.compile(r"\d+ %"))
    expect(said.last).to_contain_text("Asked for staff")
    page.locator(".rail").get_by_role("button", name="Log out").click()
    expect(page).to_have_url(re.compile("/staff/login/"))
    context.close()


def test_staff_see_how_to_reach_a_visitor_and_what_fired(
    chat: Chat, staff: tuple[str, str], browser: Browser, stack: Running
) -> None:
    question = f"I am pregnant, can I still have it? {uuid.uuid4().hex[:8]}"
    chat.ask(question)
    expect(chat.button("Skip")).to_be_visible()
    chat.ask("Zoë O'Example")
    expect(chat.button("I'd rather not")).to_be_visible()
    chat.ask("visitor@example.com")
    expect(chat.button("Skip")).to_be_visible()
    chat.press("Skip")
    chat.press("Yes, they may")
    context = browser.new_context(base_url=stack.url)
    page = context.new_page()
    log_in(page, *staff)
    page.goto("/staff/")
    page.locator("#queue [data-row] a", has_text=question).click()
    card = page.get_by_role("region", name="How to reach the visitor")
    expect(card).to_contain_text("Zoë O'Example")
    expect(card.get_by_role("link", name="visitor@example.com")).to_have_attribute("href", "mailto:visitor@example.com")
    expect(card).to_contain_text("May be contacted")
    first = page.locator(".said--visitor").first
    expect(first).to_contain_text("Medical question")
    first.locator("summary").first.click()
    expect(first).to_contain_text("Decided by")
    expect(first).to_contain_text("Found by the rules:")
    expect(first.get_by_text("pregnancy").last).to_be_visible()
    context.close()


def test_staff_work_on_a_booking_request(chat: Chat, page: Page, staff: tuple[str, str], stack: Running) -> None:
    chat.ask("I would like to talk to a person")
    stack.manage(*FILL)
    log_in(page, *staff)
    page.get_by_role("link", name="Bookings").click()
    page.locator(".line a", has_text="Ana Núñez").last.click()
    expect(page.get_by_role("heading", name="Booking request")).to_be_visible()
    page.get_by_text("Mark as contacted").first.click()
    page.locator("details[open]").get_by_label("Note for staff").fill("Left a voice mail.")
    page.locator("details[open]").get_by_role("button", name="Mark as contacted").click()
    expect(page.get_by_role("status")).to_contain_text("Done.")
    expect(page.locator(".said").first).to_contain_text("Contacted")
    expect(page.locator(".said").first).to_contain_text("Left a voice mail.")


def test_staff_take_an_alert_that_nobody_took_off_the_list(
    chat: Chat, page: Page, staff: tuple[str, str], stack: Running
) -> None:
    chat.ask("I would like to talk to a person")
    stack.manage(*FILL)
    log_in(page, *staff)
    page.goto("/staff/")
    page.get_by_role("link", name="See which and try again").click()
    failures = page.locator(".failure")
    expect(failures.first).to_contain_text("front.desk@clinic.example")
    before = failures.count()
    failures.first.get_by_role("button", name="Take off the list").click()
    expect(page.get_by_role("status")).to_contain_text("off the list")
    expect(failures).to_have_count(before - 1)


def test_staff_add_a_closure_and_remove_it(page: Page, staff: tuple[str, str]) -> None:
    day = f"{datetime.now(UTC) + timedelta(days=200):%Y-%m-%d}"
    log_in(page, *staff)
    page.get_by_role("link", name="Opening hours").click()
    form = page.get_by_role("form", name="Add a closure")
    form.get_by_label("First day").fill(day)
    form.get_by_label("Last day").fill(day)
    form.get_by_label("Note for staff").fill("Training day")
    form.get_by_role("button", name="Add the closure").click()
    added = page.get_by_role("listitem").filter(has_text="Training day")
    expect(added).to_have_count(1)
    added.get_by_role("button", name="Remove").click()
    expect(added).to_have_count(0)


def test_a_one_time_password_opens_nothing_but_its_own_change(page: Page, stack: Running) -> None:
    printed = stack.manage("make_administrator")
    found = re.search(r"Staff login: (\S+)\s+one-time password: (\S+)", printed)
    assert found
    name, password = found.groups()
    page.goto("/staff/login/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    expect(page).to_have_url(re.compile("/staff/password/"))
    page.goto("/staff/wording/")
    expect(page).to_have_url(re.compile("/staff/password/"))
    expect(page.get_by_role("navigation")).to_have_count(0)
    page.get_by_label("Old password").fill(password)
    page.get_by_label("New password", exact=True).fill("seven quiet herons 4")
    page.get_by_label("New password confirmation").fill("seven quiet herons 4")
    page.get_by_role("button", name="Save password").click()
    page.goto("/staff/wording/")
    expect(page).to_have_url(re.compile("/staff/second-factor/set-up/"))
    secret = page.locator("code.secret").inner_text().replace(" ", "")
    page.get_by_label("Code").fill(next_code((stack.url, name), secret))
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.goto("/staff/")
    expect(page.get_by_role("heading", name="Queue", exact=True)).to_be_visible()
