"""Refusals: what the staff pages denied, and to whom too often."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from clinic.audit.actions import Action
from clinic.audit.alarms import Alarm, sound
from clinic.audit.log import CLOCK, Actor, actor, record
from clinic.audit.models import Entry
from clinic.threads import writing

WATCHED = "/staff/"
STATUSES = (403, 404)
COUNTED = (Action.ACCESS_DENIED, Action.LOGIN_FAILED)
WINDOW = timedelta(minutes=10)
# With so many refusals in the window an alarm is raised, once.
LIMIT = 20
# Beyond so many nothing more is recorded, so that nobody can fill the disk; the alarm has been raised long before.
MOST_RECORDED = 200


class Refusals:
    """Middleware that records every 403 and 404 below /staff/: who, which path without its query, which right."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Wrap the next layer."""
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and record the answer if it is a refusal."""
        response = self._get_response(request)
        if response.status_code in STATUSES and request.path.startswith(WATCHED):
            refuse(request, response.status_code)
        return response


def refuse(request: HttpRequest, status: int) -> None:
    """Record that a request was refused, unless so many were recorded lately that one more says nothing."""
    who, now = actor(request), timezone.now()
    if _lately(now).filter(_same(who)).count() >= MOST_RECORDED:
        return
    right = getattr(getattr(request.resolver_match, "func", None), "right", None)
    is_forged = request.method == "POST" and not getattr(request, "csrf_processing_done", False)
    record(
        Action.ACCESS_DENIED,
        who,
        result=Entry.Result.DENIED,
        path=request.path,
        method=request.method,
        status=status,
        right=right.name.lower() if right else "",
        token="missing or forged" if is_forged else "",
    )


def look(entry: Entry) -> None:
    """Raise an alarm when an entry is one refusal too many of an account or an address; once in each window."""
    if entry.action not in COUNTED:
        return
    subjects = [("address", entry.address)] if entry.address else []
    subjects += [("person", str(entry.actor_id))] if entry.actor_id is not None else []
    for kind, name in subjects:
        same = Q(address=name) if kind == "address" else Q(actor_id=entry.actor_id)
        count = _lately(entry.at).filter(same).count()
        if count >= LIMIT and not _is_known(kind, name, entry.at):
            with writing():
                told = record(
                    Action.MANY_REFUSALS,
                    CLOCK,
                    (kind, name),
                    result=Entry.Result.DENIED,
                    count=count,
                    account=entry.actor,
                )
                sound(Alarm.MANY_REFUSALS, told)


def _lately(now: datetime) -> QuerySet[Entry]:
    return Entry.objects.filter(at__gt=now - WINDOW, action__in=COUNTED)


def _same(who: Actor) -> Q:
    return Q(address=who.address) if who.number is None else Q(actor_id=who.number)


def _is_known(kind: str, name: str, now: datetime) -> bool:
    told = Entry.objects.filter(action=Action.MANY_REFUSALS, object_kind=kind, object_id=name, at__gt=now - WINDOW)
    return told.exists()
