"""The chat's look in the console: colours that can be read, a picture, words, and the line for the website."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from clinic.accounts.models import User
from clinic.audit.models import Entry
from clinic.staff.widget_form import PICK, WAS, LookForm
from clinic.widget import editing, launcher, look, models

PAGE = "/staff/settings/widget/"
NASTY = "<script>alert('x')</script>"


@pytest.fixture(autouse=True)
def _fresh_look() -> Iterator[None]:
    look.forget()
    yield
    look.forget()


@pytest.fixture
def manage(client: Client, manager: User) -> Client:
    """The browser of somebody who may edit the look."""
    client.force_login(manager)
    return client


def typed(**changes: Any) -> dict[str, Any]:
    """Return what the untouched form sends, with changes."""
    values = dict(LookForm.of(look.saved()).initial)
    colours = {name + end: values[name] for name in editing.COLOURS for end in (PICK, WAS)}
    return values | colours | {"do": "save"} | changes


def send(client: Client, **changes: Any) -> Any:
    return client.post(PAGE, typed(**changes))


def text_of(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def upload(colour: str = "#aa3355", name: str = "me.png") -> SimpleUploadedFile:
    target = io.BytesIO()
    Image.new("RGB", (50, 40), colour).save(target, "PNG")
    return SimpleUploadedFile(name, target.getvalue(), "image/png")


def test_the_page_shows_what_counts(manage: Client) -> None:
    models.Look.objects.create(
        pk=1, accent="#204060", position="left", greeting="Good day", privacy_url="https://c.example/p"
    )
    page = text_of(manage.get(PAGE))
    for shown in ('value="#204060"', 'value="#9cc9bd"', 'value="Good day"', 'value="https://c.example/p"'):
        assert shown in page
    assert re.search(r'value="left"[^>]* checked', page)
    assert "The text on the accent colour: 10.69:1, enough" in page
    assert "There is none now." in page


def test_what_is_typed_is_saved_and_counts_at_once(manage: Client, manager: User) -> None:
    answer = manage.post(
        PAGE,
        typed(
            accent="224466",
            accent_dark="#ABC",
            position="left",
            greeting=" Good day ",
            privacy_url="https://c.example/p",
        ),
        follow=True,
    )
    assert (
        "Saved: Place, Accent colour in light, Accent colour in dark, Greeting, Address of the privacy notice."
        in text_of(answer)
    )
    found = look.current()
    assert (found.accent, found.accent_dark, found.position) == ("#224466", "#aabbcc", "left")
    assert (found.greeting, found.privacy_url, found.version) == ("Good day", "https://c.example/p", 1)
    entry = Entry.objects.get(action="widget.look_edited")
    assert (entry.actor, entry.object_kind) == (manager.username, "look")
    assert entry.details["changes"]["accent"] == ["#2f5d56", "#224466"]


def test_nothing_new_is_nothing_to_save(manage: Client) -> None:
    assert "Nothing was different" in text_of(manage.post(PAGE, typed(), follow=True))
    assert not Entry.objects.filter(action="widget.look_edited").exists()


def test_who_changed_what_stands_in_the_history(manage: Client) -> None:
    send(manage, accent="#224466", picture=upload())
    page = text_of(manage.get("/staff/settings/history/"))
    assert "Chat on your website" in page.partition("<main")[2]
    assert "<del>#2f5d56</del>" in page
    assert f"a picture ({look.current().avatar[:8]})" in page


def test_a_pair_that_cannot_be_read_is_refused_with_a_sentence_and_nothing_is_lost(manage: Client) -> None:
    answer = send(manage, accent="#88c0b0", greeting="Keep me")
    page = text_of(answer)
    assert answer.status_code == 400
    assert "In light, the accent colour on the paper (#88c0b0 on #fbf7f2) has a contrast of 1.92:1" in page
    assert "the nearest darker colour that can be read is #427c6b." in page
    assert 'value="Keep me"' in page
    assert 'value="#88c0b0"' in page
    assert "too little, 4.5:1 is needed" in page
    assert look.current().version == 0


@pytest.mark.parametrize("field", ["accent", "accent_text", "accent_dark", "accent_dark_text"])
def test_no_colour_of_the_four_gets_by(manage: Client, field: str) -> None:
    answer = send(manage, **{field: "#808080"})
    assert answer.status_code == 400
    assert "and 4.5:1 is needed" in text_of(answer)
    assert not models.Look.objects.exists()


def test_the_suggested_colours_are_taken_with_a_button_and_then_saved(manage: Client) -> None:
    answer = send(manage, accent="#88c0b0", accent_text="#405060", accent_dark="#101010", do="take")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "too little" not in page
    assert "Take the suggested colours" not in page
    assert look.current().version == 0
    manage.post(PAGE, fields(page) | {"do": "save"})
    assert look.current().accent == "#427c6b"
    assert look.current().version == 1


def fields(page: str) -> dict[str, str]:
    """Return the text, colour and hidden inputs and the chosen radio of the page's form, as a browser sends them."""
    inputs = re.findall(r"<input [^>]+>", page.partition('<form class="settings"')[2].partition("</form>")[0])
    found: dict[str, str] = {}
    for one in inputs:
        attributes = dict(re.findall(r'(\w+)="([^"]*)"', one))
        if attributes["type"] in ("checkbox", "file") or (attributes["type"] == "radio" and " checked" not in one):
            continue
        found[attributes["name"]] = html.unescape(attributes.get("value", ""))
    return found


