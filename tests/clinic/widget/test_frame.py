"""The document in the frame: its policy, what is in it, and how many bytes it is."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any

import brotli
import pytest
from django.test import Client
from django.utils import timezone

from clinic.visitors import consent
from clinic.widget import bundle, frame, look, models

pytestmark = pytest.mark.django_db

LAUNCHER_BYTES, ALL_BYTES = 2_000, 14_000


class Document(HTMLParser):
    """What a document holds: its elements with their attributes, and the texts of its scripts and styles."""

    def __init__(self, text: str) -> None:
        """Read it."""
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, list[str]] = {"style": [], "script": [], "settings": []}
        self._within = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        found = dict(attrs)
        self.elements.append((tag, found))
        self._within = found.get("id") or tag if tag in ("script", "style") else ""

    def handle_endtag(self, tag: str) -> None:
        """Note its end."""
        self._within = ""

    def handle_data(self, data: str) -> None:
        """Note a text."""
        if self._within:
            self.texts[self._within].append(data)

    @property
    def settings(self) -> dict[str, Any]:
        """What the script is told."""
        told: dict[str, Any] = json.loads("".join(self.texts["settings"]))
        return told


def document(client: Client, query: str = "") -> Document:
    return Document(client.get(f"/chat/{query}").content.decode())


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    look.forget()
    yield
    look.forget()


@pytest.fixture
def looked(db: None) -> None:
    models.Look.objects.create(
        pk=1, greeting="Welcome to Willow Street!", avatar_digest="a1b2", privacy_url="https://clinic.example/privacy"
    )
    look.forget()


def test_the_policy_allows_exactly_what_stands_in_the_document(client: Client) -> None:
    answer = client.get("/chat/")
    found = Document(answer.content.decode())
    policy = answer.headers["Content-Security-Policy"]
    for kind in ("style", "script"):
        [text] = found.texts[kind]
        digest = base64.b64encode(sha256(text.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy.split("; ")
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not {"http:", "https:", "data:", "blob:"} & set(policy.split())


@pytest.mark.usefixtures("looked")
def test_nothing_in_the_document_is_a_handler_a_style_or_from_elsewhere(client: Client) -> None:
    for tag, attributes in document(client).elements:
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            assert name not in ("style", "srcdoc", "action", "formaction"), (tag, name)
            if name in ("src", "href") and tag != "a":
                assert (value or "").startswith(("/", "#")), (tag, value)


def test_only_pages_on_the_list_may_hold_the_frame(client: Client, settings: Any) -> None:
    settings.ALLOWED_ORIGINS = ["https://clinic.example", "https://www.clinic.example"]
    answer = client.get("/chat/")
    held = "frame-ancestors 'self' https://clinic.example https://www.clinic.example"
    assert held in answer.headers["Content-Security-Policy"].split("; ")
    assert "X-Frame-Options" not in answer.headers
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_the_answer_is_for_reading_only(client: Client) -> None:
    assert client.post("/chat/").status_code == 405
    assert not client.get("/chat/").cookies


def test_the_document_is_the_same_until_something_changes(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    first = client.get("/chat/").headers["ETag"]
    later = timezone.now() + timedelta(minutes=3)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert client.get("/chat/").headers["ETag"] == first
    assert client.get("/chat/", headers={"If-None-Match": first}).status_code == 304
    models.Look.objects.create(pk=1, greeting="Welcome!")
    look.forget()
    assert client.get("/chat/").headers["ETag"] != first


@pytest.mark.parametrize("language", ["en", "es"])
def test_all_that_a_first_answer_needs_is_small(client: Client, language: str) -> None:
    def size(path: str) -> int:
        sent = client.get(path, headers={"Accept-Encoding": "br"})
        assert sent.headers["Content-Encoding"] == "br"
        assert brotli.decompress(sent.content)
        return len(sent.content)

    launcher, chat = size("/widget.js"), size(f"/chat/?lang={language}")
    assert launcher <= LAUNCHER_BYTES
    assert launcher + chat <= ALL_BYTES


@pytest.mark.parametrize(
    ("query", "language", "direction"),
    [
        ("", "en", "ltr"),
        ("?lang=es-MX", "es", "ltr"),
        ("?lang=fr", "en", "ltr"),
        ("?lang=en&dir=rtl", "en", "rtl"),
        ('?lang="><script>&dir=up', "en", "ltr"),
    ],
)
def test_language_and_direction_are_ours_to_offer(client: Client, query: str, language: str, direction: str) -> None:
    found = document(client, query)
    [html] = [attributes for tag, attributes in found.elements if tag == "html"]
    assert (html["lang"], html["dir"]) == (language, direction)
    assert found.settings["language"] == language
    assert found.settings["consent"] == consent.wording(language)


def test_the_greeting_brings_its_buttons_and_no_time(client: Client) -> None:
    told = document(client).settings["greeting"]
    assert "created_at" not in told
    assert told["seq"] == frame.GREETING_SEQ
    assert [set(button) for button in told["buttons"]] == [{"title"}] * len(told["buttons"])


@pytest.mark.usefixtures("looked")
def test_the_clinics_own_choices_are_shown(client: Client) -> None:
    found = document(client)
    assert found.settings["line"] == "Welcome to Willow Street!"
    [picture] = [attributes for tag, attributes in found.elements if tag == "img"]
    assert (picture["src"], picture["alt"]) == ("/chat/avatar/a1b2", "")
    # The launcher greets a frame that has loaded, and the chat is not to wait for a picture with that.
    assert picture["loading"] == "lazy"
    links = [attributes for tag, attributes in found.elements if tag == "a"]
    assert links
    assert {link["href"] for link in links} == {"https://clinic.example/privacy"}
    assert {link["rel"] for link in links} == {"noopener noreferrer"}


def test_leaving_out_unused_colours_leaves_every_rule_whole(client: Client) -> None:
    [style] = document(client).texts["style"]
    assert style.count("{") == style.count("}")
    selectors = re.findall(r"(?:^|})([^{}@]+)(?={)", bundle.style(*frame.STYLES))
    assert len(selectors) > 80
    assert [one for one in selectors if f"{one}{{" not in style] == []


def test_the_clinics_colours_take_the_place_of_the_usual_ones(client: Client) -> None:
    models.Look.objects.create(pk=1, accent="#123456", accent_text="#ffffff")
    look.forget()
    [style] = document(client).texts["style"]
    assert re.findall(r"--accent:([^;}]+)", style)[0] == "#123456"
    assert "--accent:#2f5d56" not in style
    used = set(re.findall(r"var\((--[\w-]+)\)", style))
    assert used <= set(re.findall(r"(--[\w-]+):", style))


def test_open_and_the_next_change_are_told_without_the_moment(client: Client) -> None:
    assert set(document(client).settings["practice"]) == {"open", "changes_at", "time_zone"}


def test_the_script_is_told_the_texts_that_it_shows_and_no_others(client: Client) -> None:
    shown = set(document(client).settings["strings"])
    assert {"sent", "retry", "tooLong", "talkToPerson"} <= shown
    assert not {"consent", "placeholder", "endQuestion"} & shown


def test_what_the_clinic_says_cannot_break_out(client: Client) -> None:
    nasty = "</script><script>alert(1)</script>"
    models.Look.objects.create(pk=1, greeting=nasty)
    look.forget()
    found = document(client)
    assert len([tag for tag, _ in found.elements if tag == "script"]) == 2
    assert found.settings["line"] == nasty
