"""The plan of a turn, from readings written by hand."""

from __future__ import annotations

from typing import Any

import pytest

from rasa_ext.forms import KINDS
from rasa_ext.plan import Limits, Plan, plan_turn

LIMITS = Limits()


def reading(*ranking: tuple[str, float], known: bool = True, **more: Any) -> dict[str, Any]:
    entries = [{"name": name, "confidence": confidence} for name, confidence in ranking]
    sensitive = [entry for entry in entries if str(entry["name"]).startswith(("medical_", "emergency_"))]
    topics = [entry for entry in entries if entry not in sensitive]
    medical = sum(c for n, c in ranking if n.startswith("medical_"))
    emergency = sum(c for n, c in ranking if n.startswith("emergency_"))
    base = {"text": "…", "question": True, "ranking": topics, "medical_ranking": sensitive, "score": 1.5}
    return {**base, "known": known, "medical": medical, "emergency": emergency, "oos": 0.0, **more}


def plan(whole: dict[str, Any], *parts: dict[str, Any], **context: Any) -> Plan:
    findings, language = context.pop("findings", []), context.pop("language", "en")
    understood = {"whole": whole, "parts": list(parts) or [whole], "language": language}
    return plan_turn(understood, findings, context, LIMITS)


def test_one_question_gets_its_answer() -> None:
    made = plan(reading(("safety", 0.9), ("side_effects", 0.05)))
    assert (made.route, made.intents, made.buttons) == ("answer", ["safety"], [])


def test_two_questions_get_both_answers_in_order() -> None:
    whole = reading(("cost_savings", 0.5), ("pain_anesthesia", 0.4))
    made = plan(whole, reading(("cost_savings", 0.95)), reading(("pain_anesthesia", 0.9)))
    assert made.intents == ["cost_savings", "pain_anesthesia"]
    assert made.topics == ["cost_savings", "pain_anesthesia"]


def test_an_unsure_second_part_is_left_out() -> None:
    whole = reading(("cost_savings", 0.9))
    made = plan(whole, reading(("cost_savings", 0.95)), reading(("benefits", 0.3)))
    assert made.intents == ["cost_savings"]


def test_a_greeting_before_a_question_is_not_answered_on_its_own() -> None:
    whole = reading(("onset", 0.8))
    assert plan(whole, reading(("greet", 0.99)), reading(("onset", 0.95))).intents == ["onset"]
    assert plan(reading(("greet", 0.99))).route == "smalltalk"


def test_a_question_beside_a_booking_is_answered_and_the_route_is_booking() -> None:
    whole = reading(("book", 0.5), ("cost_savings", 0.4))
    made = plan(whole, reading(("cost_savings", 0.95)), reading(("book", 0.95)))
    assert (made.route, made.intents) == ("booking", ["cost_savings", "book"])


@pytest.mark.parametrize("in_whole", [0.9, 0.3])
def test_an_emergency_in_one_part_comes_alone(in_whole: float) -> None:
    whole = reading(("cost_savings", 0.9), ("emergency_breathing", in_whole))
    harmless, alarm = reading(("cost_savings", 0.99)), reading(("emergency_breathing", 0.9))
    made = plan(whole, harmless, alarm)
    assert (made.route, made.intents) == ("emergency", ["emergency_breathing"])


def finding(level: str, intent: str) -> dict[str, Any]:
    return {"level": level, "family": "…", "entry": "…", "intent": intent, "start": 0, "end": 0}


def test_a_finding_of_the_rules_decides_alone() -> None:
    sure = reading(("safety", 0.99))
    assert plan(sure, findings=[finding("medical", "medical_lump")]).intents == ["medical_lump"]
    both = [finding("emergency", "emergency_vision"), finding("medical", "medical_lump")]
    assert plan(sure, findings=both).intents == ["emergency_vision"]


def test_a_stray_medical_word_in_chatter_does_not_decide() -> None:
    whole = reading(("cost_savings", 0.8), ("medical_lump", 0.05))
    chatter = reading(("out_of_scope", 0.4), ("medical_lump", 0.5))
    assert plan(whole, chatter, reading(("cost_savings", 0.9))).route == "answer"


