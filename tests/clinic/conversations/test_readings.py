"""Phone numbers and e-mail addresses in what visitors write."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.conversations.readings import readings


@pytest.mark.parametrize(
    ("text", "phones"),
    [
        ("916 555 0100", ["+19165550100"]),
        ("I'm Ana, (916) 555-0100, mornings", ["+19165550100"]),
        ("call 1-800-555-0199 x12", ["+18005550199"]),
        ("916.555.0100 or 916-555-0101", ["+19165550100", "+19165550101"]),
        ("9165550100 9165550100", ["+19165550100"]),
        ("+44 7700 900123 after six", ["+447700900123"]),
        ("+49 1511 2345678", ["+4915112345678"]),
        ("٩١٦٥٥٥٠١٠٠", ["+19165550100"]),
        ("9 1 6 5 5 5 0 1 0 0", ["+19165550100"]),
        ("12345", []),
        ("555 0100", []),
        ("call me maybe", []),
        ("2026-11-21 10:30", []),
        ("1234567890123456", []),
        ("is it 300 or 400", []),
        ("9165550100@example.com", []),
        ("=HYPERLINK(9165550100)", ["+19165550100"]),
    ],
)
def test_phone_numbers(text: str, phones: list[str]) -> None:
    assert readings(text)["phones"] == phones


@pytest.mark.parametrize(
    ("text", "emails"),
    [
        ("ana@example.com", ["ana@example.com"]),
        ("it's Ana@Example.COM.", ["Ana@example.com"]),
        ("<ana@example.com>, or bea@example.org!", ["ana@example.com", "bea@example.org"]),
        ("ana+clinic@example.co.uk", ["ana+clinic@example.co.uk"]),
        ("josé@exämple.de", ["josé@exämple.de"]),
        ("ana@", []),
        ("ana at example.com", []),
        ("a..b@example.com", []),
        ("ana@localhost", []),
        ("@ana", []),
    ],
)
def test_addresses(text: str, emails: list[str]) -> None:
    assert readings(text)["emails"] == emails


def test_numbers_without_a_code_belong_to_the_clinics_country(settings: object) -> None:
    settings.CLINIC_REGION = "GB"  # type: ignore[attr-defined]
    assert readings("07911 123456")["phones"] == ["+447911123456"]


@given(st.text(max_size=300))
def test_no_text_breaks_it(text: str) -> None:
    assert set(readings(text)) == {"phones", "emails"}


@pytest.mark.parametrize("text", ["1 " * 2500, "a@" * 2500, "9165550100 " * 450, "(" * 5000, "a@b.co" * 800])
def test_no_text_takes_long(text: str) -> None:
    began = time.perf_counter()
    found = readings(text)
    assert time.perf_counter() - began < 0.5
    assert all(len(values) <= 5 for values in found.values())
