"""What messages say to a form's question, from readings written by hand."""

from __future__ import annotations

from typing import Any

import pytest

from rasa_ext import forms, phrases
from rasa_ext.forms import Asking, hear, looks_like_name, talk
from tests.data.corpus import domain

NAME, REACH = Asking("contact_form", "contact_name"), Asking("contact_form", "contact_reach")
TIME, CONSENT = Asking("contact_form", "contact_time"), Asking("contact_form", "contact_consent")


def said(text: str, intent: str = "out_of_scope", probability: float = 0.2, **more: Any) -> dict[str, Any]:
    ranking = [{"name": intent, "confidence": probability}]
    return {"text": text, "ranking": ranking, "known": probability >= 0.3, "question": text.endswith("?"), **more}


def heard(asking: Asking, whole: dict[str, Any], *parts: dict[str, Any]) -> forms.Heard:
    return hear(asking, {"whole": whole, "parts": list(parts) or [whole]})


def test_every_slot_of_a_form_has_a_kind_a_question_and_a_shorter_one() -> None:
    assert {slot for form in domain()["forms"].values() for slot in form["required_slots"]} == set(forms.KINDS)
    assert set(domain()["forms"]) == forms.FORMS
    for form, slots in ((form, made["required_slots"]) for form, made in domain()["forms"].items()):
        for slot in set(slots) - set(forms.ASKED_BY_ACTION):
            for question in (f"utter_ask_{slot}", f"utter_resume_{slot}"):
                [variant] = domain()["responses"][question]
                for button in variant.get("buttons", []):
                    assert_button(Asking(form, slot), button)
    assert set(forms.ASKED_BY_ACTION.values()) <= set(domain()["actions"])


def assert_button(asking: Asking, button: dict[str, str]) -> None:
    intent = button["payload"].removeprefix("/")
    assert forms.pressed(asking, intent) in ("skip", "yes", "no", "answer")
    assert domain()["responses"][f"utter_{intent}"][0]["metadata"]["title"] == button["title"]


def test_slots_are_filled_by_nothing_but_the_form() -> None:
    for slot in domain()["slots"].values():
        assert slot["mappings"] == [{"type": "custom"}]
        assert slot["influence_conversation"] is False


@pytest.mark.parametrize(
    "text",
    [
        "no thanks", "No, thank you!", "skip", "skip this one please", "I'd rather not", "I’d rather not say",
        "I don't want to give my name", "i do not want to share my phone number", "I won't tell you my name",
        "I'm not comfortable sharing that", "I'd like to stay anonymous", "prefer not to say", "nope", "pass",
        "that's private", "none of your business", "no gracias",
    ],
)  # fmt: skip
def test_a_refusal_skips_the_question_and_is_a_no_to_consent(text: str) -> None:
    assert (talk(NAME, text), talk(CONSENT, text)) == ("skip", "no")


@pytest.mark.parametrize(
    "text", ["stop", "leave it", "ok stop please", "never mind", "forget it", "changed my mind", "Don't contact me"]
)
def test_the_form_can_be_left_at_any_question(text: str) -> None:
    assert {talk(asking, text) for asking in (NAME, REACH, TIME, CONSENT)} == {"leave"}


@pytest.mark.parametrize("text", ["yes", "Yes, please!", "that's fine", "sure", "ok", "they may", "go ahead"])
def test_a_yes_agrees_and_fills_no_other_slot(text: str) -> None:
    assert (talk(CONSENT, text), talk(NAME, text)) == ("yes", "resume")


@pytest.mark.parametrize(
    "text",
    ["I can't say words right", "stop breathing", "I don't want to live", "end it", "I want to end it", "Noah",
     "no, Friday", "yes my throat is closing", "I don't want to give up", "leave"],
)  # fmt: skip
def test_what_may_be_more_than_a_refusal_is_none(text: str) -> None:
    assert talk(NAME, text) == ""


@pytest.mark.parametrize(
    "text",
    ["why do you need that?", "Why do you ask", "what for?", "do I have to?", "what will you do with my number",
     "is that really necessary?", "who will see this?", "why?"],
)  # fmt: skip
def test_why_is_explained(text: str) -> None:
    assert heard(NAME, said(text)).actions == ("utter_explain_contact_form",)


def test_why_something_else_is_so_is_another_question() -> None:
    assert heard(NAME, said("why does it fade?", "results_duration", 0.7)).intents == ("results_duration",)


