"""Login, and the change of a password that somebody else has seen."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import views
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from clinic.staff import attempts


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


class Login(views.LoginView):
    """Asks for name and password; after too many failures it does not even look at them for a while."""

    template_name = "staff/login.html"
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Try to log in unless too many tries have failed."""
        wait = attempts.seconds_to_wait(request.POST.get("username", ""), _address(request))
        if not wait:
            return super().post(request, *args, **kwargs)
        minutes = -(-wait // 60)
        context = self.get_context_data(form=AuthenticationForm(request), wait_minutes=minutes)
        response = self.render_to_response(context, status=429)
        response.headers["Retry-After"] = str(wait)
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Count the failure and show the form again."""
        attempts.note_failure(self.request.POST.get("username", ""), _address(self.request))
        return super().form_invalid(form)


class NewPasswordForm(PasswordChangeForm):
    """Asks for the old password and twice for another one."""

    def clean_new_password1(self) -> str:
        """Refuse the old password as the new one."""
        new = str(self.cleaned_data.get("new_password1", ""))
        if self.user.check_password(new):
            raise forms.ValidationError("The new password has to differ from the old one.")
        return new


@method_decorator([never_cache, login_required], name="dispatch")
class ChangePassword(views.PasswordChangeView):
    """Changes the password of whoever is logged in."""

    template_name = "staff/password.html"
    form_class = NewPasswordForm
    success_url = reverse_lazy("staff:list")
    extra_context = {"section": "password"}

    def form_valid(self, form: Any) -> HttpResponse:
        """Save the password; it is now known to its owner alone."""
        form.user.must_change_password = False
        return super().form_valid(form)
