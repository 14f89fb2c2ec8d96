from typing import Any

import pytest

from actions.validate_booking_form import SLOTS, ValidateBookingForm
from tests.actions.helper import run_form

FRIDAY = {"status": "clear", "text": "Friday, November 27", "windows": [{"start": "a", "end": "b", "label": "c"}]}
FULL: dict[str, Any] = {
    "booking_wish": "consultation",
    "booking_when": {"text": "Monday", "windows": []},
    "booking_visitor": "new",
    "booking_name": "Ana",
    "booking_reach": {"phone": "+19165550100"},
    "booking_consent": "yes",
    "booking_run": "first",
    "requested_slot": "booking_confirm",
}


def run(form: str, answer: str, slots: dict[str, Any], **context: Any) -> tuple[dict[str, Any], list[Any], list[Any]]:
    return run_form(ValidateBookingForm(), {"form": form, "answer": answer}, slots, context)


def test_the_first_message_fills_what_it_says() -> None:
    readings = {"phones": ["+19165550100"], "emails": []}
    text = "a consultation Friday, I'm Ana, 916 555 0100"
    found, _, _ = run("start", text, {}, when=FRIDAY, readings=readings)
    assert (found["booking_wish"], found["booking_name"]) == ("consultation", "Ana")
    assert found["booking_reach"] == {"phone": "+19165550100"}
    assert found["booking_when"]["text"] == "Friday, November 27"
    assert found["booking_run"] == "m1"


def test_a_run_that_is_resumed_keeps_its_id() -> None:
    assert run("start", "book", {"booking_run": "first"})[0]["booking_run"] == "first"


def test_a_yes_sends_the_request_once_and_forgets_it() -> None:
    found, [effect], _ = run("yes", "", FULL, booking=None)
    assert (effect["type"], effect["run"], effect["update"]) == ("booking_submit", "first", False)
    assert (effect["name"], effect["phone"], effect["preferred"]) == ("Ana", "+19165550100", "Monday")
    assert all(found[slot] is None for slot in SLOTS)
    assert found["requested_slot"] is None


def test_another_request_while_one_is_open_brings_that_up_to_date() -> None:
    assert run("yes", "", FULL, booking="submitted")[1][0]["update"] is True


@pytest.mark.parametrize("asked", ["booking_consent", "booking_confirm"])
def test_a_no_sends_nothing(asked: str) -> None:
    found, effects, responses = run("no", "", {**FULL, "requested_slot": asked})
    assert (effects, responses) == ([], ["utter_booking_not_sent"])
    assert found["booking_name"] is None


def test_who_leaves_can_go_on_later() -> None:
    found, effects, responses = run("leave", "", FULL)
    assert (effects, responses) == ([], ["utter_booking_left"])
    assert found == {"form_tries": 0, "requested_slot": None}


def test_a_new_day_at_the_end_is_taken_and_read_back() -> None:
    found, effects, _ = run("answer", "no, Friday", FULL, when=FRIDAY)
    assert (found["booking_when"]["text"], found["booking_confirm"], effects) == ("Friday, November 27", None, [])


@pytest.mark.parametrize("status", ["past", "closed", "impossible"])
def test_a_day_that_cannot_be_is_said_so_and_asked_again(status: str) -> None:
    asked = {"requested_slot": "booking_when"}
    when = {"status": status, "text": "Sunday", "windows": [], "opens": ""}
    found, _, responses = run("answer", "sunday", asked, when=when)
    assert responses == [f"utter_booking_when_{status}"]
    assert (found["booking_when"], found["form_tries"]) == (None, 1)
    second, _, responses = run("answer", "sunday", {**asked, "form_tries": 1}, when=when)
    assert (second["booking_when"], responses) == ({"text": "sunday", "windows": []}, [])


def test_a_day_with_two_meanings_is_asked_back() -> None:
    choices = [{"text": "Friday", "windows": []}, {"text": "Saturday", "windows": []}]
    asked = {"requested_slot": "booking_when"}
    found, _, _ = run("answer", "the 1st", asked, when={"status": "ambiguous", "choices": choices})
    assert (found["booking_when"], found["booking_choices"]) == (None, choices)
    pressed = {"intent": "pick_booking_when", "value": "choice:1"}
    found, _, _ = run("answer", "", {**asked, "booking_choices": choices}, choice=pressed)
    assert (found["booking_when"], found["booking_choices"]) == (choices[1], None)


def test_a_name_that_is_a_month_is_a_name() -> None:
    found, _, _ = run("answer", "April", {"requested_slot": "booking_name"}, when=FRIDAY)
    assert (found["booking_name"], "booking_when" in found) == ("April", False)


def test_change_empties_the_slot() -> None:
    found, _, _ = run("change", "", FULL, choice={"intent": "change_booking_when"})
    assert found == {"booking_when": None, "booking_confirm": None, "form_tries": 0}