def test_medical_sub_topics_count_together() -> None:
    spread = reading(("side_effects", 0.35), ("medical_headache", 0.3), ("medical_pain_after", 0.3))
    assert plan(spread).route == "staff_medical"


def test_the_booking_intents_together_are_a_wish_where_no_topic_is_clear() -> None:
    torn = reading(("cost_savings", 0.35), ("book", 0.25), ("reschedule_cancel", 0.2))
    assert plan(torn).intents == ["book"]
    assert plan(reading(("cost_savings", 0.55), ("book", 0.25), ("reschedule_cancel", 0.2))).route == "answer"
    assert plan(reading(("cost_savings", 0.4), ("book", 0.2), ("reschedule_cancel", 0.1))).route == "answer"


def test_a_doubtful_emergency_still_reaches_staff() -> None:
    doubtful = reading(("side_effects", 0.35), ("emergency_vision", 0.35), ("medical_eye_trouble", 0.25))
    assert plan(doubtful).route == "staff_medical"


def test_a_general_question_beside_a_medical_matter_is_answered_after_it() -> None:
    whole = reading(("results_duration", 0.6), ("medical_eyelid_droop", 0.7))
    made = plan(whole, reading(("results_duration", 0.95)), reading(("safety", 0.9), ("medical_eyelid_droop", 0.9)))
    assert (made.route, made.intents) == ("staff_medical", ["medical_eyelid_droop", "results_duration"])


def test_staff_learn_which_layer_decided() -> None:
    sure = reading(("safety", 0.99))
    assert plan(sure, findings=[finding("medical", "medical_lump")]).reason == "rules:…/…"
    assert plan(reading(("safety", 0.1), ("medical_lump", 0.8))).reason == "classifier:medical_lump 0.80"
    assert plan(reading(("human_request", 0.9))).reason == "intent:human_request"


@pytest.mark.parametrize("intent", ["cost_savings", "book", "thanks", "affirm", "human_request"])
def test_after_an_emergency_the_bot_stays_with_it(intent: str) -> None:
    made = plan(reading((intent, 0.95)), last_route="emergency")
    assert (made.route, made.intents) == ("emergency", [])
    assert made.actions == ["utter_emergency_again", "action_hand_off"]
    assert made.buttons == ["not_emergency"]


def test_a_clear_all_clear_ends_the_emergency() -> None:
    typed = plan(reading(("not_emergency", 0.95)), last_route="emergency")
    pressed = plan(reading(known=False), last_route="emergency", choice={"intent": "not_emergency"})
    assert typed.intents == pressed.intents == ["not_emergency"]


def test_another_language_goes_to_staff_and_says_so() -> None:
    made = plan(reading(("safety", 0.9), ("medical_lump", 0.6)), language="other")
    assert (made.route, made.actions, made.intents) == (
        "staff_other",
        ["utter_cannot_read_language"],
        ["human_request"],
    )


def test_an_emergency_in_spanish_is_answered_in_spanish_too() -> None:
    made = plan(reading(("emergency_breathing", 0.9)), language="es")
    assert (made.route, made.actions, made.intents) == ("emergency", ["utter_emergency_es"], ["emergency_breathing"])


def test_near_topics_are_asked_back_once() -> None:
    near = reading(("side_effects_duration", 0.36), ("results_duration", 0.33))
    asked = plan(near)
    assert asked.route == "clarify"
    assert asked.buttons == ["side_effects_duration", "results_duration", "human_request"]
    assert plan(near, last_route="clarify").intents == ["side_effects_duration"]


def test_the_unknown_gets_the_closest_topics_staff_and_booking() -> None:
    ranking = (("safety", 0.2), ("book", 0.1), ("benefits", 0.1), ("onset", 0.05), ("procedure", 0.04))
    made = plan(reading(*ranking, known=False))
    assert made.route == "out_of_scope"
    assert made.buttons == ["safety", "benefits", "onset", "human_request", "book"]


def test_a_message_without_words_is_unknown() -> None:
    assert plan(reading(known=False)).buttons == ["human_request", "book"]


def test_a_button_says_what_is_meant() -> None:
    made = plan(reading(("safety", 1.0)), choice={"intent": "book"})
    assert (made.route, made.intents) == ("booking", ["book"])


NUMBER = {"phones": ["+19165550100"], "emails": []}
ASKED: dict[str, Any] = {"active_form": "contact_form", "requested_slot": "contact_name"}


