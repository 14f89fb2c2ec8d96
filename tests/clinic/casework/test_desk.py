"""What staff add to a conversation, and what the audit log says of it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from clinic.accounts.models import User
from clinic.audit.log import Actor
from clinic.audit.models import Entry
from clinic.casework import desk, intents, viewers
from clinic.casework.models import Note, Tag, Verdict, Viewer
from clinic.conversations import wake
from clinic.conversations.models import Message
from tests.clinic.staff.conftest import START, Talk


def by(user: User) -> Actor:
    return Actor(user.pk, user.username)


def audited() -> list[tuple[str, dict[str, Any]]]:
    return [(one.action, one.details) for one in Entry.objects.order_by("number")]


@pytest.mark.django_db(transaction=True)
def test_whoever_has_the_conversation_open_hears_of_it(talk: Talk, member: User) -> None:
    told: list[Any] = []
    listener = lambda conversation, news: told.append(conversation)  # noqa: E731
    conversation = talk("hello")
    wake.listen(listener)
    try:
        note = desk.add_note(conversation, "Called.", uuid4(), member, by(member))
        desk.edit_note(note, 0, "Called twice.", by(member))
        desk.delete_note(note, 1, by(member))
        use = desk.add_tag(conversation, "vip", member, by(member))
        desk.remove_tag(conversation, use.tag_id, by(member))
        desk.assign(conversation, member, by(member))
    finally:
        wake.stop_listening(listener)
    assert told == [conversation.pk] * 6


def test_a_note_that_is_sent_twice_is_one(talk: Talk, member: User) -> None:
    conversation, client_id = talk("hello"), uuid4()
    first = desk.add_note(conversation, "Called back.", client_id, member, by(member))
    assert desk.add_note(conversation, "Called back.", client_id, member, by(member)) == first
    assert audited() == [("note.written", {"note": first.pk})]


def test_of_two_edits_of_a_note_one_wins(talk: Talk, member: User, clinician: User) -> None:
    note = desk.add_note(talk("hello"), "Called.", uuid4(), member, by(member))
    desk.edit_note(note, 0, "Called, no answer.", by(member))
    with pytest.raises(desk.Conflict):
        desk.edit_note(note, 0, "Called, she will come.", by(clinician))
    with pytest.raises(desk.Conflict):
        desk.delete_note(note, 0, by(clinician))
    note.refresh_from_db()
    assert (note.text, note.version) == ("Called, no answer.", 1)
    assert [action for action, _ in audited()] == ["note.written", "note.edited"]
    desk.delete_note(note, 1, by(member))
    assert not Note.objects.exists()


def test_no_word_of_a_note_or_a_tag_is_in_the_audit_log(talk: Talk, member: User) -> None:
    conversation = talk("hello")
    note = desk.add_note(conversation, "pelican one", uuid4(), member, by(member))
    desk.edit_note(note, 0, "pelican two", by(member))
    use = desk.add_tag(conversation, "pelican", member, by(member))
    desk.remove_tag(conversation, use.tag_id, by(member))
    assert "pelican" not in str(list(Entry.objects.values()))
    assert len(audited()) == 4


def test_tags_that_differ_by_case_alone_are_one(talk: Talk, member: User) -> None:
    conversation = talk("hello")
    desk.add_tag(conversation, "Straße  Ost", member, by(member))
    desk.add_tag(conversation, "STRASSE OST", member, by(member))
    assert [(one.name, one.key) for one in Tag.objects.all()] == [("Straße Ost", "strasse ost")]
    assert conversation.tags.count() == 1
    assert len(audited()) == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Tag.objects.create(name="x", key="strasse ost")


def test_a_tag_comes_off_once(talk: Talk, member: User) -> None:
    conversation, other = talk("hello"), talk("hello")
    tag = desk.add_tag(conversation, "vip", member, by(member)).tag_id
    desk.add_tag(other, "vip", member, by(member))
    for _ in range(2):
        desk.remove_tag(conversation, tag, by(member))
    assert (conversation.tags.count(), other.tags.count()) == (0, 1)
    assert [details for action, details in audited() if "removed" in details] == [{"removed": tag}]


def test_a_tag_goes_with_its_last_conversation(talk: Talk, member: User) -> None:
    one, two, three = talk("hello"), talk("hello"), talk("hello")
    for conversation in (one, two, three):
        tag = desk.add_tag(conversation, "Jamie Rivers", member, by(member)).tag_id
    one.delete()
    desk.remove_tag(two, tag, by(member))
    assert Tag.objects.filter(pk=tag).exists()
    three.delete()
    assert not Tag.objects.exists()
    assert desk.add_tag(talk("hello"), "jamie rivers", member, by(member)).tag.name == "jamie rivers"


def test_a_conversation_is_assigned_and_let_go(talk: Talk, member: User, clinician: User) -> None:
    conversation = talk("hello")
    for assignee in (member, member, clinician, None):
        desk.assign(conversation, assignee, by(member))
    conversation.refresh_from_db()
    assert conversation.assignee is None
    numbers = [None, member.pk, clinician.pk, None]
    changes = [{"before": one, "after": two} for one, two in pairwise(numbers)]
    assert audited() == [("conversation.assigned", one) for one in changes]


def test_the_latest_verdict_counts_and_the_log_has_all(talk: Talk, member: User, clinician: User) -> None:
    message = Message.objects.get(conversation=talk("does it hurt"), seq=1)
    desk.judge(message, "right", "", member, by(member))
    desk.judge(message, "right", "", member, by(member))
    desk.judge(message, "wrong", "human request", clinician, by(clinician))
    verdict = Verdict.objects.get()
    assert (verdict.value, verdict.should_be, verdict.by_name) == ("wrong", "human_request", "robin")
    assert [(one["verdict"], one["should_be"], one["before"]) for _, one in audited()] == [
        ("right", "", ""),
        ("wrong", "human_request", "right"),
    ]


def test_only_a_wrong_verdict_names_an_intent(talk: Talk, member: User) -> None:
    message = Message.objects.get(conversation=talk("does it hurt"), seq=1)
    assert desk.judge(message, "flag", "safety", member, by(member)).should_be == ""
    for value, should_be in (("wrong", ""), ("flag", "safety")):
        with pytest.raises(IntegrityError), transaction.atomic():
            Verdict.objects.update(value=value, should_be=should_be)


@pytest.mark.parametrize(("value", "should_be"), [("wrong", "nonsense"), ("wrong", ""), ("fine", "")])
def test_a_verdict_that_says_nothing_is_refused(talk: Talk, member: User, value: str, should_be: str) -> None:
    message = Message.objects.get(conversation=talk("does it hurt"), seq=1)
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says, nothing is written
        desk.judge(message, value, should_be, member, by(member))
    assert not Verdict.objects.exists()
    assert audited() == []


def test_an_answer_has_no_verdict(talk: Talk, member: User) -> None:
    with pytest.raises(ValueError, match="right"):
        desk.judge(Message.objects.get(conversation=talk("hello"), seq=2), "right", "", member, by(member))


def test_the_intents_are_those_of_the_domain(db: None) -> None:
    offered = intents.offered()
    assert offered[0] == ("safety", "Safety")
    assert [name for name, _ in offered[1:]] == ["pain anesthesia", "human request", "out of scope", "none of them"]
    for typed in ("Pain  Anesthesia", "pain_anesthesia"):
        assert intents.read(typed) == "pain_anesthesia"
    assert intents.read("none of them") == "none_of_them"


def test_who_else_looks_is_known_for_a_minute(talk: Talk, member: User, clinician: User) -> None:
    conversation, other = talk("hello"), talk("hello")
    viewers.note(conversation, member, START)
    viewers.note(other, clinician, START)
    assert viewers.others(conversation, clinician, START) == ["morgan"]
    assert viewers.others(conversation, member, START) == []
    assert viewers.others(conversation, clinician, START + viewers.LASTS) == []
    viewers.note(conversation, member, START + viewers.FRESH)
    assert viewers.others(conversation, clinician, START + viewers.LASTS) == ["morgan"]
    viewers.note(other, member, START + 3 * viewers.LASTS)
    assert [one.conversation_id for one in Viewer.objects.filter(user=member)] == [other.pk]
