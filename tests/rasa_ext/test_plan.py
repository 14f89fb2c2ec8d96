"""The plan of a turn, from readings written by hand."""

from __future__ import annotations

from typing import Any

import pytest

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


def test_a_doubtful_emergency_still_reaches_staff() -> None:
    doubtful = reading(("side_effects", 0.5), ("emergency_vision", 0.35), ("medical_eye_trouble", 0.2))
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


@pytest.mark.parametrize(
    "text", ["555 010 0199", "+44 7700 900123 after six", "it's ana@example.com thanks", "(916) 555-0100"]
)
@pytest.mark.parametrize("last_route", ["staff_medical", "staff_other", "booking"])
def test_a_way_to_be_reached_is_thanked_for(text: str, last_route: str) -> None:
    made = plan(reading(("location_hours_contact", 0.4), text=text), last_route=last_route)
    assert made.actions == ["utter_contact_noted"]


@pytest.mark.parametrize(("text", "last_route"), [("555 010 0199", "answer"), ("is it 300 or 400", "booking")])
def test_other_numbers_are_no_contact(text: str, last_route: str) -> None:
    assert plan(reading(("cost_savings", 0.9), text=text), last_route=last_route).intents == ["cost_savings"]
