"""The gate as a component of Rasa's pipeline: layer 1, before anything plans the turn."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from rasa_ext.routes import EMERGENCY
from rasa_ext.safety.rules import DangerReader, danger_reader
from rasa_ext.safety.vocabulary import DEFAULT_FOLDER

FINDINGS_KEY, METADATA_KEY = "findings", "metadata"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class MedicalGate(GraphComponent):
    """Writes ``findings`` to each message: a list of `rules.Finding` as plain JSON, most urgent first."""

    def __init__(self, reader: DangerReader) -> None:
        self._reader = reader

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The vocabulary's folder, relative to the project."""
        return {"vocabulary": DEFAULT_FOLDER}

    @staticmethod
    def required_packages() -> list[str]:
        """Distributions that have to be installed."""
        return ["spacy", "spacy_lookups_data"]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> MedicalGate:
        """Create the component. Raises VocabularyError when the vocabulary cannot be used, which stops the start."""
        return cls(danger_reader(config["vocabulary"]))

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave training data alone."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Write the findings of each message.

        A button's title is ours, and none speaks of an emergency. One that does was not ours: it counts as typed.
        """
        for message in messages:
            metadata = message.get(METADATA_KEY) or {}
            choice = metadata.get("choice")
            recent = [] if choice else [str(earlier) for earlier in metadata.get("recent") or []]
            findings = self._reader.read(message.get(TEXT) or "", recent)
            if choice:
                findings = [finding for finding in findings if finding.level == EMERGENCY]
                message.set(METADATA_KEY, {**metadata, "choice": None if findings else choice})
            message.set(FINDINGS_KEY, [asdict(finding) for finding in findings], add_to_output=True)
        return messages
