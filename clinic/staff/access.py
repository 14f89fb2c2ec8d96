"""Who gets in: logged-in staff whose password nobody else knows, each page with the right that it asks for."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from clinic.accounts.models import User
from clinic.accounts.roles import Right

View = Callable[..., HttpResponse]


def member(request: HttpRequest) -> User:
    """Return the member of staff who makes the request; raises `PermissionDenied` when it is none."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def staff_page(right: Right) -> Callable[[View], View]:
    """Let only logged-in staff with this right and a password of their own pass, and keep the answer out of caches."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            if member(request).must_change_password:
                return redirect("staff:password")
            if not member(request).may(right):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.right = right  # type: ignore[attr-defined]
        return never_cache(login_required(guarded))

    return guard
