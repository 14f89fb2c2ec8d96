"""The chat in Firefox; collected where the machine has one (`conftest.py`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Running
from tests.e2e.chatting import beginnings
from tests.e2e.firefox import ENTER, ESCAPE, Firefox

SHADOW = "document.querySelector('clinic-chat').shadowRoot"
LAUNCHER = f"{SHADOW}.querySelector('button[aria-expanded]')"
ANSWERS = "document.querySelectorAll('.chat-row--bot .chat-text')"


@pytest.fixture
def firefox(tmp_path: Path) -> Iterator[Firefox]:
    with Firefox(tmp_path) as running:
        yield running


def test_a_question_is_asked_and_answered_by_keyboard(firefox: Firefox, stack: Running) -> None:
    firefox.do("Navigate", url=stack.url)
    firefox.wait_for("!!document.querySelector('clinic-chat')")
    firefox.run(f"{LAUNCHER}.focus()")
    firefox.type(ENTER)
    assert firefox.run(f"{LAUNCHER}.getAttribute('aria-expanded')") == "true"

    firefox.enter(firefox.wait_for(f"{SHADOW}.querySelector('iframe')"))
    firefox.wait_for("document.activeElement?.id === 'chat-box'")
    firefox.type(f"How long does Dysport last?{ENTER}")
    firefox.wait_for(f"{ANSWERS}.length === 2")
    assert firefox.run(f"{ANSWERS}[1].textContent").startswith(beginnings("utter_results_duration"))
    assert firefox.run("document.documentElement.scrollWidth <= innerWidth")
    firefox.type(ESCAPE)

    firefox.enter(None)
    firefox.wait_for(f"!{SHADOW}.querySelector('dialog').open")
    firefox.wait_for(f"{SHADOW}.activeElement === {LAUNCHER}")
    assert firefox.run(f"{LAUNCHER}.getAttribute('aria-expanded')") == "false"
