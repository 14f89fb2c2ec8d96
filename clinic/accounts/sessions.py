"""When a session ends: after some time without activity, and after some hours in any case.

A session keeps three moments, in seconds since 1970: when it began, when its owner last did something, and when they
last proved who they are. Requests that a page makes by itself carry the header `Background` and are no activity.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from clinic.accounts.models import Invitation

BEGAN, ACTIVE, CONFIRMED = "began_at", "active_at", "confirmed_at"
# Why the last session of a browser ended, for the login page.
ENDED_BY = "ended_by"
CONFIRMATION = timedelta(minutes=5)
# The moment of the last activity is as exact as this part of the idle time.
EXACTNESS = 30
BACKGROUND = "Background"
ROOT = "/staff/"


def begin(request: HttpRequest, **_: Any) -> None:
    """Start the clocks of a new session; a receiver of the signal `user_logged_in`."""
    now = timezone.now().timestamp()
    request.session.update({BEGAN: now, ACTIVE: now, CONFIRMED: now})


def confirm(request: HttpRequest, *, reauthenticated: bool = False, **_: Any) -> None:
    """Note that somebody has proved again who they are; a receiver of allauth's `authentication_step_completed`."""
    if reauthenticated:
        request.session[CONFIRMED] = timezone.now().timestamp()


def over_by(session: SessionBase, now: float) -> str:
    """Return why a session is over at `now`, "idle" or "age", or "" while it lives. Changes nothing."""
    if now - session.get(BEGAN, 0) >= settings.STAFF_SESSION_HOURS * 3600:
        return "age"
    return "idle" if now - session.get(ACTIVE, 0) >= settings.STAFF_IDLE_MINUTES * 60 else ""


def is_confirmed(session: SessionBase) -> bool:
    """Tell whether somebody proved who they are a short while ago."""
    return timezone.now().timestamp() - session.get(CONFIRMED, 0) < CONFIRMATION.total_seconds()


def _note_activity(session: SessionBase, now: float) -> None:
    if now - session.get(ACTIVE, 0) >= settings.STAFF_IDLE_MINUTES * 60 / EXACTNESS:
        session[ACTIVE] = now
        UserSession.objects.filter(session_key=session.session_key).update(last_seen_at=timezone.now())


def sweep() -> None:
    """Forget sessions and invitations that are over; a job of the worker."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    Invitation.objects.filter(expires_at__lte=timezone.now()).delete()


class SessionLimits:
    """Ends sessions of staff in time; whatever came with the request then comes from nobody."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Wrap the next layer."""
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """End the session if it is over, else note what its owner does."""
        if request.path.startswith(ROOT) and request.user.is_authenticated:
            now = timezone.now().timestamp()
            if reason := over_by(request.session, now):
                request.session[ENDED_BY] = reason
                logout(request)
                request.session[ENDED_BY] = reason
            elif BACKGROUND not in request.headers:
                _note_activity(request.session, now)
        return self._get_response(request)