def say(text: str, *ranking: tuple[str, float], **more: Any) -> dict[str, Any]:
    base = {"known": False, "question": False}
    return reading(*(ranking or (("out_of_scope", 0.3),)), text=text, **{**base, **more})


@pytest.mark.parametrize(
    "intent", ["medical_lump", "human_request", "complaint_billing", "book", "reschedule_cancel", "cost_savings"]
)
def test_a_matter_for_staff_opens_the_form_and_an_answer_does_not(intent: str) -> None:
    made = plan(reading((intent, 0.95)))
    form = {"book": "booking_form", "reschedule_cancel": "visit_form"}.get(intent, "contact_form")
    assert (made.form, made.after) == (("", []) if intent == "cost_savings" else ("start", [form]))


def test_where_visitors_book_on_the_clinics_own_page_no_booking_form_opens() -> None:
    assert plan(reading(("book", 0.95)), booking_page=True).after == ["contact_form"]


def test_a_request_of_this_conversation_is_no_new_matter_for_staff() -> None:
    made = plan(reading(("reschedule_cancel", 0.95)), booking="submitted")
    assert (made.route, made.intents, made.after) == ("booking", [], ["visit_form"])


def test_who_asks_how_far_a_request_is_gets_the_form_about_it() -> None:
    made = plan(say("what is the status of my request"), booking="submitted")
    assert (made.route, made.topics, made.intents) == ("booking", ["reschedule_cancel"], [])


BOOKING: dict[str, Any] = {"active_form": "booking_form", "requested_slot": "booking_confirm"}


def test_a_new_day_at_the_last_question_is_no_refusal() -> None:
    made = plan(say("no, Friday"), when={"status": "clear"}, **BOOKING)
    assert (made.form, made.answer, made.after) == ("answer", "no, Friday", ["booking_form"])
    assert plan(say("no, Friday"), when={"status": "nothing"}, **BOOKING).form == "no"


def test_change_something_asks_what_and_a_slot_can_be_named_at_once() -> None:
    asked = plan(say("Change something"), choice={"intent": "change_booking_confirm"}, **BOOKING)
    assert asked.after == ["utter_ask_booking_change"]
    assert plan(say("change the day"), **BOOKING).form == "change"
    assert plan(say("The name"), choice={"intent": "change_booking_name"}, **BOOKING).form == "change"


def test_an_emergency_ends_the_booking_form_too() -> None:
    made = plan(reading(("emergency_breathing", 0.9)), **BOOKING)
    assert made.after == ["action_deactivate_loop"]


def test_who_has_no_reference_is_asked_how_to_be_reached() -> None:
    state = {"active_form": "visit_form", "requested_slot": "visit_reference"}
    made = plan(say("I have none"), choice={"intent": "skip_visit_reference"}, **state)
    assert made.after == ["visit_form", "contact_form"]


def test_the_form_is_opened_once_for_a_conversation() -> None:
    wish = reading(("human_request", 0.95))
    assert plan(wish, contact_status="given").after == ["utter_contact_known"]
    assert plan(wish, contact_status="declined").after == []


def test_an_emergency_ends_the_form_and_never_opens_it() -> None:
    alarm = reading(("emergency_breathing", 0.9))
    assert plan(alarm).after == []
    made = plan(alarm, **ASKED)
    assert (made.intents, made.form, made.after) == (["emergency_breathing"], "", ["action_deactivate_loop"])


@pytest.mark.parametrize("slot", sorted(KINDS))
@pytest.mark.parametrize("level", ["emergency", "medical"])
@pytest.mark.parametrize("text", ["Ana", "no thanks", "yes please", "stop", "after 5", "why?", "916 555 0100"])
def test_what_the_rules_find_decides_at_every_question_of_a_form(slot: str, level: str, text: str) -> None:
    route, intent = {"emergency": ("emergency", "emergency_vision"), "medical": ("staff_medical", "medical_lump")}[
        level
    ]
    state = {"active_form": "contact_form", "requested_slot": slot}
    assert plan(say(text), findings=[finding(level, intent)], **state).route == route


