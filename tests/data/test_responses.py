"""domain.yml: plain, short, fillable, sourced, and nothing in it that no visitor can ever see."""

import re
from statistics import mean
from typing import Any

import pytest

from tests.data.corpus import Variant, actions_of, answer_bubbles, answer_topics, code, domain, responses, statements
from tests.data.readability import grade, words

NEVER_EMPTY = {"clinic_name", "emergency_number", "crisis_line", "open_line"}
PLACEHOLDERS = NEVER_EMPTY | {
    "clinic_phone", "clinic_email", "clinic_address", "opening_hours", "urgent_phone", "cost_facts", "consultation_fee",
    "parking", "practitioners", "booking_url", "next_opening",
    "booking_reference", "booking_preferred", "booking_confirm_by", "booking_time", "booking_minutes", "booking_times",
    "booking_contact", "booking_called", "booking_kind", "booking_who", "booking_opens",
    "staff_name",
}  # fmt: skip
# The last four digits of a phone number prove whose request it is.
PROOF_DIGITS = {"utter_booking_none": {4}, "utter_booking_not_found": {4}, "utter_ask_visit_proof": {4},
                "utter_resume_visit_proof": {4}, "utter_visit_proof_unread": {4}}  # fmt: skip
SETTINGS = "The clinic"
LABEL = "Product label"
ONES = """one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
eighteen nineteen"""
SPELLED = {word: value for value, word in enumerate(ONES.split(), 1)} | {"hundred": 100}
DECADES = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
TENS = {word: 10 * value for value, word in enumerate(DECADES, 2)}
LABEL_TOPICS = {"safety", "side_effects", "side_effects_duration", "recovery_downtime"}

every_variant = [variant for variants in responses().values() for variant in variants]


def name_of(variant: Variant) -> str:
    """What pytest prints for a variant."""
    return f"{variant.response}-{variant.place}"


def facts_of(variant: Variant) -> list[dict[str, Any]]:
    """The statements that a variant's response carries."""
    return [fact for fact in statements() if variant.response in fact.get("responses", [])]


def numbers_in(text: str) -> set[int]:
    """The figures of a text, also spelled out; a lone "one" is left alone, it is mostly a pronoun."""
    text = re.sub(r"\{\w+\}", " ", text).lower()
    found = {int(digits) for digits in re.findall(r"\d+", text)}
    tens = 0
    for word in re.findall(r"[a-z]+|[.,:;]", text):
        if tens:
            found.add(tens + (SPELLED[word] if SPELLED.get(word, 10) < 10 else 0))
        if SPELLED.get(word, 0) > 1 and not (tens and SPELLED[word] < 10) and word not in TENS:
            found.add(SPELLED[word])
        tens = TENS.get(word, 0)
    return found | ({tens} if tens else set())


def reached_by_code(name: str) -> bool:
    """Whether code names the response, whole or without the `_open` or `_closed` that the clinic's hours add."""
    stem = re.sub(r"_(open|closed)$", "", name)
    return bool(re.search(rf"\b({name}|{stem})\b", code()))


def asked_by_form(name: str) -> bool:
    """Whether a form asks this for a slot, comes back to it, says that it was not read, or explains itself."""
    forms = domain()["forms"]
    slots = {slot for form in forms.values() for slot in form["required_slots"]}
    questions = {f"utter_{way}_{slot}" for way in ("ask", "resume") for slot in slots}
    return name in questions | {f"utter_{slot}_unread" for slot in slots} | {f"utter_explain_{form}" for form in forms}


def offered_as_button(name: str) -> bool:
    """Whether code or another response offers a button with the title of this one."""
    intent = name.removeprefix("utter_")
    by_code = intent in domain()["intents"] and bool(re.search(rf"[\"']{intent}[\"']", code()))
    return by_code or any(f"/{intent}" == button["payload"] for name in responses() for button in buttons_of(name))


def buttons_of(name: str) -> list[dict[str, str]]:
    """The buttons that a response brings along."""
    return [button for variant in domain()["responses"][name] for button in variant.get("buttons", [])]


@pytest.mark.parametrize("variant", every_variant, ids=name_of)
def test_at_most_sixty_words(variant: Variant) -> None:
    assert len(words(variant.text)) <= 60


