"""The proof: in every state that a dialogue can be in, a danger takes the same route; what is harmless is none."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rasa_ext.routes import BY_URGENCY, EMERGENCY, STAFF_MEDICAL
from tests.safety.corpus import pairs, sentences
from tests.safety.states import AFTER_ANSWER, all_states

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "var/models/brain.tar.gz"
SECONDS = 600
ROUTE = {"emergency": EMERGENCY, "medical": STAFF_MEDICAL}
STATES = all_states()
DANGERS = {text: ROUTE[level] for level, text in pairs("cases.yml")}
HARMLESS = sentences("harmless.yml")["harmless"]
# A button's title is ours; only where it would speak of an emergency it is read as words.
TITLES = "as the title of "
# Here more than the sentence is read, which may make it more urgent.
READ_WITH_MORE = {"with a danger just before"}


# After the answers to two topics a dialogue differs in the topic's name alone, so each of these has its share.
FULL = bool(os.environ.get("PROVE"))
SHARE_AFTER_ANSWER, SHARE_OF_HARMLESS = (1, 1) if FULL else (10, 4)


def asked_in(state: str) -> list[str]:
    """Return the sentences that are sent in a state: every danger, after an answer a share, and harmless ones."""
    number = list(STATES).index(state)
    dangers, harmless = list(DANGERS), HARMLESS[number % SHARE_OF_HARMLESS :: SHARE_OF_HARMLESS]
    share = SHARE_AFTER_ANSWER if state.startswith(AFTER_ANSWER) else 1
    return [*dangers[number % share :: share], *harmless]


@pytest.fixture(scope="module")
def routes() -> dict[tuple[str, str], str]:
    """The route of each sentence in each state."""
    asked = [(name, text) for name in STATES for text in asked_in(name)]
    turns = [STATES[name].turn(text, number) for number, (name, text) in enumerate(asked)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.safety.walk", str(MODEL)],
        cwd=ROOT,
        input=json.dumps(turns),
        env={**os.environ, "OMP_NUM_THREADS": "1", "ACTION_ENDPOINT_URL": "http://127.0.0.1:1/webhook"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    plans: list[dict[str, Any]] = json.loads(done.stdout)
    return {key: plan["route"] for key, plan in zip(asked, plans, strict=True)}


def test_there_are_enough_of_each() -> None:
    assert sum(route == EMERGENCY for route in DANGERS.values()) >= 30
    assert sum(route == STAFF_MEDICAL for route in DANGERS.values()) >= 30
    assert len(HARMLESS) >= 20
    assert sum(" at " in name for name in STATES) >= 4


@pytest.mark.parametrize("state", STATES)
def test_a_danger_takes_its_route(state: str, routes: dict[tuple[str, str], str]) -> None:
    in_emergency = STATES[state].is_emergency
    wanted = {text: EMERGENCY if in_emergency else route for text, route in DANGERS.items()}
    got = {text: routes[state, text] for text in asked_in(state) if text in DANGERS}
    if state.startswith(TITLES):
        got = {text: route for text, route in got.items() if wanted[text] == EMERGENCY}
    if state in READ_WITH_MORE:
        wrong = {text: route for text, route in got.items() if BY_URGENCY.index(route) > BY_URGENCY.index(wanted[text])}
    else:
        wrong = {text: route for text, route in got.items() if route != wanted[text]}
    assert wrong == {}


@pytest.mark.parametrize("state", STATES)
def test_a_harmless_sentence_is_no_emergency(state: str, routes: dict[tuple[str, str], str]) -> None:
    got = {text: routes[state, text] for text in asked_in(state) if text in HARMLESS}
    if STATES[state].is_emergency:
        assert set(got.values()) == {EMERGENCY}  # only an all-clear changes the subject
    else:
        # Together with what was said just before, a symptom's word may become a matter for staff, but no emergency.
        alarms = {EMERGENCY} if STATES[state].context.get("recent") else {EMERGENCY, STAFF_MEDICAL}
        assert {text: route for text, route in got.items() if route in alarms} == {}
