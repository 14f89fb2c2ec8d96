import asyncio
from typing import Any

from rasa.shared.core.trackers import DialogueStateTracker

from rasa_ext.nlg import ResponseIds

TRACKER = DialogueStateTracker("c", [])


def generate(**kwargs: Any) -> Any:
    return asyncio.run(
        ResponseIds(endpoint_config=None, domain=None).generate("utter_safety", TRACKER, "website", **kwargs)
    )


def test_it_returns_the_id_and_no_text() -> None:
    assert generate() == {"text": "", "custom": {"response": "utter_safety", "values": {}}}


def test_an_actions_values_go_along_and_rasas_own_do_not() -> None:
    message = generate(domain_responses={"utter_safety": []}, buttons=[], template=None, day="Friday")
    assert message["custom"]["values"] == {"day": "Friday"}