@pytest.mark.parametrize("text", ["Ana", "李小龙", "Bill", "Sue", "<b>Ana</b>", "Ana?", "Ana 🙂", "my name is ana"])
def test_a_name_is_an_answer_whatever_the_classifier_thinks(text: str) -> None:
    answer = heard(NAME, said(text, "complaint_billing", 0.85))
    assert (answer.step, answer.answer) == ("answer", text)


@pytest.mark.parametrize(
    ("text", "intent"), [("mornings", "greet"), ("call me after 5", "human_request"), ("how about Friday?", "book")]
)
def test_a_time_is_an_answer_whatever_the_classifier_thinks(text: str, intent: str) -> None:
    assert heard(TIME, said(text, intent, 0.97)).step == "answer"


def test_a_plain_question_about_times_is_a_question() -> None:
    assert heard(TIME, said("are you open on monday?", "location_hours_contact", 0.9)).step == "resume"
    assert heard(TIME, said("would 5 pm work?", "recovery_downtime", 0.6)).step == "answer"


@pytest.mark.parametrize(
    ("text", "intent", "probability"),
    [
        ("how much is it?", "cost_savings", 0.6),
        ("sorry, in English: how long do the results last", "results_duration", 0.6),
        ("side effects", "side_effects", 0.95),
        ("I want to book", "book", 0.95),
    ],
)
def test_another_matter_is_served_and_the_question_comes_back(text: str, intent: str, probability: float) -> None:
    other = heard(NAME, said(text, intent, probability))
    assert (other.step, other.intents) == ("resume", (intent,))


def test_an_answer_beside_a_question_is_kept_and_the_question_served() -> None:
    question = said("How long does it last?", "results_duration", 0.8)
    both = heard(NAME, said("Ana. How long does it last?", "results_duration", 0.7), said("Ana."), question)
    assert (both.step, both.answer, both.intents) == ("answer", "Ana.", ("results_duration",))


@pytest.mark.parametrize(
    ("intent", "step"),
    [("thanks", "resume"), ("greet", "resume"), ("affirm", "resume"), ("deny", "skip"), ("goodbye", "leave")],
)  # fmt: skip
def test_small_talk_is_no_name(intent: str, step: str) -> None:
    chat = heard(NAME, said("…", intent, 0.99))
    assert (chat.step, chat.answer) == (step, "")
    assert chat.intents == ((intent,) if intent in ("thanks", "greet", "goodbye") else ())


@pytest.mark.parametrize("intent", ["affirm", "deny"])
def test_consent_is_never_the_classifiers_guess(intent: str) -> None:
    assert heard(CONSENT, said("maybe", intent, 0.99)).step == "answer"


def test_a_yes_with_more_is_a_yes_and_the_more_is_served() -> None:
    assert heard(CONSENT, said("yes but only by email", "affirm", 0.5)).step == "yes"
    more = heard(CONSENT, said("yes, and does it hurt?", "pain_anesthesia", 0.8))
    assert (more.step, more.intents) == ("yes", ("pain_anesthesia",))
    assert heard(CONSENT, said("sure, but don't call me at work")).step == "answer"
    assert heard(CONSENT, said("no, my number is 916 555 0101")).step == "answer"


def test_a_way_to_be_reached_is_an_answer_and_the_question_around_it_too() -> None:
    assert heard(REACH, said("text me at ana@example.com", "human_request", 0.99)).step == "answer"
    asked = heard(REACH, said("what does it cost, 916 555 0100?", "cost_savings", 0.9))
    assert asked.intents == ("cost_savings",)


@pytest.mark.parametrize("state", [{}, {"active_form": "gone_form", "requested_slot": "contact_name"},
                                   {"active_form": "contact_form", "requested_slot": "gone"}])  # fmt: skip
def test_a_form_of_an_older_model_waits_for_nothing(state: dict[str, Any]) -> None:
    assert forms.asking_of(state) is None


@pytest.mark.parametrize("text", ["Ana", "Ana Maria de la Cruz", "J. R. Tolkien", "O'Brien", "김민수"])
def test_names_look_like_names(text: str) -> None:
    assert looks_like_name(text)


@pytest.mark.parametrize("text", ["my chest hurts", "CHEST PAIN", "12345", "", "My eye droops"])
def test_sentences_do_not(text: str) -> None:
    assert not looks_like_name(text)


