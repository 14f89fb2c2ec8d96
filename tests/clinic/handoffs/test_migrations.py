"""Hand-offs that were made before a matter could have several messages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

START = datetime(2026, 11, 21, 11, 4, tzinfo=UTC)


def migrate(*targets: tuple[str, str | None]) -> Any:
    """Bring the database to these migrations and return the apps as they were then."""
    executor = MigrationExecutor(connection)
    executor.migrate(list(targets))
    loader = MigrationExecutor(connection).loader
    # The apps below are as they are now, as their tables are.
    below = [node for app in ("accounts", "conversations") for node in loader.graph.leaf_nodes(app)]
    return loader.project_state([*below, *(one for one in targets if one[1])]).apps


@pytest.fixture
def old(transactional_db: None) -> Iterator[Any]:
    """The apps and tables of before; at the end everything is as it is now."""
    with connection.schema_editor() as editor:
        from clinic.handoffs.models import HandOff, HandOffMessage

        editor.delete_model(HandOffMessage)
        editor.delete_model(HandOff)
    executor = MigrationExecutor(connection)
    for name in ("0005_waiting", "0004_one_each_matter", "0003_join", "0002_messages", "0001_initial"):
        executor.recorder.record_unapplied("handoffs", name)
    yield migrate(("handoffs", "0001_initial"))
    migrate(*MigrationExecutor(connection).loader.graph.leaf_nodes())


def test_unresolved_ones_of_a_kind_become_one_with_all_their_messages(old: Any) -> None:
    conversations, hand_offs = old.get_model("conversations", "Conversation"), old.get_model("handoffs", "HandOff")
    messages, users = old.get_model("conversations", "Message"), old.get_model("accounts", "User")
    ann = users.objects.create(username="ann")
    talk = conversations.objects.create(created_at=START, last_message_at=START)
    rows = [
        ("staff_medical", "resolved", False, None),
        ("staff_medical", "open", False, None),
        ("staff_medical", "claimed", True, ann),
        ("staff_medical", "open", False, None),
        ("emergency", "open", True, None),
    ]
    for number, (kind, state, urgent, who) in enumerate(rows, start=1):
        at = START + timedelta(minutes=number)
        message = messages.objects.create(conversation=talk, seq=number, sender="visitor", text="…", created_at=at)
        hand_offs.objects.create(
            conversation=talk,
            message=message,
            kind=kind,
            state=state,
            urgent=urgent,
            claimed_by=who,
            claimed_at=at if who else None,
            reason=f"reason {number}",
            details={"number": number},
            created_at=at,
        )
    new = migrate(("handoffs", "0004_one_each_matter"))
    found = {(one.kind, one.state): one for one in new.get_model("handoffs", "HandOff").objects.order_by("created_at")}
    assert set(found) == {("staff_medical", "resolved"), ("staff_medical", "claimed"), ("emergency", "open")}
    joined = found["staff_medical", "claimed"]
    assert (joined.urgent, joined.claimed_by_id, joined.created_at) == (True, ann.pk, START + timedelta(minutes=2))
    assert joined.alerted_at is None
    entries = [(one.message.seq, one.reason, one.details) for one in joined.entries.order_by("message__seq")]
    assert entries == [(number, f"reason {number}", {"number": number}) for number in (2, 3, 4)]
    assert found["staff_medical", "resolved"].entries.get().message.seq == 1


def test_who_waits_already_is_found_waiting(old: Any) -> None:
    """Conversations of before get their urgency and since when they wait, and nobody is told so days later."""
    before = migrate(("handoffs", "0004_one_each_matter"))
    conversations = before.get_model("conversations", "Conversation")
    hand_offs = before.get_model("handoffs", "HandOff")
    talks = [conversations.objects.create(created_at=START, last_message_at=START) for _ in range(4)]
    rows = [
        (0, "booking", "open", False, 5),
        (0, "staff_medical", "claimed", False, 7),
        (1, "staff_other", "open", True, 1),
        (2, "emergency", "resolved", True, 1),
    ]
    for number, kind, state, urgent, minutes in rows:
        at = START + timedelta(minutes=minutes)
        hand_offs.objects.create(
            conversation=talks[number], kind=kind, state=state, urgent=urgent, created_at=at, resolved_at=None
        )
    after = migrate(("handoffs", "0005_waiting"))
    found = after.get_model("conversations", "Conversation").objects.in_bulk([one.pk for one in talks])
    minutes = [
        (one.urgency, one.waiting_since and (one.waiting_since - START).seconds // 60, one.told_waiting_at is not None)
        for one in (found[talk.pk] for talk in talks)
    ]
    assert minutes == [(1, 5, True), (0, 1, True), (None, None, False), (None, None, False)]
