"""`/widget.js`, newest and pinned: what is in it, how it is sent, how long it may be kept."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client

from clinic.widget import bundle, launcher, look, models, strings

DOCS = settings.BASE_DIR / "docs" / "widget.md"
MOST_BYTES = 2_000
# What pages all over the world may name. A version that changes takes the chat off their pages: before the launcher is
# changed it is kept (`manage.py keep_launcher`), and what it becomes is the next version, which is added here.
RELEASED = {1: "sha384-6JLMqFJSzmF6nOCEo423HzjIAzAqbrSlQZrpXRs1OQOdz+WphLroxPiz5cGvN6+F"}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    look.forget()
    yield
    look.forget()


@pytest.mark.parametrize("address", ["/widget.js", "/widget/v1.js"])
def test_it_costs_little(client: Client, address: str) -> None:
    answer = client.get(address, headers={"Accept-Encoding": "br"})
    assert answer.headers["Content-Encoding"] == "br"
    assert len(answer.content) <= MOST_BYTES


@pytest.mark.parametrize(
    ("address", "caching"),
    [
        ("/widget.js", "public, max-age=300, stale-while-revalidate=86400"),
        ("/widget/v1.js", "public, max-age=31536000, immutable"),
    ],
)
def test_every_site_may_load_it_and_keep_it(client: Client, address: str, caching: str) -> None:
    answer = client.get(address)
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["Cache-Control"] == caching
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "Set-Cookie" not in answer.headers
    again = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert client.post(address).status_code == 405


def test_the_clinics_look_is_in_the_newest_and_not_in_the_pinned(client: Client) -> None:
    models.Look(
        pk=1,
        accent="#112233",
        accent_text="#fffff0",
        accent_dark="#ddeeff",
        accent_dark_text="#000011",
        position="left",
    ).save()
    look.forget()
    newest = client.get("/widget.js").content.decode()
    assert "background:light-dark(#112233,#ddeeff);color:light-dark(#fffff0,#000011)" in newest
    assert '||"left"' in newest
    pinned = client.get("/widget/v1.js").content.decode()
    assert "background:light-dark(#2f5d56,#9cc9bd);color:light-dark(#ffffff,#14211e)" in pinned


def test_the_script_holds_every_text_of_every_language() -> None:
    script = launcher.built()
    for language in strings.by_language():
        texts = strings.of("launcher", language)
        assert set(texts) == set(launcher.TEXTS)
        assert json.dumps([texts[name] for name in launcher.TEXTS], ensure_ascii=False, separators=(",", ":")) in script


def test_the_source_runs_as_it_stands_and_nothing_is_left_to_fill_in() -> None:
    source = (strings.SOURCE / launcher.SOURCE).read_text(encoding="utf-8")
    assert len(re.findall(r'/\* (?:css|corner) \*/ ""|/\* texts \*/ \{\}', source)) == 3
    assert "/*" not in launcher.built()


def test_the_word_that_is_turned_for_the_left_corner_stands_for_the_corner_alone() -> None:
    style = bundle.style(strings.SOURCE / launcher.STYLE)
    assert re.findall(r"[\w-]*right[\w-]*:", style) == ["right:"]
    assert style.count("right") == 1


def test_a_version_that_was_never_released_is_not_there(client: Client) -> None:
    assert client.get("/widget/v99.js").status_code == 404


def test_released_versions_keep_their_bytes() -> None:
    found = {version: launcher.integrity(script) for version, script in launcher.released().items()}
    assert found == RELEASED


def test_pages_are_told_the_newest_of_the_released(client: Client) -> None:
    pinned = launcher.pinned()
    version = max(RELEASED)
    assert version == launcher.VERSION
    assert pinned == launcher.Pinned(f"{settings.PUBLIC_URL}/widget/v{version}.js", RELEASED[version])
    assert launcher.integrity(client.get(f"/widget/v{version}.js").content.decode()) == pinned.integrity


def test_a_kept_version_keeps_its_bytes_when_the_launcher_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher, "KEPT", tmp_path / "launchers")
    call_command("keep_launcher", stdout=StringIO())
    with pytest.raises(CommandError, match="kept already"):
        call_command("keep_launcher")
    first = launcher.built()
    monkeypatch.setattr(launcher, "VERSION", 2)
    monkeypatch.setattr(launcher, "texts", lambda: {"en": ["Other words"] * len(launcher.TEXTS)})
    launcher.released.cache_clear()
    try:
        assert launcher.released()[1] == first
        assert "Other words" in launcher.released()[2]
        assert launcher.pinned().url.endswith("/widget/v2.js")
    finally:
        launcher.released.cache_clear()


def test_the_documentation_names_every_hash_option_and_part_of_the_script() -> None:
    text = DOCS.read_text(encoding="utf-8")
    source = (strings.SOURCE / launcher.SOURCE).read_text(encoding="utf-8")
    for version, integrity in RELEASED.items():
        assert f'/widget/v{version}.js" integrity="{integrity}" crossorigin="anonymous"' in text
    options = re.findall(r'option\("(\w+)"', source)
    assert len(options) == 6
    named = [f"`data-{re.sub('([A-Z])', lambda found: '-' + found[1].lower(), name)}`" for name in options]
    assert [name for name in [*named, 'data-clinic-chat-open="'] if name not in text] == []
    parts = re.findall(r"@property \{.*\} (\w+)", source)
    assert [name for name in parts if f"ClinicChat.{name}(" not in text] == []
    assert "clinic-chat:ready" in text
    assert "clinicChat" in text
