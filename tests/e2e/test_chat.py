"""A visitor's conversation in a real browser."""

from __future__ import annotations

import json
import re

from playwright.sync_api import Browser, BrowserContext, Page, Request, Route, expect

from tests.e2e.chatting import ANSWER_MS, PERSON, Chat, beginnings
from tests.e2e.conftest import Running

LASTING = "How long does Dysport last?"


def lost(route: Route) -> None:
    """Let a request find no line."""
    route.abort()


def test_a_question_is_answered_with_its_source(chat: Chat) -> None:
    answers = chat.ask(LASTING)
    assert answers[0].startswith(beginnings("utter_results_duration"))
    row = chat.log.locator(".chat-row--bot").last
    expect(row.get_by_text("Patient guide")).to_be_hidden()
    row.get_by_text("Where this comes from").click()
    expect(row.get_by_text("Patient guide").first).to_be_visible()
    expect(chat.sent(0)).to_contain_text("Sent")


def test_two_questions_in_one_message_get_both_answers_in_order(chat: Chat) -> None:
    answers = chat.ask("How much is it and does it hurt?")
    expected = ["utter_cost_savings", "utter_clinic_costs", "utter_pain_anesthesia"]
    assert len(answers) == len(expected)
    assert all(answer.startswith(beginnings(name)) for answer, name in zip(answers, expected, strict=True))


def test_label_wording_says_that_it_waits_for_a_clinician(chat: Chat) -> None:
    answers = chat.ask("What are the side effects?")
    assert answers[1].startswith(beginnings("utter_side_effects_label"))
    expect(chat.log.get_by_text("A clinician has not signed off this wording yet.")).to_be_visible()


def test_the_greeting_says_what_this_is_and_what_it_is_not_for(chat: Chat) -> None:
    for words in ("automated assistant", "not for emergencies: call 911", "keep health details for our staff"):
        expect(chat.answers.first).to_contain_text(words)


def test_the_greeting_offers_topics_and_a_pressed_button_is_answered(chat: Chat) -> None:
    chat.log.get_by_role("button", name="Side effects").click()
    assert chat.answers_after(1)[0].startswith(beginnings("utter_side_effects"))
    expect(chat.questions.locator(".chat-text")).to_have_text("Side effects")
    expect(chat.log.get_by_role("button", name="Side effects")).to_be_hidden()


def test_a_question_on_the_page_opens_the_chat_and_waits_to_be_sent(page: Page) -> None:
    chat = Chat(page)
    page.locator("#questions").get_by_role("link", name=LASTING).click()
    expect(chat.box).to_have_value(LASTING)
    chat.box.press("Enter")
    expect(chat.answers.nth(1)).to_be_visible(timeout=ANSWER_MS)
    expect(chat.questions.locator(".chat-text")).to_have_text(LASTING)


def test_a_reload_keeps_the_conversation(chat: Chat) -> None:
    chat.ask(LASTING)
    chat.reload()
    expect(chat.panel).to_be_visible()


def test_two_tabs_stay_in_step(context: BrowserContext, chat: Chat) -> None:
    second_page = context.new_page()
    second_page.goto("/")
    second = Chat(second_page).open()
    chat.ask(LASTING)
    expect(second.answers).to_have_count(2, timeout=ANSWER_MS)
    second.ask("Does it hurt?")
    expect(chat.answers).to_have_count(3, timeout=ANSWER_MS)
    expect(chat.questions).to_have_count(2)


def test_starting_anew_in_one_tab_starts_anew_in_the_other(context: BrowserContext, chat: Chat) -> None:
    chat.ask(LASTING)
    second_page = context.new_page()
    second_page.goto("/")
    second = Chat(second_page).open()
    expect(second.answers).to_have_count(2)
    chat.end()
    expect(second.panel.get_by_text("This conversation has ended", exact=True)).to_be_visible()
    chat.panel.get_by_role("button", name="Start a new conversation").click()
    for each in (chat, second):
        expect(each.answers).to_have_count(1)
        expect(each.questions).to_have_count(0)
        expect(each.panel.get_by_text("Automated assistant", exact=True)).to_be_visible()


