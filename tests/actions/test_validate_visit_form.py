from typing import Any

import pytest

from actions.validate_visit_form import ValidateVisitForm
from tests.actions.helper import run_form


def run(form: str, answer: str, slots: dict[str, Any], **context: Any) -> tuple[dict[str, Any], list[Any], list[Any]]:
    return run_form(ValidateVisitForm(), {"form": form, "answer": answer}, slots, context)


def test_the_conversations_own_request_needs_no_reference() -> None:
    found, effects, _ = run("start", "please cancel it", {}, references=["K7M-5QX"])
    assert (found["visit_reference"], found["visit_proof"], found["visit_what"]) == ("", "", "withdraw")
    assert effects == []


def test_the_conversations_own_reference_needs_no_proof_and_another_does() -> None:
    own, _, _ = run("start", "cancel k7m 5qx", {}, references=["K7M-5QX"])
    assert (own["visit_reference"], own["visit_proof"]) == ("k7m-5qx", "")
    other, _, _ = run("start", "cancel P9D-WXX", {}, references=["K7M-5QX"])
    assert (other["visit_reference"], other.get("visit_proof")) == ("P9D-WXX", None)


def test_the_status_needs_no_yes() -> None:
    found, effects, _ = run("start", "what is the status of my request", {}, references=["K7M-5QX"])
    assert effects == [{"type": "booking_status", "reference": "", "proof": ""}]
    assert found["requested_slot"] is None


def test_a_reference_and_its_proof_are_taken_from_the_first_message() -> None:
    found, _, _ = run("start", "cancel K7M-5QX, 0100", {})
    assert (found["visit_reference"], found["visit_proof"], found["visit_what"]) == ("K7M-5QX", "0100", "withdraw")


def test_nothing_is_withdrawn_without_a_yes() -> None:
    slots = {
        "visit_reference": "K7M5QX",
        "visit_proof": "0100",
        "visit_what": "withdraw",
        "visit_when": {},
        "requested_slot": "visit_confirm",
    }
    assert run("yes", "", slots)[1] == [{"type": "booking_withdraw", "reference": "K7M5QX", "proof": "0100"}]
    _, effects, responses = run("no", "", slots)
    assert (effects, responses) == ([], ["utter_visit_kept"])


def test_what_is_no_reference_is_asked_again_once() -> None:
    found, _, responses = run("answer", "hm", {"requested_slot": "visit_reference"})
    assert (found["visit_reference"], found["form_tries"], responses) == (None, 1, ["utter_visit_reference_unread"])


MOVE = {
    "visit_reference": "K7M-5QX",
    "visit_proof": "0101",
    "visit_what": "move",
    "visit_when": {"text": "Friday, November 27, at 10:00 AM", "windows": []},
    "requested_slot": "visit_confirm",
}
CLEAR = {"status": "clear", "text": "Monday, November 23", "windows": []}


@pytest.mark.parametrize("asked", ["visit_reference", "visit_proof"])
def test_without_a_reference_or_its_proof_nothing_is_looked_up(asked: str) -> None:
    found, effects, responses = run("answer", "hm", {"requested_slot": asked, "form_tries": 1})
    assert (effects, responses, found["requested_slot"]) == ([], ["utter_booking_not_found"], None)


def test_a_phone_number_does_not_take_the_references_place() -> None:
    slots = {"visit_reference": "K7M-5QX", "requested_slot": "visit_proof"}
    readings = {"phones": ["+19255557766"], "emails": []}
    found, _, _ = run("answer", "925-555-7766", slots, readings=readings)
    assert (found.get("visit_reference"), found["visit_proof"]) == (None, "+19255557766")


def test_another_day_at_the_last_question_is_asked_about_anew() -> None:
    found, effects, responses = run("no", "no, Monday", MOVE, when=CLEAR)
    assert (found["visit_when"]["text"], found["visit_confirm"], effects) == ("Monday, November 23", None, [])
    assert responses == []
    noon = {"status": "clear", "text": "any day, at noon", "windows": []}
    found, _, _ = run("answer", "at noon", MOVE, when=noon)
    assert found["visit_when"]["text"] == "Friday, November 27, at noon"


def test_another_proof_at_the_last_question_is_taken() -> None:
    found, effects, responses = run("no", "no, I mean 0100", {**MOVE, "visit_what": "withdraw"})
    assert (found["visit_proof"], found["visit_confirm"], effects, responses) == ("0100", None, [], [])


def test_cancel_it_is_a_yes_to_no_visit_and_a_no_to_another_time() -> None:
    _, [effect], _ = run("answer", "cancel it", {**MOVE, "visit_what": "withdraw"})
    assert effect["type"] == "booking_withdraw"
    _, effects, responses = run("answer", "cancel it", MOVE)
    assert (effects, responses) == ([], ["utter_visit_kept"])
    found, effects, _ = run("answer", "cancel my appointment", MOVE)
    assert (found["visit_what"], found.get("visit_confirm"), effects) == ("withdraw", None, [])


def test_who_asks_for_the_status_in_the_middle_hears_it() -> None:
    assert run("answer", "what is the status of my request", MOVE)[1][0]["type"] == "booking_status"


def test_what_is_wrong_with_a_day_is_said_even_when_staff_get_it() -> None:
    slots = {"visit_what": "move", "requested_slot": "visit_when", "form_tries": 1}
    closed = {"status": "closed", "text": "Sunday", "opens": ""}
    found, _, responses = run("answer", "sunday", slots, when=closed)
    assert (found["visit_when"]["text"], responses) == ("sunday", ["utter_booking_when_closed"])
    found, _, responses = run("answer", "sure", slots)
    assert (found["requested_slot"], responses) == (None, ["utter_visit_kept"])
