"""What the audit log keeps of logins and second factors, by the signals of Django and allauth."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import user_logged_in
from allauth.mfa import signals as factors
from django.contrib.auth.signals import user_logged_out, user_login_failed
from django.http import HttpRequest

from clinic.accounts import sessions
from clinic.accounts.models import User
from clinic.audit import log
from clinic.audit.actions import Action
from clinic.audit.models import Entry


def _actor(request: HttpRequest | None, user: User | None) -> log.Actor:
    address = str(request.META.get("REMOTE_ADDR", ""))[:45] if request else ""
    return log.Actor(user.pk, user.username, address) if user else log.Actor(None, log.NOBODY, address)


def _came_in(request: HttpRequest, user: User, **_: Any) -> None:
    log.record(Action.LOGGED_IN, _actor(request, user), ("user", user.pk))


def _failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    # A name that nobody has may be a password in the wrong field: it is not kept.
    known = User.objects.filter(username=str(credentials.get("username", ""))).first()
    on = ("user", known.pk) if known else ("", "")
    log.record(Action.LOGIN_FAILED, _actor(request, None), on, result=Entry.Result.FAILED, step="password")


def _failed_code(request: HttpRequest, user: User, **_: Any) -> None:
    by = _actor(request, None)
    log.record(Action.LOGIN_FAILED, by, ("user", user.pk), result=Entry.Result.FAILED, step="code")


def _left(request: HttpRequest, user: User | None, **_: Any) -> None:
    if user:
        reason = request.session.get(sessions.ENDED_BY, "own")
        log.record(Action.LOGGED_OUT, _actor(request, user), ("user", user.pk), reason=reason)


def _changed_factor(request: HttpRequest, user: User, authenticator: Any, **_: Any) -> None:
    log.record(Action.FACTOR_CHANGED, _actor(request, user), ("user", user.pk), factor=str(authenticator.type))


def listen() -> None:
    """Start to listen; for the app's `ready`."""
    user_logged_in.connect(_came_in, dispatch_uid="audit.login")
    user_login_failed.connect(_failed, dispatch_uid="audit.failure")
    factors.authentication_failed.connect(_failed_code, dispatch_uid="audit.code")
    user_logged_out.connect(_left, dispatch_uid="audit.logout")
    factors.authenticator_added.connect(_changed_factor, dispatch_uid="audit.added")
    factors.authenticator_reset.connect(_changed_factor, dispatch_uid="audit.reset")
