"""Asks the running stack a visitor's question and waits for the answer."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ops.errors import Stop
from ops.settings import Ports

QUESTION = "how long does it last"
BOT = "bot"
NO_PROXY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class FirstAnswer:
    """The text of the first answer, and the conversation that was opened to get it."""

    text: str
    conversation: str


def wait_for_answer(
    ports: Ports,
    *,
    seconds: float,
    headers: Mapping[str, str] | None = None,
    still_hopeful: Callable[[], None] = lambda: None,
) -> FirstAnswer:
    """Return the first answer to a real message once every service is up.

    ``still_hopeful`` is called while waiting and may raise. Raises Stop when ``seconds`` have passed.
    """
    deadline = time.monotonic() + seconds
    web = f"http://127.0.0.1:{ports.web}"
    for address, what in (
        (f"http://127.0.0.1:{ports.rasa}/", "rasa did not start"),
        (f"http://127.0.0.1:{ports.actions}/health", "actions did not start"),
        (f"{web}/", "web did not start"),
        (f"{web}/api/v1/health", "rasa answers nothing useful"),  # a failed turn is answered too, with an apology
    ):
        while not responds(address):
            _pause(deadline, f"Within {seconds:g} seconds {what}; its log says why.", still_hopeful)
    visitor = Visitor(web, headers or {})
    while (asked := visitor.ask(QUESTION)) is None:
        _pause(deadline, "The visitor API accepts no message; see the log of web.", still_hopeful)
    while (answer := visitor.answer_after(asked)) is None:
        _pause(deadline, "A message was accepted but never answered; see the logs of web and rasa.", still_hopeful)
    return FirstAnswer(answer, visitor.conversation)


def responds(address: str) -> bool:
    """Whether something at this address answers HTTP without an error of its own."""
    try:
        with NO_PROXY.open(address, timeout=5):
            return True
    except urllib.error.HTTPError as answer:
        return answer.code < 500
    except OSError:
        return False


class Visitor:
    """One conversation through the visitor API."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self.url = url
        self.headers = dict(headers)
        self.conversation = ""

    def ask(self, text: str) -> int | None:
        """Open a conversation, send the text, and return its sequence number; None while the API is not ready."""
        try:
            opened = self.call("POST", "/api/v1/conversations", {})
            self.headers["Authorization"] = f"Bearer {opened['token']}"
            self.conversation = str(opened["conversation"])
            sent = self.call("POST", "/api/v1/messages", {"id": str(uuid.uuid4()), "text": text})
        except OSError:
            return None
        return int(sent["seq"])

    def answer_after(self, number: int) -> str | None:
        """The text of the first message of the bot after ``number``; None while there is none."""
        try:
            listed = self.call("GET", f"/api/v1/messages?after={number}")
        except OSError:
            return None
        for message in listed["messages"]:
            if message["sender"] == BOT:
                return str(message["text"])
        return None

    def call(self, method: str, path: str, body: object | None = None) -> Any:
        """Send one request and return the decoded answer. Raises OSError when it fails."""
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", **self.headers},
        )
        with NO_PROXY.open(request, timeout=15) as answer:
            return json.load(answer)


def _pause(deadline: float, sentence: str, still_hopeful: Callable[[], None]) -> None:
    still_hopeful()
    if time.monotonic() > deadline:
        raise Stop(sentence)
    time.sleep(0.1)
