"""What staff read: the list, and one conversation."""

from __future__ import annotations

import re
import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.accounts.models import User
from clinic.conversations.models import Message, Understanding
from clinic.handoffs.models import HandOff
from clinic.staff import book
from clinic.staff.templatetags.staff import fired
from tests.clinic.staff.conftest import Talk, hand_over

NASTY = "<script>alert('x')</script><img src=x onerror=alert(1)>"
ESCAPED = b"&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;"


def test_the_list_is_newest_first_and_never_stored(staff: Client, talk: Talk) -> None:
    old, new = talk("an older question", minute=0), talk("a newer question", minute=5)
    response = staff.get("/staff/")
    page = response.content.decode()
    assert page.index(str(new.pk)) < page.index(str(old.pk))
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("address", ["/staff/", "/staff/conversations/{}/"])
def test_what_a_visitor_typed_is_escaped(staff: Client, talk: Talk, address: str) -> None:
    conversation = talk(NASTY)
    message = Message.objects.get(conversation=conversation, seq=1)
    message.understanding.parts = [{"text": NASTY, "intent": NASTY, "confidence": 0.5, "known": True}] * 2
    message.understanding.ranking = [{"name": NASTY, "confidence": 0.5}, NASTY]
    message.understanding.reason, message.understanding.findings = f"rules:{NASTY}/x", [NASTY]
    message.understanding.save()
    hand_over(conversation, "staff_other", reason=NASTY)
    page = staff.get(address.format(conversation.pk)).content
    assert ESCAPED in page
    assert b"<script" not in page
    assert b"<img" not in page


def test_a_conversation_tells_what_was_understood(staff: Client, talk: Talk) -> None:
    page = staff.get(f"/staff/conversations/{talk('does it hurt').pk}/").content.decode()
    for shown in ("does it hurt", "pain anesthesia", "88 %", "answer", "Patient guide, Safety"):
        assert shown in page


def test_a_conversation_tells_what_decided(staff: Client, talk: Talk) -> None:
    conversation = talk("trying for a baby, and it droops")
    Understanding.objects.update(
        ranking=[{"name": "pain_anesthesia", "confidence": 0.876}, {"name": "cost_savings", "confidence": 0.06}],
        route="staff_medical",
        reason="rules:pregnancy/trying_to_conceive",
        medical=0.734,
        findings=["pregnancy/trying_to_conceive", "toxin_spread/drooping_lid"],
        language="es",
    )
    page = staff.get(f"/staff/conversations/{conversation.pk}/").content.decode()
    for shown in (
        "staff medical",
        "pain anesthesia, 88 %",
        "cost savings, 6 %",
        "Rules: pregnancy: trying to conceive",
        "73 %",
        "toxin spread: drooping lid",
        "<dd>es</dd>",
    ):
        assert shown in page


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("classifier:medical_eyelid_droop 0.83", "Classifier: eyelid droop, 83 %"),
        ("classifier:odd", "Classifier: odd"),
        ("intent:human_request", "Intent: human request"),
        ("contact", "Contact"),
        ("failed: the answer has status 500", "Failed: the answer has status 500"),
    ],
)
def test_what_fired_is_said_in_words(reason: str, words: str) -> None:
    assert fired(reason) == words


def test_a_matter_shows_the_last_of_its_messages(staff: Client, talk: Talk) -> None:
    conversation = talk("first", "second", "third", "fourth", "fifth")
    hand_over(conversation, "staff_medical", 1, 3, 5, 7, 9)
    for address in ("/staff/", f"/staff/conversations/{conversation.pk}/"):
        page = staff.get(address).content.decode()
        matter = page[page.index('class="matters"') : page.index("</section>")]
        assert [text in matter for text in ("first", "second", "third", "fourth", "fifth")] == [
            False,
            False,
            *3 * [True],
        ]
        assert "2 earlier messages" in matter


def test_a_message_of_a_matter_is_reached_on_its_page(
    staff: Client, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book, "MESSAGES_ON_A_PAGE", 4)
    conversation = talk("first", "second", "third")
    hand_over(conversation, "staff_medical", 1, 5)
    address = f"/staff/conversations/{conversation.pk}/"
    newest = staff.get(address).content.decode()
    assert 'href="?before=2#m1"' in newest
    assert 'href="#m5"' in newest
    assert f'href="{address}#m5"' in staff.get(f"{address}?before=2").content.decode()


