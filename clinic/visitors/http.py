"""The little HTTP that the visitor API needs on top of ASGI: requests, answers, origins, security headers."""

from __future__ import annotations

import json
from collections.abc import MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from clinic.streaming import Receive, Send
from clinic.visitors.problems import Problem

Scope = MutableMapping[str, Any]

BODY_LIMIT = 64 * 1024
SECURITY_HEADERS = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
)


class Disconnected(Exception):
    """The client went away before its request was complete."""


@dataclass(frozen=True)
class Request:
    """A request: lower-case header names, the body not read yet."""

    method: str
    path: str
    query: bytes
    headers: dict[str, str]
    address: str
    scheme: str
    receive: Receive

    @classmethod
    def of(cls, scope: Scope, receive: Receive) -> Request:
        """Build from an ASGI scope of the type `http`."""
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        client = scope.get("client")
        scheme = scope.get("scheme", "http")
        return cls(
            scope["method"], scope["path"], scope["query_string"], headers, client[0] if client else "", scheme, receive
        )

    async def body(self) -> bytes:
        """Read the body; raises a problem when it is longer than `BODY_LIMIT`, before reading it all."""
        length = self.headers.get("content-length", "0")
        if length.isdigit() and int(length) > BODY_LIMIT:
            raise Problem(413, "message_too_long")
        chunks, size = [], 0
        while True:
            event = await self.receive()
            if event["type"] == "http.disconnect":
                raise Disconnected
            chunks.append(event.get("body", b""))
            size += len(chunks[-1])
            if size > BODY_LIMIT:
                raise Problem(413, "message_too_long")
            if not event.get("more_body"):
                return b"".join(chunks)

    def need_json(self) -> None:
        """Raise a problem unless the body is declared as JSON, which a page of another site cannot send unasked."""
        if self.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise Problem(415, "unsupported_media_type", "The body must be sent as application/json.")

    def check_host(self) -> None:
        """Raise a problem unless the Host header names one of ours."""
        host, _ = split_domain_port(self.headers.get("host", ""))
        if not host or not validate_host(host, settings.ALLOWED_HOSTS):
            raise Problem(400, "host_unknown", "The Host header names no host of this service.")

    def check_origin(self) -> None:
        """Raise a problem when a page of another site asks: only the chat's frame, which is our own, uses the API.

        Browsers name no origin where a page reads from its own.
        """
        origin = self.headers.get("origin", "")
        if origin and urlsplit(origin).netloc != self.headers.get("host"):
            raise Problem(403, "origin_forbidden", "Pages of this origin may not use the API.")


@dataclass(frozen=True)
class Answer:
    """A whole answer; `body` None sends none."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json"


def problem_answer(problem: Problem, *, in_words: bool = True) -> Answer:
    """Return the answer for a refusal, without a sentence for the visitor unless `in_words`."""
    return Answer(problem.status, problem.body(in_words=in_words), problem.headers, "application/problem+json")


async def send_answer(send: Send, answer: Answer, with_body: bool) -> None:
    """Send an answer; without body for HEAD."""
    body = b"" if answer.body is None else json.dumps(answer.body, separators=(",", ":")).encode()
    headers = [*SECURITY_HEADERS, (b"content-length", str(len(body)).encode())]
    if body:
        headers.append((b"content-type", answer.content_type.encode()))
    headers += [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body if with_body else b""})
