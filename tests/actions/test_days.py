import pytest

from actions.days import on_known_day, picked

CHOICES = [{"text": "Friday", "windows": []}, {"text": "Saturday", "windows": []}]


def test_a_half_day_is_kept_with_the_words_of_its_button() -> None:
    assert picked("2026-11-27T09:00/2026-11-27T12:00", "Friday morning", []) == {
        "text": "Friday morning",
        "windows": [{"start": "2026-11-27T09:00", "end": "2026-11-27T12:00", "label": "Friday morning"}],
    }


def test_one_of_several_meanings_is_taken_by_its_number() -> None:
    assert picked("choice:1", "Saturday", CHOICES) == CHOICES[1]


@pytest.mark.parametrize("value", ["choice:2", "", "2026-11-27"])
def test_a_button_of_an_earlier_question_picks_nothing(value: str) -> None:
    assert picked(value, "Friday", CHOICES) is None


@pytest.mark.parametrize(
    ("before", "new", "both"),
    [
        ("Monday, November 23", "any day, at 4:00 PM", "Monday, November 23, at 4:00 PM"),
        ("Monday, November 23, in the morning", "any day, after work", "Monday, November 23, after work"),
        ("Friday, January 1, 2027, at noon", "any day, at 4:00 PM", "Friday, January 1, 2027, at 4:00 PM"),
        ("any day, in the morning", "any day, at 4:00 PM", "any day, at 4:00 PM"),
        ("Monday or Tuesday", "any day, at 4:00 PM", "any day, at 4:00 PM"),
        ("Monday", "Tuesday", "Tuesday"),
        ("", "any day, at noon", "any day, at noon"),
    ],
)
def test_a_time_without_a_day_is_meant_for_the_one_known_day(before: str, new: str, both: str) -> None:
    assert on_known_day({"text": new, "windows": []}, {"text": before})["text"] == both
