"""What the plain page's buttons do: the same as the visitor API, with the same limits and refusals."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from clinic.bookings import lookup
from clinic.conversations.models import Conversation
from clinic.visitors import consent, desk, limits, shapes, tokens
from clinic.visitors.problems import Problem
from clinic.widget.plain import form
from clinic.widget.plain.form import Filled
from clinic.widget.plain.words import Texts


class Refused(Exception):
    """The page itself refuses something: status, and the name of the sentence that says why."""

    def __init__(self, status: int, name: str) -> None:
        """`name` is the one that the sentence has in the string file."""
        super().__init__(name)
        self.status, self.name = status, name


@dataclass(frozen=True)
class Done:
    """What came of a button: in which conversation, if there is one, and whether a message was sent."""

    conversation: UUID | None = None
    has_sent: bool = False
    is_rated: bool = False


def conversation_of(filled: Filled) -> UUID | None:
    """Return the conversation that the form's token opens, None for a page without one; raises `token_invalid`."""
    if not filled.token:
        return None
    found = tokens.read(filled.token)
    if found is None:
        raise Problem(410, "token_invalid")
    return found


def do(filled: Filled, address: str, texts: Texts) -> Done:
    """Do what the pressed button says; raises `Problem` and `Refused`."""
    if filled.button == form.NEW:
        return Done()
    conversation = conversation_of(filled)
    if filled.button not in (form.LOOK, form.END, *form.RATINGS):
        return Done(_send(filled, conversation, address, texts), has_sent=True)
    if conversation is None:
        return Done()
    if filled.button == form.LOOK:
        return Done(conversation)
    limits.deed(conversation, address)
    if filled.button == form.END:
        desk.end(conversation)
        return Done(conversation)
    desk.rate(conversation, Conversation.Rating(form.RATINGS[filled.button]))
    return Done(conversation, is_rated=True)


def _send(filled: Filled, conversation: UUID | None, address: str, texts: Texts) -> UUID:
    """Store what was typed or pressed, in a conversation that begins with it if there is none; return which."""
    text = {form.PERSON: texts["talkToPersonMessage"], form.BOOK: texts["bookMessage"]}.get(filled.button)
    # What will be refused begins no conversation.
    posted = filled.pressed(*filled.choice) if filled.choice else filled.message(filled.text if text is None else text)
    begins = conversation is None
    conversation = conversation or _identity(filled)
    limits.message(conversation, address)
    if begins:
        _begin(filled, conversation, address)
        posted = _as_begun(filled, conversation) if filled.choice else posted
    lookup.remember_address(conversation, address)
    desk.post(conversation, posted)
    return conversation


def _identity(filled: Filled) -> UUID:
    """Return the id that the conversation of the form's ticket has, or will have; raises `Refused`."""
    identity = form.read_ticket(filled.ticket)
    if identity is None:
        raise Refused(422, "pageOld")
    return identity


def _begin(filled: Filled, identity: UUID, address: str) -> None:
    """Begin the conversation, unless the same form has begun it already; raises `Refused`, `Problem`."""
    if Conversation.objects.filter(pk=identity).exists():
        return
    agreed = consent.agreed(filled.consent)
    if agreed is None:
        raise Refused(422, "consentChanged")
    limits.conversation(address)
    try:
        desk.begin(agreed, identity)
    except Problem as problem:
        # The first of two clicks was faster, and what it said stands there already.
        if problem.code != "id_reused":
            raise


def _as_begun(filled: Filled, conversation: UUID) -> shapes.Posted:
    """Return a press under the greeting that was shown before there was a conversation, as one under the stored one."""
    greeting = desk.news(conversation, 0).messages[0]
    titles = [button["title"] for button in greeting.buttons]
    if filled.title in titles:
        return filled.pressed(greeting.seq, titles.index(filled.title))
    return filled.message(filled.title)


def token_for(conversation: UUID, filled: Filled) -> str:
    """Return the token that opens the conversation: the one that was sent, else a new one."""
    return filled.token or tokens.issue(conversation, timezone.now())[0]
