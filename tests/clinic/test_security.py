"""Lines of the security list (docs/security.md) that no other test holds: headers, cookies, logs, errors, code."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic import serve
from clinic.accounts.models import User
from clinic.accounts.roles import Role
from clinic.bookings.models import BookingRequest
from clinic.contacts.models import Contact
from clinic.visitors import tokens
from tests.clinic.conftest import Visitor
from tests.clinic.privacy.conftest import say
from tests.clinic.staff.conftest import PASSWORD, make_user

POLICY = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
}
CODE = Path(settings.BASE_DIR) / "clinic"
WIDGET = Path(settings.BASE_DIR) / "widget"
TEMPLATES = sorted([*CODE.rglob("templates/**/*.html"), *WIDGET.glob("*.html")])
SCRIPTS = sorted([*CODE.rglob("static/**/*.js"), *WIDGET.rglob("*.js")])
STYLES = sorted([*CODE.rglob("static/**/*.css"), *WIDGET.rglob("*.css")])
# The only texts that are trusted as they are: what Django itself writes about passwords, and our own style and script,
# which stand inside these documents and whose hashes their policies name.
TRUSTED = {"field.html": ("field.help_text",), "frame.html": ("style", "script"), "plain.html": ("style",)}


@pytest.fixture
def administrator(db: None) -> User:
    return make_user("jordan", Role.ADMINISTRATOR)


@pytest.mark.parametrize(
    "name", ["queue", "bookings", "audit", "privacy", "people", "practice", "login", "nowhere", "home"]
)
def test_every_page_carries_strict_headers(client: Client, administrator: User, name: str) -> None:
    client.force_login(administrator)
    address = {"nowhere": "/staff/nowhere/", "home": "/"}.get(name) or reverse(f"staff:{name}")
    headers = client.get(address).headers
    assert set(headers["Content-Security-Policy"].split("; ")) >= POLICY
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] in ("same-origin", "no-referrer")
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "no-store" in headers["Cache-Control"]
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Server" not in headers


@pytest.mark.django_db
def test_the_chat_is_framed_by_listed_sites_alone(client: Client, settings: Any) -> None:
    settings.ALLOWED_ORIGINS = ["https://www.clinic.example"]
    headers = client.get("/chat/").headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'self' https://www.clinic.example"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in headers


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_has_code_inside_or_trusts_a_text(template: Path) -> None:
    whole = template.read_text(encoding="utf-8")
    for name in TRUSTED.get(template.name, ()):
        whole = re.sub(rf"<(style|script)>{{{{ {name}\|safe }}}}</\1>|{{{{ {name}\|safe }}}}", "", whole)
    text = re.sub(r"{%.*?%}|{#.*?#}", "", whole)
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", text)
    assert not re.search(r"<style\b|\sstyle=|\son[a-z]+=|javascript:|hx-on|hx-vals=.js", text)
    assert not re.search(r"\|\s*safe\b|safeseq|autoescape off", whole)


def test_no_python_code_trusts_a_text() -> None:
    found = [one for one in CODE.rglob("*.py") if re.search(r"mark_safe\(|SafeString\(", one.read_text())]
    assert found == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_no_script_makes_markup_or_code_of_a_text(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|\.srcdoc", text)


def test_nothing_is_loaded_from_elsewhere() -> None:
    files = [*TEMPLATES, *SCRIPTS, *STYLES]
    pattern = r"""(?:src|href)=["'](?:https?:)?//|url\(\s*["']?(?:https?:)?//|@import|import\(?\s*["']https?:"""
    assert [one.name for one in files if re.search(pattern, one.read_text(encoding="utf-8"))] == []


def test_htmx_neither_evaluates_nor_asks_others(client: Client, administrator: User) -> None:
    client.force_login(administrator)
    page = client.get("/staff/privacy/").content.decode()
    found = re.search(r"<meta name=\"htmx-config\" content='([^']*)'", page)
    assert found
    config = json.loads(found[1])
    assert (config["allowEval"], config["selfRequestsOnly"], config["includeIndicatorStyles"]) == (False, True, False)


def test_the_cookies_of_a_login_are_kept_from_scripts_and_other_sites(client: Client, administrator: User) -> None:
    client.get("/staff/login/")
    answer = client.post("/staff/login/", {"login": "jordan", "username": "jordan", "password": PASSWORD})
    assert settings.SESSION_COOKIE_NAME in answer.cookies
    for cookie in client.cookies.values():
        assert cookie["samesite"] in ("Lax", "Strict")
        assert cookie["httponly"]
        assert not cookie["domain"]


def test_an_error_tells_nothing_of_the_program(administrator: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("secret-of-the-program")

    monkeypatch.setattr("clinic.staff.privacy.rules.days", fail)
    client = Client(raise_request_exception=False)
    client.force_login(administrator)
    answer = client.get("/staff/privacy/")
    assert answer.status_code == 500
    for told in ("secret-of-the-program", "Traceback", "RuntimeError", "clinic", "Django"):
        assert told not in answer.content.decode()


def test_an_error_of_the_api_tells_nothing_of_the_program(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("secret-of-the-program")

    monkeypatch.setattr("clinic.visitors.tokens.read", fail)
    answer = visitor.http.get("/messages", headers=visitor.headers)
    assert answer.status_code == 500
    for told in ("secret-of-the-program", "Traceback", "RuntimeError", "Django"):
        assert told not in answer.text


def test_health_tells_no_version(visitor: Visitor) -> None:
    answer = visitor.http.get("/health")
    assert not re.search(r"\d+\.\d+|python|django|rasa \d|uvicorn", answer.text, re.IGNORECASE)
    assert not {"server", "x-powered-by"} & {name.lower() for name in serve.config().headers or ()}


@pytest.mark.parametrize("path", ["/messages", "/stream"])
@pytest.mark.parametrize("name", ["token", "access_token", "Authorization"])
def test_a_token_in_the_address_opens_nothing(visitor: Visitor, path: str, name: str) -> None:
    assert visitor.http.get(path, params={name: visitor.begun["token"]}).status_code in (401, 422)


def test_a_token_is_signed_with_256_bits() -> None:
    token, _ = tokens.issue(uuid4(), timezone.now())
    signature = token.rpartition(":")[2]
    assert len(signature) >= 43  # 256 bits in base 64.
    assert len(settings.SECRET_KEY) >= 50


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("POST", path) for path in ("/conversations", "/messages", "/typing", "/end", "/rating")),
        *(("GET", path) for path in ("/stream", "/practice")),
    ],
)
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://testserver.evil.example", "x"])
def test_another_sites_page_is_refused_everywhere(visitor: Visitor, method: str, path: str, origin: str) -> None:
    answer = visitor.http.request(method, path, headers=visitor.headers | {"Origin": origin}, json={})
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


def test_nobody_forges_an_address_without_a_proxy_that_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.ENV, "TRUSTED_PROXIES", [])
    assert not serve.config().proxy_headers
    monkeypatch.setitem(settings.ENV, "TRUSTED_PROXIES", ["127.0.0.1"])
    assert serve.config().forwarded_allow_ips == ["127.0.0.1"]


def test_the_web_process_keeps_addresses_out_of_logs() -> None:
    assert not serve.config().access_log
    assert not serve.config().server_header


def test_what_staff_type_reaches_no_log(client: Client, administrator: User, caplog: pytest.LogCaptureFixture) -> None:
    client.force_login(administrator)
    conversation = say(text="xylophone canary")
    with caplog.at_level(logging.DEBUG):
        client.get("/staff/", {"q": "xylophone"})
        client.get(f"/staff/conversations/{conversation.pk}/")
        client.post("/staff/privacy/person/", {"key": "xylophone@example.org"})
        client.post("/staff/audit/searches/", {"terms": "xylophone"})
        client.post(f"/staff/conversations/{conversation.pk}/reply/", {"text": "xylophone", "client_id": "xylophone"})
        client.get("/staff/xylophone-is-no-page/", {"q": "xylophone"})
    quiet = [one for one in caplog.records if not one.name.startswith("django.db")]
    said = "\n".join(one.getMessage() for one in quiet)
    assert "xylophone" not in said.replace("/staff/xylophone-is-no-page/", "")


@pytest.mark.parametrize("name", ["utter_welcome", "utter_welcome_off"])
def test_the_first_words_say_what_this_is(name: str) -> None:
    variants = yaml.safe_load((Path(settings.BASE_DIR) / "domain.yml").read_bytes())["responses"][name]
    for text in (one["text"] for one in variants):
        assert "not for emergencies: call {emergency_number}" in text
        assert "automated assistant" in text or "Automatic answers are switched off" in text
        assert name == "utter_welcome_off" or "keep health details for our staff" in text


def test_forms_ask_for_no_more_than_is_used() -> None:
    names = {field.name for model in (Contact, BookingRequest) for field in model._meta.fields}
    assert not [name for name in names if re.search("birth|sex|gender|diagnos|insur|ssn|weight|photo|address", name)]


def test_nothing_changes_by_a_get(client: Client, administrator: User) -> None:
    client.force_login(administrator)
    for name in ("audit_check", "audit_asked", "privacy_find", "privacy_rule"):
        assert client.get(reverse(f"staff:{name}")).status_code == 405
