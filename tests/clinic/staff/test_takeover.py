"""The staff pages' deeds: take over, answer, give back, close, claim, resolve, typing."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from clinic.accounts.models import User
from clinic.audit.models import Entry
from clinic.conversations import ending, takeover, wake
from clinic.conversations.models import Conversation, Message
from clinic.handoffs import desk
from clinic.handoffs.models import HandOff
from tests.clinic.staff.conftest import Talk, hand_over, make_user

HTMX = {"HX-Request": "true"}
DEEDS = ("take", "give_back", "close", "reply", "staff_typing")


@pytest.fixture
def talked(talk: Talk) -> Conversation:
    """A conversation with a matter that waits."""
    conversation = talk("is it safe", "may I talk to somebody")
    hand_over(conversation, "staff_other", 3)
    Conversation.objects.update(owner="waiting", urgency=3, waiting_since=conversation.created_at)
    return conversation


@pytest.fixture
def colleague(db: None) -> User:
    return make_user("kim", "front_desk", first_name="Kim")


def post(client: Client, name: str, pk: Any, data: dict[str, Any] | None = None, **headers: str) -> Any:
    return client.post(reverse(f"staff:{name}", args=[pk]), data or {}, headers=headers)


def owner(conversation: Conversation) -> str:
    return Conversation.objects.values_list("owner", flat=True).get(pk=conversation.pk)


def recorded() -> list[tuple[str, str, dict[str, Any]]]:
    """The audit entries of deeds, in order."""
    found = Entry.objects.exclude(action__startswith="login").exclude(action="conversation.seen").order_by("number")
    return [(one.action, one.object_id, one.details) for one in found]


def said(client: Client, conversation: Conversation, text: str, **headers: str) -> Any:
    return post(client, "reply", conversation.pk, {"text": text, "client_id": str(uuid.uuid4())}, **headers)


def test_a_whole_take_over(staff: Client, member: User, talked: Conversation) -> None:
    back = reverse("staff:conversation", args=[talked.pk])
    assert post(staff, "take", talked.pk)["Location"] == back
    assert owner(talked) == f"staff:{member.pk}"
    assert said(staff, talked, "Hello, how can I help?")["Location"] == back
    assert post(staff, "give_back", talked.pk, {"settle": "1"})["Location"] == back
    assert owner(talked) == "bot"
    assert HandOff.objects.get().state == "resolved"
    assert post(staff, "close", talked.pk)["Location"] == back
    assert owner(talked) == "closed"
    pk = str(talked.pk)
    assert recorded() == [
        ("conversation.taken_over", pk, {"before": "waiting"}),
        ("conversation.replied", pk, {"seq": 6}),
        ("conversation.given_back", pk, {"settled": True}),
        ("conversation.closed", pk, {"before": "bot"}),
    ]
    assert "Hello, how" not in str(list(Entry.objects.values()))


def test_a_script_gets_the_panel(staff: Client, talked: Conversation) -> None:
    for name, data in (("take", {}), ("reply", {"text": "Hi", "client_id": str(uuid.uuid4())}), ("give_back", {})):
        answer = post(staff, name, talked.pk, data, **HTMX)
        assert answer.status_code == 200
        assert answer["HX-Trigger"] == "conversation-changed"


def test_given_back_without_a_word_its_matters_stay_open(staff: Client, talked: Conversation) -> None:
    post(staff, "take", talked.pk)
    post(staff, "give_back", talked.pk, {"settle": "0"})
    assert (owner(talked), HandOff.objects.get().state) == ("waiting", "open")


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "script"])
def test_the_second_one_is_told_who_has_it(
    staff: Client, talked: Conversation, colleague: User, headers: dict[str, str]
) -> None:
    takeover.take_over(talked.pk, colleague)
    answer = post(staff, "take", talked.pk, **headers)
    page = answer if headers else staff.get(answer["Location"])
    assert answer.status_code == (409 if headers else 302)
    assert b"This conversation is with Kim." in page.content
    assert owner(talked) == f"staff:{colleague.pk}"
    assert recorded() == []


def test_from_a_colleague_it_is_taken_after_a_confirmation(
    staff: Client, member: User, talked: Conversation, colleague: User
) -> None:
    takeover.take_over(talked.pk, colleague)
    post(staff, "take", talked.pk, {"from": f"staff:{colleague.pk}"})
    assert owner(talked) == f"staff:{member.pk}"
    assert recorded() == [("conversation.taken_over", str(talked.pk), {"before": f"staff:{colleague.pk}"})]


def test_taking_what_one_has_is_no_deed(staff: Client, talked: Conversation) -> None:
    post(staff, "take", talked.pk)
    post(staff, "take", talked.pk)
    assert len(recorded()) == 1


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "script"])
def test_a_reply_that_comes_too_late_is_not_lost(
    staff: Client, talked: Conversation, colleague: User, headers: dict[str, str]
) -> None:
    takeover.take_over(talked.pk, colleague)
    answer = said(staff, talked, "A long & careful <answer>.", **headers)
    assert answer.status_code == 409
    assert b"with Kim now" in answer.content
    assert b"A long &amp; careful &lt;answer&gt;." in answer.content
    assert not Message.objects.filter(sender="staff").exists()
    assert recorded() == []


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ({"text": " ", "client_id": str(uuid.uuid4())}, "write something first"),
        ({"text": "x" * 6_001, "client_id": str(uuid.uuid4())}, "at most 6,000 characters"),
        ({"text": "Hello", "client_id": "7"}, "out of date"),
        ({"text": "Hello"}, "out of date"),
    ],
)
def test_a_reply_that_cannot_be_is_refused_with_a_sentence(
    staff: Client, talked: Conversation, data: dict[str, str], told: str
) -> None:
    post(staff, "take", talked.pk)
    answer = post(staff, "reply", talked.pk, data, **HTMX)
    assert answer.status_code == 409
    assert told in answer.content.decode()
    assert not Message.objects.filter(sender="staff").exists()


def test_a_double_click_is_one_message_and_one_entry(staff: Client, talked: Conversation) -> None:
    post(staff, "take", talked.pk)
    data = {"text": "Hello", "client_id": str(uuid.uuid4())}
    assert [post(staff, "reply", talked.pk, data, **HTMX).status_code for _ in range(3)] == [200] * 3
    assert Message.objects.filter(sender="staff").count() == 1
    assert [action for action, _, _ in recorded()] == ["conversation.taken_over", "conversation.replied"]
    assert post(staff, "reply", talked.pk, data | {"text": "Other"}, **HTMX).status_code == 409


def test_what_is_closed_stays_closed(staff: Client, talked: Conversation) -> None:
    post(staff, "close", talked.pk)
    post(staff, "close", talked.pk)
    answer = post(staff, "take", talked.pk, **HTMX)
    assert (answer.status_code, b"This conversation is closed." in answer.content) == (409, True)
    assert said(staff, talked, "Hello", **HTMX).status_code == 409
    assert post(staff, "give_back", talked.pk, **HTMX).status_code == 409
    assert [action for action, _, _ in recorded()] == ["conversation.closed"]


def test_a_colleagues_conversation_is_not_closed_or_given_back(
    staff: Client, talked: Conversation, colleague: User
) -> None:
    takeover.take_over(talked.pk, colleague)
    for name in ("close", "give_back"):
        assert post(staff, name, talked.pk, {"settle": "1"}, **HTMX).status_code == 409
    assert owner(talked) == f"staff:{colleague.pk}"


def test_a_matter_is_claimed_and_resolved(staff: Client, member: User, talked: Conversation, colleague: User) -> None:
    matter = HandOff.objects.get()
    back = reverse("staff:conversation", args=[talked.pk])
    for _ in range(2):
        assert post(staff, "claim", matter.pk)["Location"] == back
    assert HandOff.objects.get().claimed_by == member
    for _ in range(2):
        assert post(staff, "resolve", matter.pk)["Location"] == back
    assert owner(talked) == "bot"
    details = {"hand_off": matter.pk, "kind": "staff_other"}
    assert recorded() == [
        ("hand_off.claimed", str(talked.pk), details),
        ("hand_off.resolved", str(talked.pk), details),
    ]
    answer = post(staff, "claim", matter.pk, **HTMX)
    assert (answer.status_code, b"settled already" in answer.content) == (409, True)


def test_a_claimed_matter_is_a_colleagues(staff: Client, talked: Conversation, colleague: User) -> None:
    matter = HandOff.objects.get()
    desk.claim(matter.pk, colleague)
    answer = post(staff, "claim", matter.pk, **HTMX)
    assert (answer.status_code, b"Kim has this matter." in answer.content) == (409, True)


def test_only_who_has_the_conversation_is_seen_typing(
    staff: Client, talked: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Any] = []
    monkeypatch.setattr(wake, "typing", lambda *news: heard.append(news))
    assert post(staff, "staff_typing", talked.pk).status_code == 204
    assert heard == []
    post(staff, "take", talked.pk)
    assert post(staff, "staff_typing", talked.pk).status_code == 204
    assert post(staff, "staff_typing", talked.pk, {"on": "0"}).status_code == 204
    said(staff, talked, "Hello")
    assert heard == [(talked.pk, "staff", on) for on in (True, False, False)]


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "script"])
def test_what_a_visitor_has_ended_is_not_answered_there(
    staff: Client, member: User, talked: Conversation, headers: dict[str, str]
) -> None:
    post(staff, "take", talked.pk)
    ending.end(talked.pk)
    answer = said(staff, talked, "A long & careful <answer>.", **headers)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Not sent: the visitor has ended this chat" in page
    assert ">\nA long &amp; careful &lt;answer&gt;.</textarea>" in page
    assert "readonly" in page
    assert not Message.objects.filter(sender="staff").exists()
    assert [action for action, _, _ in recorded()] == ["conversation.taken_over"]


def test_what_a_visitor_has_ended_can_be_worked_on(staff: Client, member: User, talked: Conversation) -> None:
    ending.end(talked.pk)
    assert owner(talked) == "waiting"
    taken = post(staff, "take", talked.pk, **HTMX)
    assert "yours now, but the visitor has ended it" in taken.content.decode()
    assert owner(talked) == f"staff:{member.pk}"
    left = post(staff, "give_back", talked.pk, {"settle": "0"}, **HTMX)
    assert "You do not have this conversation any more." in left.content.decode()
    assert (owner(talked), HandOff.objects.get().state) == ("waiting", "open")
    post(staff, "resolve", HandOff.objects.get().pk)
    assert owner(talked) == "closed"
    # The visitor was told of none of it.
    assert Message.objects.filter(sender="system").count() == 1


@pytest.mark.parametrize("name", DEEDS)
def test_nothing_is_done_by_looking_or_to_what_is_not_there(staff: Client, talked: Conversation, name: str) -> None:
    assert staff.get(reverse(f"staff:{name}", args=[talked.pk])).status_code == 405
    assert post(staff, name, uuid.uuid4(), {"text": "x", "client_id": str(uuid.uuid4())}).status_code == 404


@pytest.mark.parametrize("name", ["claim", "resolve"])
def test_a_matter_that_is_not_there(staff: Client, talked: Conversation, name: str) -> None:
    assert staff.get(reverse(f"staff:{name}", args=[HandOff.objects.get().pk])).status_code == 405
    assert post(staff, name, 987_654).status_code == 404


@pytest.mark.parametrize("name", [*DEEDS, "claim", "resolve"])
def test_who_has_no_right_does_nothing(client: Client, talked: Conversation, name: str) -> None:
    client.force_login(make_user("nobody", ""))
    pk = HandOff.objects.get().pk if name in ("claim", "resolve") else talked.pk
    assert post(client, name, pk).status_code == 403
    assert owner(talked) == "waiting"


@pytest.mark.parametrize("name", ["take", "reply", "give_back", "close"])
def test_a_forged_form_does_nothing(member: User, talked: Conversation, name: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(member)
    assert post(client, name, talked.pk).status_code == 403
    assert owner(talked) == "waiting"