@pytest.mark.parametrize("variant", answer_bubbles(), ids=name_of)
def test_an_answer_reads_at_grade_ten_or_below(variant: Variant) -> None:
    assert grade(variant.text) <= 10


def test_answers_read_at_grade_eight_on_average() -> None:
    assert mean(grade(variant.text) for variant in answer_bubbles()) <= 8.9


@pytest.mark.parametrize("variant", every_variant, ids=name_of)
def test_placeholders_are_known(variant: Variant) -> None:
    assert variant.placeholders <= PLACEHOLDERS


@pytest.mark.parametrize("name", responses())
def test_the_last_variant_can_always_be_filled(name: str) -> None:
    assert responses()[name][-1].placeholders <= NEVER_EMPTY


@pytest.mark.parametrize("name", responses())
def test_no_variant_hides_behind_an_earlier_one(name: str) -> None:
    needs = [variant.placeholders - NEVER_EMPTY for variant in responses()[name]]
    assert not [later for later in range(len(needs)) for earlier in range(later) if needs[earlier] <= needs[later]]


@pytest.mark.parametrize("name", responses())
def test_every_response_can_be_reached(name: str) -> None:
    by_rule = any(name in actions for actions in actions_of().values())
    assert by_rule or reached_by_code(name) or asked_by_form(name) or offered_as_button(name)


@pytest.mark.parametrize("variant", answer_bubbles(), ids=name_of)
def test_an_answer_names_a_source_that_carries_it(variant: Variant) -> None:
    carried = {(fact["document"], fact["where"]) for fact in facts_of(variant)}
    assert variant.sources
    assert {source for source in variant.sources if source[0] != SETTINGS} == carried


@pytest.mark.parametrize("variant", every_variant, ids=name_of)
def test_a_figure_stands_in_a_fact_of_the_response(variant: Variant) -> None:
    stated = {figure for fact in facts_of(variant) for figure in fact.get("figures", [])}
    assert numbers_in(variant.text) <= stated | PROOF_DIGITS.get(variant.response, set())


@pytest.mark.parametrize("variant", every_variant, ids=name_of)
def test_label_wording_is_marked_and_stands_alone(variant: Variant) -> None:
    documents = {document for document, _ in variant.sources}
    marked = variant.metadata.get("label", False)
    assert marked == (LABEL in documents) == variant.response.endswith("_label")
    assert not marked or documents == {LABEL}


@pytest.mark.parametrize("topic", sorted(LABEL_TOPICS))
def test_the_label_follows_the_answers_about_risk(topic: str) -> None:
    assert actions_of()[topic] == [f"utter_{topic}", f"utter_{topic}_label"]
    assert "{emergency_number}" in responses()[f"utter_{topic}_label"][0].text


def test_titles_are_short_and_each_stands_for_one_topic() -> None:
    needed = [f"utter_{topic}" for topic in answer_topics()] + ["utter_book", "utter_human_request"]
    titles = {name: {variant.metadata.get("title") for variant in responses()[name]} for name in needed}
    assert all(len(title) == 1 and None not in title for title in titles.values())
    firsts = [variants[0].metadata for variants in responses().values()]
    every = [metadata["title"] for metadata in firsts if "title" in metadata]
    assert all(len(title) <= 28 for title in every)
    # A form's own buttons may say the same at two questions.
    asked = {button["payload"] for name in responses() for button in buttons_of(name)}
    others = [
        variants[0].metadata["title"].lower()
        for name, variants in responses().items()
        if "title" in variants[0].metadata and f"/{name.removeprefix('utter_')}" not in asked
    ]
    assert len(set(others)) == len(others)


@pytest.mark.parametrize(("text", "figures"), [
    ("up to 4 months, 3 to 6 months", {3, 4, 6}),
    ("in the 1990s, {clinic_phone}", {1990}),
    ("over sixty-five, or sixty", {65, 60}),
    ("one of them, twelve weeks, ninety days, forty. Two", {12, 90, 40, 2}),
    ("thirty", {30}),
])  # fmt: skip
def test_numbers_are_found_in_digits_and_in_words(text: str, figures: set[int]) -> None:
    assert numbers_in(text) == figures
