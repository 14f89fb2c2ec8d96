"""The chat without scripts, in a real browser that runs none."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.booking import HALF_DAY, PHONE
from tests.e2e.chatting import PERSON, beginnings
from tests.e2e.conftest import Running
from tests.e2e.plain import PLACE, PlainChat
from tests.e2e.test_accessibility import NARROW, SCREENS, SMALL_TARGETS, assert_accessible
from tests.e2e.watching import Watch

LASTING = "How long does Dysport last?"
EMERGENCY = "I cannot breathe and my throat is closing"


@pytest.fixture
def context(browser: Browser, stack: Running, watch: Watch) -> Iterator[BrowserContext]:
    """A browser without scripts."""
    opened = browser.new_context(base_url=stack.url, java_script_enabled=False)
    watch.follow(opened)
    yield opened
    assert opened.cookies() == []
    opened.close()


@pytest.fixture
def plain(context: BrowserContext) -> PlainChat:
    """The plain page."""
    return PlainChat(context.new_page()).open()


def test_a_question_is_answered_with_its_source(plain: PlainChat) -> None:
    assert plain.ask(LASTING)[0].startswith(beginnings("utter_results_duration"))
    expect(plain.questions).to_have_text([LASTING])
    expect(plain.box).to_have_value("")
    expect(plain.page).to_have_title("New answer – Willow Street Skin Clinic")
    assert plain.page.url.endswith(f"{PLACE}#newest")
    expect(plain.newest).to_be_in_viewport()
    plain.newest.get_by_text("Where this comes from").click()
    expect(plain.newest.get_by_text("Patient guide").first).to_be_visible()


def test_a_topic_is_pressed(plain: PlainChat) -> None:
    assert plain.press("Side effects")[0].startswith(beginnings("utter_side_effects"))
    expect(plain.questions).to_have_text(["Side effects"])
    expect(plain.page.get_by_text("A clinician has not signed off this wording yet.")).to_be_visible()


def test_an_emergency_is_answered_in_the_same_page(plain: PlainChat) -> None:
    answers = plain.ask(EMERGENCY)
    assert "911" in answers[0]
    expect(plain.newest.get_by_role("link", name="911").first).to_be_visible()


def test_the_first_steps_of_a_booking(plain: PlainChat) -> None:
    plain.press("Book a visit")
    assert plain.press("Consultation")[-1].startswith(beginnings("utter_ask_booking_when"))
    half_day = plain.page.get_by_role("button", name=HALF_DAY).last.get_attribute("value") or ""
    assert plain.press(half_day)[-1].startswith(beginnings("utter_ask_booking_visitor"))
    assert plain.press("No, I am new")[-1].startswith(beginnings("utter_ask_booking_name"))
    assert plain.ask("Zoë Example")[-1].startswith(beginnings("utter_ask_booking_reach"))
    assert plain.ask(PHONE)[-1].startswith(beginnings("utter_ask_booking_consent"))
    assert plain.press("Yes, that is fine")[-1].startswith(beginnings("utter_ask_booking_confirm"))
    expect(plain.questions.nth(2)).to_have_text(half_day)


def test_a_visitor_asks_for_a_person_and_leaves_a_way_to_be_reached(plain: PlainChat) -> None:
    assert plain.press(PERSON)[-1].startswith(beginnings("utter_ask_contact_name"))
    expect(plain.page.get_by_text("Our staff have your message", exact=True)).to_be_visible()
    assert plain.ask("Zoë Example")[-1].startswith(beginnings("utter_ask_contact_reach"))
    assert plain.ask("visitor@example.com")[-1].startswith(beginnings("utter_ask_contact_time"))
    assert plain.press("Skip")[-1].startswith(beginnings("utter_ask_contact_consent"))
    assert "Our staff" in plain.press("Yes, they may")[-1]


def test_a_conversation_is_ended_and_rated(plain: PlainChat) -> None:
    plain.ask(LASTING)
    plain.page.get_by_text("End conversation").click()
    plain.press("End the chat now")
    expect(plain.page).to_have_title("Chat ended – Willow Street Skin Clinic")
    expect(plain.box).to_have_count(0)
    plain.press("Yes")
    expect(plain.page.get_by_text("Thank you.")).to_be_visible()
    plain.press("Start a new conversation")
    expect(plain.questions).to_have_count(0)
    assert plain.ask(LASTING)


def test_a_reload_that_sends_again_stores_once(plain: PlainChat) -> None:
    plain.ask(LASTING)
    for _ in range(2):
        plain.page.reload()
        expect(plain.questions).to_have_text([LASTING])
    plain.ask("Does it hurt?")
    plain.page.reload()
    expect(plain.questions).to_have_text([LASTING, "Does it hurt?"])


def test_a_double_click_stores_once(plain: PlainChat) -> None:
    plain.box.fill(LASTING)
    plain.button("Send").dblclick()
    expect(plain.questions).to_have_text([LASTING])
    plain.press("Look for an answer")
    expect(plain.questions).to_have_text([LASTING])


def test_what_is_too_long_stays_in_the_box(plain: PlainChat) -> None:
    text = "long ñ " * 8_000
    plain.ask(text)
    expect(plain.problem).to_contain_text(beginnings("utter_error_message_too_long")[0])
    expect(plain.box).to_have_value(text)
    expect(plain.problem).to_be_in_viewport()
    assert plain.ask(LASTING)


def test_a_tab_without_a_conversation_shows_nothing_of_another(context: BrowserContext, plain: PlainChat) -> None:
    plain.ask(LASTING)
    other = PlainChat(context.new_page()).open()
    expect(other.questions).to_have_count(0)
    expect(other.page.get_by_text("By sending one or choosing a topic you agree")).to_be_visible()


@pytest.mark.parametrize("screen", [*SCREENS, "narrow"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_state_is_accessible(browser: Browser, stack: Running, watch: Watch, screen: str, scheme: str) -> None:
    sizes = SCREENS | {"narrow": NARROW}
    # axe is a script; the page's own policy holds all the same.
    context = browser.new_context(base_url=stack.url, viewport=sizes[screen], color_scheme=scheme)
    watch.follow(context)
    plain = PlainChat(context.new_page()).open()
    look_at(plain.page)
    plain.ask(" ")
    expect(plain.problem).to_be_visible()
    look_at(plain.page)
    plain.ask("What are the side effects?")
    plain.page.locator("summary").last.click()
    look_at(plain.page)
    plain.press("Book a visit")
    plain.press("Consultation")
    look_at(plain.page)
    plain.press(PERSON)
    look_at(plain.page)
    plain.page.get_by_text("End conversation").click()
    plain.press("End the chat now")
    plain.press("No")
    look_at(plain.page)
    plain.open("?lang=es")
    look_at(plain.page)
    context.close()


def look_at(page: Page) -> None:
    """Fail for what axe finds, for what scrolls sideways, even with text twice as large, and for small targets."""
    assert_accessible(page)
    assert page.evaluate(SMALL_TARGETS) == []
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "Large text scrolls sideways."
    page.evaluate("document.documentElement.style.fontSize = ''")
