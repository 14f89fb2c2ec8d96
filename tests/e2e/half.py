"""A service that begins an answer and then says nothing more, until it is let go."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

LONGEST_SECONDS = 120.0


class HalfAnswers(ThreadingHTTPServer):
    """Answers every request with the beginning of a body that never ends; without a beginning it says nothing."""

    daemon_threads = True

    def __init__(self, content_type: str = "text/event-stream", beginning: bytes = b"") -> None:
        """Listen on a free port of loopback."""
        super().__init__(("127.0.0.1", 0), _Handler)
        self.content_type, self.beginning = content_type, beginning
        self.asked = 0
        self.over = threading.Event()

    @property
    def url(self) -> str:
        """Return where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> Self:
        """Begin."""
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let every request go."""
        self.over.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of browsers that hung up."""


class _Handler(BaseHTTPRequestHandler):
    server: HalfAnswers

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.asked += 1
        if self.server.beginning:
            self.send_response(200)
            self.send_header("Content-Type", self.server.content_type)
            self.end_headers()
            self.wfile.write(self.server.beginning)
            self.wfile.flush()
        self.server.over.wait(LONGEST_SECONDS)
        self.close_connection = True

    do_GET = do_POST = _answer

    def log_message(self, *_: object) -> None:
        pass
