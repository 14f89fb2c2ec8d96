"""Follow-up questions: which forms lean on the last topic, which do not, and what they come to mean."""

from __future__ import annotations

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from rasa_ext.nlu.classifier import accepts, area_words
from rasa_ext.nlu.follow_up import Candidate, FollowUps, load_follow_ups, strip_edges
from rasa_ext.nlu.paths import project_path
from rasa_ext.nlu.vocabulary import load_vocabulary

AREA_WORDS = area_words(load_vocabulary())
FOLLOW_UPS: FollowUps = load_follow_ups()


def candidate(text: str, last_topic: str | None, areas: tuple[str, ...] = (), **context: str) -> Candidate | None:
    return FOLLOW_UPS.candidate(text, areas, AREA_WORDS, {"last_topic": last_topic, **context})


@pytest.mark.parametrize(
    ("text", "last_topic", "meant"),
    [
        ("and how long does that take?", "procedure", "procedure"),
        ("how long does that last", "side_effects", "side_effects_duration"),
        ("how long", "expected_results", "results_duration"),
        ("ok and for how long?", "benefits", "results_duration"),
        ("is that permanent", "side_effects", "side_effects_duration"),
        ("is it permanent?", "expected_results", "results_duration"),
        ("do they go away", "side_effects", "side_effects_duration"),
        ("how soon?", "expected_results", "onset"),
        ("when does that start", "how_it_works", "onset"),
        ("how often", "results_duration", "repeat_treatments"),
        ("why?", "results_duration", "how_it_works"),
        ("how come", "age_limit", "age_limit"),
        ("tell me more", "benefits", "benefits"),
        ("like what?", "side_effects", "side_effects"),
        ("which ones", "treatable_areas", "treatable_areas"),
        ("are you sure?", "safety", "safety"),
        ("even for men?", "benefits", "candidacy_general"),
        ("for women too?", "safety", "safety"),
        ("what about men", "cost_savings", "cost_savings"),
    ],
)
def test_closed_forms_are_looked_up(text: str, last_topic: str, meant: str) -> None:
    assert candidate(text, last_topic) == Candidate(last_topic, FOLLOW_UPS.questions[meant], certain=True)


@pytest.mark.parametrize(
    ("text", "area", "last_topic", "meant"),
    [
        ("what about the neck?", "neck", "cost_savings", "cost_savings"),
        ("and the forehead", "forehead", "pain_anesthesia", "pain_anesthesia"),
        ("how about crow's feet?", "crows_feet", "what_is_dysport", "treatable_areas"),
        ("around my eyes too?", "crows_feet", "who_performs", "treatable_areas"),
    ],
)
def test_a_bare_area_is_looked_up(text: str, area: str, last_topic: str, meant: str) -> None:
    assert candidate(text, last_topic, (area,)) == Candidate(last_topic, FOLLOW_UPS.questions[meant], certain=True)


@pytest.mark.parametrize(
    "text", ["can they do that in one go", "what about at night", "even in summer?", "and after those two days"]
)
def test_vague_messages_get_the_title(text: str) -> None:
    found = candidate(text, "procedure")
    assert found is not None
    assert not found.certain
    assert found.text.startswith("the injection procedure: ")


@pytest.mark.parametrize(
    "text",
    [
        "how much does it cost",
        "does it hurt",
        "how long does it last",
        "is dysport safe",
        "where are you",
        "my neck hurts",
        "I have a lump on my neck",
        "thanks",
        "ok",
        "",
        "?!",
        "why would anyone of sound mind have something like that done to them",
    ],
)
def test_whole_questions_are_left_alone(text: str) -> None:
    assert candidate(text, "side_effects", ("neck",) if "neck" in text else ()) is None


@pytest.mark.parametrize("last_topic", [None, "", "unheard_of", "medical_pregnancy"])
def test_without_a_known_topic_there_is_no_follow_up(last_topic: str | None) -> None:
    assert candidate("why?", last_topic) is None


@pytest.mark.parametrize("route", ["emergency", "staff_medical"])
def test_after_a_medical_message_there_is_no_follow_up(route: str) -> None:
    assert candidate("is that permanent", "side_effects", last_route=route) is None
    assert candidate("is that permanent", "side_effects", last_route="answer") is not None


def reading(name: str, confidence: float, known: bool = True, medical: float = 0.0) -> dict:
    ranking = [{"name": name, "confidence": confidence}, {"name": "procedure", "confidence": 0.1}]
    return {"ranking": ranking, "known": known, "medical": medical, "emergency": 0.0}


@pytest.mark.parametrize(
    ("alone", "in_context", "accepted"),
    [
        (reading("onset", 0.3), reading("procedure", 0.9), True),
        (reading("onset", 0.9, known=False), reading("procedure", 0.9), True),
        (reading("cost_savings", 0.9), reading("procedure", 0.9), False),
        (reading("onset", 0.3), reading("safety", 0.9), False),
        (reading("onset", 0.3), reading("procedure", 0.9, known=False), False),
        (reading("onset", 0.3, medical=0.3), reading("procedure", 0.9), False),
        (reading("onset", 0.3), reading("procedure", 0.6, medical=0.3), False),
        (reading("out_of_scope", 0.4, known=False), reading("procedure", 0.9), False),
    ],
)
def test_a_clear_or_sensitive_message_is_not_dragged_back(alone: dict, in_context: dict, accepted: bool) -> None:
    assert accepts(Candidate("procedure", "", certain=False), alone, in_context) is accepted
    assert accepts(Candidate("procedure", "", certain=True), alone, in_context)


def test_edge_words_are_taken_off() -> None:
    assert strip_edges(["and", "ok", "why", "please"]) == ["why"]
    assert strip_edges(["and", "so"]) == []


def test_every_answer_topic_has_a_title_and_a_question() -> None:
    data = YAML(typ="safe").load(project_path("data/follow_ups.yml").read_text())
    topics = {path.stem for path in project_path("data/nlu/answer").glob("*.yml")}
    assert set(data["titles"]) == set(data["questions"]) == topics


def test_a_topic_without_a_question_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "follow_ups.yml"
    broken.write_text("titles: {a: b}\nquestions: {a: b}\nkinds: []\narea: {topics: {a: other}, otherwise: same}\n")
    with pytest.raises(KeyError, match="other"):
        load_follow_ups(broken)


@pytest.mark.parametrize("text", ["why?", "tell me more", "and why is that", "really?"])
def test_asking_on_means_nothing_alone(text: str) -> None:
    assert FOLLOW_UPS.means_nothing_alone(text)


@pytest.mark.parametrize("text", ["how long?", "permanent?", "why do wrinkles come back", "botox", ""])
def test_a_question_with_a_matter_of_its_own_means_something_alone(text: str) -> None:
    assert not FOLLOW_UPS.means_nothing_alone(text)
