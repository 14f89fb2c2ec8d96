"""The contact form: what each message fills, and how it ends."""

from __future__ import annotations

from typing import Any

import pytest

from actions.validate_contact_form import ValidateContactForm
from tests.actions.helper import run_form

ANA = {"contact_name": "Ana", "contact_reach": {"phone": "+19165550100"}, "contact_time": "mornings"}
NUMBER = {"phones": ["+19165550100"], "emails": []}


def turn(
    slot: str | None, text: str, step: str = "answer", slots: dict[str, Any] | None = None, **context: Any
) -> tuple[dict[str, Any], list[Any], list[Any]]:
    plan = {"form": step, "answer": text}
    return run_form(ValidateContactForm(), plan, {"requested_slot": slot, **(slots or {})}, {"open": True, **context})


def test_a_form_that_opens_takes_what_was_said() -> None:
    text = "a person please, I'm Ana, 916 555 0100, mornings are best"
    events, effects, responses = turn(None, text, "start", readings=NUMBER)
    filled = {"contact_name": "Ana", "contact_reach": {"phone": "+19165550100"}, "contact_time": "mornings are best"}
    assert events == {**filled, "form_tries": 0}
    assert (effects, responses) == ([], [])


@pytest.mark.parametrize("text", ["a person please", "I'm pregnant, can I get it", "I'M SCARED", "I am Italian"])
def test_a_form_that_opens_guesses_nothing(text: str) -> None:
    events, _, _ = turn(None, text, "start")
    # Something has to be set, else Rasa takes it that the form rejects the message.
    assert events == {"form_tries": 0}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ana", "Ana"), ("I'm Ana", "Ana"), ("my name is ana lopez.", "ana lopez"), ("ok, it's Ana", "Ana"),
        ("call me Liz", "Liz"), ("李小龙", "李小龙"), ("O’Brien", "O’Brien"), ("Ana 🙂", "Ana 🙂"),
        ("<b>Ana</b>", "<b>Ana</b>"), ("=1+1 Ana", "=1+1 Ana"), ("Robert'); DROP TABLE--", "Robert')"),
        ("x" * 300, "x" * 100), ("Ana " * 90, "Ana " * 24 + "Ana"),
    ],
)  # fmt: skip
def test_a_name_is_plain_text_of_bounded_length(text: str, name: str) -> None:
    events, _, responses = turn("contact_name", text)
    assert (events["contact_name"].strip(), responses) == (name.strip(), [])
    assert len(events["contact_name"]) <= 100


def test_name_and_number_in_one_message_fill_two() -> None:
    events, _, _ = turn("contact_name", "Ana, 916 555 0100", readings=NUMBER)
    assert (events["contact_name"], events["contact_reach"]) == ("Ana", {"phone": "+19165550100"})


@pytest.mark.parametrize("text", ["916 555 0100", "my number is 916 555 0100", "916 555 0100 any time after 5"])
def test_a_number_is_no_name(text: str) -> None:
    events, _, responses = turn("contact_name", text, readings=NUMBER)
    assert "contact_name" not in events
    assert events["contact_reach"] == {"phone": "+19165550100"}
    assert responses == []


@pytest.mark.parametrize("slot", ["contact_name", "contact_time"])
def test_a_refused_detail_stays_empty(slot: str) -> None:
    events, effects, responses = turn(slot, "", "skip")
    assert (events[slot], effects, responses) == ("", [], [])


@pytest.mark.parametrize("is_open", [True, False])
def test_who_refuses_to_be_reached_is_let_go_kindly(is_open: bool) -> None:
    events, effects, responses = turn("contact_reach", "", "skip", {"contact_name": "Ana"}, open=is_open)
    assert effects == [{"type": "contact", "declined": True}]
    assert responses == [f"utter_contact_none_{'open' if is_open else 'closed'}"]
    assert events == {
        **dict.fromkeys(["contact_name", "contact_reach", "contact_time", "contact_consent", "form_tries"]),
        "contact_status": "declined",
        "requested_slot": None,
    }


@pytest.mark.parametrize("slot", ["contact_name", "contact_reach", "contact_time", "contact_consent"])
def test_the_form_can_be_left_at_every_question(slot: str) -> None:
    events, effects, _ = turn(slot, "", "leave", ANA)
    assert effects == [{"type": "contact", "declined": True}]
    assert (events["contact_status"], events["contact_reach"], events["requested_slot"]) == ("declined", None, None)


