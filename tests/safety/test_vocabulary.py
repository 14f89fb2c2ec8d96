"""Every entry proves itself by its own sentences, and a vocabulary that cannot be used says why."""

from pathlib import Path

import pytest
import yaml

from rasa_ext.safety.patterns import PatternError, parse_pattern
from rasa_ext.safety.rules import DangerReader, danger_reader, read_dangers
from rasa_ext.safety.vocabulary import PROJECT_DIR, VocabularyError, load_vocabulary

ENTRIES = load_vocabulary().entries
INTENTS = set(yaml.safe_load((PROJECT_DIR / "domain.yml").read_text(encoding="utf-8"))["intents"])
FAMILIES = {
    "toxin_spread", "allergy_reaction", "stroke", "crisis", "symptoms_after", "results_after", "conditions",
    "medicines",
    "pregnancy", "allergies", "age", "dose_units", "self_injection", "minors", "other_treatments",
}  # fmt: skip
LANGUAGE = {
    "lists": {"PART": ["knee"]},
    "negators": ["not"],
    "transparent": ["any"],
    "breaks": ["but"],
    "fillers": ["uh"],
    **{
        name: ["zzz"]
        for name in ("figures_of_speech", "not_negation", "onset", "holder", "person", "asking", "hearsay", "general")
    },
}
ENTRY = {
    "id": "knee", "level": "medical", "intent": "medical_worry_after", "fires": "always",
    "reason": "A knee.", "label": "None.",
    "patterns": ["my PART .. hurt"], "examples": ["my knee really hurts"], "not": ["my knee"],
}  # fmt: skip


def write(folder: Path, entry: dict, language: dict | None = None) -> Path:
    (folder / "language.yml").write_text(yaml.safe_dump(language or LANGUAGE), encoding="utf-8")
    (folder / "knees.yml").write_text(yaml.safe_dump({"entries": [entry]}), encoding="utf-8")
    return folder


@pytest.mark.parametrize(("entry", "text"), [(e.id, text) for e in ENTRIES for text in e.examples])
def test_an_entry_finds_its_examples(entry: str, text: str) -> None:
    assert entry in {finding.entry for finding in read_dangers(text, [])}


@pytest.mark.parametrize(("entry", "text"), [(e.id, text) for e in ENTRIES for text in e.counter_examples])
def test_an_entry_leaves_its_counter_examples_alone(entry: str, text: str) -> None:
    assert entry not in {finding.entry for finding in read_dangers(text, [])}


def test_all_families_are_there() -> None:
    assert {entry.family for entry in ENTRIES} == FAMILIES


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_an_entry_names_an_intent_of_the_domain_and_its_reasons(entry) -> None:
    assert entry.intent in INTENTS
    assert entry.reason.endswith(".")
    assert entry.label.endswith(".")


def test_a_clinic_can_add_an_entry(tmp_path: Path) -> None:
    reader = DangerReader(load_vocabulary(write(tmp_path, ENTRY)))
    assert [finding.entry for finding in reader.read("my knee really hurts", [])] == ["knee"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"patterns": ["my TOE hurts"]}, "list 'TOE'"),
        ({"patterns": [".. hurts"]}, "begin and end with a word"),
        ({"patterns": []}, "has to be a list of texts"),
        ({"level": "mild"}, "unknown level"),
        ({"intent": "emergency_vision"}, "does not fit its level"),
        ({"examples": [False]}, "has to be a list of texts"),
        ({"all_of": [["toe"]]}, "either patterns or all_of"),
        ({"reason": None}, "needs id"),
    ],
)
def test_an_entry_that_cannot_be_used_is_refused_in_one_sentence(tmp_path: Path, change: dict, said: str) -> None:
    with pytest.raises(VocabularyError, match=said) as error:
        load_vocabulary(write(tmp_path, ENTRY | change))
    assert "\n" not in str(error.value)


def test_a_folder_without_the_language_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match=r"no language\.yml"):
        danger_reader(str(tmp_path))


def test_a_file_that_is_no_yaml_is_refused(tmp_path: Path) -> None:
    write(tmp_path, ENTRY)
    (tmp_path / "knees.yml").write_text("entries: [", encoding="utf-8")
    with pytest.raises(VocabularyError, match=r"knees\.yml of the safety vocabulary cannot be read"):
        load_vocabulary(tmp_path)


def test_an_unknown_part_of_a_combination_is_refused(tmp_path: Path) -> None:
    entry = {key: value for key, value in ENTRY.items() if key != "patterns"} | {"all_of": [["toe"], ["knee"]]}
    with pytest.raises(VocabularyError, match="names toe"):
        load_vocabulary(write(tmp_path, entry))


def test_a_pattern_may_not_be_empty() -> None:
    with pytest.raises(PatternError):
        parse_pattern("", set())
