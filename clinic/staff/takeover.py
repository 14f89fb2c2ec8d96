"""Stepping into a conversation and out again: take over, answer, give back, close; claim and resolve its matters."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from clinic.accounts.roles import Right
from clinic.audit.actions import Action
from clinic.audit.log import record
from clinic.conversations import takeover, wake
from clinic.conversations.book import ConversationGone, IdReused
from clinic.conversations.models import CLOSED, Conversation
from clinic.handoffs import desk
from clinic.handoffs.models import HandOff
from clinic.staff import conversations
from clinic.staff.access import member, staff_page
from clinic.threads import writing

IS_CLOSED = "This conversation is closed."
HAS_ENDED = "Not sent: the visitor has ended this chat and would not read it."
IS_YOURS = "This conversation is yours now. The assistant is silent."
ENDED_IS_YOURS = "This conversation is yours now, but the visitor has ended it."
IS_GIVEN = "The assistant has this conversation again."
ENDED_IS_GIVEN = "You do not have this conversation any more."


@staff_page(Right.ANSWER)
@require_POST
def take(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a conversation over; from a colleague only if `from` names that colleague (`staff:<id>`)."""
    conversation, user = conversations.find(pk), member(request)
    taking_from = request.POST.get("from", "")
    try:
        with writing():
            taken = takeover.take_over(pk, user, taking_from=taking_from)
            if taken.epoch != conversation.epoch:
                record(Action.TAKEN_OVER, request, ("conversation", pk), before=conversation.owner)
    except takeover.AlreadyTaken as error:
        return conversations.after(request, conversation, problem=f"This conversation is with {error.owner_name}.")
    except ConversationGone:
        return conversations.after(request, conversation, problem=IS_CLOSED)
    return conversations.after(request, taken, done=ENDED_IS_YOURS if taken.ended_at else IS_YOURS)


@staff_page(Right.ANSWER)
@require_POST
def give_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Give a conversation back to the assistant; its matters stay open unless `settle` is 1."""
    conversation, user = conversations.find(pk), member(request)
    keep_open = request.POST.get("settle") != "1"
    try:
        with writing():
            given = takeover.give_back(pk, user, keep_open=keep_open)
            record(Action.GIVEN_BACK, request, ("conversation", pk), settled=not keep_open)
    except takeover.NotYours as error:
        return conversations.after(request, conversation, problem=_not_yours(error))
    return conversations.after(request, given, done=ENDED_IS_GIVEN if given.ended_at else IS_GIVEN)


@staff_page(Right.ANSWER)
@require_POST
def close(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Close a conversation with all its matters."""
    conversation, user = conversations.find(pk), member(request)
    try:
        with writing():
            closed = takeover.close(pk, user)
            if closed.epoch != conversation.epoch:
                record(Action.CLOSED, request, ("conversation", pk), before=conversation.owner)
    except takeover.AlreadyTaken as error:
        return conversations.after(request, conversation, problem=f"This conversation is with {error.owner_name}.")
    return conversations.after(request, closed, done=IS_CLOSED)


@staff_page(Right.ANSWER)
@require_POST
def reply(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer the visitor: `text`, and `client_id` so that a second click sends nothing twice."""
    conversation, user = conversations.find(pk), member(request)
    try:
        client_id = UUID(request.POST.get("client_id", ""))
    except ValueError:
        return conversations.after(request, conversation, problem="This page is out of date. Please load it again.")
    try:
        with writing():
            last_seq = conversations.find(pk).last_seq
            said = takeover.reply(pk, user, request.POST.get("text", ""), client_id)
            if said.seq > last_seq:
                record(Action.REPLIED, request, ("conversation", pk), seq=said.seq)
    except takeover.NotYours as error:
        return conversations.after(request, conversation, problem=f"Not sent. {_not_yours(error)}")
    except takeover.VisitorGone:
        return conversations.after(request, conversation, problem=HAS_ENDED)
    except takeover.BadText as error:
        return conversations.after(request, conversation, problem=str(error))
    except IdReused:
        problem = "Another text has been sent from this form already. Please load the page again."
        return conversations.after(request, conversation, problem=problem)
    wake.typing(pk, "staff", False)
    return conversations.after(request, conversation)


@staff_page(Right.ANSWER)
@require_POST
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    """Claim a matter without taking its conversation over."""

    def deed() -> str:
        desk.claim(pk, member(request))
        return "This matter is yours now."

    return _matter(request, pk, Action.HAND_OFF_CLAIMED, deed)


@staff_page(Right.ANSWER)
@require_POST
def resolve(request: HttpRequest, pk: int) -> HttpResponse:
    """Resolve a matter."""

    def deed() -> str:
        desk.resolve(pk, member(request))
        return "This matter is settled."

    return _matter(request, pk, Action.HAND_OFF_RESOLVED, deed)


@staff_page(Right.ANSWER)
@require_POST
def typing(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let the visitor see that the one who has their conversation is typing, or with `on` 0 has stopped."""
    owner = Conversation.objects.filter(pk=pk).order_by().values_list("owner", flat=True).first()
    if owner is None:
        raise Http404
    if owner == takeover.owner_of(member(request)):
        wake.typing(pk, "staff", request.POST.get("on", "1") != "0")
    return HttpResponse(status=204)


def _matter(request: HttpRequest, pk: int, action: Action, deed: Callable[[], str]) -> HttpResponse:
    """Do something with a matter and show its conversation; 404 when there is no such matter."""
    matter = HandOff.objects.filter(pk=pk).first()
    if matter is None:
        raise Http404
    conversation = conversations.find(matter.conversation_id)
    try:
        with writing():
            state = HandOff.objects.values_list("state", flat=True).get(pk=pk)
            done = deed()
            if HandOff.objects.values_list("state", flat=True).get(pk=pk) != state:
                on = ("conversation", conversation.pk)
                record(action, request, on, hand_off=pk, kind=matter.kind)
    except desk.AlreadyClaimed as error:
        problem = f"{error.owner_name} has this matter." if error.owner_name else "This matter is settled already."
        return conversations.after(request, conversation, problem=problem)
    return conversations.after(request, conversation, done=done)


def _not_yours(error: takeover.NotYours) -> str:
    if error.owner_name:
        return f"This conversation is with {error.owner_name} now."
    return IS_CLOSED if error.owner == CLOSED else "This conversation is not with you. Please take it over first."
