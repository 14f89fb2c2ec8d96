"""The brain returns response ids. The clinic service renders them, so nothing is filled in here."""

from __future__ import annotations

from typing import Any, Optional

from rasa.core.nlg.generator import NaturalLanguageGenerator
from rasa.shared.core.trackers import DialogueStateTracker


class ResponseIds(NaturalLanguageGenerator):
    """Answers every request for a response with its id and the values that go with it."""

    def __init__(self, **_: Any) -> None:
        """Take and ignore the endpoint's configuration and the domain."""

    async def generate(
        self, utter_action: str, tracker: DialogueStateTracker, output_channel: str, **kwargs: Any
    ) -> Optional[dict[str, Any]]:
        """Return a message without text whose `custom` part names the response.

        Args:
            utter_action: the response's id, such as `utter_safety`.
            tracker: not used.
            output_channel: not used.
            kwargs: the values a custom action passed along; rasa's own arguments are left out.
        """
        values = {
            name: value
            for name, value in kwargs.items()
            if value
            and name
            not in {"domain_responses", "text", "buttons", "elements", "custom", "image", "attachment", "template"}
        }
        return {"text": "", "custom": {"response": utter_action, "values": values}}