def test_an_emergency_notice_is_marked_as_automatic(staff: Client, talk: Talk) -> None:
    conversation = talk("help")
    address = f"/staff/conversations/{conversation.pk}/"
    assert b"Automatic emergency notice" not in staff.get(address).content
    Message.objects.filter(conversation=conversation, seq=2).update(response="utter_emergency")
    assert b"Automatic emergency notice" in staff.get(address).content


def test_a_suppressed_answer_is_marked(staff: Client, talk: Talk) -> None:
    conversation = talk("does it hurt")
    address = f"/staff/conversations/{conversation.pk}/"
    assert b"Not shown to the visitor" not in staff.get(address).content
    Message.objects.filter(conversation=conversation, seq=2).update(suppressed=True)
    assert b"Not shown to the visitor" in staff.get(address).content


def test_a_message_that_was_never_answered_says_so(staff: Client, talk: Talk) -> None:
    conversation = talk("does it hurt")
    message = Message.objects.get(conversation=conversation, seq=1)
    message.understanding.delete()
    Message.objects.filter(pk=message.pk).update(turn="failed")
    assert b"could not answer this" in staff.get(f"/staff/conversations/{conversation.pk}/").content


def test_urgent_matters_come_first(staff: Client, talk: Talk) -> None:
    calm, urgent = talk("a person please"), talk("I cannot breathe")
    for conversation, kind, is_urgent in ((calm, "staff_other", False), (urgent, "emergency", True)):
        hand_over(conversation, kind, urgent=is_urgent)
    page = staff.get("/staff/").content.decode()
    waiting = page[page.index("Waiting for staff") :]
    assert waiting.index("Urgent: Emergency") < waiting.index("Asked for staff")
    HandOff.objects.update(state="resolved")
    assert "Nothing waits." in staff.get("/staff/").content.decode()


def test_the_owner_is_named(staff: Client, talk: Talk, member: User) -> None:
    conversation = talk("hello")
    conversation.owner = f"staff:{member.pk}"
    conversation.save()
    page = staff.get(f"/staff/conversations/{conversation.pk}/").content.decode()
    assert re.search(r"<dt>With</dt><dd>morgan</dd>", page)


def test_paging_shows_every_conversation_once(staff: Client, talk: Talk) -> None:
    # All at the same moment, where only the second part of the key tells them apart.
    made = {str(talk("hello").pk) for _ in range(2 * book.CONVERSATIONS_ON_A_PAGE + 3)}
    seen: list[str] = []
    address: str | None = "/staff/"
    while address:
        page = staff.get(address).content.decode()
        seen += re.findall(r'<a href="/staff/conversations/([0-9a-f-]{36})/">', page)
        following = re.search(r'href="(\?after=[^"]+)"', page)
        address = f"/staff/{following[1]}" if following else None
    assert len(seen) == len(made)
    assert set(seen) == made


def test_a_full_page_takes_as_many_queries_as_a_short_one(staff: Client, talk: Talk) -> None:
    counts = []
    for number in (1, book.CONVERSATIONS_ON_A_PAGE):
        for minute in range(number):
            talk("hello", minute=minute)
        staff.get("/staff/")
        with CaptureQueriesContext(connection) as queries:
            staff.get("/staff/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_long_conversation_comes_in_stretches(staff: Client, talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "MESSAGES_ON_A_PAGE", 4)
    address = f"/staff/conversations/{talk('first', 'second', 'third').pk}/"
    newest = staff.get(address).content
    assert b"third" in newest
    assert b"first" not in newest
    assert b"?before=3" in newest
    earlier = staff.get(f"{address}?before=3").content
    assert b"first" in earlier
    assert b"second" not in earlier


@pytest.mark.parametrize(
    "address",
    [
        f"/staff/conversations/{uuid.uuid4()}/",
        "/staff/conversations/1/",
        "/staff/?after=nonsense",
        "/staff/?after=0001-01-01T00:00:00%2B14:00_00000000-0000-0000-0000-000000000000",
        "/staff/?after=2026-11-20T09:00:00_00000000-0000-0000-0000-000000000000",
    ],
)
def test_what_does_not_exist_is_not_found(staff: Client, address: str) -> None:
    assert staff.get(address).status_code == 404


@pytest.mark.parametrize("before", ["0", "-1", "x", "99999999999", "٣"])
def test_a_wrong_place_in_a_conversation_is_not_found(staff: Client, talk: Talk, before: str) -> None:
    assert staff.get(f"/staff/conversations/{talk('hello').pk}/", {"before": before}).status_code == 404
