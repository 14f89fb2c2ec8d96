"""The one trainable NLU component: gives each message its intent and says what each of its parts is about."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from rasa_ext.nlu.encoder import Encoder, encoder_dir, read_manifest
from rasa_ext.nlu.follow_up import DEFAULT_FOLLOW_UPS, Candidate, load_follow_ups
from rasa_ext.nlu.language import language_of
from rasa_ext.nlu.model import EMERGENCY, MEDICAL, OUT_OF_SCOPE, ModelError, Settings, TopicModel, is_sensitive
from rasa_ext.nlu.paths import project_path
from rasa_ext.nlu.splitter import AREAS_KEY, PARTS_KEY, PRODUCTS_KEY
from rasa_ext.nlu.vocabulary import DEFAULT_VOCABULARY, WORD, Vocabulary, load_vocabulary

UNDERSTOOD_KEY = "understood"
METADATA_KEY = "metadata"
RANKING_LENGTH, READING_RANKING_LENGTH = 10, 5
# From this probability on, a message that is known alone is clear alone.
CLEAR = 0.5
# From this probability of a medical matter on, a vague message is not read as a follow-up.
SENSITIVE = 0.2
# From this probability of a medical matter on, a message's intent is a medical one.
MOSTLY = 0.5
# The highest that a score can be: a probability of 1 and the same text as an example.
CERTAIN_SCORE = 2.0


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TopicClassifier(IntentClassifier, GraphComponent):
    """Writes ``intent``, ``intent_ranking`` and ``understood`` to each message."""

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config, self._storage, self._resource = config, storage, resource
        self._encoder = Encoder.load(encoder_dir(config["encoder"]))
        self._vocabulary = load_vocabulary(config["vocabulary"])
        self._follow_ups = load_follow_ups(config["follow_ups"])
        self._area_words = area_words(self._vocabulary)
        self._model: TopicModel | None = None

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Files count from the project's folder; ``refused_share`` sets the threshold (see model.Settings)."""
        return {
            "encoder": None,
            "vocabulary": DEFAULT_VOCABULARY,
            "follow_ups": DEFAULT_FOLLOW_UPS,
            **asdict(Settings()),
        }

    @staticmethod
    def required_packages() -> list[str]:
        """Names under which Rasa finds both the module and the distribution."""
        return ["onnxruntime", "tokenizers", "scipy"]

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str:
        """Tell Rasa's cache what it cannot see: the encoder, the vocabulary and the source of the modules beside it."""
        config = {**cls.get_default_config(), **config}
        digest = hashlib.sha256(str(read_manifest(encoder_dir(config["encoder"]))["onnx_sha256"]).encode())
        for path in [*sorted(Path(__file__).parent.glob("*.py")), project_path(config["vocabulary"])]:
            digest.update(path.read_bytes())
        return digest.hexdigest()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TopicClassifier:
        """Create an untrained classifier. Raises EncoderError when the encoder was not built."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> TopicClassifier:
        """Load a trained classifier. Raises ModelError when it was trained with another encoder."""
        classifier = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as directory:
            classifier._model = TopicModel.load(directory, classifier._encoder, classifier._vocabulary)
        return classifier

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the examples that have a text and an intent, and store the model."""
        examples = [message for message in training_data.intent_examples if message.get(TEXT)]
        settings = Settings(**{name: self._config[name] for name in Settings.__dataclass_fields__})
        self._model = TopicModel.train(
            [message.get(TEXT) for message in examples],
            [message.get(INTENT) for message in examples],
            self._encoder,
            self._vocabulary,
            settings,
        )
        with self._storage.write_to(self._resource) as directory:
            self._model.save(directory)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Classify each message. ``understood`` holds whole, parts, areas, products and follow_up.

        Raises ModelError when MessageSplitter has not seen the message.
        """
        for message in messages:
            self._process(message)
        return messages

    def _process(self, message: Message) -> None:
        metadata = message.get(METADATA_KEY) or {}
        understood, ranking = self._understand(message, metadata)
        best = ranking[0] if ranking else {INTENT_NAME_KEY: None, PREDICTED_CONFIDENCE_KEY: 0.0}
        message.set(INTENT, best, add_to_output=True)
        message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        message.set(UNDERSTOOD_KEY, understood, add_to_output=True)

    def _understand(self, message: Message, metadata: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Return ``understood`` and the whole message's ranking."""
        text, parts = message.get(TEXT) or "", message.get(PARTS_KEY)
        if parts is None:
            # Rasa's own check of required components looks at training too, where the splitter has nothing to do.
            raise ModelError("MessageSplitter has to stand before TopicClassifier in config.yml.")
        areas, products = message.get(AREAS_KEY) or [], message.get(PRODUCTS_KEY) or []
        follow_up: Candidate | None = None
        chosen = self._chosen_intent(metadata)
        if chosen:
            readings = [chosen_reading(chosen)]
        elif not parts or self._model is None or not any(map(str.isalpha, text)):
            # Digits alone are a number of whatever kind; the examples, which are sentences, say nothing about them.
            readings = [empty_reading()]
        else:
            readings, follow_up = self._read(self._model, text, parts, areas, metadata)
        ranking = overall_ranking(readings[0])
        whole = as_reading(text, any(part["question"] for part in parts) or follow_up is not None, readings[0])
        if len(readings) > 1:
            split = [
                as_reading(part["text"], part["question"], reading)
                for part, reading in zip(parts, readings[1:], strict=True)
            ]
        else:
            split = [dict(whole)] if whole["ranking"] else []
        understood = {
            "whole": whole,
            "parts": split,
            "areas": areas,
            "products": products,
            "language": language_of(text),
            "follow_up": {"of": follow_up.of, "text": follow_up.text} if follow_up else None,
        }
        return understood, ranking

    def _chosen_intent(self, metadata: dict[str, Any]) -> str | None:
        """Return the intent of a pressed button when the model knows it."""
        choice = metadata.get("choice")
        intent = choice.get("intent") if isinstance(choice, dict) else None
        return intent if self._model is not None and intent in self._model.labels else None

    def _read(
        self, model: TopicModel, text: str, parts: list[dict[str, Any]], areas: list[str], context: dict[str, Any]
    ) -> tuple[list[dict[str, Any]], Candidate | None]:
        """Classify the whole, its parts when there are several, and what a follow-up may mean, in one batch."""
        candidate = None
        if len(parts) == 1:
            candidate = self._follow_ups.candidate(text, areas, self._area_words, context)
        texts = [text, *([part["text"] for part in parts] if len(parts) > 1 else [])]
        readings = model.read([*texts, *([candidate.text] if candidate else [])], RANKING_LENGTH)
        if candidate is None:
            if not context.get("last_topic") and self._follow_ups.means_nothing_alone(text):
                readings[0]["known"] = False
            return readings, None
        alone, in_context = readings
        if accepts(candidate, alone, in_context):
            return [in_context], candidate
        return [alone], None


