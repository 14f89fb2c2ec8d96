"""Codes of the second factor: each works once, also while the next ones are already good."""

from __future__ import annotations

from typing import Any

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, BaseAuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal import auth
from django import forms

from clinic.threads import writing

# The key under which an authenticator app's data holds the number of the latest code that was used.
LAST = "last_counter"


def use(authenticator: Authenticator, code: str) -> bool:
    """Mark a code of an authenticator app as used, together with all older ones; tell whether it was still unused.

    The mark stands in the database, so that it holds for every process.
    """
    with writing():
        locked = Authenticator.objects.select_for_update().get(pk=authenticator.pk)
        secret = get_adapter().decrypt(locked.data["secret"])
        for counter in auth.yield_hotp_counters_from_time():
            expected = auth.format_hotp_value(auth.hotp_value(secret, counter))
            if counter > locked.data.get(LAST, -1) and compare_user_code(actual=code, expected=expected):
                locked.data[LAST] = counter
                locked.save(update_fields=["data"])
                return True
    return False


def _code_field(help_text: str = "") -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "text", "autofocus": True})
    return forms.CharField(label="Code", max_length=20, help_text=help_text, widget=widget)


class _OnceForm(BaseAuthenticateForm):
    """Takes a code of the authenticator app, or a recovery code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Name the field in our words."""
        super().__init__(*args, **kwargs)
        self.fields["code"] = _code_field("Six digits from your authenticator app, or one of your recovery codes.")

    def clean_code(self) -> str:
        """Refuse a wrong code, and a right one that was used before."""
        code = str(super().clean_code())
        if self.authenticator.type == Authenticator.Type.TOTP:
            if not use(self.authenticator, code):
                raise get_adapter().validation_error("incorrect_code")
            self.authenticator.refresh_from_db()
            self.authenticator.user = self.user
        return code


class CodeForm(_OnceForm, AuthenticateForm):
    """The second step of a login."""


class ConfirmForm(_OnceForm, ReauthenticateForm):
    """A code in the middle of a session, before something that matters."""


class SetUpForm(ActivateTOTPForm):
    """The first code of an authenticator app that has just been told the secret."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Name the field in our words."""
        super().__init__(*args, **kwargs)
        self.fields["code"] = _code_field("The six digits that the app shows now.")
        self.fields["code"].widget.attrs["inputmode"] = "numeric"