def test_a_medical_matter_in_a_form_comes_before_its_question() -> None:
    made = plan(say("Ana, and my eyelid droops"), findings=[finding("medical", "medical_eyelid_droop")], **ASKED)
    assert (made.route, made.intents, made.answer) == ("staff_medical", ["medical_eyelid_droop"], "")
    assert (made.form, made.after) == ("resume", ["utter_resume_contact_name"])


def test_a_number_beside_a_medical_matter_in_a_form_is_taken() -> None:
    whole = say("916 555 0100 and my eyelid droops")
    made = plan(whole, findings=[finding("medical", "medical_eyelid_droop")], readings=NUMBER, **ASKED)
    assert (made.form, made.answer, made.after) == ("answer", "", ["contact_form"])


def test_an_answer_goes_to_the_form() -> None:
    made = plan(say("Ana"), **ASKED)
    assert (made.route, made.form, made.answer, made.after) == ("smalltalk", "answer", "Ana", ["contact_form"])


def test_a_question_in_a_form_is_answered_and_the_form_comes_back() -> None:
    made = plan(say("how long does it last", ("results_duration", 0.8), known=True, question=True), **ASKED)
    assert (made.route, made.intents, made.after) == ("answer", ["results_duration"], ["utter_resume_contact_name"])


def test_an_unknown_question_in_a_form_gets_its_buttons_too() -> None:
    made = plan(say("do you sell vegan snacks", question=True), **ASKED)
    assert (made.route, made.form) == ("out_of_scope", "resume")
    assert made.buttons == ["human_request", "book"]


def test_everyday_refusals_are_not_left_to_the_classifier() -> None:
    refusal = say("I don't want to give my name", ("deny", 0.2), ("emergency_crisis", 0.6))
    assert plan(refusal).route == "emergency"
    assert plan(refusal, **ASKED).form == "skip"
    assert plan(refusal, findings=[finding("emergency", "emergency_crisis")], **ASKED).route == "emergency"


def test_a_name_has_to_look_very_medical() -> None:
    assert plan(say("Ana Maria de la Cruz", ("medical_lump", 0.6)), **ASKED).form == "answer"
    assert plan(say("Neck", ("medical_neck_symptom", 0.95)), **ASKED).route == "staff_medical"
    assert plan(say("something with my neck", ("medical_neck_symptom", 0.6)), **ASKED).route == "staff_medical"


def test_the_digits_of_a_phone_number_are_no_age() -> None:
    found = {**finding("medical", "medical_age_over"), "start": 8, "end": 16}
    whole = say("916 555 0100 any time")
    assert plan(whole, findings=[found], readings=NUMBER, **ASKED).route == "smalltalk"
    assert plan(whole, findings=[found], **ASKED).route == "staff_medical"
    urgent = {**found, "level": "emergency", "intent": "emergency_stroke"}
    assert plan(whole, findings=[urgent], readings=NUMBER, **ASKED).route == "emergency"


@pytest.mark.parametrize(("button", "step"), [("skip_contact_name", "skip"), ("yes_contact_consent", "resume")])
def test_the_forms_buttons_count_for_their_own_question_only(button: str, step: str) -> None:
    assert plan(say("Skip"), choice={"intent": button}, **ASKED).form == step


def test_a_forms_button_after_the_form_says_so() -> None:
    assert plan(say("Skip"), choice={"intent": "skip_contact_name"}).actions == ["utter_button_closed"]


def test_no_old_button_leads_out_of_an_emergency() -> None:
    made = plan(say("Side effects"), choice={"intent": "side_effects"}, last_route="emergency")
    assert made.route == "emergency"


def test_a_name_may_be_in_any_script_and_a_sentence_may_not() -> None:
    assert plan(say("李小龙"), language="other", **ASKED).form == "answer"
    made = plan(say("¿cuánto cuesta el tratamiento?", question=True), language="es", **ASKED)
    assert (made.actions, made.after) == (["utter_cannot_read_language"], ["utter_resume_contact_name"])


@pytest.mark.parametrize("context", [{"last_route": "booking"}, {"contact_status": "declined"}])
def test_a_number_that_comes_late_opens_the_form(context: dict[str, Any]) -> None:
    made = plan(say("916 555 0100"), readings=NUMBER, **context)
    assert (made.form, made.after, made.answer) == ("start", ["contact_form"], "916 555 0100")