def accepts(candidate: Candidate, alone: dict[str, Any], in_context: dict[str, Any]) -> bool:
    """Say whether a message is read in the light of the last topic.

    A form of words that means nothing alone always is. Any other only when it is vague alone, when what it means in
    context is also among what it may mean alone, and when nothing in it may be a medical matter or beyond the
    clinic's topics.
    """
    if candidate.certain:
        return True
    vague = not alone["known"] or alone["ranking"][0][PREDICTED_CONFIDENCE_KEY] < CLEAR
    possible = {entry[INTENT_NAME_KEY] for entry in alone["ranking"]}
    sensitive = max(reading["medical"] + reading["emergency"] for reading in (alone, in_context))
    fits = in_context["known"] and in_context["ranking"][0][INTENT_NAME_KEY] in possible
    return vague and fits and sensitive < SENSITIVE and alone["ranking"][0][INTENT_NAME_KEY] != OUT_OF_SCOPE


def overall_ranking(reading: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the ranking of medical sub-topics where they hold most of the probability, else of topics."""
    medical = reading["medical"] + reading["emergency"] >= MOSTLY
    return reading["medical_ranking"] if medical else reading["ranking"]


def area_words(vocabulary: Vocabulary) -> set[str]:
    """Return every word that names an area, with its plural."""
    words = {
        word.replace("'", "")
        for phrases in vocabulary.areas.values()
        for phrase in phrases
        for word in WORD.findall(phrase)
    }
    return words | {f"{word}s" for word in words}


def as_reading(text: str, question: bool, reading: dict[str, Any]) -> dict[str, Any]:
    """Put a reading in the form in which it leaves the component."""
    short = {name: reading[name][:READING_RANKING_LENGTH] for name in ("ranking", "medical_ranking")}
    return {"text": text, "question": question, **reading, **short}


def empty_reading() -> dict[str, Any]:
    """The reading of a message that holds no words."""
    return {
        "ranking": [],
        "medical_ranking": [],
        "score": 0.0,
        "known": False,
        "medical": 0.0,
        "emergency": 0.0,
        "oos": 0.0,
    }


def chosen_reading(intent: str) -> dict[str, Any]:
    """The reading of a pressed button: certain."""
    ranking = [{INTENT_NAME_KEY: intent, PREDICTED_CONFIDENCE_KEY: 1.0}]
    return {
        "ranking": ranking,
        "medical_ranking": ranking if is_sensitive(intent) else [],
        "score": CERTAIN_SCORE,
        "known": True,
        "medical": float(intent.startswith(MEDICAL)),
        "emergency": float(intent.startswith(EMERGENCY)),
        "oos": float(intent == OUT_OF_SCOPE),
    }
