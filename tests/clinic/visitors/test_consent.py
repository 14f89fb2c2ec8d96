"""What visitors agree to by writing, and how its wording is named."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import httpx
import pytest
from django.conf import settings

from clinic.conversations.models import Conversation
from clinic.visitors import consent
from tests.clinic.visitors.test_api import problem

STRINGS = json.loads((settings.BASE_DIR / "widget" / "strings.json").read_bytes())


def first_with_its_text(language: str) -> str:
    """Return the first language with the text of this one: a hash says no more."""
    return next(one for one in STRINGS if STRINGS[one]["chat"]["consent"] == STRINGS[language]["chat"]["consent"])


@pytest.mark.parametrize("language", STRINGS)
def test_a_wording_is_named_by_its_hash_and_found_again(language: str) -> None:
    text = STRINGS[language]["chat"]["consent"]
    named = consent.wording(language)
    assert hashlib.sha256(text.encode()).hexdigest().startswith(named)
    assert len(named) == consent.LENGTH
    found = consent.agreed(named)
    assert found is not None
    assert (found.text_id, found.language, found.version) == ("widget.consent", first_with_its_text(language), named)


def test_there_is_no_wording_of_a_language_without_texts() -> None:
    with pytest.raises(KeyError):
        consent.wording("xx")
    assert consent.agreed("") is None


@pytest.mark.parametrize("language", STRINGS)
def test_the_consent_is_kept_with_the_conversation(clinic: httpx.Client, language: str) -> None:
    begun = clinic.post("/conversations", json={"consent": consent.wording(language)})
    assert begun.status_code == 201
    kept = Conversation.objects.get(pk=begun.json()["conversation"])
    assert (kept.consent_text_id, kept.consent_language) == ("widget.consent", first_with_its_text(language))
    assert kept.consent_text_version == consent.wording(language)
    assert kept.consent_at == kept.created_at


@pytest.mark.parametrize("body", [b"", b"{}"])
def test_without_one_nothing_is_recorded(clinic: httpx.Client, body: bytes) -> None:
    begun = clinic.post("/conversations", content=body, headers={"Content-Type": "application/json"})
    kept = Conversation.objects.get(pk=begun.json()["conversation"])
    assert (kept.consent_text_id, kept.consent_language, kept.consent_text_version) == ("", "", "")
    assert kept.consent_at is None


@pytest.mark.parametrize(
    "body",
    [
        {"consent": "0123456789abcdef"},
        {"consent": ""},
        {"consent": None},
        {"consent": 1},
        {"consent": ["en"]},
        {"consent": "en"},
        {"consent": "\ud800"},
        {"more": 1},
    ],
)
def test_an_unknown_wording_is_refused_and_begins_nothing(clinic: httpx.Client, body: Any) -> None:
    headers = {"Content-Type": "application/json"}
    refused = clinic.post("/conversations", content=json.dumps(body).encode(), headers=headers)
    assert problem(refused) == (422, "invalid_request")
    assert not Conversation.objects.exists()
