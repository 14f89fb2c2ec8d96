"""Notes, tags, assignees and verdicts: with the page's script and without it, and what must not go through."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client

from clinic.accounts.models import User
from clinic.audit.models import Entry
from clinic.casework.models import Note, Tag, Verdict
from clinic.conversations.models import Conversation
from clinic.staff import book
from tests.clinic.staff.conftest import Talk, make_user

SCRIPT = {"HX-Request": "true"}
both = pytest.mark.parametrize("headers", [{}, SCRIPT], ids=["plain", "script"])


@pytest.fixture
def conversation(talk: Talk) -> Conversation:
    """A conversation of two questions."""
    return talk("does it hurt", "how long does it last")


def post(browser: Client, conversation: Conversation, part: str, headers: Any = None, **fields: Any) -> HttpResponse:
    return browser.post(f"/staff/conversations/{conversation.pk}/{part}", fields, headers=headers or {})


def new_note(browser: Client, conversation: Conversation, text: str, headers: Any = None) -> HttpResponse:
    return post(browser, conversation, "notes/", headers, text=text, client_id=uuid4())


def denied() -> int:
    return Entry.objects.filter(action="access.denied").count()


def written() -> int:
    return Note.objects.count() + Tag.objects.count() + Verdict.objects.count()


@both
def test_a_note_is_written(staff: Client, conversation: Conversation, headers: dict[str, str]) -> None:
    answer = new_note(staff, conversation, " Called <back>.\r\nNo answer. ", headers)
    note = Note.objects.get()
    assert (note.text, note.author_name) == ("Called <back>.\nNo answer.", "morgan")
    if headers:
        assert answer["HX-Trigger"] == "conversation-changed"
        assert b'<div id="note-form" hx-swap-oob="true">' in answer.content
        # A note half typed elsewhere on the page stays.
        assert b'id="reply"' not in answer.content
        assert b'id="tag-form"' not in answer.content
    else:
        assert answer.status_code == 302
        answer = staff.get(f"/staff/conversations/{conversation.pk}/")
    assert b"Called &lt;back&gt;.\nNo answer." in answer.content


def test_a_double_click_writes_one_note(staff: Client, conversation: Conversation) -> None:
    fields = {"text": "Called.", "client_id": uuid4()}
    for _ in range(2):
        post(staff, conversation, "notes/", SCRIPT, **fields)
    assert Note.objects.count() == 1


@both
@pytest.mark.parametrize("text", ["x" * 4001, "  \r\n "])
def test_a_note_too_long_or_empty_is_told_and_kept(
    staff: Client, conversation: Conversation, text: str, headers: dict[str, str]
) -> None:
    answer = new_note(staff, conversation, text, headers)
    assert answer.status_code == 409
    assert b'id="note-problem"' in answer.content
    assert f">\n{text}</textarea>" in answer.content.decode()
    assert not Note.objects.exists()


def test_lines_count_as_the_browser_counts_them(staff: Client, conversation: Conversation) -> None:
    new_note(staff, conversation, "\r\n".join(["x" * 999] * 4))
    assert len(Note.objects.get().text) == 3999
    new_note(staff, conversation, "x" * 4000)
    assert Note.objects.count() == 2


def test_a_note_is_edited_and_deleted(staff: Client, conversation: Conversation) -> None:
    new_note(staff, conversation, "Called.")
    note = Note.objects.get()
    part = f"notes/{note.pk}/"
    page = staff.get(f"/staff/conversations/{conversation.pk}/{part}")
    # Saving and deleting.
    assert page.content.count(b'name="version" value="0"') == 2
    assert b">\nCalled.</textarea>" in page.content
    assert post(staff, conversation, part, text="Called twice.", version=0).status_code == 302
    assert b"Called twice." in staff.get(f"/staff/conversations/{conversation.pk}/").content
    assert post(staff, conversation, f"{part}delete/", version=0).status_code == 302
    assert Note.objects.exists()
    post(staff, conversation, f"{part}delete/", version=1)
    assert not Note.objects.exists()


def test_the_second_editor_is_told_and_keeps_the_text(
    staff: Client, conversation: Conversation, clinician: User
) -> None:
    new_note(staff, conversation, "Called.")
    part = f"notes/{Note.objects.get().pk}/"
    second = Client()
    second.force_login(clinician)
    post(staff, conversation, part, text="First <edit>.", version=0)
    answer = post(second, conversation, part, text="Second <edit>.", version=0)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "Somebody else has changed this note" in page
    assert "First &lt;edit&gt;." in page
    assert ">\nSecond &lt;edit&gt;.</textarea>" in page
    assert Note.objects.get().text == "First <edit>."
    # Knowing both, the second may save what they have made of them.
    versions = re.findall(r'name="version" value="([^"]*)"', page)
    assert versions == ["1", "1"]
    post(second, conversation, part, text="Both.", version=versions[0])
    assert Note.objects.get().text == "Both."


def test_a_text_too_long_does_not_hide_the_other_edit(staff: Client, conversation: Conversation) -> None:
    new_note(staff, conversation, "Called.")
    part = f"notes/{Note.objects.get().pk}/"
    post(staff, conversation, part, text="First.", version=0)
    answer = post(staff, conversation, part, text="x" * 4001, version=0)
    assert answer.status_code == 422
    assert answer.content.count(b'name="version" value="0"') == 1
    assert post(staff, conversation, part, text="Second.", version=0).status_code == 409


@both
def test_a_tag_is_set_and_taken_off(staff: Client, conversation: Conversation, headers: dict[str, str]) -> None:
    for name in ("Call <back>", "call <BACK>"):
        post(staff, conversation, "tags/", headers, text=name)
    tag = Tag.objects.get()
    assert b"Call &lt;back&gt;" in staff.get(f"/staff/conversations/{conversation.pk}/panel/").content
    for _ in range(2):
        assert post(staff, conversation, f"tags/{tag.pk}/remove/", headers).status_code == (200 if headers else 302)
    assert conversation.tags.count() == 0


@both
@pytest.mark.parametrize("text", ["x" * 31, " "])
def test_a_tag_too_long_or_empty_is_told(
    staff: Client, conversation: Conversation, text: str, headers: dict[str, str]
) -> None:
    answer = post(staff, conversation, "tags/", headers, text=text)
    assert answer.status_code == 409
    assert b'id="tag-problem"' in answer.content
    assert f'value="{text}"' in answer.content.decode()
    assert not Tag.objects.exists()


@both
def test_a_conversation_is_assigned(
    staff: Client, conversation: Conversation, clinician: User, headers: dict[str, str]
) -> None:
    for raw, number in ((str(clinician.pk), clinician.pk), ("", None)):
        post(staff, conversation, "assign/", headers, assignee=raw)
        conversation.refresh_from_db()
        assert conversation.assignee_id == number


def test_nobody_else_can_be_assigned(staff: Client, conversation: Conversation, clinician: User) -> None:
    User.objects.filter(pk=clinician.pk).update(is_active=False)
    stranger = User.objects.create_user("nobody", role="")
    for raw in (clinician.pk, stranger.pk, 0, "x", "-1", "9" * 30, "٣"):
        assert post(staff, conversation, "assign/", assignee=raw).status_code == 404
    conversation.refresh_from_db()
    assert conversation.assignee is None


@pytest.mark.parametrize("value", ["right", "flag"])
@both
def test_a_verdict_takes_one_click(
    staff: Client, conversation: Conversation, value: str, headers: dict[str, str]
) -> None:
    for _ in range(2):
        answer = post(staff, conversation, "messages/1/verdict/", headers, value=value)
    verdict = Verdict.objects.get()
    assert (verdict.message.seq, verdict.value, verdict.should_be) == (1, value, "")
    assert Entry.objects.filter(action="message.judged").count() == 1
    if headers:
        assert answer.content.strip().startswith(b'<div class="verdict" id="verdict-1">')
        assert f'value="{value}" aria-pressed="true"' in answer.content.decode()
    else:
        assert answer["Location"] == f"/staff/conversations/{conversation.pk}/#m1"


@both
def test_a_wrong_one_says_what_it_should_have_been(
    staff: Client, conversation: Conversation, headers: dict[str, str]
) -> None:
    post(staff, conversation, "messages/3/verdict/", headers, value="wrong", should_be="Human request")
    assert Verdict.objects.get().should_be == "human_request"
    post(staff, conversation, "messages/3/verdict/", headers, value="wrong", should_be="none of them")
    assert Verdict.objects.get().should_be == "none_of_them"
    page = staff.get(f"/staff/conversations/{conversation.pk}/").content.decode()
    assert "none of them, says morgan" in page
    assert '<option value="pain anesthesia">' in page


@pytest.mark.parametrize("typed", ["no <such> intent", "", "x" * 5000])
def test_an_unknown_intent_is_told(staff: Client, conversation: Conversation, typed: str) -> None:
    fields = {"value": "wrong", "should_be": typed}
    answer = post(staff, conversation, "messages/1/verdict/", SCRIPT, **fields)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="should-1-problem"' in page
    assert "<such>" not in page
    plain = post(staff, conversation, "messages/1/verdict/", **fields)
    told = staff.get(plain["Location"]).content.decode()
    assert ("Please choose one of the list." in told) == bool(typed)
    assert not Verdict.objects.exists()


def test_after_a_verdict_an_old_message_is_shown_again(
    staff: Client, conversation: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book, "MESSAGES_ON_A_PAGE", 2)
    answer = post(staff, conversation, "messages/1/verdict/", value="right")
    assert answer["Location"] == f"/staff/conversations/{conversation.pk}/?before=2#m1"
    assert b'id="m1"' in staff.get(answer["Location"]).content


@pytest.mark.parametrize(
    ("part", "fields"),
    [
        ("messages/2/verdict/", {"value": "right"}),
        ("messages/5/verdict/", {"value": "right"}),
        ("messages/99999999999999999999/verdict/", {"value": "right"}),
        ("messages/1/verdict/", {"value": "fine"}),
        ("messages/1/verdict/", {}),
        ("notes/", {"text": "Called."}),
        ("notes/", {"text": "Called.", "client_id": "x"}),
        ("notes/99999999999999999999/", {"text": "Called.", "version": 0}),
        ("notes/99999999999999999999/delete/", {"version": 0}),
        ("tags/99999999999999999999/remove/", {}),
    ],
)
def test_what_no_page_sends_is_not_found(
    staff: Client, conversation: Conversation, part: str, fields: dict[str, Any]
) -> None:
    before = denied()
    assert post(staff, conversation, part, **fields).status_code == 404
    assert denied() == before + 1
    assert not Verdict.objects.exists()
    assert not Note.objects.exists()


def test_what_belongs_to_another_conversation_is_not_found(
    staff: Client, conversation: Conversation, talk: Talk
) -> None:
    other = talk("hello")
    new_note(staff, other, "Another's.")
    post(staff, other, "tags/", text="theirs")
    note, tag = Note.objects.get(), Tag.objects.get()
    for part, fields in ((f"notes/{note.pk}/", {"text": "Mine."}), (f"notes/{note.pk}/delete/", {})):
        assert post(staff, conversation, part, version=0, **fields).status_code == 404
    assert staff.get(f"/staff/conversations/{conversation.pk}/notes/{note.pk}/").status_code == 404
    post(staff, conversation, f"tags/{tag.pk}/remove/")
    assert (Note.objects.get().text, other.tags.count()) == ("Another's.", 1)


PARTS = {
    "notes/": {"text": "Called.", "client_id": "9c1c2a60-5a3e-4cc4-8a53-3f8f0a5d7a10"},
    "tags/": {"text": "vip"},
    "tags/1/remove/": {},
    "assign/": {"assignee": ""},
    "messages/1/verdict/": {"value": "right"},
    "notes/1/": {"text": "Called.", "version": 0},
    "notes/1/delete/": {"version": 0},
}


@pytest.mark.parametrize("part", PARTS)
def test_every_change_needs_the_token_of_the_page(member: User, conversation: Conversation, part: str) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(member)
    assert post(browser, conversation, part, **PARTS[part]).status_code == 403
    assert denied() == 1
    assert written() == 0


@pytest.mark.parametrize("part", PARTS)
def test_every_change_needs_the_right(conversation: Conversation, part: str) -> None:
    browser = Client()
    browser.force_login(make_user("guest", ""))
    assert post(browser, conversation, part, **PARTS[part]).status_code == 403
    assert denied() == 1
    assert written() == 0
    assert post(Client(), conversation, part, **PARTS[part])["Location"].startswith("/staff/login/")


@pytest.mark.parametrize("part", [one for one in PARTS if one != "notes/1/"])
def test_every_change_is_posted(staff: Client, conversation: Conversation, part: str) -> None:
    assert staff.get(f"/staff/conversations/{conversation.pk}/{part}").status_code == 405


def test_a_message_goes_with_its_verdict(staff: Client, conversation: Conversation) -> None:
    post(staff, conversation, "messages/1/verdict/", value="right")
    new_note(staff, conversation, "Called.")
    post(staff, conversation, "tags/", text="vip")
    Conversation.objects.all().delete()
    assert written() == 0
