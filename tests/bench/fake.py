"""A small stand-in for the visitor API and for a REST channel, on a free loopback port."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "measuring-key-of-a-test"
GREETING = {"seq": 1, "id": None, "sender": "bot", "text": "Hello!", "in_reply_to": None}


class FakeApi(ThreadingHTTPServer):
    """Answers every message at the second look with an echo of it; a text of blanks is refused."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock = threading.Lock()
        self.asked: dict[str, list[str]] = {}
        self.looks: dict[str, int] = {}
        self.posted = threading.Condition()
        self.most_at_once = self.under_way = 0

    @property
    def port(self) -> int:
        """Where it listens."""
        return self.server_address[1]

    def messages(self, token: str) -> list[dict[str, Any]]:
        """Everything after the greeting: each text, what was understood of it, and two bubbles."""
        found: list[dict[str, Any]] = []
        for text in self.asked[token]:
            seq = 2 + len(found)
            understood = {"route": "answer", "topics": ["onset", "safety"], "confidence": 0.9, "intent": "onset"}
            own = {"seq": seq, "sender": "visitor", "text": text, "in_reply_to": None, "turn": "answered"}
            found.append(own | {"understood": understood, "handoff": "booking"})
            found += [
                {"seq": seq + more, "sender": "bot", "text": f"{text} {more}", "in_reply_to": seq} for more in (1, 2)
            ]
        return found


class Handler(BaseHTTPRequestHandler):
    """The few addresses that the measurements use."""

    protocol_version = "HTTP/1.1"
    server: FakeApi

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/api/v1/conversations":
            self._open()
        elif self.path == "/webhooks/rest/webhook":
            self._answer(200, [{"recipient_id": body["sender"], "text": body["message"]}])
        elif not body["text"].strip():
            self._answer(422, {"detail": "Please write something."})
        else:
            self._store(body["text"])

    def do_GET(self) -> None:
        if self.path.startswith("/api/v1/stream"):
            self._stream()
            return
        token, after = self._token(), int(self.path.rpartition("=")[2])
        listed = [message for message in self.server.messages(token) if message["seq"] > after]
        self.server.looks[token] = self.server.looks.get(token, 0) + 1
        if self.headers["Measuring-Key"] != KEY:
            listed = [{name: message[name] for name in GREETING if name in message} for message in listed]
        elif self.server.looks[token] < 2:
            listed = [listed[0] | {"turn": "running", "understood": None}]
        else:
            with self.server.lock:
                self.server.under_way -= 1
        self._answer(200, {"messages": listed, "last_seq": 3, "owner": "bot"})

    def _token(self) -> str:
        return self.headers["Authorization"].removeprefix("Bearer ")

    def _open(self) -> None:
        with self.server.lock:
            token = f"token-{len(self.server.asked)}"
            self.server.asked[token] = []
            self.server.under_way += 1
            self.server.most_at_once = max(self.server.most_at_once, self.server.under_way)
        self._answer(201, {"conversation": token, "token": token, "messages": [GREETING]})

    def _store(self, text: str) -> None:
        with self.server.posted:
            asked = self.server.asked[self._token()]
            asked.append(text)
            self.server.posted.notify_all()
        self._answer(202, {"seq": 3 * len(asked) - 1, "created_at": "2026-01-05T12:00:00.000+00:00"})

    def _stream(self) -> None:
        token, told = self._token(), 1
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self._chunk(b": hello\n\n")
        with self.server.posted:
            while self.server.posted.wait_for(lambda told=told: self.server.messages(token)[told - 1 :], timeout=5):
                for message in self.server.messages(token)[told - 1 :]:
                    told = message["seq"]
                    event = f"id: {told}\nevent: message\ndata: {json.dumps(message)}\n\n".encode()
                    self._chunk(event[:20])
                    self._chunk(event[20:])
        self._chunk(b"")

    def _chunk(self, content: bytes) -> None:
        self.wfile.write(f"{len(content):x}\r\n".encode() + content + b"\r\n")

    def _answer(self, status: int, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Keep silent."""


@contextmanager
def fake_api() -> Iterator[FakeApi]:
    """Run the stand-in in a thread."""
    with FakeApi() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
