"""An erased conversation leaves nothing: no row, no word in an index, no file, no free page of the database."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from clinic.audit.actions import Action
from clinic.audit.log import CLOCK
from clinic.audit.models import Entry
from clinic.conversations.models import Conversation
from clinic.privacy import erase, person, retention
from clinic.privacy.models import LegalHold

from .conftest import EMAIL, deliver, everything, say

CANARY, OTHER = "zyzzyvaplum", "quixoticfern"


def bytes_of_database() -> bytes:
    """Everything that the database has on disk, its log of changes included."""
    name = connection.settings_dict["NAME"]
    files = [Path(f"{name}{ending}") for ending in ("", "-wal", "-journal")]
    return b"".join(file.read_bytes() for file in files if file.exists())


def rows_with(text: str) -> list[str]:
    """The tables in which a row holds the text anywhere."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        for row in model._base_manager.values_list():
            if text in repr(row):
                found.append(model._meta.label)
    return found


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("way", ["by hand", "by the retention"])
def test_nothing_stays_of_what_is_erased(outbox: Path, way: str) -> None:
    gone = everything(CANARY, days=400)
    stays = everything(OTHER)
    for number in range(30):  # Enough for the index of words to have several pieces.
        say(text=f"harmless text {number}")
    assert rows_with(CANARY)
    if way == "by hand":
        assert erase.conversation(gone.pk, CLOCK, "person")
        erase.leave_no_trace()
    else:
        retention.run(timezone.now())
    assert rows_with(CANARY) == []
    assert rows_with(str(gone.pk)) == ["audit.Entry"]
    assert CANARY not in "".join(file.read_text() for file in outbox.iterdir())
    assert OTHER in "".join(file.read_text() for file in outbox.iterdir())
    assert Conversation.objects.filter(pk=stays.pk).exists()
    if connection.vendor == "sqlite":
        connection.close()
        stored = bytes_of_database()
        assert OTHER.encode() in stored
        assert CANARY.encode() not in stored
        # An index may cut what its words have in common.
        assert CANARY[4:].encode() not in stored


@pytest.mark.django_db
def test_a_held_conversation_is_not_erased() -> None:
    one = everything(CANARY)
    LegalHold.objects.create(conversation=one, reason="claim", set_at=timezone.now())
    with pytest.raises(erase.Held):
        erase.conversation(one.pk, CLOCK, "person")
    assert Conversation.objects.filter(pk=one.pk).exists()
    assert Entry.objects.count() == 0


@pytest.mark.django_db
def test_an_erasure_is_recorded_without_anybodys_words() -> None:
    one = everything(CANARY)
    assert erase.conversation(one.pk, CLOCK, "person")
    entry = Entry.objects.get()
    assert (entry.action, entry.object_id, entry.details) == (
        Action.CONVERSATION_ERASED,
        str(one.pk),
        {"reason": "person"},
    )
    assert not erase.conversation(one.pk, CLOCK, "person")
    assert Entry.objects.count() == 1


@pytest.mark.django_db
def test_an_export_holds_whatever_an_erasure_removes() -> None:
    """Whichever app keeps something about a conversation: it is exported, and it goes."""
    one = everything(CANARY)
    LegalHold.objects.create(conversation=one, reason="claim", set_at=timezone.now())
    held = person.exported(one)
    assert set(rows_with(CANARY)) - {"casework.Tag"} <= set(held)
    assert held["casework.ConversationTag"][0]["tag"] == CANARY
    assert "privacy.LegalHold" in held
    assert held["contacts.Contact"][0]["email"] == EMAIL
    assert len(held["conversations.Message"]) == 1
    LegalHold.objects.all().delete()
    _, deleted = one.delete()
    assert {label: len(rows) for label, rows in held.items() if label != "privacy.LegalHold"} == deleted


@pytest.mark.django_db
def test_no_table_keeps_anything_of_a_conversation_without_referring_to_it() -> None:
    """A file that was delivered to nobody's conversation is no exception; it has no words of anybody."""
    everything(CANARY)
    deliver(None, timezone.now())
    Conversation.objects.all().delete()
    assert rows_with(CANARY) == []
