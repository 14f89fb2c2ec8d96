"""One conversation as staff read it: its messages, and the panel beside them."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.accounts.models import User
from clinic.audit.log import Actor
from clinic.audit.models import Entry
from clinic.bookings.models import BookingRequest
from clinic.casework import desk
from clinic.contacts.models import Contact
from clinic.conversations import ending, takeover
from clinic.conversations.models import Conversation, Message, Understanding
from clinic.practice import facts
from clinic.practice.models import CannedReply
from clinic.privacy.models import LegalHold
from clinic.staff import book
from clinic.staff.templatetags.staff import fired
from tests.clinic.staff.conftest import START, Talk, hand_over

NASTY = "<script>alert('x')</script><img src=x onerror=alert(1)>"
ESCAPED = b"&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;"


def address_of(conversation: Conversation, part: str = "") -> str:
    return f"/staff/conversations/{conversation.pk}/{part}"


def contact(conversation: Conversation, **fields: Any) -> Contact:
    return Contact.objects.create(conversation=conversation, consent_at=START, updated_at=START, **fields)


def booking(conversation: Conversation, **fields: Any) -> BookingRequest:
    message = Message.objects.filter(conversation=conversation).order_by("seq")[0]
    moments = {"created_at": START, "touched_at": START}
    reference = uuid.uuid4().hex[:6].upper()
    return BookingRequest.objects.create(
        reference=reference, conversation=conversation, message=message, **moments, **fields
    )


@pytest.mark.parametrize("part", ["", "messages/?after=0", "messages/1/", "panel/"])
def test_what_somebody_typed_is_escaped(staff: Client, talk: Talk, member: User, part: str) -> None:
    conversation = talk(NASTY)
    message = Message.objects.get(conversation=conversation, seq=1)
    message.understanding.parts = [{"text": NASTY, "intent": NASTY, "confidence": 0.5, "known": True}] * 2
    message.understanding.ranking = [{"name": NASTY, "confidence": 0.5}, NASTY]
    message.understanding.reason, message.understanding.findings = f"rules:{NASTY}/x", [NASTY]
    message.understanding.save()
    hand_over(conversation, "staff_other", reason=NASTY)
    contact(conversation, name=NASTY, best_time=NASTY)
    booking(conversation, preferred=NASTY)
    member.first_name = member.spoken_name = NASTY[:50]
    member.save()
    CannedReply.objects.create(title=NASTY, text=NASTY)
    by = Actor(member.pk, "morgan")
    desk.add_note(conversation, NASTY, uuid.uuid4(), member, by)
    desk.add_tag(conversation, NASTY[:30], member, by)
    takeover.take_over(conversation.pk, member)
    takeover.reply(conversation.pk, member, NASTY, uuid.uuid4())
    page = staff.get(f"/staff/conversations/{conversation.pk}/{part}").content
    assert ESCAPED in page
    assert page.count(b"<script") == page.count(b"<script src=")
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


@pytest.mark.parametrize(
    ("reason", "choice", "said"),
    [
        ("form:contact_name/answer", None, "Answer to a form"),
        ("contact", None, "Answer to a form"),
        ("button:safety", {"intent": "safety"}, "Pressed a button"),
        ("intent:safety", None, "pain anesthesia, 88 %"),
        ("", None, "pain anesthesia, 88 %"),
    ],
)
def test_only_a_question_can_have_been_misunderstood(
    staff: Client, talk: Talk, reason: str, choice: dict[str, str] | None, said: str
) -> None:
    conversation = talk("Zoe")
    Understanding.objects.update(reason=reason)
    Message.objects.filter(sender="visitor").update(choice=choice)
    page = staff.get(address_of(conversation)).content.decode()
    assert f"<summary>{said}</summary>" in page
    assert ('aria-pressed="false"' in page) == said.startswith("pain")


def test_a_matter_shows_the_last_of_its_messages(staff: Client, talk: Talk) -> None:
    conversation = talk("first", "second", "third", "fourth", "fifth")
    hand_over(conversation, "staff_medical", 1, 3, 5, 7, 9)
    page = staff.get(f"/staff/conversations/{conversation.pk}/").content.decode()
    matter = page[page.index('class="matters"') : page.index("</section>")]
    assert [text in matter for text in ("first", "second", "third", "fourth", "fifth")] == [False, False, *3 * [True]]
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


def test_the_owner_is_named(staff: Client, talk: Talk, member: User, clinician: User) -> None:
    conversation = talk("hello")
    conversation.owner = f"staff:{member.pk}"
    conversation.save()
    page = staff.get(f"/staff/conversations/{conversation.pk}/").content.decode()
    assert "You have it" in page
    Conversation.objects.update(owner=f"staff:{clinician.pk}")
    assert "With robin" in staff.get(f"/staff/conversations/{conversation.pk}/").content.decode()


def test_a_long_conversation_comes_in_stretches(staff: Client, talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "MESSAGES_ON_A_PAGE", 4)
    address = f"/staff/conversations/{talk('alpha', 'beta', 'gamma').pk}/"
    newest = staff.get(address).content
    assert b"gamma" in newest
    assert b"alpha" not in newest
    assert b"?before=3" in newest
    earlier = staff.get(f"{address}?before=3").content
    assert b"alpha" in earlier
    assert b"beta" not in earlier
    assert b'<div id="reply" hidden>' in earlier


@pytest.mark.parametrize(
    "address",
    [f"/staff/conversations/{uuid.uuid4()}/{part}" for part in ("", "panel/", "messages/", "messages/1/", "notes/1/")]
    + ["/staff/conversations/1/"],
)
def test_what_does_not_exist_is_not_found(staff: Client, address: str) -> None:
    assert staff.get(address).status_code == 404


@pytest.mark.parametrize("before", ["0", "-1", "x", "99999999999", "٣"])
def test_a_wrong_place_in_a_conversation_is_not_found(staff: Client, talk: Talk, before: str) -> None:
    assert staff.get(f"/staff/conversations/{talk('hello').pk}/", {"before": before}).status_code == 404


def test_each_day_is_announced_once_in_the_zone_of_the_clinic(staff: Client, talk: Talk) -> None:
    conversation = talk("first", "second")
    # The clinic's calendar still has the day before at 5 in the morning UTC.
    late = START.replace(day=21, hour=5)
    Message.objects.filter(conversation=conversation, seq=3).update(created_at=late)
    Message.objects.filter(conversation=conversation, seq=4).update(created_at=late + timedelta(hours=6))
    page = staff.get(address_of(conversation)).content.decode()
    assert re.findall(r'class="talk-day" id="day-([0-9-]+)"', page) == ["2026-11-20", "2026-11-21"]
    assert page.index('id="m3"') < page.index('id="day-2026-11-21"') < page.index('id="m4"')
    assert "Friday, November 20, 2026" in page
    following = staff.get(address_of(conversation, "messages/?after=3")).content.decode()
    assert re.findall(r'class="talk-day" id="day-([0-9-]+)"', following) == ["2026-11-21"]
    assert "talk-day" not in staff.get(address_of(conversation, "messages/?after=1")).content.decode().split("m2")[0]


def test_new_messages_come_alone_and_tell_where_they_end(staff: Client, talk: Talk) -> None:
    conversation = talk("alpha", "beta")
    page = staff.get(address_of(conversation)).content.decode()
    assert 'id="talk-after" name="after" value="4"' in page
    part = staff.get(address_of(conversation, "messages/?after=2")).content.decode()
    assert re.findall(r'<li class="said[^"]*" id="m([0-9]+)"', part) == ["3", "4"]
    assert 'id="talk-after" name="after" value="4" hx-swap-oob="true"' in part
    assert "<html" not in part
    assert staff.get(address_of(conversation, "messages/?after=4")).content.strip() == b""


def test_a_message_asks_for_itself_until_its_turn_is_over(staff: Client, talk: Talk) -> None:
    conversation = talk("alpha")
    own = address_of(conversation, "messages/1/")
    assert f'hx-get="{own}"' not in staff.get(address_of(conversation)).content.decode()
    Message.objects.filter(conversation=conversation, seq=1).update(turn="running")
    assert f'hx-get="{own}"' in staff.get(address_of(conversation)).content.decode()
    assert 'id="m1"' in staff.get(own).content.decode()


@pytest.mark.parametrize("part", ["messages/3/", "messages/99999999999999999999/", "messages/?after=-1", "?before=0"])
def test_a_message_that_is_not_there_is_not_found(staff: Client, talk: Talk, part: str) -> None:
    conversation = talk("alpha")
    talk("another", "one")
    assert staff.get(address_of(conversation, part)).status_code == 404


def test_opening_is_noted_and_refreshing_is_not(staff: Client, talk: Talk, member: User) -> None:
    conversation = talk("alpha")
    for part in ("panel/", "messages/?after=0", "messages/1/"):
        staff.get(address_of(conversation, part), headers={"Background": "1"})
    conversation.refresh_from_db()
    assert conversation.opened_at is None
    seen = Entry.objects.filter(action="conversation.seen")
    assert not seen.exists()
    staff.get(address_of(conversation))
    conversation.refresh_from_db()
    assert conversation.opened_at is not None
    assert [(one.actor_id, one.object_id) for one in seen] == [(member.pk, str(conversation.pk))]


def test_the_panel_comes_only_when_it_differs(staff: Client, talk: Talk, member: User) -> None:
    conversation = talk("alpha")
    page = staff.get(address_of(conversation)).content.decode()
    found = re.search(r'id="panel-state" name="state" value="([0-9a-f]{32})"', page)
    assert found
    panel = address_of(conversation, f"panel/?mine=0&state={found[1]}")
    assert staff.get(panel).status_code == 204
    Conversation.objects.update(owner="waiting", waiting_since=START)
    changed = staff.get(panel)
    assert changed.status_code == 200
    assert b"Waits for staff" in changed.content
    assert b"<html" not in changed.content


def test_the_panel_leaves_a_reply_box_alone(staff: Client, talk: Talk, clinician: User) -> None:
    conversation = talk("alpha")
    takeover.take_over(conversation.pk, clinician)
    assert b'id="reply"' in staff.get(address_of(conversation, "panel/?mine=0")).content
    assert b'id="reply"' not in staff.get(address_of(conversation, "panel/?mine=1")).content


def test_who_else_has_it_open_is_shown(staff: Client, talk: Talk, clinician: User) -> None:
    conversation = talk("alpha")
    assert b"open too" not in staff.get(address_of(conversation)).content
    other = Client()
    other.force_login(clinician)
    assert b"morgan has this open too" in other.get(address_of(conversation)).content
    assert b"robin has this open too" in staff.get(address_of(conversation, "panel/")).content


def test_a_canned_reply_goes_into_the_reply_box_without_script(staff: Client, talk: Talk, member: User) -> None:
    conversation = talk("alpha")
    chosen = CannedReply.objects.create(title="Parking", text="Behind the house.")
    hidden = CannedReply.objects.create(title="Old", text="Long ago.", is_active=False)
    takeover.take_over(conversation.pk, member)
    page = staff.get(address_of(conversation)).content.decode()
    assert f'href="{address_of(conversation)}?canned={chosen.pk}#reply" data-canned="Behind the house."' in page
    assert (
        ">\nBehind the house.</textarea>" in staff.get(address_of(conversation), {"canned": chosen.pk}).content.decode()
    )
    for wrong in (str(hidden.pk), "0", "x", "٣", "9" * 30):
        page = staff.get(address_of(conversation), {"canned": wrong}).content.decode()
        assert "Long ago." not in page
        assert ">\n</textarea>" in page


def test_canned_replies_on_the_last_topic_come_first(staff: Client, talk: Talk, member: User) -> None:
    conversation = talk("alpha", "beta")
    for number, topic in enumerate(("", "safety", "pain_anesthesia", "")):
        CannedReply.objects.create(title=f"Reply {number}", text="Yes.", topic=topic, position=number)
    Understanding.objects.filter(message__seq=1).update(topics=["safety"])
    takeover.take_over(conversation.pk, member)
    page = staff.get(address_of(conversation)).content.decode()
    assert re.findall(r">Reply ([0-9])<", page) == ["2", "0", "1", "3"]


def test_only_colleagues_who_may_answer_can_be_assigned(staff: Client, talk: Talk, clinician: User) -> None:
    User.objects.create_user("left", role="front_desk", is_active=False)
    User.objects.create_user("stranger", role="")
    page = staff.get(address_of(talk("alpha"))).content.decode()
    offered = page[page.index('<select id="assignee"') :]
    assert re.findall(r"<option[^>]*>([^<]+)<", offered[: offered.index("</select>")]) == ["Nobody", "morgan", "robin"]


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_reply_that_comes_too_late_is_told_and_kept(
    staff: Client, talk: Talk, member: User, clinician: User, headers: dict[str, str]
) -> None:
    conversation, client_id = talk("alpha"), uuid.uuid4()
    takeover.take_over(conversation.pk, member)
    takeover.take_over(conversation.pk, clinician, taking_from=f"staff:{member.pk}")
    typed = {"text": "Half a <sentence", "client_id": client_id}
    answer = staff.post(address_of(conversation, "reply/"), typed, headers=headers)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "This conversation is with robin now." in page
    assert ">\nHalf a &lt;sentence</textarea>" in page
    assert f'name="client_id" value="{client_id}"' in page
    assert not Message.objects.filter(conversation=conversation, sender="staff").exists()


def test_what_was_typed_goes_on_when_it_is_taken_again(
    staff: Client, talk: Talk, member: User, clinician: User
) -> None:
    conversation = talk("alpha")
    takeover.take_over(conversation.pk, clinician)
    fields = {"from": f"staff:{clinician.pk}", "text": "Half a sentence", "client_id": uuid.uuid4()}
    answer = staff.post(address_of(conversation, "take/"), fields, headers={"HX-Request": "true"})
    assert answer["HX-Trigger"] == "conversation-changed"
    page = answer.content.decode()
    assert ">\nHalf a sentence</textarea>" in page
    assert f'name="client_id" value="{fields["client_id"]}"' in page


def test_a_reply_empties_its_box(staff: Client, talk: Talk, member: User) -> None:
    conversation, client_id = talk("alpha"), uuid.uuid4()
    takeover.take_over(conversation.pk, member)
    typed = {"text": "A whole sentence.", "client_id": client_id}
    for _ in range(2):
        answer = staff.post(address_of(conversation, "reply/"), typed, headers={"HX-Request": "true"})
        page = answer.content.decode()
        assert ">\n</textarea>" in page
        assert str(client_id) not in page
    assert Message.objects.filter(conversation=conversation, sender="staff").count() == 1
    later = staff.get(address_of(conversation, "messages/?after=3")).content.decode()
    assert "Staff: morgan" in later


@pytest.mark.parametrize("text", ["", "   ", "x" * 6001])
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_reply_that_cannot_be_says_why(
    staff: Client, talk: Talk, member: User, text: str, headers: dict[str, str]
) -> None:
    conversation = talk("alpha")
    takeover.take_over(conversation.pk, member)
    typed = {"text": text, "client_id": uuid.uuid4()}
    answer = staff.post(address_of(conversation, "reply/"), typed, headers=headers)
    assert answer.status_code == 409
    assert b'id="reply-problem"' in answer.content
    assert f">\n{text}</textarea>" in answer.content.decode()


def test_other_conversations_of_the_same_contact_are_linked(staff: Client, talk: Talk) -> None:
    this, by_phone, by_booking, by_name, stranger = (talk("alpha", minute=minute) for minute in range(5))
    contact(this, name="Jamie", phone="+16502530000")
    booking(this, email="jamie@example.org")
    contact(by_phone, phone="+16502530000")
    booking(by_booking, email="jamie@example.org")
    contact(by_name, name="Jamie", phone="+16502539999")
    contact(stranger, name="Robin")
    page = staff.get(address_of(this)).content.decode()
    linked = re.findall(r'href="/staff/conversations/([0-9a-f-]{36})/"', page[page.index("others-title") :])
    assert linked == [str(by_booking.pk), str(by_phone.pk)]


def test_the_bookings_of_a_conversation_are_shown(staff: Client, talk: Talk) -> None:
    conversation = talk("alpha")
    made = booking(conversation, preferred="Tue, Nov 24, morning", wish="consultation", asks_other_time=True)
    booking(talk("beta"), preferred="another day")
    page = staff.get(address_of(conversation)).content.decode()
    for shown in (made.spoken_reference, "New", "Wants another time", "Consultation", "Tue, Nov 24, morning"):
        assert shown in page
    assert f'href="/staff/bookings/{made.reference}/"' in page
    assert "another day" not in page


def test_a_legal_hold_is_marked(staff: Client, talk: Talk, manager: User) -> None:
    conversation = talk("alpha")
    assert b"Legal hold" not in staff.get(address_of(conversation)).content
    LegalHold.objects.create(conversation=conversation, set_by=manager, set_at=START, reason="complaint")
    assert b"Legal hold" in staff.get(address_of(conversation)).content
    assert b"Lift the legal hold" not in staff.get(address_of(conversation)).content
    other = Client()
    other.force_login(manager)
    assert b"Lift the legal hold" in other.get(address_of(conversation)).content


@pytest.mark.parametrize(
    ("owner", "offered"),
    [
        ("bot", {"take", "close"}),
        ("waiting", {"take", "close"}),
        ("mine", {"give-back", "give-back-open", "close"}),
        ("colleague", {"take-from"}),
        ("closed", set()),
    ],
)
def test_what_can_be_done_depends_on_who_has_it(
    staff: Client, talk: Talk, member: User, clinician: User, owner: str, offered: set[str]
) -> None:
    conversation = talk("alpha")
    hand_over(conversation, "staff_medical", 1)
    owners = {"mine": f"staff:{member.pk}", "colleague": f"staff:{clinician.pk}"}
    Conversation.objects.update(owner=owners.get(owner, owner))
    page = staff.get(address_of(conversation)).content.decode()
    buttons = {"take", "take-from", "give-back", "give-back-open", "close"}
    assert set(re.findall(r'<button[^>]* id="([a-z-]+)"', page)) & buttons == offered
    assert ('id="reply-text"' in page) == (owner == "mine")


def test_a_full_page_takes_as_many_queries_as_a_short_one(
    staff: Client, talk: Talk, member: User, clinician: User
) -> None:
    by, counts = Actor(member.pk, "morgan"), []
    for number in (1, 30):
        conversation = talk(*["alpha"] * number)
        for kind in ("staff_medical", "staff_other") if number > 1 else ("staff_medical",):
            matter = hand_over(conversation, kind, *range(1, 2 * number, 2))
            matter.claimed_by, matter.state, matter.claimed_at = clinician, "claimed", START
            matter.save()
        for message in Message.objects.filter(conversation=conversation, sender="visitor"):
            desk.judge(message, "right", "", member, by)
        Message.objects.filter(conversation=conversation, sender="bot").update(sender="staff", author=clinician)
        for note in range(number):
            desk.add_note(conversation, f"Note {note}", uuid.uuid4(), member, by)
            desk.add_tag(conversation, f"Tag {note}", member, by)
        staff.get(address_of(conversation))
        facts.forget()
        with CaptureQueriesContext(connection) as queries:
            staff.get(address_of(conversation))
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.fixture
def left(talk: Talk) -> Conversation:
    """A conversation with a matter for staff that its visitor has ended."""
    conversation = talk("alpha")
    hand_over(conversation, "staff_medical", 1)
    Conversation.objects.update(owner="waiting", urgency=1, waiting_since=START)
    return ending.end(conversation.pk)


@pytest.mark.parametrize("owner", ["waiting", "mine", "closed"])
def test_that_the_visitor_has_left_is_plain(staff: Client, left: Conversation, member: User, owner: str) -> None:
    if owner == "mine":
        takeover.take_over(left.pk, member)
    elif owner == "closed":
        takeover.close(left.pk, member)
    page = staff.get(address_of(left)).content.decode()
    assert "<strong>The visitor has ended this chat</strong>" in page
    assert "so an answer here will not be read" in page
    assert 'id="reply-form"' not in page
    assert "Take over to answer" not in page
    assert "has left no way to be reached" in page


def test_in_place_of_the_reply_box_stands_how_to_reach_the_visitor(staff: Client, left: Conversation) -> None:
    contact(left, name="Wanda <b>", phone="+15305550142", email="wanda@example.org", best_time="mornings")
    reply = staff.get(address_of(left)).content.decode().partition('id="reply"')[2].partition("</section>")[0]
    assert "You can reach Wanda &lt;b&gt; at" in reply
    assert '<a href="tel:+15305550142">' in reply
    assert '<a href="mailto:wanda@example.org">' in reply
    assert "Best time: mornings." in reply


def test_whoever_is_typing_is_told_beside_the_box(staff: Client, talk: Talk, member: User) -> None:
    conversation = talk("alpha")
    hand_over(conversation, "staff_medical", 1)
    Conversation.objects.update(owner="waiting", urgency=1, waiting_since=START)
    takeover.take_over(conversation.pk, member)
    assert b'id="said"' not in staff.get(address_of(conversation, "panel/?mine=1")).content
    ending.end(conversation.pk)
    told = staff.get(address_of(conversation, "panel/?mine=1")).content.decode()
    assert 'id="said" hx-swap-oob="innerHTML"><p class="notice">The visitor has ended this chat.' in told
    assert 'id="reply"' not in told
    # Where the page shows no box any more, its place says so.
    assert b'id="said"' not in staff.get(address_of(conversation, "panel/?mine=0")).content


def test_a_conversation_of_the_assistant_that_has_ended_says_so(staff: Client, talk: Talk) -> None:
    conversation = talk("alpha")
    hand_over(conversation, "booking", 1)
    Conversation.objects.update(urgency=4, waiting_since=START)
    ending.end(conversation.pk)
    page = staff.get(address_of(conversation)).content.decode()
    assert '<h2 id="panel-title">Ended</h2>' in page
    assert "It answers by itself" not in page


@pytest.mark.parametrize(("language", "named"), [("en", "English"), ("es", "Spanish"), ("xx", "xx")])
def test_consent_and_rating_are_shown(staff: Client, talk: Talk, language: str, named: str) -> None:
    conversation = talk("alpha")
    assert b"visitor-said-title" not in staff.get(address_of(conversation)).content
    Conversation.objects.update(consent_language=language, consent_at=START, rating="bad", rated_at=START)
    page = staff.get(address_of(conversation)).content.decode()
    facts = page.partition("visitor-said-title")[2].partition("</section>")[0]
    assert f"</time>, in {named}</dd>" in facts
    assert "<dt>Rating</dt><dd>Bad, " in facts
    assert START.isoformat(timespec="seconds") in facts
