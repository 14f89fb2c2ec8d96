"""Refusals of the visitor API, as RFC 9457 problem details."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from clinic.conversations.responses import renderer

# Code → response whose text the visitor reads. Codes that only a programmer can cause carry their own sentence.
SENTENCES = {
    "message_empty": "utter_error_message_empty",
    "message_too_long": "utter_error_message_too_long",
    "rate_limited": "utter_error_rate_limited",
    "conversation_closed": "utter_error_conversation_closed",
    "conversation_gone": "utter_error_conversation_gone",
    "token_invalid": "utter_error_conversation_gone",
    "invalid_request": "utter_error_invalid_request",
    "failed": "utter_turn_failed",
}
TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    410: "Gone",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}


class Problem(Exception):
    """A request that is refused: status, code, and extra headers."""

    def __init__(self, status: int, code: str, detail: str = "", headers: dict[str, str] | None = None) -> None:
        """`detail` is for codes without a sentence in the domain; for the others it is left empty."""
        super().__init__(code)
        self.status, self.code, self.detail, self.headers = status, code, detail, headers or {}

    def body(self, *, in_words: bool = True) -> dict[str, Any]:
        """Return the problem's members; `detail` is one or two sentences that may be shown to the visitor.

        Rendering them may read the database; without `in_words` they are left out.
        """
        sentence = SENTENCES.get(self.code) if in_words else None
        detail = renderer().render(sentence, timezone.now()).text if sentence else self.detail
        return {
            "type": "about:blank",
            "title": TITLES[self.status],
            "status": self.status,
            "code": self.code,
            "detail": detail,
        }


def invalid(what: str) -> Problem:
    """Return the refusal of a request whose `what` has the wrong form; `what` goes to no visitor."""
    return Problem(422, "invalid_request", what)
