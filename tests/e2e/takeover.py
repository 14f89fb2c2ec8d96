"""What the take-over's tests need: visitors by HTTP, a second replica, a brain that hangs, and time that passes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx
from playwright.sync_api import expect

from ops.commands import end, tied
from ops.machine import free_ports
from tests.conftest import ROOT, Running
from tests.e2e.chatting import Chat
from tests.scenarios import conversation
from tests.scenarios.conversation import Turn, Visitor

T = TypeVar("T")
API = conversation.API
PATTERNS = conversation.response_patterns()
START_SECONDS = 60.0
# Moves everything of a conversation into the past, as if nobody had touched it for a while.
AGE = """
from datetime import timedelta
from django.db.models import F
from clinic.conversations.models import Conversation, Message
from clinic.handoffs.models import HandOff
ago = timedelta(minutes={minutes})
moments = ("created_at", "last_message_at", "waiting_since")
Conversation.objects.filter(pk="{conversation}").update(**{{name: F(name) - ago for name in moments}})
Conversation.objects.filter(pk="{conversation}", closed_at__isnull=False).update(closed_at=F("closed_at") - ago)
Message.objects.filter(conversation="{conversation}").update(created_at=F("created_at") - ago)
HandOff.objects.filter(conversation="{conversation}").update(created_at=F("created_at") - ago)
"""


def wait_for(look: Callable[[], T], seconds: float = 20) -> T:
    """Return what `look` finds as soon as it finds something."""
    end_of_patience = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end_of_patience, "it did not happen in time"
        time.sleep(0.05)
    return found


def says(visitor: Visitor, text: str) -> list[str]:
    """Say something and return the names of the replies that the visitor reads."""
    replies: list[str] = conversation.seen_of(visitor.take(Turn("visitor", text)), PATTERNS)["bot"]
    return replies


class Box:
    """The conversation of a chat box, read beside the browser."""

    def __init__(self, chat: Chat, http: httpx.Client) -> None:
        """Begin a conversation for a chat box that has none, as another of its tabs might have done."""
        begun = http.post(f"{API}/conversations", json={}).raise_for_status().json()
        self.id: str = begun["conversation"]
        self.token: str = begun["token"]
        self.http = http
        kept = {"conversation": self.id, "token": self.token, "seen": 0}
        # Whoever types before the chat listens is not shown.
        with chat.page.expect_response("**/api/v1/stream*"):
            chat.page.evaluate("(kept) => localStorage.setItem('clinic-chat', JSON.stringify(kept))", kept)
        expect(chat.panel.get_by_role("button", name="More")).to_be_visible()

    def read(self) -> dict[str, Any]:
        """Return everything that the visitor API shows."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return self.http.get(f"{API}/messages", headers=headers).raise_for_status().json()

    def is_answered(self, text: str) -> bool:
        """Tell whether the turn of the message with this text is over, whatever came of it."""
        turns = [one["turn"] for one in self.read()["messages"] if one["sender"] == "visitor" and one["text"] == text]
        return bool(turns) and all(turn in conversation.FINISHED for turn in turns)


@contextmanager
def replica(stack: Running) -> Iterator[str]:
    """Run a second web process on the stack's database and yield its address."""
    port = free_ports().web
    url = f"http://127.0.0.1:{port}"
    environment = {**os.environ, **stack.environment, "PORT": str(port)}
    process = subprocess.Popen(
        tied([sys.executable, "-m", "clinic.serve"]),
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: _answers(url), START_SECONDS)
        yield url
    finally:
        end(process)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}{API}/openapi.json", trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


@contextmanager
def hanging_brain(stack: Running) -> Iterator[None]:
    """Let rasa hang, so that a turn that begins now ends after the block."""
    process = _rasa_of(stack)
    os.kill(process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process, signal.SIGCONT)


def _rasa_of(stack: Running) -> int:
    """Return the process id of the stack's rasa: the one with its port on the command line."""
    address = {**os.environ, **stack.environment}["RASA_URL"]
    port = address.rpartition(":")[2].encode()
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = line.read_bytes().split(b"\0")
        except OSError:
            continue
        # The launcher's own command line holds the same words behind its script.
        if b"rasa_ext.serve" in words[:3] and port in words:
            return int(line.parent.name)
    raise AssertionError("the stack's rasa was not found")


def age(stack: Running, conversation_id: str, minutes: int) -> None:
    """Let a conversation and all that stands in it have happened so many minutes earlier."""
    stack.manage("shell", "--no-imports", "-c", AGE.format(minutes=minutes, conversation=conversation_id))