def test_looking_at_colours_saves_nothing(manage: Client) -> None:
    answer = send(manage, accent="#000080", do="check", picture=upload())
    page = text_of(answer)
    assert "The text on the accent colour: 16:1, enough" in page
    assert "please choose the picture again" in page
    assert 'fill="#000080"' in page
    assert look.current().version == 0


@pytest.mark.parametrize(
    ("text", "pick", "was", "kept"),
    [
        # Picked in a browser without scripts: the text is still the old one.
        ("#2f5d56", "#224466", "#2f5d56", "#224466"),
        ("#224466", "#2f5d56", "#2f5d56", "#224466"),
        ("#224466", "#000080", "#2f5d56", "#224466"),
        # The text is no colour, but one was picked.
        ("navy", "#000080", "#2f5d56", "#000080"),
        ("2F5D56", "#000080", "#2f5d56", "#000080"),
        # A browser without such a field sends nothing for it.
        ("#224466", "", "", "#224466"),
    ],
)
def test_a_colour_is_typed_or_picked(manage: Client, text: str, pick: str, was: str, kept: str) -> None:
    send(manage, accent=text, accent_pick=pick, accent_was=was)
    assert look.current().accent == kept


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("accent", "", "This must be a colour such as #2f5d56."),
        ("accent_dark_text", "red;}body{", "This must be a colour such as #2f5d56."),
        ("position", "top", "Select a valid choice."),
        ("position", "", "Please choose a corner."),
        ("greeting", "x" * 201, "at most 200 characters"),
        ("greeting", "two\nlines", "This must be a single line of text."),
        ("privacy_url", "javascript:alert(1)", "This must be an address that begins with https:// or http://."),
        ("privacy_url", "https://", "This must be an address"),
        ("privacy_url", "https://a b", "This must be an address"),
        ("privacy_url", "http://[", "This must be an address"),
        ("privacy_url", "https://c.example/" + "x" * 300, "at most 300 characters"),
        ("version", "", ""),
    ],
)
@pytest.mark.parametrize("do", ["check", "save", "take"])
def test_what_cannot_be_used_gets_a_sentence(manage: Client, field: str, value: str, sentence: str, do: str) -> None:
    answer = send(manage, **{"do": do, field: value})
    assert answer.status_code == 400
    assert sentence in text_of(answer)
    assert "Nothing has been saved, and nothing is lost" in text_of(answer)
    assert not models.Look.objects.exists()


def test_a_privacy_notice_keeps_its_address_to_the_letter(manage: Client) -> None:
    send(manage, privacy_url="https://c.example/privacy/?a=1#chat")
    assert look.current().privacy_url == "https://c.example/privacy/?a=1#chat"


