"""One person's data is found however their number or address is written."""

from __future__ import annotations

import json

import pytest
from django.utils import timezone

from clinic.privacy import person
from clinic.privacy.person import Key, NotAKey

from .conftest import EMAIL, PHONE, book, everything, reach, say

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("(916) 555-0100", Key("phone", PHONE)),
        ("+1 916 555 0100", Key("phone", PHONE)),
        (" Dana@Example.ORG ", Key("email", EMAIL)),
        ("k7m-5qx", Key("reference", "K7M5QX")),
    ],
)
def test_a_key_is_read(typed: str, key: Key) -> None:
    assert Key.read(typed) == key


@pytest.mark.parametrize("typed", ["", "x", "123", "dana@", "@" * 300, "K7M-5Q", "\x00", "' OR 1=1 --"])
def test_what_is_no_key_is_refused(typed: str) -> None:
    with pytest.raises(NotAKey):
        Key.read(typed)


def by(typed: str) -> dict[object, list[str]]:
    return {one.conversation: one.by for one in person.find(Key.read(typed))}


def test_a_number_finds_contacts_bookings_and_messages() -> None:
    contact, booking, typed, said = say(), say(), say(), say(text="call me at 916.555.0100 please")
    reach(contact), book(booking, phone=PHONE), book(typed, contact="ring (916) 555 0100 after 5")
    reach(say(), phone="+19165550101"), say(text="my code is 0100")
    assert by("916-555-0100") == {
        contact: ["contact"],
        booking: ["booking request"],
        typed: ["booking request"],
        said: ["a message"],
    }


def test_an_address_is_found_whatever_its_case() -> None:
    contact, said = say(), say(text="write to DANA@example.org.")
    reach(contact, phone="", email="Dana@Example.org")
    say(text="write to xdana@example.org")
    assert by("dana@EXAMPLE.org") == {contact: ["contact"], said: ["a message"]}


def test_a_reference_finds_its_conversation_and_other_ways_to_reach_the_person() -> None:
    one = say()
    reach(one, email=EMAIL)
    request = book(one, phone="+19165550177")
    book(say())
    found = person.find(Key.read(request.reference))
    assert [line.conversation for line in found] == [one]
    others = person.other_keys(found, Key("reference", request.reference))
    assert set(others) == {Key("phone", PHONE), Key("email", EMAIL), Key("phone", "+19165550177")}


def test_an_export_is_json_without_secrets_of_the_program() -> None:
    one = everything("canary")
    text = json.dumps(person.exported(one))
    for name in person.LEFT_OUT:
        assert f'"{name}"' not in text
    assert "my canary itches" in text


def test_an_export_tells_of_consent_rating_and_end() -> None:
    now = timezone.now()
    one = say(ended_at=now, rating="bad", rated_at=now, consent_at=now)
    one.consent_text_id, one.consent_language = "widget.consent", "es"
    [kept] = person.exported(one)["conversations.Conversation"]
    at = now.isoformat()
    assert (kept["ended_at"], kept["rating"], kept["rated_at"]) == (at, "bad", at)
    assert (kept["consent_text_id"], kept["consent_language"], kept["consent_at"]) == ("widget.consent", "es", at)
