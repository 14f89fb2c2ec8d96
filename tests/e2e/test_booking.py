"""A visitor books in the chat of her browser, and staff answer her on their pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.conftest import Running
from tests.e2e.booking import WANTING, begin, choose_half_day, fill_in, leave_details
from tests.e2e.chatting import Chat, beginnings
from tests.e2e.staffing import log_in

REFERENCE = re.compile(r"Your reference is (\w{3}-\w{3})")


@pytest.fixture
def staff_page(browser: Browser, stack: Running, staff: tuple[str, str]) -> Iterator[Page]:
    """The staff pages in a browser of their own, after the login."""
    context = browser.new_context(base_url=stack.url)
    page = context.new_page()
    log_in(page, *staff)
    yield page
    context.close()


def requests_of(page: Page, name: str) -> Locator:
    """Return the lines of the list of requests that bear this name."""
    page.goto("/staff/bookings/?show=all")
    return page.locator(".line", has_text=name)


def carry_out(page: Page, label: str, **values: str) -> None:
    """Fill in and press one of the actions on the page of a request."""
    page.locator("summary", has_text=label).click()
    form = page.locator("details[open]")
    for field, value in values.items():
        form.get_by_label(field.replace("_", " ")).fill(value)
    form.get_by_role("button", name=label).click()
    expect(page.get_by_role("status")).to_contain_text("Done.")


def test_a_visitor_books_and_staff_confirm(chat: Chat, staff_page: Page) -> None:
    half_day = fill_in(chat, "Ida Okafor")
    read_back = chat.answers.last.inner_text().splitlines()
    assert {f"When: {half_day}", "Name: Ida Okafor", "Visit: consultation"} <= set(read_back)
    assert requests_of(staff_page, "Ida Okafor").count() == 0
    received = chat.press("Yes, send it")[-1]
    reference = REFERENCE.search(received)
    assert reference
    assert received.startswith(beginnings("utter_booking_received"))
    assert chat.ask("What is the status of my request?")[-1].startswith(beginnings("utter_booking_status_submitted"))

    staff_page.get_by_role("link", name="Bookings").click()
    line = staff_page.locator(".line", has_text="Ida Okafor")
    expect(line).to_contain_text("New")
    expect(line).to_contain_text(half_day)
    line.get_by_role("link").click()
    expect(staff_page.get_by_role("heading", name=f"Booking request {reference[1]}")).to_be_visible()
    expect(staff_page.get_by_role("link", name="+12025550142")).to_be_visible()
    carry_out(staff_page, "Mark as contacted", Note_for_staff="Left a voice mail.")
    at = (datetime.now(UTC) + timedelta(days=10)).replace(hour=14, minute=30)
    carry_out(staff_page, "Offer times", First_time=f"{at:%Y-%m-%dT%H:%M}")
    when = f"{at:%A, %B} {at.day} at 2:30 pm"
    expect(chat.answers.last).to_contain_text(f"Our staff can offer you: {when}")
    assert chat.ask("What is the status of my request?")[-1].startswith(beginnings("utter_booking_status_offered"))

    carry_out(staff_page, "Confirm the appointment", Appointment=f"{at:%Y-%m-%dT%H:%M}", Minutes="45")
    expect(staff_page.locator(".said-head strong")).to_have_text(["Booked", "Times offered", "Contacted", "New"])
    expect(chat.answers.last).to_contain_text(beginnings("utter_booking_confirmed")[0])
    expect(chat.answers.last).to_contain_text(f"{when}. It takes about 45 minutes")
    answer = chat.ask("What is the status of my request?")[-1]
    assert answer.startswith(beginnings("utter_booking_status_booked"))
    assert when in answer


def test_a_reload_amid_the_form_keeps_it_going(chat: Chat, staff_page: Page) -> None:
    begin(chat, "Treatment")
    half_day = choose_half_day(chat)
    chat.reload()
    assert chat.press("Yes, I have")[-1].startswith(beginnings("utter_ask_booking_name"))
    chat.reload()
    leave_details(chat, "Nadia Brandt")
    expect(chat.answers.last).to_contain_text(f"When: {half_day}")
    expect(chat.answers.last).to_contain_text("New or returning: returning")
    chat.reload()
    assert chat.press("Yes, send it")[-1].startswith(beginnings("utter_booking_received"))
    assert requests_of(staff_page, "Nadia Brandt").count() == 1


def test_an_old_button_does_no_harm(chat: Chat, staff_page: Page) -> None:
    half_day = fill_in(chat, "Tove Lindqvist")
    # What the form asked before is not changed by a button of its past, and the form goes on where it was.
    assert chat.press_retired("Treatment")[-1].startswith(beginnings("utter_ask_booking_confirm"))
    expect(chat.answers.last).to_contain_text("Visit: consultation")
    expect(chat.answers.last).to_contain_text(f"When: {half_day}")
    chat.press("Yes, send it")
    for title in ("Yes, send it", half_day, "Yes, that is fine", "No, do not send it"):
        assert chat.press_retired(title)[-1].startswith(beginnings("utter_button_closed"))
    assert chat.ask("What is the status of my request?")[-1].startswith(beginnings("utter_booking_status_submitted"))
    found = requests_of(staff_page, "Tove Lindqvist")
    expect(found).to_have_count(1)
    expect(found).to_contain_text("New")
    expect(found).to_contain_text(half_day)


def test_the_form_is_filled_in_by_keyboard_alone(chat: Chat) -> None:
    chat.ask(WANTING)
    keyboard = chat.page.keyboard
    for title, number in (("I am not sure", 1), ("Yes, I have", 3)):
        # Back from the box over the two buttons that are always there to the last one that the bot offers.
        for _ in range(3):
            keyboard.press("Shift+Tab")
        expect(chat.button(title)).to_be_focused()
        before = chat.answers.count()
        keyboard.press("Enter")
        expect(chat.questions).to_have_count(number + 1)
        expect(chat.box).to_be_focused()
        chat.answers_after(before)
        if number == 1:
            chat.ask("Thursday afternoon")
    expect(chat.answers.last).to_contain_text(beginnings("utter_ask_booking_name")[0])
