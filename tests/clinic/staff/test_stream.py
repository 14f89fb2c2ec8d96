"""The stream of the staff pages: what it tells, whom, and when it ends."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.test import Client

from clinic.accounts import sessions
from clinic.accounts.models import User
from clinic.accounts.roles import Right, Role
from clinic.audit.actions import Action
from clinic.audit.models import Entry
from clinic.conversations import wake
from clinic.conversations.models import Conversation
from clinic.staff import stream, waiting
from tests.clinic.conftest import Visitor, wait_for
from tests.clinic.staff.conftest import make_user

EVERY_RIGHT_BUT_READ = frozenset(Right) - {Right.READ}


class Reader:
    """A browser that is logged in."""

    def __init__(self, address: str, user: User) -> None:
        """Log `user` in."""
        client = Client()
        client.force_login(user)
        self.key = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.http = httpx.Client(
            base_url=address, cookies={settings.SESSION_COOKIE_NAME: self.key}, timeout=httpx.Timeout(10)
        )

    def once(self, **query: Any) -> httpx.Response:
        """Ask for one answer."""
        return self.http.get(stream.PATH, params={"once": "1"} | query)

    @contextmanager
    def events(self, conversation: uuid.UUID | None = None) -> Iterator[Iterator[tuple[str, Any]]]:
        """Open the stream and give its events but the signs of life."""
        query = {"conversation": str(conversation)} if conversation else {}
        with self.http.stream("GET", stream.PATH, params=query) as response:
            assert response.status_code == 200, response.status_code
            yield _events(response)

    def session(self) -> Any:
        """Return the session as it is stored."""
        return Client().session.__class__(self.key)


def _events(response: httpx.Response) -> Iterator[tuple[str, Any]]:
    kind = ""
    for line in response.iter_lines():
        name, _, value = line.partition(": ")
        if name == "event":
            kind = value
        elif name == "data" and kind != "alive":
            yield kind, json.loads(value)


def until(events: Iterator[tuple[str, Any]], kind: str) -> Any:
    """Return the data of the next event of this kind."""
    return next(data for found, data in events if found == kind)


def collect(events: Iterator[tuple[str, Any]], last: tuple[str, Any]) -> list[tuple[str, Any]]:
    """Return the events that come up to and with `last`."""
    found = []
    for event in events:
        found.append(event)
        if event == last:
            break
    return found


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """The counts that the queue has; a test changes them."""
    counts = {"emergency": 0, "people": 1}
    monkeypatch.setattr(waiting, "read", lambda: waiting.Waiting(dict(counts)))
    monkeypatch.setattr(stream, "COUNT_SECONDS", 0.05)
    monkeypatch.setattr(stream, "COUNT_ANYHOW_SECONDS", 0.1)
    return counts


@pytest.fixture
def reader(clinic: httpx.Client, address: str, counted: dict[str, int], member: User) -> Iterator[Reader]:
    """Somebody of the front desk with an open browser."""
    opened = Reader(address, member)
    yield opened
    opened.http.close()
    wait_for(lambda: not stream.board._streams)
    stream.close()


def test_it_begins_with_what_waits_and_tells_every_change(reader: Reader, counted: dict[str, int]) -> None:
    with reader.events() as events:
        assert until(events, "queue") == {"emergency": 0, "people": 1, "mine": 0}
        counted["emergency"] = 1
        assert until(events, "queue") == {"emergency": 1, "people": 1, "mine": 0}


def test_a_visitors_message_is_news_of_the_queue_and_of_its_own_page(reader: Reader, visitor: Visitor) -> None:
    other = Conversation.objects.get(pk=visitor.id)
    with reader.events(visitor.id) as events:
        assert until(events, "conversation") == {"id": str(visitor.id), "last_seq": other.last_seq}
        [reply] = visitor.say("is it safe")
        heard = collect(events, ("conversation", {"id": str(visitor.id), "last_seq": reply["seq"]}))
        assert [kind for kind, _ in heard].count("conversation") <= 3
        if "queue" not in [kind for kind, _ in heard]:
            until(events, "queue")


def test_news_of_another_conversation_stay_off_the_page(reader: Reader, visitor: Visitor, clinic: httpx.Client) -> None:
    another = Visitor(clinic)
    with reader.events(visitor.id) as events:
        until(events, "conversation")
        wake.typing(another.id, "visitor", True)
        another.say("hello")
        wake.typing(visitor.id, "visitor", True)
        found = collect(events, ("typing", {"id": str(visitor.id), "on": True}))
    assert all(data.get("id", str(visitor.id)) == str(visitor.id) for _, data in found)


def test_staff_see_the_visitor_type_and_not_themselves(reader: Reader, visitor: Visitor) -> None:
    with reader.events(visitor.id) as events:
        until(events, "conversation")
        wake.typing(visitor.id, "staff", True)
        wake.typing(visitor.id, "visitor", True)
        assert until(events, "typing") == {"id": str(visitor.id), "on": True}
        wake.typing(visitor.id, "visitor", False)
        assert until(events, "typing")["on"] is False


def test_one_answer_instead_of_a_stream(reader: Reader, visitor: Visitor) -> None:
    answer = reader.once(conversation=str(visitor.id)).json()
    assert answer["counts"] == {"emergency": 0, "people": 1, "mine": 0}
    assert answer["conversation"]["id"] == str(visitor.id)
    assert reader.once(conversation=str(uuid.uuid4())).json()["conversation"]["last_seq"] is None
    assert reader.once().json()["conversation"] is None


def test_nobody_without_a_session_gets_in(reader: Reader) -> None:
    reader.http.cookies.clear()
    assert reader.once().status_code == 401
    assert reader.once(conversation="").status_code == 401
    reader.http.cookies.set(settings.SESSION_COOKIE_NAME, "0" * 32)
    assert reader.once().status_code == 401


@pytest.mark.parametrize("change", [{"must_change_password": True}, {"is_active": False}])
def test_who_may_open_no_page_gets_no_stream(reader: Reader, member: User, change: dict[str, Any]) -> None:
    User.objects.filter(pk=member.pk).update(**change)
    assert reader.once().status_code == 401


def test_without_a_second_factor_there_is_no_stream(reader: Reader, member: User) -> None:
    member.authenticator_set.all().delete()
    assert reader.once().status_code == 401


def test_without_the_right_to_read_it_is_refused_and_noted(
    reader: Reader, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = make_user("alex", Role.FRONT_DESK)
    monkeypatch.setattr("clinic.accounts.models.rights_of", lambda role: EVERY_RIGHT_BUT_READ)
    colleague = Reader(address, user)
    assert colleague.once().status_code == 403
    colleague.http.close()
    noted = Entry.objects.get(action=Action.ACCESS_DENIED)
    assert (noted.actor, noted.object_id) == ("alex", stream.PATH)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Host": "evil.example"},
    ],
)
def test_pages_of_other_sites_are_refused(reader: Reader, headers: dict[str, str]) -> None:
    assert reader.http.get(stream.PATH, headers=headers).status_code == 403


def test_our_own_pages_may_say_where_they_are(reader: Reader, address: str) -> None:
    headers = {"Origin": address, "Sec-Fetch-Site": "same-origin"}
    assert reader.http.get(stream.PATH, params={"once": 1}, headers=headers).status_code == 200


def test_what_is_no_question_for_the_stream(reader: Reader) -> None:
    assert reader.http.post(stream.PATH).status_code == 405
    assert reader.once(conversation="no-uuid").status_code == 404


def test_it_ends_with_its_session(reader: Reader, member: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "CHECK_SECONDS", 0.2)
    with reader.events() as events:
        until(events, "queue")
        reader.session().delete()
        assert [kind for kind, _ in events if kind != "queue"] == []
    assert reader.once().status_code == 401


def test_an_idle_session_is_over_for_the_stream_too(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "STAFF_IDLE_MINUTES", 0)
    assert reader.once().status_code == 401


def test_it_keeps_no_session_alive(reader: Reader) -> None:
    before = dict(reader.session().items())
    assert before[sessions.ACTIVE]
    with reader.events() as events:
        until(events, "queue")
    reader.once()
    assert dict(reader.session().items()) == before


def test_one_person_has_so_many_streams_at_most(reader: Reader, address: str, clinician: User) -> None:
    opened = [reader.http.send(reader.http.build_request("GET", stream.PATH), stream=True) for _ in range(8)]
    try:
        assert {one.status_code for one in opened} == {200}
        wait_for(lambda: len(stream.board._streams) == stream.STREAMS_EACH_PERSON)
        assert reader.http.get(stream.PATH).status_code == 429
        assert reader.once().status_code == 200
        colleague = Reader(address, clinician)
        with colleague.events() as events:
            until(events, "queue")
        colleague.http.close()
    finally:
        for one in opened:
            one.close()


def test_many_streams_share_a_few_threads(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "STREAMS_EACH_PERSON", 100)
    limits = httpx.Limits(max_connections=None)
    before = threading.active_count()
    with httpx.Client(base_url=reader.http.base_url, cookies=reader.http.cookies, limits=limits) as many:
        opened = [many.send(many.build_request("GET", stream.PATH), stream=True) for _ in range(60)]
        wait_for(lambda: len(stream.board._streams) == 60)
        assert threading.active_count() <= before + 3
        for one in opened:
            one.close()


def test_the_process_can_end_it(reader: Reader) -> None:
    with reader.events() as events:
        until(events, "queue")
        stream.board.close()
        assert all(kind == "queue" for kind, _ in events)
