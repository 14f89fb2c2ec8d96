"""What the worker sweeps up, and cookies that never leave TLS."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.utils import timezone

from clinic.accounts import sealing, sessions
from clinic.accounts.models import Invitation, User
from clinic.accounts.roles import Role

NAMES = (
    "SESSION_COOKIE_NAME",
    "SESSION_COOKIE_SECURE",
    "CSRF_COOKIE_NAME",
    "CSRF_COOKIE_SECURE",
    "SECURE_HSTS_SECONDS",
)


@pytest.mark.django_db
def test_what_is_over_is_swept_up() -> None:
    now = timezone.now()
    user = User.objects.create_user("morgan", role=Role.ADMINISTRATOR)
    for key, ends in (("over", now - timedelta(seconds=1)), ("alive", now + timedelta(hours=1))):
        Session.objects.create(session_key=key, session_data="", expire_date=ends)
        UserSession.objects.create(session_key=key, user=user, ip="127.0.0.1", user_agent="")
    Invitation.make(user, now - Invitation.VALID, name="Pat", role=Role.MANAGER)
    good, _ = Invitation.make(user, now, name="Lee", role=Role.MANAGER)
    sessions.sweep()
    assert Session.objects.get().session_key == UserSession.objects.get().session_key == "alive"
    assert Invitation.objects.get() == good


def test_what_is_sealed_is_not_readable_and_comes_back() -> None:
    sealed = sealing.seal("a secret")
    assert "secret" not in sealed
    assert sealed != sealing.seal("a secret")
    assert sealing.unseal(sealed) == "a secret"


def read_settings(folder: Path, public_url: str) -> dict[str, Any]:
    """Return settings as a process of its own reads them."""
    program = f"import json; from clinic import settings as s; print(json.dumps({{n: getattr(s, n) for n in {NAMES}}}))"
    environment = os.environ | {"PUBLIC_URL": public_url, "VAR_DIR": str(folder), "ENV_FILE": str(folder / "none")}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=settings.BASE_DIR, env=environment, check=True, capture_output=True
    )
    return dict(json.loads(done.stdout))


def test_behind_tls_cookies_stay_there(tmp_path: Path) -> None:
    assert read_settings(tmp_path, "https://chat.example.com") == {
        "SESSION_COOKIE_NAME": "__Host-staff",
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_NAME": "__Host-csrf",
        "CSRF_COOKIE_SECURE": True,
        "SECURE_HSTS_SECONDS": 365 * 24 * 3600,
    }


def test_without_tls_the_pages_work_too(tmp_path: Path) -> None:
    found = read_settings(tmp_path, "http://127.0.0.1:8000")
    assert not any(found[name] for name in NAMES if not name.endswith("NAME"))
    assert not any("__Host-" in str(value) for value in found.values())
