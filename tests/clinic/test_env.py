"""Settings: every one documented, every wrong one refused with a sentence."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from dotenv import dotenv_values

from clinic import env

EXAMPLE = env.BASE_DIR / ".env.example"


def test_the_example_names_every_setting_with_its_default_and_a_comment() -> None:
    assert dict(dotenv_values(EXAMPLE)) == {name: setting.default for name, setting in env.SETTINGS.items()}
    lines = EXAMPLE.read_text().splitlines()
    for number, line in enumerate(lines):
        if "=" in line and not line.startswith("#"):
            commented = lines[number - 1].startswith("# ") or lines[number - 1].startswith("BIND")
            assert commented, f"{line} has no comment"


def test_empty_values_mean_the_default() -> None:
    assert env.read({"PORT": "", "CLINIC_NAME": " "})["PORT"] == 8000


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "70000"),
        ("BIND", "localhost"),
        ("ALLOWED_ORIGINS", "https://www.example.com/"),
        ("CLINIC_TIME_ZONE", "Mars/Olympus"),
        ("CLINIC_HOURS", "mon-fri 9-5"),
        ("CLINIC_HOURS", "mon 09:00-12:00,11:00-13:00"),
        ("CLINIC_NAME", "a\nb"),
        ("TURN_TIMEOUT_SECONDS", "0"),
        ("MEASURING_KEY", "short"),
        ("SECRET_KEY", "short"),
        ("RASA_URL", "localhost:5005"),
        ("DATABASE_URL", "nonsense://x"),
        ("DEBUG", "maybe"),
        ("PUBLIC_URL", "chat.example.com"),
        ("PUBLIC_URL", "https://ann@chat.example.com"),
        ("PUBLIC_URL", "https://chat.example.com/?a=b"),
        ("ALERT_EMAILS", "ann"),
        ("ALERT_EMAILS", "ann@example.com;ben@example.com"),
        ("ALERT_EMAILS", "ann@example.com"),
        ("EMAIL_FROM", "Clinic chat"),
        ("EMAIL_FROM", "Clinic chat <chat>"),
        ("EMAIL_URL", "mail.example.com"),
        ("EMAIL_URL", "https://mail.example.com"),
        ("EMAIL_URL", "smtp://mail.example.com:port"),
        ("EMAIL_URL", "smtp://mail.example.com:0"),
        ("EMAIL_URL", "smtp://ann@mail.example.com"),
        ("EMAIL_URL", "smtps://mail.example.com/inbox"),
        ("EMAIL_URL", "smtps://mail.example.com?tls=no"),
        ("ALERT_EMAIL", "ann@example.com"),
        ("TRUSTED_PROXIES", "proxy"),
        ("CLINIC_PHON", "1"),
        ("LIMIT_NOTHING", "1"),
    ],
)
def test_a_wrong_value_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(env.SettingError, match=name) as caught:
        env.read({name: value})
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence[-1] in ".?"


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("", {}),
        ("smtp://localhost", {"scheme": "smtp", "host": "localhost", "port": 25, "user": "", "password": ""}),
        (
            "submission://ann%40example.com:p%2Fw%3A1@mail.example.com/",
            {
                "scheme": "submission",
                "host": "mail.example.com",
                "port": 587,
                "user": "ann@example.com",
                "password": "p/w:1",
            },
        ),
        (
            "smtps://ann:secret@mail.example.com:1465",
            {"scheme": "smtps", "host": "mail.example.com", "port": 1465, "user": "ann", "password": "secret"},
        ),
    ],
)
def test_a_mail_server_is_read(url: str, server: dict[str, object]) -> None:
    assert env.read({"EMAIL_URL": url, "EMAIL_FROM": "chat@example.com"})["EMAIL_URL"] == server


def test_alerts_need_a_mail_server_and_a_sender() -> None:
    mail = {"ALERT_EMAILS": "ann@example.com, ben@example.com", "EMAIL_URL": "smtp://localhost"}
    with pytest.raises(env.SettingError, match="EMAIL_FROM"):
        env.read(mail)
    typed = env.read({**mail, "EMAIL_FROM": "Clinic chat <chat@example.com>"})
    assert typed["ALERT_EMAILS"] == ["ann@example.com", "ben@example.com"]


def test_a_mail_server_needs_a_sender() -> None:
    with pytest.raises(env.SettingError, match="EMAIL_URL needs EMAIL_FROM"):
        env.read({"EMAIL_URL": "smtp://localhost"})


@pytest.mark.parametrize("entry", [["manage.py", "check"], ["-m", "clinic.serve"]])
def test_a_wrong_value_ends_the_start_without_a_stack_trace(entry: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, *entry],
        cwd=env.BASE_DIR,
        env={**os.environ, "VAR_DIR": str(tmp_path), "PORT": "eighty"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == "The setting PORT must be a whole number from 1 to 65535.\n"


def test_the_secret_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "from clinic import settings; print(settings.SECRET_KEY)"]
    environment = {**os.environ, "VAR_DIR": str(tmp_path), "SECRET_KEY": "", "ENV_FILE": os.devnull}
    keys = {
        subprocess.run(
            command, cwd=env.BASE_DIR, env=environment, capture_output=True, text=True, check=True, timeout=60
        ).stdout
        for _ in range(2)
    }
    assert len(keys) == 1
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600
