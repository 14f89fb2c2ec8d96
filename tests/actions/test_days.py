import pytest

from actions.days import picked

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
