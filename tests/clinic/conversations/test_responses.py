"""The renderer: which variant is said, and which domains stop the start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.contrib.auth import get_user_model
from django.utils import timezone

from clinic.conversations import responses
from clinic.practice import facts
from clinic.practice.models import SignOff
from tests.clinic.conftest import DOMAIN


def domain(**more: Any) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(DOMAIN.read_bytes())
    loaded["responses"] |= more
    return loaded


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"utter_x": [{"text": "Call {clinic_phone}."}]}, "may be empty"),
        ({"utter_x": [{"text": "Hi {nobody}."}, {"text": "Hi."}]}, "nothing can fill"),
        ({"utter_x": [{"image": "x"}]}, "without text"),
        ({"utter_x": []}, "has no text"),
    ],
)
def test_a_response_that_may_stay_unsaid_stops_the_start(more: dict[str, Any], sentence: str) -> None:
    with pytest.raises(responses.DomainError, match=sentence) as caught:
        responses.Renderer(domain(**more))
    assert "utter_x" in str(caught.value)


def test_a_missing_response_of_our_own_stops_the_start() -> None:
    lacking = domain()
    del lacking["responses"]["utter_turn_failed"]
    with pytest.raises(responses.DomainError, match="utter_turn_failed is missing"):
        responses.Renderer(lacking)


@pytest.mark.parametrize("content", ["a: [", "- 1"])
def test_a_file_that_is_no_domain_stops_the_start(tmp_path: Path, content: str) -> None:
    file = tmp_path / "domain.yml"
    with pytest.raises(responses.DomainError, match="cannot be read"):
        responses.load(file)
    file.write_text(content)
    with pytest.raises(responses.DomainError):
        responses.load(file)


@pytest.mark.django_db
def test_every_response_of_the_product_can_be_said_with_no_fact_given() -> None:
    ours = responses.load(settings.DOMAIN_FILE)
    now = timezone.now()
    for response in ours.responses:
        assert "{" not in ours.render(response, now).text
    assert ours.welcome(now).buttons


@pytest.mark.django_db
def test_values_never_replace_facts_and_are_not_filled_again() -> None:
    renderer = responses.Renderer(domain(utter_x=[{"text": "{clinic_name}: {area}"}, {"text": "-"}]))
    said = renderer.render("utter_x", timezone.now(), {"clinic_name": "evil", "area": "{emergency_number}"})
    assert said.text == "The clinic: {emergency_number}"


@pytest.mark.django_db
def test_label_wording_is_pending_until_it_is_signed_off() -> None:
    renderer = responses.Renderer(domain())
    [(response, variant)] = renderer.labels()
    assert renderer.render(response, timezone.now()).label_pending
    clinician = get_user_model().objects.create_user("ann")
    SignOff.objects.create(response=response, wording_hash=variant.wording_hash, who=clinician)
    facts.forget()
    assert not renderer.render(response, timezone.now()).label_pending
