"""Canned replies: added, edited once at a time, ordered, switched off."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from clinic.accounts.models import User
from clinic.audit.models import Entry
from clinic.practice import canned
from clinic.practice.models import CannedReply

PAGE = "/staff/settings/replies/"
NASTY = "</textarea><script>alert('x')</script>"


@pytest.fixture
def manage(client: Client, manager: User) -> Client:
    """The browser of somebody who may edit canned replies."""
    client.force_login(manager)
    CannedReply.objects.all().delete()
    return client


def typed(**changes: Any) -> dict[str, Any]:
    """Return what the form sends."""
    return {"version": 0, "title": "Hello", "text": "Hello there.", "topic": "", "is_active": "on"} | changes


def add(client: Client, *titles: str) -> list[CannedReply]:
    """Add replies and return them in order."""
    for title in titles:
        client.post(f"{PAGE}add/", typed(title=title))
    return canned.replies()


def titles() -> list[str]:
    """Return the titles offered, in order."""
    return [one.title for one in canned.replies()]


def test_there_are_some_to_begin_with(db: None) -> None:
    assert len(canned.replies()) > 3


def test_a_reply_is_added_and_offered(manage: Client) -> None:
    page = manage.post(f"{PAGE}add/", typed(text="First line.\r\nSecond line.", topic="safety"), follow=True)
    assert b"Added: Hello." in page.content
    assert b"About: Safety" in page.content
    [reply] = canned.replies()
    assert (reply.title, reply.text, reply.topic) == ("Hello", "First line.\nSecond line.", "safety")
    entry = Entry.objects.get(action="practice.canned_reply_edited")
    assert (entry.object_id, entry.details["changes"]["title"]) == (str(reply.pk), [None, "Hello"])


def test_a_reply_is_edited(manage: Client) -> None:
    [reply] = add(manage, "Hello")
    assert b"Hello there." in manage.get(f"{PAGE}{reply.pk}/").content
    manage.post(f"{PAGE}{reply.pk}/", typed(text="Good day."))
    [reply] = canned.replies()
    assert (reply.text, reply.version) == ("Good day.", 1)
    assert Entry.objects.last().details["changes"] == {"text": ["Hello there.", "Good day."]}


def test_the_second_of_two_people_is_told_and_loses_nothing(manage: Client) -> None:
    [reply] = add(manage, "Hello")
    manage.post(f"{PAGE}{reply.pk}/", typed(text="From the first."))
    answer = manage.post(f"{PAGE}{reply.pk}/", typed(text="From the second."))
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Somebody else has changed this reply" in page
    assert "From the first." in page
    assert "From the second.</textarea>" in page
    assert canned.replies()[0].text == "From the first."
    manage.post(f"{PAGE}{reply.pk}/", typed(text="From the second.", version=1))
    assert canned.replies()[0].text == "From the second."


def test_replies_are_put_in_order(manage: Client) -> None:
    _, second, third = add(manage, "One", "Two", "Three")
    manage.post(f"{PAGE}{third.pk}/change/", {"do": "up"})
    assert titles() == ["One", "Three", "Two"]
    manage.post(f"{PAGE}{third.pk}/change/", {"do": "up"})
    manage.post(f"{PAGE}{third.pk}/change/", {"do": "up"})
    assert titles() == ["Three", "One", "Two"]
    manage.post(f"{PAGE}{second.pk}/change/", {"do": "down"})
    assert titles() == ["Three", "One", "Two"]


def test_a_reply_is_switched_off_or_removed(manage: Client) -> None:
    one, two = add(manage, "One", "Two")
    values = typed(title="One")
    del values["is_active"]
    manage.post(f"{PAGE}{one.pk}/", values)
    assert titles() == ["Two"]
    assert b"Not offered" in manage.get(PAGE).content
    manage.post(f"{PAGE}{two.pk}/change/", {"do": "remove"})
    assert titles() == []
    assert b"gone already" in manage.post(f"{PAGE}{two.pk}/change/", {"do": "remove"}, follow=True).content


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": ""}, "Please give the reply a title."),
        ({"title": "two\nlines"}, "This must be a single line of text."),
        ({"text": "  "}, "Please write the text."),
        ({"text": "x" * 2001}, "at most 2000 characters"),
        ({"text": "a\x07b"}, "This must not hold control characters."),
        ({"topic": "astrology"}, "Select a valid choice."),
    ],
)
def test_what_cannot_be_used_gets_a_sentence(manage: Client, changes: dict[str, str], sentence: str) -> None:
    answer = manage.post(f"{PAGE}add/", typed(**changes))
    assert answer.status_code == 400
    assert sentence in answer.content.decode()
    assert canned.replies() == []


def test_what_is_typed_is_text(manage: Client) -> None:
    [reply] = add(manage, NASTY)
    manage.post(f"{PAGE}{reply.pk}/", typed(title=NASTY, text=NASTY))
    for address in (PAGE, f"{PAGE}{reply.pk}/"):
        assert b"<script>alert" not in manage.get(address).content


def test_the_front_desk_may_not_edit(staff: Client) -> None:
    reply = CannedReply.objects.create(title="Hello", text="Hello there.")
    for address in (PAGE, f"{PAGE}add/", f"{PAGE}{reply.pk}/"):
        assert staff.get(address).status_code == 403
    assert staff.post(f"{PAGE}{reply.pk}/change/", {"do": "remove"}).status_code == 403
    assert CannedReply.objects.filter(pk=reply.pk).exists()


def test_a_reply_that_is_not_there_is_not_found(manage: Client) -> None:
    assert manage.get(f"{PAGE}12345/").status_code == 404
