"""What a visitor sends from the plain page: which button, in which conversation, and what stands in the box."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID, uuid4, uuid5

from django.core import signing
from django.http import HttpRequest

from clinic.visitors import shapes

# More than the longest message takes, many times over: what is too long is refused with a sentence, not by its bytes.
# The box comes after all else that is hidden in the form, so that what is cut off is only ever its end.
MOST_BYTES = 1024 * 1024
MOST_FIELDS = 20
# Who lets a page lie open for longer is asked to press the button again.
TICKET_LIFETIME = timedelta(days=1)
# Buttons by the name of their field. `choice-3-0` is the first button of the message with the number 3; under the
# greeting of a conversation that has not begun the number is 0.
SEND, LOOK, END, NEW, PERSON, BOOK = "send", "look", "end", "new", "person", "book"
RATINGS = {"rate-good": "good", "rate-bad": "bad"}
CHOICE = re.compile(r"choice-(\d{1,9})-(\d{1,3})")
_signer = signing.TimestampSigner(salt="clinic.widget.plain")


def new_ticket() -> str:
    """Return what lets a page begin one conversation, however often it is sent: the id that this will have, signed."""
    return _signer.sign(uuid4().hex)


def read_ticket(ticket: str) -> UUID | None:
    """Return the id of the conversation that the ticket begins, or None when it is forged or too old."""
    try:
        return UUID(hex=_signer.unsign(ticket, max_age=TICKET_LIFETIME))
    except (signing.BadSignature, ValueError):
        return None


def is_ours(request: HttpRequest) -> bool:
    """Tell whether a form was sent from a page of ours, as far as the browser says: old ones and text browsers do not.

    A form of another site could otherwise put its visitors into a conversation that its owner reads along.
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("Host")


@dataclass(frozen=True)
class Filled:
    """The form as it was sent. `page` is the id of the page that it stood on; every text may be anything at all."""

    button: str = SEND
    title: str = ""
    text: str = ""
    token: str = ""
    ticket: str = ""
    page: str = ""
    consent: str = ""
    language: str = ""

    @classmethod
    def of(cls, request: HttpRequest) -> Filled:
        """Read the request's body; a form that cannot be read is an empty one."""
        body = request.read(MOST_BYTES).decode("latin-1")
        try:
            fields = dict(parse_qsl(body, keep_blank_values=True, errors="replace", max_num_fields=MOST_FIELDS))
        except ValueError:
            return cls()
        button = next((name for name in fields if _is_button(name)), SEND)
        return cls(
            button=button,
            title=fields.get(button, ""),
            # A form sends every line's end as two characters; the visitor typed one.
            text=fields.get("text", "").replace("\r\n", "\n").replace("\x00", ""),
            token=fields.get("token", ""),
            ticket=fields.get("ticket", ""),
            page=fields.get("page", ""),
            consent=fields.get("consent", ""),
            language=fields.get("lang", ""),
        )

    @property
    def choice(self) -> tuple[int, int] | None:
        """Return the number of the message whose button was pressed, and the button's position, if one was."""
        match = CHOICE.fullmatch(self.button)
        return (int(match[1]), int(match[2])) if match else None

    def message(self, text: str) -> shapes.Posted:
        """Return a message of this text, checked as the visitor API checks it; raises its problems."""
        return shapes.posted(json.dumps({"id": self._id(f"text:{text}"), "text": text}).encode())

    def pressed(self, seq: int, position: int) -> shapes.Posted:
        """Return the press of this button; raises the visitor API's problems."""
        choice = {"seq": seq, "button": position}
        return shapes.posted(json.dumps({"id": self._id(f"choice:{seq}:{position}"), "choice": choice}).encode())

    def _id(self, content: str) -> str:
        """Return a message's id, the same one however often this page sends this; what was changed is a new message."""
        page = UUID(self.page) if shapes.UUID_FORM.fullmatch(self.page) else uuid4()
        return str(uuid5(page, content))


def _is_button(name: str) -> bool:
    return name in (SEND, LOOK, END, NEW, PERSON, BOOK, *RATINGS) or CHOICE.fullmatch(name) is not None