def test_what_is_written_offline_is_sent_once_on_return(context: BrowserContext, chat: Chat) -> None:
    context.set_offline(True)
    chat.say(LASTING)
    expect(chat.sent(0)).to_contain_text("Will be sent when you are back online")
    expect(chat.panel.get_by_text("You are offline.")).to_be_visible()
    context.set_offline(False)
    expect(chat.answers).to_have_count(2, timeout=ANSWER_MS)
    expect(chat.sent(0)).to_contain_text("Sent")
    chat.page.reload()
    expect(chat.answers).to_have_count(2)
    expect(chat.questions).to_have_count(1)


def test_a_message_that_was_not_sent_survives_a_reload(chat: Chat) -> None:
    chat.page.route("**/api/v1/messages", lost)
    chat.say(LASTING)
    expect(chat.sent(0)).to_contain_text("Not sent.")
    chat.page.unroute("**/api/v1/messages")
    chat.page.reload()
    expect(chat.answers).to_have_count(2, timeout=ANSWER_MS)
    expect(chat.questions).to_have_count(1)


def test_a_failed_message_is_sent_again_under_the_same_id(chat: Chat) -> None:
    ids = []

    def note(request: Request) -> None:
        if request.method == "POST" and request.url.endswith("/messages"):
            ids.append(json.loads(request.post_data or "{}")["id"])

    chat.page.on("request", note)
    chat.page.route("**/api/v1/messages", lost)
    chat.say(LASTING)
    chat.sent(0).get_by_role("button", name="Try again").click()
    expect(chat.sent(0)).to_contain_text("Not sent.")
    chat.page.unroute("**/api/v1/messages")
    expect(chat.answers).to_have_count(2, timeout=ANSWER_MS)
    expect(chat.sent(0)).to_contain_text("Sent")
    assert len(ids) >= 2
    assert len(set(ids)) == 1


def test_without_a_stream_the_answer_comes_by_asking(page: Page) -> None:
    page.route(re.compile(r"/api/v1/stream"), lost)
    chat = Chat(page).open()
    chat.ask(LASTING)
    expect(chat.answers).to_have_count(2)


def test_the_chat_works_where_nothing_can_be_stored(context: BrowserContext) -> None:
    context.add_init_script(
        "for (const name of ['localStorage', 'sessionStorage'])"
        " Object.defineProperty(window, name, {get() { throw new DOMException('blocked', 'SecurityError'); }});"
    )
    page = context.new_page()
    page.goto("/")
    chat = Chat(page).open()
    chat.ask(LASTING)
    expect(chat.answers).to_have_count(2)


def test_markup_is_shown_as_text(chat: Chat) -> None:
    nasty = '<img src=x onerror="window.harmed=1"><script>window.harmed=1</script><b>bold</b>'
    chat.ask(nasty)
    for _ in range(2):
        expect(chat.questions.locator(".chat-text")).to_have_text(nasty)
        assert chat.log.locator("img, script, b").count() == 0
        assert chat.evaluate("window.harmed") is None
        chat.page.reload()
        expect(chat.questions).to_have_count(1)


def test_an_empty_message_is_refused_with_a_sentence(chat: Chat) -> None:
    chat.say("   ")
    expect(chat.problem).to_contain_text("Please type your question")
    expect(chat.questions).to_have_count(0)


def test_a_message_that_is_too_long_comes_back_with_a_sentence(chat: Chat) -> None:
    text = "long " * 1300
    chat.say(text)
    expect(chat.problem).to_contain_text("too long by 500 characters")
    expect(chat.problem).to_contain_text("911")
    expect(chat.box).to_have_value(text)
    expect(chat.questions).to_have_count(0)