def test_a_number_out_of_the_blue_and_a_question_about_one_open_none() -> None:
    assert plan(say("916 555 0100"), readings=NUMBER).form == ""
    asked = say("is 916 555 0100 yours", ("location_hours_contact", 0.9), known=True, question=True)
    assert plan(asked, readings=NUMBER, contact_status="given").intents == ["location_hours_contact"]


def test_a_new_number_changes_the_old_one() -> None:
    made = plan(say("my number changed"), readings=NUMBER, contact_status="given")
    assert (made.form, made.after) == ("", ["action_update_contact"])


@pytest.mark.parametrize("text", ["K7M-5QX", "it's about k7m 5qx", "what's the status of my request"])
def test_who_names_a_request_or_asks_how_far_it_is_gets_to_it(text: str) -> None:
    asked = plan(reading(("out_of_scope", 0.9), text=text))
    assert (asked.route, asked.after) == ("booking", ["visit_form"])


def test_the_signs_of_a_reference_are_no_dose_and_no_age() -> None:
    text = "it's k 7 m 5 q x"
    dose = {**finding("medical", "medical_dose_units"), "start": 7, "end": 10}
    assert plan(reading(("out_of_scope", 0.9), text=text), findings=[dose]).route == "booking"
    outside = {**dose, "start": 0, "end": 4}
    assert plan(reading(("out_of_scope", 0.9), text=text), findings=[outside]).route == "staff_medical"


@pytest.mark.parametrize(
    "whole",
    [
        reading(("safety", 0.9)),
        reading(("greet", 0.99)),
        reading(("book", 0.9)),
        reading(("human_request", 0.9)),
        reading(("out_of_scope", 0.4), known=False),
        reading(("cost_savings", 0.3), ("clinic_costs", 0.29)),
    ],
)
def test_while_the_bot_is_off_staff_get_whatever_is_harmless(whole: dict[str, Any]) -> None:
    made = plan(whole, bot_off=True)
    assert (made.route, made.topics, made.intents, made.actions) == ("staff_other", [], [], ["action_hand_off"])
    assert (made.buttons, made.reason, made.after) == ([], "bot off", ["contact_form"])


def test_while_the_bot_is_off_no_button_and_no_other_language_is_answered() -> None:
    assert plan(say("Side effects"), choice={"intent": "side_effects"}, bot_off=True).actions == ["action_hand_off"]
    assert plan(say("Skip"), choice={"intent": "skip_contact_name"}, bot_off=True).actions == ["action_hand_off"]
    assert plan(say("¿cuánto cuesta?"), language="es", bot_off=True).actions == ["action_hand_off"]


def test_a_bot_that_is_off_still_reads_what_is_dangerous() -> None:
    emergency = reading(("emergency_breathing", 0.9))
    assert plan(emergency, bot_off=True) == plan(emergency)
    whole = reading(("results_duration", 0.6), ("medical_eyelid_droop", 0.7))
    parts = reading(("results_duration", 0.95)), reading(("safety", 0.9), ("medical_eyelid_droop", 0.9))
    made = plan(whole, *parts, bot_off=True)
    assert (made.route, made.topics, made.intents) == (
        "staff_medical",
        ["medical_eyelid_droop"],
        ["medical_eyelid_droop"],
    )


def test_a_bot_that_is_off_stays_with_an_emergency_until_it_is_cleared() -> None:
    assert plan(reading(("safety", 0.9)), last_route="emergency", bot_off=True).route == "emergency"
    pressed = plan(say("x"), last_route="emergency", choice={"intent": "not_emergency"}, bot_off=True)
    assert (pressed.route, pressed.actions) == ("staff_other", ["action_hand_off"])


def test_a_bot_that_is_off_takes_an_answer_to_the_contact_form_and_no_question_beside_it() -> None:
    assert plan(say("Ana Lima"), bot_off=True, **ASKED) == plan(say("Ana Lima"), **ASKED)
    asked = plan(say("how long does it last", ("results_duration", 0.9), question=True), bot_off=True, **ASKED)
    assert (asked.route, asked.intents, asked.actions) == ("staff_other", [], ["action_hand_off"])
    assert asked.after == ["utter_resume_contact_name"]
    assert plan(say("not today", ("thanks", 0.99)), bot_off=True, **ASKED).intents == []
