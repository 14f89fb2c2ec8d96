"""Beginning a conversation is safe to repeat, because the answer to it may be lost on the way."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from clinic.conversations.models import Conversation, Message
from clinic.visitors import consent
from tests.clinic.visitors.test_api import problem


def begin(clinic: httpx.Client, identity: Any, **more: Any) -> httpx.Response:
    return clinic.post("/conversations", json={"id": identity, **more})


def token(begun: httpx.Response) -> dict[str, str]:
    return {"Authorization": f"Bearer {begun.json()['token']}"}


def write(clinic: httpx.Client, begun: httpx.Response) -> httpx.Response:
    body = {"id": str(uuid.uuid4()), "text": "is it safe"}
    return clinic.post("/messages", json=body, headers=token(begun))


def test_begun_again_it_is_the_same_conversation(clinic: httpx.Client) -> None:
    identity = str(uuid.uuid4())
    first, second = (begin(clinic, identity, consent=consent.wording()) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["conversation"] == second.json()["conversation"] == identity
    assert first.json()["messages"] == second.json()["messages"]
    assert Message.objects.filter(conversation=identity).count() == 1
    for begun in (first, second):
        assert clinic.get("/messages", headers=token(begun)).status_code == 200


def test_what_somebody_has_written_in_is_begun_by_nobody_else(clinic: httpx.Client) -> None:
    identity = str(uuid.uuid4())
    assert write(clinic, begin(clinic, identity)).status_code == 202
    assert problem(begin(clinic, identity)) == (409, "id_reused")


def test_what_has_ended_is_not_begun_again(clinic: httpx.Client) -> None:
    identity = str(uuid.uuid4())
    clinic.post("/end", json={}, headers=token(begin(clinic, identity)))
    assert problem(begin(clinic, identity)) == (409, "id_reused")


@pytest.mark.parametrize(("first", "second"), [({}, {"consent": "en"}), ({"consent": "en"}, {})])
def test_a_consent_is_neither_added_nor_lost_later(
    clinic: httpx.Client, first: dict[str, str], second: dict[str, str]
) -> None:
    identity = str(uuid.uuid4())
    for more, status in ((first, 201), (second, 409)):
        named = {name: consent.wording(language) for name, language in more.items()}
        assert begin(clinic, identity, **named).status_code == status
    assert bool(Conversation.objects.get(pk=identity).consent_at) == bool(first)


def test_begun_many_times_at_once_it_is_one(clinic: httpx.Client) -> None:
    identity = str(uuid.uuid4())
    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(lambda _: begin(clinic, identity).status_code, range(8)))
    assert statuses == [201] * 8
    assert Message.objects.filter(conversation=identity).count() == 1


@pytest.mark.parametrize("identity", ["", "1", 1, None, ["x"], "x" * 36, "{00000000-0000-4000-8000-000000000000}"])
def test_an_id_is_a_uuid(clinic: httpx.Client, identity: Any) -> None:
    assert problem(begin(clinic, identity)) == (422, "invalid_request")
    assert not Conversation.objects.exists()