def test_staff_and_booking_are_always_one_press_away(chat: Chat) -> None:
    chat.panel.get_by_role("button", name="Book a visit").click()
    assert chat.answers_after(1)
    chat.panel.get_by_role("button", name=PERSON).click()
    assert chat.answers_after(2)
    expect(chat.panel.get_by_text("Our staff have your message")).to_be_visible()


def test_a_visitor_leaves_a_way_to_be_reached(chat: Chat) -> None:
    chat.ask("I would like to talk to a person")
    expect(chat.answers.last).to_contain_text(beginnings("utter_ask_contact_name")[0])
    chat.ask("Zoë Example")
    expect(chat.answers.last).to_contain_text(beginnings("utter_ask_contact_reach")[0])
    expect(chat.button("Skip")).to_have_count(0)
    chat.ask("visitor@example.com")
    expect(chat.answers.last).to_contain_text(beginnings("utter_ask_contact_time")[0])
    chat.press("Skip")
    expect(chat.answers.last).to_contain_text(beginnings("utter_ask_contact_consent")[0])
    assert "Our staff" in chat.press("Yes, they may")[-1]
    expect(chat.log.get_by_role("button")).to_have_count(0)


def test_a_visitor_may_refuse_to_be_reached_and_goes_on_asking(chat: Chat) -> None:
    chat.ask("I would like to talk to a person")
    chat.press("Skip")
    assert chat.press("I'd rather not")[-1].startswith("That is fine.")
    assert chat.ask(LASTING)[0].startswith(beginnings("utter_results_duration"))


def test_a_question_amid_the_form_is_answered_before_the_form_goes_on(chat: Chat) -> None:
    chat.ask("I would like to talk to a person")
    chat.ask(LASTING)
    expect(chat.answers.last).to_contain_text(beginnings("utter_resume_contact_name")[0])
    assert any(text.startswith(beginnings("utter_results_duration")) for text in chat.answers.all_inner_texts())
    expect(chat.button("Skip")).to_be_visible()


def test_an_expired_conversation_is_replaced_by_a_new_one(chat: Chat) -> None:
    chat.evaluate("localStorage.setItem('clinic-chat', JSON.stringify({conversation: 'x', token: 'forged', seen: 0}))")
    chat.page.reload()
    expect(chat.answers).to_have_count(1, timeout=ANSWER_MS)
    chat.ask(LASTING)
    expect(chat.questions).to_have_count(1)


def test_the_chat_is_used_by_keyboard_alone(page: Page) -> None:
    chat = Chat(page)
    page.keyboard.press("Shift+Tab")
    expect(chat.launcher).to_be_focused()
    expect(chat.launcher).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Enter")
    expect(chat.box).to_be_focused()
    expect(chat.answers).to_have_count(1, timeout=ANSWER_MS)
    page.keyboard.type(LASTING)
    page.keyboard.press("Enter")
    expect(chat.answers).to_have_count(2, timeout=ANSWER_MS)
    expect(chat.box).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(chat.panel.get_by_role("button", name="Book a visit")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    expect(chat.log.locator("summary")).to_be_focused()
    page.keyboard.press("Enter")
    expect(chat.log.get_by_text("Patient guide").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(chat.panel).to_be_hidden()
    expect(chat.launcher).to_be_focused()


def test_without_scripts_the_page_names_the_plain_page_and_the_phone(browser: Browser, stack: Running) -> None:
    context = browser.new_context(base_url=stack.url, java_script_enabled=False)
    page = context.new_page()
    answer = page.goto("/")
    # Under a test driver Chromium does not show what stands there for browsers without scripts.
    assert answer
    assert '<a href="/chat/plain/">Ask us your questions here.</a>' in answer.text()
    assert "You can also call" in answer.text()
    expect(Chat(page).launcher).to_have_count(0)
    context.close()
