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
    assert (second["booking_when"], responses) == ({"text": "sunday", "windows": []}, [f"utter_booking_when_{status}"])


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


@pytest.mark.parametrize("answer", ["ok", "Sure thing", "yes please", "looks good"])
@pytest.mark.parametrize("slot", ["booking_when", "booking_name", "booking_reach"])
def test_a_yes_answers_no_such_question_and_nobody_turns_in_a_circle(slot: str, answer: str) -> None:
    found, _, responses = run("answer", answer, {"requested_slot": slot})
    assert (found[slot], responses) == (None, [f"utter_{slot}_unread"])
    second, _, responses = run("answer", answer, {"requested_slot": slot, "form_tries": 1})
    assert (not second[slot] or not second[slot].get("text"), responses) == (True, [])


@pytest.mark.parametrize("asked", ["booking_consent", "booking_confirm"])
def test_whoever_stays_unclear_has_sent_nothing_and_lost_nothing(asked: str) -> None:
    slots = {**FULL, "requested_slot": asked, "form_tries": 1}
    found, effects, responses = run("answer", "blah blah", slots)
    assert (effects, responses) == ([], ["utter_booking_left"])
    assert (found["requested_slot"], found[asked], "booking_name" in found) == (None, None, False)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Sorry, it's Anna not Ana", "Anna"),
        ("no, Anna", "Anna"),
        ("my name is Bea", "Bea"),
        ("the name is wrong", None),
        ("no, that is odd", None),
    ],
)
def test_a_name_is_corrected_where_something_else_is_asked(text: str, name: str) -> None:
    found, effects, _ = run("answer", text, FULL)
    assert (found.get("booking_name"), effects) == (name, [])


def test_a_no_with_a_name_corrects_it_and_sends_nothing() -> None:
    found, effects, responses = run("no", "no, Anna", FULL)
    assert (found["booking_name"], effects, responses) == ("Anna", [], [])


def test_a_no_to_the_details_with_more_is_a_no() -> None:
    found, effects, responses = run("no", "no, rather odd", {**FULL, "requested_slot": "booking_consent"})
    assert (effects, responses, found["booking_name"]) == ([], ["utter_booking_not_sent"], None)


def test_a_time_without_a_day_is_meant_for_the_day_known_before() -> None:
    slots = {**FULL, "booking_when": {"text": "Monday, November 23, at 3:00 PM", "windows": []}}
    later = {"status": "clear", "text": "any day, at 4:00 PM", "windows": []}
    found, _, _ = run("answer", "4pm", slots, when=later)
    assert found["booking_when"] == {"text": "Monday, November 23, at 4:00 PM", "windows": []}


def test_a_day_that_cannot_be_is_said_at_the_end_too() -> None:
    closed = {"status": "closed", "text": "Sunday", "opens": ""}
    found, effects, responses = run("answer", "no, sunday", FULL, when=closed)
    assert (effects, responses, "booking_when" in found) == ([], ["utter_booking_when_closed"], False)


def test_a_closed_day_in_the_first_message_is_said() -> None:
    closed = {"status": "closed", "text": "Sunday", "opens": ""}
    assert run("start", "can I come sunday", {}, when=closed)[2] == ["utter_booking_when_closed"]
    assert run("start", "book", {"booking_when": {"text": "Monday"}}, when=closed)[2] == []


@pytest.mark.parametrize("asked", ["booking_wish", "booking_when", "booking_name", "booking_reach"])
def test_who_says_who_they_are_at_another_question_is_heard(asked: str) -> None:
    found, _, responses = run("answer", "I'm new here", {"requested_slot": asked})
    assert (found["booking_visitor"], found.get(asked), responses) == ("new", None, [])


def test_a_visit_of_another_kind_is_taken_at_the_end() -> None:
    found, effects, _ = run("answer", "actually a treatment", FULL)
    assert (found["booking_wish"], effects) == ("treatment", [])


def test_an_address_is_read_as_it_is_said() -> None:
    asked = {"requested_slot": "booking_reach"}
    assert run("answer", "sam at mail dot example", asked)[0]["booking_reach"] == {"email": "sam@mail.example"}


def test_change_without_a_slot_empties_none() -> None:
    assert run("change", "", FULL)[0] == {"booking_confirm": None, "form_tries": 0}


@pytest.mark.parametrize(("form", "answer"), [("yes", ""), ("start", "book")])
def test_a_day_that_has_gone_by_meanwhile_is_asked_for_again(form: str, answer: str) -> None:
    window = {"start": "2020-01-06T09:00-08:00", "end": "2020-01-06T17:00-08:00", "label": "Monday"}
    slots = {**FULL, "booking_when": {"text": "Monday, January 6", "windows": [window]}}
    found, effects, responses = run(form, answer, slots)
    assert (found["booking_when"], found["booking_confirm"], effects) == (None, None, [])
    assert responses == ["utter_booking_when_past"]


def test_whether_a_day_has_gone_by_is_told_by_the_message_and_not_by_the_clock() -> None:
    window = {"start": "2020-01-06T09:00-08:00", "end": "2020-01-06T17:00-08:00", "label": "Monday"}
    slots = {**FULL, "booking_when": {"text": "Monday, January 6", "windows": [window]}}
    found, _, responses = run("start", "book", slots, now="2020-01-05T09:00:00-08:00")
    assert "booking_when" not in found
    assert "utter_booking_when_past" not in responses
