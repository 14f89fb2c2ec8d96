"""A real mail server for tests, as small as can be, and the settings that lead to it."""

from __future__ import annotations

import socketserver
import threading
import time
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from pytest_django import Settings

from clinic.outbox import post


class MailServer(socketserver.ThreadingTCPServer):
    """Takes mail over SMTP. `replies` says what it answers to a command instead of yes; `delay` holds answers back."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        """Listen on a free port of loopback."""
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.replies: dict[str, str] = {}
        self.delay: dict[str, float] = {}
        self.taken: list[tuple[list[str], EmailMessage]] = []


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._answer("banner", "220 mail.example ready")
        recipients: list[str] = []
        while line := self.rfile.readline():
            command = line[:4].decode().upper().strip()
            if command == "RCPT":
                recipients.append(line.decode().split(":", 1)[1].strip("<> \r\n"))
            if command == "DATA":
                self._data(recipients)
                continue
            self._answer(command, "221 bye" if command == "QUIT" else "250 ok")
            if command == "QUIT":
                return

    def _data(self, recipients: list[str]) -> None:
        if not self._answer("DATA", "354 go on"):
            return
        content = b""
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            content += line
        if self._answer("body", "250 taken"):
            found = message_from_bytes(content, policy=policy.default)
            assert isinstance(found, EmailMessage)
            self.server.taken.append((list(recipients), found))

    def _answer(self, command: str, usual: str) -> bool:
        time.sleep(self.server.delay.get(command, 0))
        reply = self.server.replies.get(command, usual)
        try:
            self.wfile.write(f"{reply}\r\n".encode())
        except OSError:  # The other side has not waited.
            return False
        return reply == usual


@pytest.fixture(autouse=True)
def _own_outbox(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files go to a folder of the test, and nobody adds an alert for what is given up."""
    settings.OUTBOX_DIR = tmp_path / "outbox"
    monkeypatch.setattr(post, "_hearers", [])


@pytest.fixture
def mail_server(settings: Settings) -> Iterator[MailServer]:
    """Return a mail server that the settings lead to."""
    server = MailServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address[:2]
    settings.DEFAULT_FROM_EMAIL = "Clinic chat <chat@willow-street.example>"
    settings.EMAIL_TIMEOUT = 2
    yield server
    server.shutdown()
    server.server_close()
    thread.join()
