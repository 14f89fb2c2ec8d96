"""Who gets in: logged-in staff whose password nobody else knows."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

View = Callable[..., HttpResponse]


def staff_page(view: View) -> View:
    """Let only logged-in staff with a password of their own pass, and keep the answer out of every cache."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.user.is_authenticated and request.user.must_change_password:
            return redirect("staff:password")
        return view(request, *args, **kwargs)

    return never_cache(login_required(guarded))