def test_what_is_no_way_to_be_reached_is_asked_about_once() -> None:
    events, effects, responses = turn("contact_reach", "call me maybe", slots={"contact_name": "Ana"})
    assert (events, effects) == ({"contact_reach": None, "form_tries": 1}, [])
    assert responses == ["utter_contact_reach_unread"]
    events, effects, responses = turn("contact_reach", "12345", slots={"contact_name": "Ana", "form_tries": 1})
    assert events["contact_status"] == "declined"
    assert effects == [{"type": "contact", "declined": True}]
    assert responses == ["utter_contact_none_open"]


def test_a_way_to_be_reached_after_the_correction_starts_the_count_anew() -> None:
    events, _, _ = turn("contact_reach", "916 555 0100", slots={"form_tries": 1}, readings=NUMBER)
    assert events == {"contact_reach": {"phone": "+19165550100"}, "form_tries": 0}


STORY = "so I sat there in the waiting room for an hour and nobody ever came to get me"


@pytest.mark.parametrize(("slot", "text"), [("contact_name", "..."), ("contact_name", STORY), ("contact_time", "🙂")])
def test_a_detail_that_is_none_is_asked_about_once_and_then_left_out(slot: str, text: str) -> None:
    events, _, responses = turn(slot, text)
    assert (events[slot], events["form_tries"], responses) == (None, 1, [f"utter_{slot}_unread"])
    events, _, responses = turn(slot, text, slots={"form_tries": 1})
    assert (events[slot], events["form_tries"], responses) == ("", 0, [])


def test_a_number_and_an_address_stay_together_and_the_newest_counts() -> None:
    known = {"contact_reach": {"phone": "+19165550100"}}
    events, _, _ = turn("contact_time", "", slots=known, readings={"phones": [], "emails": ["ana@example.com"]})
    assert events["contact_reach"] == {"phone": "+19165550100", "email": "ana@example.com"}
    readings = {"phones": ["+19165550100", "+19165550101"], "emails": []}
    events, _, _ = turn("contact_time", "no, not …00 but …01", slots=known, readings=readings)
    assert events["contact_reach"] == {"phone": "+19165550101"}


def test_a_time_is_cut_after_a_word() -> None:
    events, _, _ = turn("contact_time", "after five " * 40)
    assert events["contact_time"].endswith(("after", "five"))
    assert len(events["contact_time"]) <= 200


def test_a_yes_sends_everything_with_the_wording_agreed_to() -> None:
    events, effects, responses = turn("contact_consent", "", "yes", ANA)
    values = {"name": "Ana", "phone": "+19165550100", "email": "", "best_time": "mornings"}
    assert effects == [{"type": "contact", **values, "consent_text": "utter_ask_contact_consent"}]
    assert responses == ["utter_contact_saved_open"]
    assert (events["contact_status"], events["contact_name"], events["requested_slot"]) == ("given", None, None)


def test_a_bot_that_is_off_offers_no_answers_after_a_yes() -> None:
    _, effects, responses = turn("contact_consent", "", "yes", ANA, bot_off=True)
    assert (effects[0]["type"], responses) == ("contact", ["utter_contact_saved_off"])


def test_a_no_keeps_nothing() -> None:
    events, effects, responses = turn("contact_consent", "", "no", ANA)
    assert effects == [{"type": "contact", "declined": True}]
    assert responses == ["utter_contact_refused_open"]
    assert (events["contact_status"], events["contact_name"]) == ("declined", None)


def test_neither_yes_nor_no_is_asked_about_once_and_then_a_no() -> None:
    events, effects, responses = turn("contact_consent", "i guess", slots=ANA)
    assert (events["contact_consent"], effects, responses) == (None, [], ["utter_contact_consent_unread"])
    _, effects, responses = turn("contact_consent", "i guess", slots={**ANA, "form_tries": 1})
    assert effects == [{"type": "contact", "declined": True}]
    assert responses == ["utter_contact_refused_open"]


def test_a_correction_in_place_of_the_yes_is_taken_and_the_yes_asked_for_again() -> None:
    events, effects, responses = turn("contact_consent", "no, my name is Bea", slots=ANA)
    assert events == {"contact_name": "Bea", "form_tries": 0}
    assert (effects, responses) == ([], [])
    new = {"phones": ["+19165550101"], "emails": []}
    events, effects, _ = turn("contact_consent", "wait, it is 916 555 0101", slots=ANA, readings=new)
    assert (events["contact_reach"], effects) == ({"phone": "+19165550101"}, [])


def test_a_medical_message_fills_nothing_but_a_number() -> None:
    events, _, _ = turn("contact_name", "", readings=NUMBER)
    assert events == {"contact_reach": {"phone": "+19165550100"}, "form_tries": 0}
