from typing import Any

from actions.validate_visit_form import ValidateVisitForm
from tests.actions.helper import run_form


def run(form: str, answer: str, slots: dict[str, Any], **context: Any) -> tuple[dict[str, Any], list[Any], list[Any]]:
    return run_form(ValidateVisitForm(), {"form": form, "answer": answer}, slots, context)


def test_the_conversations_own_request_needs_no_reference() -> None:
    found, effects, _ = run("start", "please cancel it", {}, booking="submitted")
    assert (found["visit_reference"], found["visit_proof"], found["visit_what"]) == ("", "", "withdraw")
    assert effects == []


def test_the_status_needs_no_yes() -> None:
    found, effects, _ = run("start", "what is the status of my request", {}, booking="submitted")
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
