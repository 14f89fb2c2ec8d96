"""The stream: everything after a number, in order, without gaps, until its reader leaves."""

from __future__ import annotations

import asyncio
import json
import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from django.db import connection

from clinic.accounts.models import User
from clinic.conversations import takeover, wake
from clinic.conversations.hub import STREAMS_EACH_CONVERSATION, Subscription, hub
from clinic.conversations.models import Conversation
from clinic.visitors import desk, stream
from tests.clinic.conftest import Visitor, closed, wait_for


def events(response: httpx.Response) -> Iterator[tuple[str, str, Any]]:
    """Yield (event, id, data) as they come."""
    fields: dict[str, str] = {}
    for line in response.iter_lines():
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        else:
            if "event" in fields:
                yield fields["event"], fields.get("id", ""), json.loads(fields["data"])
            fields = {}


def open_stream(visitor: Visitor, after: int = 0) -> Any:
    return visitor.http.stream("GET", f"/stream?after={after}", headers=visitor.headers)


def read(visitor: Visitor, after: int, until: int) -> list[tuple[str, str, Any]]:
    """Read a stream until the message with the number `until` has come."""
    found = []
    with open_stream(visitor, after) as response:
        assert response.headers["content-type"] == "text/event-stream"
        for event in events(response):
            found.append(event)
            if event[1] == str(until):
                break
    return found


def numbers(found: list[tuple[str, str, Any]]) -> list[int]:
    return [data["seq"] for event, _, data in found if event == "message"]


def test_a_stream_replays_and_goes_on_without_a_gap(visitor: Visitor) -> None:
    visitor.say("one")
    heard: list[tuple[str, str, Any]] = []
    reader = threading.Thread(target=lambda: heard.extend(read(visitor, 1, 7)))
    reader.start()
    visitor.say("two")
    visitor.say("three")
    reader.join(5)
    assert numbers(heard) == [2, 3, 4, 5, 6, 7]
    assert ("owner", "", {"owner": "bot", "name": None}) in heard


def test_a_broken_stream_is_taken_up_where_it_broke(visitor: Visitor) -> None:
    for text in ("one", "two", "three"):
        visitor.say(text)
    first = numbers(read(visitor, 0, 3))
    second = numbers(read(visitor, first[-1], 7))
    assert first + second == list(range(1, 8))


def test_typing_is_shown_while_a_turn_runs(visitor: Visitor, fake_brain: Any) -> None:
    go = threading.Event()
    usual = fake_brain.reply

    def held(turn: Any) -> Any:
        go.wait(5)
        return usual(turn)

    fake_brain.reply = held
    with open_stream(visitor, 1) as response:
        source = events(response)
        assert next(source)[0] == "owner"
        visitor.post()
        heard = [next(source), next(source)]
        assert {event for event, _, _ in heard} == {"message", "typing"}
        go.set()
        rest = [next(source), next(source)]
    assert ("typing", "", {"who": "bot", "on": False}) in rest


@pytest.fixture
def ann() -> User:
    """Return a member of staff whom visitors know as Ann."""
    return User.objects.create_user("ann.lee", password="a calm orchard 71", first_name="Ann", last_name="Lee")


def test_the_stream_says_who_of_staff_has_come_and_gone(visitor: Visitor, ann: User) -> None:
    with open_stream(visitor, 1) as response:
        source = events(response)
        assert next(source)[0] == "owner"
        takeover.take_over(visitor.id, ann)
        heard = [next(source), next(source)]
        assert numbers(heard) == [2]
        assert heard[1] == ("owner", "", {"owner": "staff", "name": "Ann"})
        assert visitor.get()["owner_name"] == "Ann"
        takeover.give_back(visitor.id, ann)
        heard = [next(source), next(source)]
        assert numbers(heard) == [3]
        assert heard[1] == ("owner", "", {"owner": "bot", "name": None})


def test_staff_who_type_are_named_each_time_that_they_go_on(
    visitor: Visitor, ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "AGAIN_SECONDS", 0.2)
    takeover.take_over(visitor.id, ann)
    with open_stream(visitor, 2) as response:
        source = events(response)
        assert next(source)[0] == "owner"
        for on in (True, True, False):
            time.sleep(0.25)
            # The second is an echo of the first.
            wake.typing(visitor.id, "staff", on)
            wake.typing(visitor.id, "staff", on)
            assert next(source) == ("typing", "", {"who": "staff", "on": on, "name": "Ann"})


def test_staff_who_do_not_have_the_conversation_are_not_shown_typing(visitor: Visitor, ann: User) -> None:
    with open_stream(visitor, 1) as response:
        source = events(response)
        assert next(source)[0] == "owner"
        wake.typing(visitor.id, "staff", True)
        wake.typing(visitor.id, "bot", True)
        assert next(source) == ("typing", "", {"who": "bot", "on": True})


