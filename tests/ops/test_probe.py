from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ops.errors import Stop
from ops.probe import QUESTION, FirstAnswer, wait_for_answer
from ops.settings import Ports


class Door(BaseHTTPRequestHandler):
    """A visitor API that answers when it has been asked for messages often enough."""

    asked: list[str]
    looks_until_answer: int
    health = 200

    def do_GET(self) -> None:
        if self.path == "/api/v1/health":
            return self.reply({}, self.health)
        if not self.path.startswith("/api/"):
            return self.reply({})
        if self.headers["Authorization"] != "Bearer t":
            return self.reply({}, 401)
        type(self).looks_until_answer -= 1
        own = {"sender": "visitor", "text": QUESTION}
        answered = type(self).looks_until_answer <= 0
        return self.reply({"messages": [own, {"sender": "bot", "text": "About four months."}] if answered else [own]})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/api/v1/conversations":
            return self.reply({"token": "t", "conversation": "c"}, 201)
        self.asked.append(body["text"])
        return self.reply({"seq": 2}, 202)

    def reply(self, content: object, status: int = 200) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps(content).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def door() -> Iterator[tuple[type[Door], Ports]]:
    kind = type("ThisDoor", (Door,), {"asked": [], "looks_until_answer": 2})
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.server_address[1]
        yield kind, Ports(port, port, port)
        server.shutdown()


def test_a_real_question_is_asked_once_and_its_answer_returned(door: tuple[type[Door], Ports]) -> None:
    kind, ports = door
    assert wait_for_answer(ports, seconds=10) == FirstAnswer("About four months.", "c")
    assert kind.asked == [QUESTION]


def test_no_answer_in_time_is_one_sentence(door: tuple[type[Door], Ports]) -> None:
    kind, ports = door
    kind.looks_until_answer = 1_000_000
    with pytest.raises(Stop, match="accepted but never answered"):
        wait_for_answer(ports, seconds=0.3)


def test_a_brain_that_only_fails_does_not_count_as_started(door: tuple[type[Door], Ports]) -> None:
    kind, ports = door
    kind.health = 503
    with pytest.raises(Stop, match="rasa answers nothing useful"):
        wait_for_answer(ports, seconds=0.3)
    assert kind.asked == []


def test_a_service_that_never_listens_is_named() -> None:
    with pytest.raises(Stop, match=r"^Within 0\.2 seconds rasa did not start; "):
        wait_for_answer(Ports(1, 1, 1), seconds=0.2)


def test_waiting_ends_when_there_is_no_hope_left() -> None:
    def hopeless() -> None:
        raise Stop("rasa does not start.")

    with pytest.raises(Stop, match="rasa does not start"):
        wait_for_answer(Ports(1, 1, 1), seconds=60, still_hopeful=hopeless)
