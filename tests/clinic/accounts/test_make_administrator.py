"""The first account."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command

from clinic.accounts.models import User


@pytest.mark.django_db
def test_the_administrator_is_made_once_with_a_one_time_password() -> None:
    first, second = StringIO(), StringIO()
    call_command("make_administrator", stdout=first)
    call_command("make_administrator", stdout=second)
    user = User.objects.get()
    password = first.getvalue().split("one-time password: ")[1].split()[0]
    assert user.check_password(password)
    assert user.must_change_password
    assert second.getvalue() == ""
