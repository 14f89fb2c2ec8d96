"""The visitor API: what is stored, what is refused, and with which words."""

from __future__ import annotations

import json
import uuid
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.db import OperationalError
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from clinic.accounts.models import User
from clinic.conversations import takeover, wake
from clinic.conversations.models import Conversation, Message
from clinic.practice import facts
from clinic.visitors import limits
from tests.clinic.conftest import FakeBrain, Visitor, closed, wait_for


def problem(response: httpx.Response) -> tuple[int, str]:
    """Return status and code of a refusal, which must be a problem with one sentence."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    body = response.json()
    assert body["status"] == response.status_code
    assert isinstance(body["detail"], str)
    return response.status_code, body["code"]


def test_a_conversation_begins_with_the_greeting(visitor: Visitor) -> None:
    [greeting] = visitor.begun["messages"]
    assert greeting["text"] == "Hello from the clinic."
    assert [button["title"] for button in greeting["buttons"]] == ["Safety", "Talk to staff"]


def test_the_same_message_twice_is_stored_once(visitor: Visitor, fake_brain: FakeBrain) -> None:
    body = {"id": str(uuid.uuid4()), "text": "is it safe"}
    first, second = visitor.post(**body), visitor.post(**body)
    assert (first.status_code, second.status_code) == (202, 200)
    assert first.json() == second.json()
    wait_for(lambda: visitor.get()["last_seq"] == 3)
    assert len(fake_brain.turns) == 1


def test_an_id_used_again_for_another_text_or_button_is_a_conflict(visitor: Visitor) -> None:
    known = str(uuid.uuid4())
    visitor.post(id=known, text="one")
    assert problem(visitor.post(id=known, text="two")) == (409, "id_reused")
    assert problem(visitor.post(id=known, choice={"seq": 1, "button": 0})) == (409, "id_reused")
    assert Message.objects.get(client_id=known).text == "one"


def test_a_closed_conversation_can_still_be_read_for_a_while(visitor: Visitor) -> None:
    known = str(uuid.uuid4())
    visitor.post("before", id=known)
    wait_for(lambda: visitor.get()["last_seq"] == 3)
    closed(visitor, minutes=14)
    refused = visitor.post("hello")
    assert problem(refused) == (410, "conversation_closed")
    assert refused.json()["detail"] == "The clinic has closed this conversation."
    assert problem(visitor.type(True)) == (410, "conversation_closed")
    assert visitor.post("before", id=known).status_code == 200
    found = visitor.get()
    assert (found["owner"], found["last_seq"]) == ("closed", 3)


@pytest.mark.parametrize("path", ["/messages", "/stream"])
def test_some_minutes_after_closing_the_token_is_worth_nothing(visitor: Visitor, path: str) -> None:
    closed(visitor, minutes=15)
    assert problem(visitor.http.get(path, headers=visitor.headers)) == (410, "conversation_gone")
    assert problem(visitor.post("hello")) == (410, "conversation_gone")
    assert problem(visitor.type(True)) == (410, "conversation_gone")


def test_an_erased_conversation_is_gone(visitor: Visitor) -> None:
    Conversation.objects.all().delete()
    assert problem(visitor.http.get("/messages", headers=visitor.headers)) == (410, "conversation_gone")


@pytest.mark.parametrize("path", ["/messages", "/stream"])
@pytest.mark.parametrize("token", ["", "Bearer", "Bearer x", "Basic x", "forged", "expired"])
def test_a_forged_or_expired_token_opens_nothing(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch, path: str, token: str
) -> None:
    good = visitor.headers["Authorization"]
    if token == "expired":
        monkeypatch.setattr("django.core.signing.time.time", lambda: 4_000_000_000)
    header = {"forged": good[:-1] + ("A" if good[-1] != "A" else "B"), "expired": good}.get(token, token)
    assert problem(visitor.http.get(path, headers={"Authorization": header})) == (401, "token_invalid")


def test_a_refusal_after_a_quiet_while_reads_the_facts_anew(visitor: Visitor) -> None:
    facts.forget()
    forged = {"Authorization": "Bearer x"}
    assert problem(visitor.http.get("/messages", headers=forged)) == (401, "token_invalid")


def test_a_refusal_needs_no_database(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> None:
        raise OperationalError

    monkeypatch.setattr("clinic.visitors.problems.renderer", away)
    refused = visitor.http.get("/messages", headers={"Authorization": "Bearer x"})
    assert problem(refused) == (401, "token_invalid")


def test_a_token_opens_its_own_conversation_only(visitor: Visitor, clinic: httpx.Client) -> None:
    other = Visitor(clinic)
    visitor.say("mine")
    assert other.get()["last_seq"] == 1
    _, _, signature = visitor.begun["token"].partition(":")
    swapped = {"Authorization": f"Bearer {other.id.hex}:{signature}"}
    assert problem(clinic.get("/messages", headers=swapped)) == (401, "token_invalid")


BODIES: list[tuple[bytes, int, str]] = [
    (b"", 400, "invalid_request"),
    (b"{", 400, "invalid_request"),
    (b"\xff\xfe", 400, "invalid_request"),
    (b"[" * 30_000, 400, "invalid_request"),
    (b'{"id": NaN, "text": "x"}', 400, "invalid_request"),
    (b'{"id": 1' + b"0" * 5000 + b', "text": "x"}', 400, "invalid_request"),
    (b"[]", 422, "invalid_request"),
    (b'"x"', 422, "invalid_request"),
    (b"{}", 422, "invalid_request"),
    (b'{"id": "ID"}', 422, "invalid_request"),
    (b'{"text": "x"}', 422, "invalid_request"),
    (b'{"id": "ID", "text": "x", "more": 1}', 422, "invalid_request"),
    (b'{"id": "ID", "text": "x", "choice": {"seq": 1, "button": 0}}', 422, "invalid_request"),
    (b'{"id": "1", "text": "x"}', 422, "invalid_request"),
    (b'{"id": 1, "text": "x"}', 422, "invalid_request"),
    (b'{"id": "ID", "text": 1}', 422, "invalid_request"),
    (b'{"id": "ID", "text": null}', 422, "invalid_request"),
    (b'{"id": "ID", "text": "\\ud800"}', 422, "invalid_request"),
    (b'{"id": "ID", "choice": [1, 0]}', 422, "invalid_request"),
    (b'{"id": "ID", "choice": {"seq": 1}}', 422, "invalid_request"),
    (b'{"id": "ID", "choice": {"seq": 1, "button": true}}', 422, "invalid_request"),
    (b'{"id": "ID", "choice": {"seq": 1, "button": 9}}', 422, "invalid_request"),
    (b'{"id": "ID", "choice": {"seq": 99, "button": 0}}', 422, "invalid_request"),
    (b'{"id": "ID", "choice": {"seq": 99999999999, "button": 0}}', 422, "invalid_request"),
    (b'{"id": "ID", "text": ""}', 422, "message_empty"),
    (b'{"id": "ID", "text": " \\u200b\\n/ "}', 422, "message_empty"),
    (b'{"id": "ID", "text": "\\u0000"}', 422, "message_empty"),
    (b'{"id": "ID", "text": "' + b"x" * 6_001 + b'"}', 422, "message_too_long"),
    (b'{"id": "ID", "text": "' + b"x" * 70_000 + b'"}', 413, "message_too_long"),
]


@pytest.mark.parametrize(("body", "status", "code"), BODIES, ids=range(len(BODIES)))
def test_bad_bodies_are_refused_with_a_sentence(visitor: Visitor, body: bytes, status: int, code: str) -> None:
    content = body.replace(b"ID", str(uuid.uuid4()).encode())
    headers = visitor.headers | {"Content-Type": "application/json"}
    refused = visitor.http.post("/messages", content=content, headers=headers)
    assert problem(refused) == (status, code)
    if code == "message_too_long":
        assert "911" in refused.json()["detail"]
    assert visitor.get()["last_seq"] == 1


@pytest.mark.parametrize(
    "text", ["😀", "hola", "你好", "<script>alert(1)</script>", "x" * 6_000, "a\u0000b", "/restart", "\u202eabc"]
)
def test_odd_texts_are_stored_and_answered(visitor: Visitor, text: str) -> None:
    assert visitor.say(text)
    assert visitor.get(1)["messages"][0]["text"] == text.replace("\u0000", "")


@pytest.mark.parametrize("query", ["after=x", "after=-1", "after=99999999999", "after=1&after=2", "before=1", "after="])
def test_bad_queries_are_refused(visitor: Visitor, query: str) -> None:
    assert problem(visitor.http.get(f"/messages?{query}", headers=visitor.headers)) == (422, "invalid_request")


def test_messages_of_staff_carry_the_name_that_visitors_read(visitor: Visitor) -> None:
    ann = User.objects.create_user("ann.lee", password="a calm orchard 71", first_name="Ann", last_name="Lee")
    nameless = User.objects.create_user("reception", password="a calm orchard 71")
    for user, name in ((ann, "Ann"), (nameless, None)):
        takeover.take_over(visitor.id, user)
        said = takeover.reply(visitor.id, user, "Hello.", uuid.uuid4())
        found = visitor.get(said.seq - 1)
        assert (found["owner"], found["owner_name"]) == ("staff", name)
        assert (found["messages"][0]["author"], found["messages"][0]["id"]) == (name, None)
        assert user.username not in json.dumps(found)
        takeover.give_back(visitor.id, user)


@pytest.mark.parametrize("body", [{}, {"on": 1}, {"on": None}, {"on": "true"}, {"on": True, "text": "no"}, [True]])
def test_a_sign_of_typing_says_on_or_off_and_nothing_else(visitor: Visitor, body: Any) -> None:
    refused = visitor.http.post("/typing", json=body, headers=visitor.headers)
    assert problem(refused) == (422, "invalid_request")


def test_typing_is_told_and_leaves_nothing_in_the_book(visitor: Visitor) -> None:
    heard: list[tuple[uuid.UUID, wake.News]] = []

    def listener(conversation: uuid.UUID, news: wake.News) -> None:
        heard.append((conversation, news))

    before = Conversation.objects.values().get(pk=visitor.id)
    wake.listen(listener)
    assert [visitor.type(on).status_code for on in (True, False)] == [204, 204]
    wake.stop_listening(listener)
    assert heard == [(visitor.id, wake.News("visitor", on)) for on in (True, False)]
    assert Conversation.objects.values().get(pk=visitor.id) == before
    assert visitor.get()["last_seq"] == 1


def test_signs_of_typing_are_limited(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "TYPING_PER_MINUTE", 2)
    del visitor.http.headers["Measuring-Key"]
    statuses = [visitor.type(True).status_code for _ in range(6)]
    assert statuses[:2] == [204, 204]
    assert 429 in statuses


def test_only_known_hosts_and_our_own_pages_are_served(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    http = visitor.http
    assert problem(http.get("/messages", headers={"Host": "evil.example"})) == (400, "host_unknown")
    own = {"Origin": str(http.base_url).removesuffix("/api/v1/")}
    assert http.get("/messages", headers=visitor.headers | own).status_code == 200
    # A site that may carry the widget frames our page; it does not use the API itself.
    monkeypatch.setattr(settings, "ALLOWED_ORIGINS", ["https://www.example.com"])
    for origin in ("https://evil.example", "https://www.example.com", "null"):
        for method in ("GET", "OPTIONS"):
            refused = http.request(method, "/messages", headers=visitor.headers | {"Origin": origin})
            assert problem(refused) == (403, "origin_forbidden")
            assert not [name for name in refused.headers if name.lower().startswith("access-control")]
    asked = http.options("/messages", headers=own)
    assert (asked.status_code, asked.headers["allow"]) == (204, "GET, POST, HEAD, OPTIONS")
    assert not [name for name in asked.headers if name.lower().startswith("access-control")]


def test_methods_addresses_and_media_types(visitor: Visitor) -> None:
    http = visitor.http
    assert problem(http.delete("/messages")) == (405, "method_not_allowed")
    assert http.delete("/messages").headers["allow"] == "GET, POST, HEAD, OPTIONS"
    assert problem(http.get("/nowhere")) == (404, "not_found")
    plain = visitor.headers | {"Content-Type": "text/plain"}
    assert problem(http.post("/messages", content=b"{}", headers=plain)) == (415, "unsupported_media_type")
    assert http.head("/messages", headers=visitor.headers).content == b""
    assert http.head("/stream", headers=visitor.headers).status_code == 200


def test_answers_carry_strict_headers_and_no_cookie(visitor: Visitor) -> None:
    headers = visitor.http.get("/messages", headers=visitor.headers).headers
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert headers["cache-control"] == "no-store"
    assert "set-cookie" not in headers


def test_limits_hold_without_the_measuring_key(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.ENV, "LIMIT_MESSAGES_PER_MINUTE", 2)
    del visitor.http.headers["Measuring-Key"]
    statuses = [visitor.post().status_code for _ in range(5)]
    assert statuses.count(429) >= 1
    assert statuses[:2] == [202, 202]
    refused = next(response for response in (visitor.post() for _ in range(5)) if response.status_code == 429)
    assert problem(refused) == (429, "rate_limited")
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert "understood" not in visitor.get(1)["messages"][0]


def test_new_conversations_are_limited_for_each_address(clinic: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.ENV, "LIMIT_CONVERSATIONS_PER_HOUR_AND_ADDRESS", 1)
    wrong = {"Measuring-Key": "another-key-of-tests"}
    statuses = [clinic.post("/conversations", headers=wrong).status_code for _ in range(4)]
    assert 429 in statuses


def test_health_looks_at_the_brain(
    clinic: httpx.Client, fake_brain: FakeBrain, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert clinic.get("/health").json() == {"status": "ok", "database": "ok", "brain": "ok"}
    monkeypatch.setattr("clinic.visitors.desk._health", None)
    fake_brain.reply = lambda _: (500, b"")
    down = clinic.get("/health")
    assert (down.status_code, down.json()["brain"]) == (503, "down")


def test_no_word_of_a_visitor_reaches_a_log(
    visitor: Visitor, fake_brain: FakeBrain, caplog: pytest.LogCaptureFixture
) -> None:
    fake_brain.reply = lambda turn: (500, turn["text"].encode())
    with caplog.at_level("DEBUG"):
        visitor.say("xylophone canary")
        visitor.post("/xylophone")
    assert "xylophone" not in caplog.text


JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.fixed_dictionaries(
        {}, optional={"id": st.uuids().map(str) | JSON_VALUES, "text": st.text() | JSON_VALUES, "choice": JSON_VALUES}
    )
    | JSON_VALUES
)
def test_any_json_gets_a_clear_answer_and_nothing_accepted_is_lost(visitor: Visitor, body: Any) -> None:
    before = Message.objects.filter(sender="visitor").count()
    headers = visitor.headers | {"Content-Type": "application/json"}
    answer = visitor.http.post("/messages", content=json.dumps(body).encode(), headers=headers)
    if answer.status_code in (202, 200):
        assert Message.objects.get(seq=answer.json()["seq"]).client_id == uuid.UUID(body["id"])
    else:
        assert problem(answer)[0] in (400, 422, 409)
        assert Message.objects.filter(sender="visitor").count() == before
