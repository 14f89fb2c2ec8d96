"""What the audit log takes: whatever somebody sends, an entry is short, one line, and whole."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.audit import chain, terms
from clinic.audit.actions import Action
from clinic.audit.log import CLOCK, Actor, actor, record
from clinic.audit.models import Entry

pytestmark = pytest.mark.django_db
NASTY = (
    "line\r\n2026-11-21 INFO forged: entry",
    "\x00nul",
    "\u202eright to left",
    "\u2028separator",
    "\ud800lone",
    "é中😀" * 40_000,
)


@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_a_nasty_text_is_one_short_line(text: str) -> None:
    entry = record(Action.ACCESS_DENIED, Actor(None, text, text), (text, text), path=text, **{text: [text]})
    entry.refresh_from_db()
    for stored in (entry.actor, entry.address, entry.object_kind, entry.object_id, *entry.details, str(entry.details)):
        assert len(stored) <= 1000
        assert stored.isprintable()
    assert chain.check().is_whole


_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.text(max_size=9), _values, max_size=4))
def test_any_details_survive_the_database(details: dict[str, object]) -> None:
    record(Action.EXPORTED, CLOCK, numbers=details)
    assert chain.check().is_whole


def test_who_made_a_request(rf: RequestFactory) -> None:
    request = rf.get("/staff/", REMOTE_ADDR="203.0.113.9")
    request.user = AnonymousUser()
    assert actor(request) == Actor(None, "nobody", "203.0.113.9")


def test_search_terms_leave_only_a_fingerprint() -> None:
    entry = terms.record_search(CLOCK, "  Crooked\tSMILE ", found=3)
    stored = str(Entry.objects.values().get(number=entry.number)).lower()
    assert "crooked" not in stored
    assert "smile" not in stored
    assert entry.object_id == terms.fingerprint("crooked smile")
    assert entry.object_id != terms.fingerprint("crooked smiles")
    assert entry.details == {"found": 3, "words": 2}


def test_the_fingerprint_needs_the_installations_secret(settings: object) -> None:
    before = terms.fingerprint("crooked smile")
    settings.SECRET_KEY = "another"  # type: ignore[attr-defined]
    assert terms.fingerprint("crooked smile") != before
