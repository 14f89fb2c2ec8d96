"""No double, ever: seeded retries, reloads and repeated yeses through the visitor API and real turns."""

from __future__ import annotations

import os
import random
import threading
import uuid
from typing import Any

import httpx
import pytest
from django.db import connection

from clinic.bookings.models import BookingRequest, BookingRun
from clinic.conversations import turn
from clinic.conversations.models import Conversation, Message
from tests.clinic.bookings.conftest import wish
from tests.clinic.conftest import FakeBrain, Visitor, answer, wait_for

ROUNDS = 1000 if os.environ.get("PROVE") else 50
VISITORS = 4


class Form:
    """The end of a form: "yes <run>" submits that run. A turn whose message is to die has its lease taken meanwhile."""

    def __init__(self) -> None:
        """Let no turn die yet."""
        self.dies = False

    def __call__(self, asked: dict[str, Any]) -> dict[str, Any]:
        """Answer a turn, in the stand-in's own thread."""
        if self.dies:
            Conversation.objects.filter(pk=asked["conversation"]).update(lease_token=uuid.uuid4())
            connection.close()
            self.dies = False
        return answer(route="booking", effects=[wish(run=asked["text"].removeprefix("yes "))])


def take_over_dead_turn(message: Message) -> None:
    """Take the turn again that died with its process, when its lease is over."""
    Conversation.objects.filter(pk=message.conversation_id).update(lease_token=None, lease_until=None)
    turn.run_pending_turns(message.conversation_id)


@pytest.mark.slow
def test_retries_reloads_and_repeated_yeses_make_no_double(clinic: httpx.Client, fake_brain: FakeBrain) -> None:
    form = fake_brain.reply = Form()
    rng = random.Random(20261121)
    visitors = [Visitor(clinic) for _ in range(VISITORS)]
    runs: dict[uuid.UUID, list[str]] = {visitor.id: [] for visitor in visitors}
    for number in range(ROUNDS):
        visitor = rng.choice(visitors)
        known = runs[visitor.id]
        what = rng.choice(("new", "yes", "reload", "two tabs", "retry")) if known else "new"
        if what == "new":
            known.append(f"run{number}")
        run, client_id = known[-1] if what == "new" else rng.choice(known), str(uuid.uuid4())
        form.dies = what == "retry"
        statuses: list[int] = []

        def say(visitor: Visitor = visitor, run: str = run, client_id: str = client_id) -> None:
            statuses.append(visitor.post(f"yes {run}", id=client_id).status_code)  # noqa: B023

        tabs = [threading.Thread(target=say) for _ in range(2 if what == "two tabs" else 1)]
        for tab in tabs:
            tab.start()
        for tab in tabs:
            tab.join()
        if what == "reload":
            say()
        assert sorted(statuses) == [200, 202][2 - len(statuses) :]
        message = Message.objects.get(client_id=client_id)
        if what == "retry":
            wait_for(lambda: not form.dies)
            take_over_dead_turn(message)
        wait_for(lambda pk=message.pk: Message.objects.filter(pk=pk, turn="answered").exists(), 10)
    wait_for(lambda: not Conversation.objects.exclude(lease_token=None).exists())
    for visitor_id, known in runs.items():
        # What was asked for is there once, and nothing else is.
        said = set(BookingRun.objects.filter(conversation=visitor_id).values_list("run", flat=True))
        assert said == set(known)
        assert BookingRequest.objects.filter(conversation=visitor_id).count() == len(said)
    assert BookingRequest.objects.count() == BookingRun.objects.count()
    assert BookingRequest.objects.values("reference").distinct().count() == BookingRequest.objects.count()
