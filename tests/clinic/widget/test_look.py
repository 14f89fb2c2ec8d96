"""The look: as the widget reads it, kept for a few seconds, and edited once at a time."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.audit.log import CLOCK
from clinic.audit.models import Entry
from clinic.practice import facts
from clinic.widget import contrast, editing, look, models

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    look.forget()
    yield
    look.forget()


def test_before_the_first_edit_it_is_the_look_of_our_pages_and_nothing_is_written() -> None:
    found = look.current()
    assert (found.accent, found.accent_text) == ("#2f5d56", "#ffffff")
    assert (found.accent_dark, found.accent_dark_text) == ("#9cc9bd", "#14211e")
    assert (found.position, found.avatar, found.greeting, found.privacy_url, found.version) == ("right", "", "", "", 0)
    assert not models.Look.objects.exists()


def test_the_style_sheet() -> None:
    assert look.current().css() == (
        ":root{--accent:#2f5d56;--accent-strong:#244842;--on-accent:#ffffff;--accent-soft:#e0e7e6}"
        "@media (prefers-color-scheme:dark)"
        "{:root{--accent:#9cc9bd;--accent-strong:#bcdad2;--on-accent:#14211e;--accent-soft:#3b3e3a}}"
    )


def test_an_accent_that_barely_can_be_read_leaves_its_texts_enough() -> None:
    models.Look.objects.create(pk=1, accent=contrast.nearest("#ff8800", ["#fbf7f2"]), accent_text="#ffffff")
    light = look.current().light
    assert contrast.has_enough(light.soft, [light.strong, "#5d554d"])


def test_it_is_read_once_in_five_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(facts.clock, "monotonic", lambda: clock[0])
    assert look.current().position == "right"
    # Another process writes.
    models.Look.objects.create(pk=1, position="left")
    assert look.current().position == "right"
    clock[0] += 5.1
    assert look.current().position == "left"


def test_reading_it_fetches_no_picture() -> None:
    models.Look.objects.create(pk=1, avatar=b"picture", avatar_digest="abc")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert look.current().avatar == "abc"
    assert len(asked) == 1
    assert '"avatar"' not in asked[0]["sql"]


def test_an_edit_counts_at_once_and_leaves_what_changed_in_the_log() -> None:
    assert look.current().version == 0
    changes = editing.save({"accent": "#224466", "position": "right"}, b"picture", 0, CLOCK)
    digest = look.current().avatar
    assert changes == {"accent": ("#2f5d56", "#224466"), "avatar_digest": ("", digest)}
    assert (look.current().accent, look.current().version) == ("#224466", 1)
    row = models.Look.objects.get()
    assert bytes(row.avatar) == b"picture"
    assert row.edited_at is not None
    entry = Entry.objects.get(action="widget.look_edited")
    assert entry.details == {"changes": {"accent": ["#2f5d56", "#224466"], "avatar_digest": ["", digest]}}
    assert "picture" not in str(entry.details)


def test_an_edit_of_something_else_leaves_the_picture() -> None:
    editing.save({}, b"picture", 0, CLOCK)
    editing.save({"greeting": "Hello"}, None, 1, CLOCK)
    assert bytes(models.Look.objects.get().avatar) == b"picture"
    editing.save({}, b"", 2, CLOCK)
    assert (bytes(models.Look.objects.get().avatar), look.current().avatar) == (b"", "")


def test_an_edit_that_changes_nothing_is_none() -> None:
    assert editing.save({"accent": "#2f5d56"}, b"", 0, CLOCK) == {}
    assert look.current().version == 0
    assert not Entry.objects.exists()


def test_the_second_of_two_edits_is_refused() -> None:
    editing.save({"greeting": "First"}, None, 0, CLOCK)
    with pytest.raises(editing.Stale):
        editing.save({"greeting": "Second"}, b"picture", 0, CLOCK)
    row = models.Look.objects.get()
    assert (row.greeting, row.version, bytes(row.avatar)) == ("First", 1, b"")
