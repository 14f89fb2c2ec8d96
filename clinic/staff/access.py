"""Who gets in: staff with a password and a second factor of their own, each page with the right that it asks for."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar, cast
from urllib.parse import urlencode, urlsplit

from allauth.core.exceptions import ReauthenticationRequired
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.backends.base import SessionBase
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from clinic.accounts import sessions
from clinic.accounts.models import User
from clinic.accounts.roles import Right

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def member(request: HttpRequest) -> User:
    """Return the member of staff who makes the request; raises `PermissionDenied` when it is none."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def obstacle(user: User, session: SessionBase) -> str:  # noqa: ARG001 - what a session lacks may stand before, too
    """Return the name of the page that has to be dealt with before any other opens, or "" when there is none."""
    if user.must_change_password:
        return "staff:password"
    return "" if user.has_factor else "staff:second_factor_setup"


def is_partial(request: HttpRequest) -> bool:
    """Tell whether htmx asks for a part of a page."""
    return request.headers.get("HX-Request") == "true"


def _send_away(request: HttpRequest, name: str, status: int) -> HttpResponse:
    """Let the whole page go to another one, and come back to itself afterwards."""
    here = urlsplit(request.headers.get("HX-Current-URL", "")).path
    query = f"?{urlencode({'next': here})}" if here else ""
    return HttpResponse(status=status, headers={"HX-Redirect": reverse(name) + query})


def _need_login(request: HttpRequest) -> HttpResponse:
    return (
        _send_away(request, "staff:login", 401) if is_partial(request) else redirect_to_login(request.get_full_path())
    )


def own_page(view: View) -> View:
    """Let everybody in whose password and second factor are set up: for pages about the account itself."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _need_login(request)
        if before := obstacle(member(request), request.session):
            return redirect(before)
        return view(request, *args, **kwargs)

    return cast(View, never_cache(guarded))


def staff_page(right: Right) -> Callable[[View], View]:
    """Let only those in who may come in at all and have this right; keep the answer out of caches."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            if not member(request).may(right):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        page = own_page(guarded)
        page.right = right  # type: ignore[attr-defined]
        return cast(View, page)

    return guard


def recently_confirmed(view: View) -> View:
    """Ask for a code of the second factor unless one was given within the last five minutes, then go on.

    It stands below `staff_page`. A form that was posted meanwhile is kept and handed to the view afterwards.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not sessions.is_confirmed(request.session):
            if is_partial(request):
                return _send_away(request, "staff:confirm", 204)
            raise ReauthenticationRequired
        return view(request, *args, **kwargs)

    return cast(View, guarded)