def test_a_picture_is_uploaded_shown_replaced_and_removed(manage: Client) -> None:
    assert "Saved: Picture." in text_of(manage.post(PAGE, typed(picture=upload()), follow=True))
    first = look.current().avatar
    page = text_of(manage.get(PAGE))
    assert f'src="/chat/avatar/{first}"' in page
    assert manage.get(f"/chat/avatar/{first}").status_code == 200
    send(manage, picture=upload("#112233"))
    second = look.current().avatar
    assert second not in ("", first)
    assert manage.get(f"/chat/avatar/{first}").status_code == 404
    send(manage, greeting="Good day")
    assert look.current().avatar == second
    send(manage, without_picture="on")
    assert look.current().avatar == ""
    assert manage.get(f"/chat/avatar/{second}").status_code == 404
    assert "PNG" not in str([entry.details for entry in Entry.objects.all()])


def test_a_new_picture_counts_more_than_the_tick_for_none(manage: Client) -> None:
    send(manage, picture=upload(), without_picture="on")
    assert look.current().avatar


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"hello", "This must be a picture: a PNG, JPEG or WebP file that opens."),
        (b"<svg onload='alert(1)'/>", "This must be a picture"),
        (b"", "This must be a picture"),
        (b"\x89PNG" + b"x" * 300_000, "This must not be larger than 200 kB."),
        (b"x" * 4_000_000, "This must not be larger than 200 kB."),
    ],
)
def test_what_is_no_picture_gets_a_sentence(manage: Client, content: bytes, sentence: str) -> None:
    answer = send(manage, picture=SimpleUploadedFile("me.png", content, "image/png"))
    assert answer.status_code == 400
    assert sentence in text_of(answer)
    assert not models.Look.objects.exists()


def test_the_second_of_two_people_is_told_and_sees_what_counts_now(manage: Client) -> None:
    first, second = typed(accent="#224466"), typed(greeting="Good day")
    manage.post(PAGE, first)
    answer = manage.post(PAGE, second | {"picture": upload()})
    page = text_of(answer)
    assert answer.status_code == 409
    assert "Somebody else has saved the chat's look" in page
    assert "please choose the picture again" in page
    # What the first has saved would be taken back: the second one sees it.
    assert "<del>#224466</del>" in page
    assert "<ins>#2f5d56</ins>" in page
    assert (look.current().accent, look.current().greeting) == ("#224466", "")
    manage.post(PAGE, fields(answer.content.decode()) | {"do": "save"})
    assert (look.current().accent, look.current().greeting, look.current().version) == ("#2f5d56", "Good day", 2)


def test_the_line_for_the_website(manage: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "PUBLIC_URL", "https://bot.example")
    page = text_of(manage.get(PAGE))
    assert (
        '<script src="https://bot.example/widget.js" async></script>\n<noscript><a href="https://bot.example/chat/plain/">'
        in page
    )
    pinned = launcher.pinned()
    assert f'<script src="{pinned.url}" integrity="{pinned.integrity}" crossorigin="anonymous" async></script>' in page


def test_the_sites_that_may_show_it(manage: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ALLOWED_ORIGINS", [])
    assert "None besides this server’s own pages." in text_of(manage.get(PAGE))
    monkeypatch.setattr(settings, "ALLOWED_ORIGINS", ["https://www.example.com"])
    assert "<code>https://www.example.com</code>" in text_of(manage.get(PAGE))


def test_what_is_typed_is_text(manage: Client) -> None:
    for changes in ({"greeting": NASTY}, {"accent": NASTY}, {"accent_pick": NASTY, "accent_was": NASTY}):
        assert b"<script>alert" not in send(manage, **changes).content
    assert b"<script>alert" not in manage.get(PAGE).content


def test_the_page_sets_no_style_of_its_own(manage: Client) -> None:
    assert not re.search(r"\sstyle=|<style", manage.get(PAGE).content.decode())


def test_the_front_desk_may_not_edit(staff: Client) -> None:
    assert staff.get(PAGE).status_code == 403
    assert staff.post(PAGE, {"do": "save"}).status_code == 403