BOOKING_END = Asking("booking_form", "booking_confirm")
VISIT_END = Asking("visit_form", "visit_confirm")


@pytest.mark.parametrize("text", ["looks good", "all correct", "that's right", "send it please", "yess", "alright"])
def test_people_agree_in_many_words(text: str) -> None:
    assert forms.talk(BOOKING_END, text) == "yes"


@pytest.mark.parametrize(
    ("text", "slot"),
    [
        ("the name is wrong", "booking_name"),
        ("No, the name is wrong!", "booking_name"),
        ("yes but change the phone number", "booking_reach"),
        ("The day or time", "booking_when"),
        ("change something", ""),
        ("that's not right", ""),
        ("wait", ""),
    ],
)
def test_something_to_change_is_no_refusal(text: str, slot: str) -> None:
    assert heard(BOOKING_END, said(text)).step == "change"
    assert forms.changed_slot(BOOKING_END, text) == slot


def test_a_field_by_itself_is_to_change_only_where_all_was_read_back() -> None:
    assert not forms.wants_change(Asking("booking_form", "booking_name"), "the day")
    assert not forms.wants_change(Asking("contact_form", "contact_consent"), "change something")


@pytest.mark.parametrize("text", ["no, Ana Lopes", "nope, Friday"])
def test_a_no_with_something_else_keeps_the_words(text: str) -> None:
    assert heard(BOOKING_END, said(text)) == forms.Heard("no", text)
    assert heard(VISIT_END, said(text)) == forms.Heard("no", text)


@pytest.mark.parametrize("text", ["no, don't send it", "no thanks", "no, I'm fine"])
def test_a_plain_refusal_keeps_none(text: str) -> None:
    assert heard(BOOKING_END, said(text)) == forms.Heard("no")


def test_nothing_is_sent_on_a_yes_with_a_but() -> None:
    assert heard(BOOKING_END, said("ok but not so fast, hold on")).step == "answer"
    assert heard(BOOKING_END, said("no, how much is it?", "cost_savings", 0.9)).step == "resume"


@pytest.mark.parametrize(
    "text", ["I don't have a phone", "no phone", "neither", "just answer me here", "this chat is fine"]
)
def test_who_has_no_way_to_be_reached_skips_that(text: str) -> None:
    assert forms.talk(Asking("booking_form", "booking_reach"), text) == "skip"


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("nope, i have never been there", "new"),
        ("no i have not", "new"),
        ("not my first time", "returning"),
        ("I'm not new", "returning"),
        ("yes, I have been there", "returning"),
    ],
)
def test_new_or_returning(text: str, first: str) -> None:
    assert forms.options_in("booking_visitor", text)[0] == first


def test_a_slip_in_a_buttons_word_is_seen_through() -> None:
    assert forms.options_in("booking_wish", "treatmnt") == ["treatment"]
    assert forms.options_in("booking_wish", "consultaton please") == ["consultation"]
    assert forms.options_in("visit_what", "rescedule it") == ["move"]


def test_cancel_leaves_a_new_request_and_is_a_wish_about_one_that_was_sent() -> None:
    assert forms.talk(Asking("booking_form", "booking_name"), "cancel my appointment") == "leave"
    assert forms.talk(Asking("visit_form", "visit_what"), "cancel it") == "answer"
    assert forms.talk(Asking("visit_form", "visit_reference"), "cancel it") == "leave"


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("k7m 5qx", "k7m-5qx"),
        ("it's K 7 M - 5 Q X", "K7M-5QX"),
        ("K7M dash 5QX", "K7M-5QX"),
        ("k7m5qx.", "k7m-5qx"),
        ("925-555-7766", ""),
        ("my request", ""),
    ],
)
def test_references_as_people_type_them(text: str, reference: str) -> None:
    assert forms.reference_in(text) == reference


@pytest.mark.parametrize(
    "text", ["am I booked?", "when will you confirm", "what's going on with my request", "status?"]
)
def test_more_ways_to_ask_how_far_a_request_is(text: str) -> None:
    assert phrases.STATUS.search(forms.plain(text))


@pytest.mark.parametrize(
    "text",
    ["is it approved?", "is it approved by the FDA", "what is happening in the appointment", "what happens at a visit"],
)
def test_a_question_about_the_treatment_does_not_ask_about_a_request(text: str) -> None:
    assert not phrases.STATUS.search(forms.plain(text))
