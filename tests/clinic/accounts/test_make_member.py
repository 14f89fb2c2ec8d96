"""Accounts made by script."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command

from clinic.accounts.models import User
from clinic.accounts.roles import Right

SECRET = "JBSWY3DPEHPK3PXP"


@pytest.mark.django_db
def test_an_account_gets_its_secrets_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAFF_PASSWORD", "a calm orchard 71")
    monkeypatch.setenv("STAFF_TOTP_SECRET", SECRET)
    call_command("make_member", "morgan", "--role=administrator", "--clinician", "--first-name=Morgan")
    user = User.objects.get()
    assert user.check_password("a calm orchard 71")
    assert user.may(Right.SIGN_OFF)
    assert user.has_factor
    assert Authenticator.objects.count() == 2


@pytest.mark.django_db
def test_without_a_key_the_first_login_sets_a_factor_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAFF_PASSWORD", "a calm orchard 71")
    call_command("make_member", "morgan", "--role=front_desk")
    assert not User.objects.get().has_factor
    with pytest.raises(CommandError, match="already"):
        call_command("make_member", "morgan", "--role=front_desk")


@pytest.mark.parametrize(("password", "secret"), [("", SECRET), ("a calm orchard 71", "not base 32!")])
@pytest.mark.django_db
def test_secrets_that_cannot_be_are_refused(monkeypatch: pytest.MonkeyPatch, password: str, secret: str) -> None:
    monkeypatch.setenv("STAFF_PASSWORD", password)
    monkeypatch.setenv("STAFF_TOTP_SECRET", secret)
    with pytest.raises(CommandError):
        call_command("make_member", "morgan", "--role=front_desk")
    assert not User.objects.exists()