def test_the_bot_is_not_shown_typing_while_staff_have_the_conversation(visitor: Visitor, ann: User) -> None:
    with open_stream(visitor, 1) as response:
        source = events(response)
        assert next(source)[0] == "owner"
        wake.typing(visitor.id, "bot", True)
        assert next(source) == ("typing", "", {"who": "bot", "on": True})
        takeover.take_over(visitor.id, ann)
        heard = [next(source), next(source), next(source)]
        assert ("typing", "", {"who": "bot", "on": False}) in heard
        visitor.post()
        assert next(source)[0] == "message"
        wait_for(lambda: visitor.get()["last_seq"] == 4)
        wake.typing(visitor.id, "staff", True)
        assert next(source)[2]["who"] == "staff"


def test_what_a_visitor_types_is_not_told_to_the_visitor(visitor: Visitor) -> None:
    with open_stream(visitor, 1) as response:
        source = events(response)
        assert next(source)[0] == "owner"
        assert visitor.type(True).status_code == 204
        visitor.post()
        assert {next(source)[0], next(source)[0]} == {"message", "typing"}


def test_the_stream_of_a_closed_conversation_ends_when_its_token_does(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.05)
    with open_stream(visitor, 1) as response:
        source = events(response)
        assert next(source)[0] == "owner"
        closed(visitor, minutes=0)
        assert next(source) == ("owner", "", {"owner": "closed", "name": None})
        closed(visitor, minutes=15)
        assert list(source) == []


def test_suppressed_messages_never_travel(visitor: Visitor, ann: User) -> None:
    takeover.take_over(visitor.id, ann)
    visitor.post()
    wait_for(lambda: visitor.get()["last_seq"] == 4)
    takeover.reply(visitor.id, ann, "Hello, Ann here.", uuid.uuid4())
    assert numbers(read(visitor, 0, 5)) == [1, 2, 3, 5]


def test_messages_of_another_process_are_seen(visitor: Visitor, ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clinic.conversations.wake._tell", lambda *_: None)
    with open_stream(visitor, 1) as response:
        source = events(response)
        assert next(source)[0] == "owner"
        takeover.take_over(visitor.id, ann)
        assert numbers([next(source), next(source)]) == [2]
        takeover.reply(visitor.id, ann, "Hello, Ann here.", uuid.uuid4())
        assert numbers([next(source)]) == [3]


def test_streams_of_a_conversation_are_limited_and_leave_nothing_behind(visitor: Visitor) -> None:
    opened = [open_stream(visitor) for _ in range(STREAMS_EACH_CONVERSATION)]
    for one in opened:
        one.__enter__()
    refused = visitor.http.get("/stream", headers=visitor.headers)
    assert refused.status_code == 429
    for one in opened:
        one.__exit__(None, None, None)
    wait_for(lambda: hub.count() == 0)


def test_a_reader_who_leaves_at_the_very_moment_of_news_leaves_no_stream_behind() -> None:
    async def read_nothing(*_: Any) -> desk.News:
        return desk.News([], 0, "bot")

    async def send(_: Any) -> None:
        pass

    async def leave() -> bool:
        subscription = Subscription()
        telling = asyncio.ensure_future(stream.Stream(send, uuid.uuid4(), 0, read_nothing).run(subscription))
        await asyncio.sleep(0.05)
        subscription.news.set()
        telling.cancel()
        await asyncio.wait([telling], timeout=1)
        return telling.done()

    assert asyncio.run(leave())


def test_a_quiet_stream_beats_and_an_erased_conversation_ends_it(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.05)
    with open_stream(visitor) as response:
        lines = response.iter_lines()
        assert any(line == ": still here" for line in lines)
        Conversation.objects.all().delete()
        for _ in lines:
            pass
    wait_for(lambda: hub.count() == 0)


def test_a_stream_beats_while_it_is_woken_for_nothing(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.3)
    with open_stream(visitor) as response:
        lines = response.iter_lines()
        assert next(line for line in lines if line.startswith("event: owner"))
        end = time.monotonic() + 5
        stopped = threading.Event()

        def type_on() -> None:
            while not stopped.wait(0.05) and time.monotonic() < end:
                wake.typing(visitor.id, "visitor", True)
            connection.close()

        typing = threading.Thread(target=type_on)
        typing.start()
        try:
            assert any(line == ": still here" for line in lines)
            assert time.monotonic() < end
        finally:
            stopped.set()
            typing.join()


def test_closing_the_hub_ends_every_stream(visitor: Visitor) -> None:
    with open_stream(visitor) as response:
        source = events(response)
        next(source)
        hub._loop.call_soon_threadsafe(hub.close)
        assert [event for event, _, _ in source if event == "typing"] == []
