"""What visitors type: harmless text stays as it is, the rest is refused by name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.bookings import fields, references
from clinic.conversations.readings import readings

HARMLESS = [
    "Seán O'Brien-Łukasiewicz",
    "李小龍",
    "محمد بن سلمان",
    "Анна-Мария",
    "👩‍⚕️ Ana 🎉",
    "Robert'); DROP TABLE students;--",
    "<script>alert(1)</script>",
    '=HYPERLINK("http://example.com","x")',
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "x" * 300,
]


@pytest.mark.parametrize("name", HARMLESS)
def test_harmless_names_stay_as_they_are(name: str) -> None:
    assert fields.line(name, fields.NAME_LENGTH) == name


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("  Ana \n Ortiz\t", "Ana Ortiz"),
        ("Ana\u202eOrtiz\u0000", "AnaOrtiz"),
        ("y" * 301, "y" * 300),
        (None, ""),
        (["Ana"], ""),
        (7, ""),
        ("\ud800Ana", "Ana"),
    ],
)
def test_what_shows_nothing_is_left_out(typed: object, read: str) -> None:
    assert fields.line(typed, fields.NAME_LENGTH) == read


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("916 555 0100", "+19165550100"),
        ("(916) 555-0100 ext. 5", "+19165550100"),
        ("1-916-555-0100", "+19165550100"),
        ("９１６５５５０１００", "+19165550100"),
        ("+44 20 7946 0958", "+442079460958"),
        ("0044 20 7946 0958", "+442079460958"),
        ("011 52 55 5123 4567", "+525551234567"),
        ("+49 30 901820", "+4930901820"),
    ],
)
def test_phone_numbers_of_any_country(typed: str, read: str) -> None:
    assert fields.phone(typed) == read


@pytest.mark.parametrize("typed", ["123 456 7890", "(555) 555-1234", "916 555 0100 ext. 5"])
def test_a_number_that_was_read_in_a_message_is_one_here_too(typed: str) -> None:
    [read] = readings(typed)["phones"]
    assert fields.phone(read) == read


@pytest.mark.parametrize("typed", ["", "911", "555 0100", "call me", "0000000000", "9" * 300, None, "=1+1", "12:30"])
def test_what_is_no_phone_number(typed: object) -> None:
    with pytest.raises(fields.BadPhone):
        fields.phone(typed)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Ana@Example.com", "Ana@example.com"),
        (" o'brien@example.org ", "o'brien@example.org"),
        ("ana@mailinator.com", "ana@mailinator.com"),
        ("josé@exämple.de", "josé@exämple.de"),
    ],
)
def test_email_addresses(typed: str, read: str) -> None:
    assert fields.email(typed) == read


@pytest.mark.parametrize(
    "typed",
    ["", "ana@", "ana@example", "a b@example.com", "<ana>@example.com", "x" * 300 + "@example.com", None, "a@b@c"],
)
def test_what_is_no_email_address(typed: object) -> None:
    with pytest.raises(fields.BadEmail):
        fields.email(typed)


@given(st.one_of(st.text(max_size=60), st.none(), st.integers(), st.lists(st.text())))
def test_nothing_typed_breaks_the_reading(typed: object) -> None:
    assert "\x00" not in fields.line(typed, 50)
    for read, refused in ((fields.phone, fields.BadPhone), (fields.email, fields.BadEmail)):
        try:
            assert read(typed)
        except refused:
            pass


def test_windows_of_another_shape_are_left_out() -> None:
    good = {"start": "2026-12-03T13:00:00-08:00", "end": "2026-12-03T17:00:00-08:00", "label": "afternoon"}
    bad = [
        {**good, "end": good["start"]},
        {**good, "start": "2026-12-03T13:00"},
        {**good, "start": "2026-02-30T13:00-08:00"},
        {"label": "x"},
        "afternoon",
        None,
    ]
    read = {"start": "2026-12-03T13:00-08:00", "end": "2026-12-03T17:00-08:00", "label": "afternoon"}
    assert fields.windows([*bad, good]) == [read]
    assert fields.windows("afternoon") == []
    assert len(fields.windows([good] * 100)) == fields.WINDOWS


@given(st.text(max_size=20))
def test_a_reference_is_read_or_not(typed: str) -> None:
    assert references.read(typed) in ("", typed.upper()) or references.read(typed) != ""


def test_a_reference_as_people_type_it() -> None:
    assert references.read(" k7m-9qx ") == "K7M9QX"
    assert references.read("k 7 m 9 q x") == "K7M9QX"
    assert references.read("K7M9Q") == references.read("K7M9Q0") == references.read("x" * 9000) == ""
    assert references.spoken("K7M9QX") == "K7M-9QX"
