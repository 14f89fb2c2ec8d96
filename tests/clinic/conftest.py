"""A whole clinic for tests: the web process on a real port, and a stand-in for the brain on another."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
import yaml
from django.conf import settings
from django.db import connection
from django.utils import timezone

from clinic.audit import protection
from clinic.conversations import brain, responses, runner
from clinic.conversations.models import CLOSED, Conversation
from clinic.practice import facts
from clinic.visitors import api, desk

KEY = "measuring-key-of-tests"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about the other database alone."""
    others = [item for item in items for mark in item.iter_markers("only_on") if connection.vendor not in mark.args]
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in others]


DOMAIN = Path(__file__).parent / "domain.yml"


def answer(route: str = "answer", response: str = "utter_safety", **more: Any) -> dict[str, Any]:
    """Return a turn's answer as the brain gives it."""
    return {
        "replies": [{"response": response, "values": {}, "buttons": []}],
        "effects": [],
        "understood": {
            "route": route,
            "topics": ["safety"] if route == "answer" else [],
            "intent": "safety",
            "confidence": 0.9,
            "ranking": [{"name": "safety", "confidence": 0.9}],
            "parts": [],
        },
        "state": {"slots": {}},
    } | more


class FakeBrain(ThreadingHTTPServer):
    """Answers turns over a real socket with whatever `reply` returns: a body to encode, or raw bytes and a status."""

    daemon_threads = True

    def __init__(self) -> None:
        """Listen on a free port of loopback."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.turns: list[dict[str, Any]] = []
        self.reply: Callable[[dict[str, Any]], Any] = lambda turn: answer()

    @property
    def url(self) -> str:
        """Return where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of callers who hung up."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FakeBrain

    def do_POST(self) -> None:
        turn = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.turns.append(turn)
        reply = self.server.reply(turn)
        status, body = reply if isinstance(reply, tuple) else (200, json.dumps(reply).encode())
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


class Visitor:
    """A conversation through the visitor API."""

    def __init__(self, http: httpx.Client) -> None:
        """Open a conversation."""
        self.http = http
        begun = http.post("/conversations", json={})
        assert begun.status_code == 201, begun.text
        self.begun = begun.json()
        self.id = uuid.UUID(self.begun["conversation"])
        self.headers = {"Authorization": f"Bearer {self.begun['token']}"}

    def post(self, text: str = "is it safe", **fields: Any) -> httpx.Response:
        """Post a typed message; with a `choice`, post that instead of the text."""
        body = {"id": str(uuid.uuid4()), **({} if "choice" in fields else {"text": text}), **fields}
        return self.http.post("/messages", json=body, headers=self.headers)

    def type(self, on: Any) -> httpx.Response:
        """Say that the visitor types or has stopped."""
        return self.http.post("/typing", json={"on": on}, headers=self.headers)

    def end(self) -> httpx.Response:
        """End the conversation."""
        return self.http.post("/end", json={}, headers=self.headers)

    def rate(self, value: Any) -> httpx.Response:
        """Say what the conversation was like."""
        return self.http.post("/rating", json={"value": value}, headers=self.headers)

    def get(self, after: int = 0, **headers: str) -> dict[str, Any]:
        """Return the answer of GET /messages."""
        found = self.http.get("/messages", params={"after": after}, headers=self.headers | headers)
        assert found.status_code == 200, found.text
        return found.json()

    def say(self, text: str = "is it safe", seconds: float = 5) -> list[dict[str, Any]]:
        """Post a message and return the answers to it when they are there."""
        seq = self.post(text).json()["seq"]
        return wait_for(lambda: [one for one in self.get(seq)["messages"] if one["in_reply_to"] == seq], seconds)


def closed(visitor: Visitor, minutes: int) -> None:
    """Let the visitor's conversation have been closed so many minutes ago."""
    ago = timezone.now() - timedelta(minutes=minutes)
    Conversation.objects.filter(pk=visitor.id).update(owner=CLOSED, closed_at=ago)


def wait_for(look: Callable[[], Any], seconds: float = 5) -> Any:
    """Return what `look` finds as soon as it finds something."""
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.01)
    return found


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Let tests empty the audit log, as `transactional_db` does with every table; see `protected_log`."""
    with django_db_blocker.unblock(), connection.schema_editor() as editor:
        protection.lift(None, editor)


@pytest.fixture
def protected_log(transactional_db: None) -> Iterator[None]:
    """Let the database refuse every change of the audit log, as it does outside tests."""
    with connection.schema_editor() as editor:
        protection.protect(None, editor)
    yield
    with connection.schema_editor() as editor:
        protection.lift(None, editor)


@pytest.fixture(autouse=True)
def _own_domain(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Render from the tests' small domain, and remember nothing of the test before."""
    renderer = responses.Renderer(yaml.safe_load(DOMAIN.read_bytes()))
    for module in ("book", "responses", "turn"):
        monkeypatch.setattr(f"clinic.conversations.{module}.renderer", lambda: renderer)
    monkeypatch.setattr("clinic.visitors.problems.renderer", lambda: renderer)
    monkeypatch.setattr(desk, "_health", None)
    facts.forget()
    yield
    facts.forget()


@pytest.fixture
def fake_brain(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeBrain]:
    """Return a stand-in for the brain that the clinic asks."""
    server = FakeBrain()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    monkeypatch.setattr(settings, "RASA_URL", server.url)
    yield server
    brain.hang_up()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """Serve the clinic from a thread for all tests and return its address."""
    from clinic.asgi import application

    config = uvicorn.Config(application, port=0, lifespan="off", access_log=False, log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_for(lambda: server.started, 15)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def clinic(
    transactional_db: None, address: str, fake_brain: FakeBrain, monkeypatch: pytest.MonkeyPatch
) -> Iterator[httpx.Client]:
    """Return a client of the visitor API of a running clinic whose limits are lifted."""
    monkeypatch.setattr(settings, "MEASURING_KEY", KEY)
    with httpx.Client(base_url=f"{address}/api/v1", headers={"Measuring-Key": KEY}, timeout=15) as client:
        yield client
    runner.close()
    api.close()


@pytest.fixture
def visitor(clinic: httpx.Client) -> Visitor:
    """Return a visitor with an open conversation."""
    return Visitor(clinic)
