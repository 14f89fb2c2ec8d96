"""The brain's start: in a process of its own, because what it leaves out stays left out for the whole process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )


def test_answering_loads_nothing_that_only_training_or_other_channels_need() -> None:
    done = python(
        "-c",
        "import sys, rasa_ext.serve, rasa.core.policies.rule_policy, rasa_ext.plan, rasa_ext.policy\n"
        "from rasa.shared.utils.common import class_from_module_path as find\n"
        "find('rasa.graph_components.validators.default_recipe_validator.DefaultV1RecipeValidator')\n"
        "find('rasa.nlu.classifiers.regex_message_handler.RegexMessageHandler')\n"
        "print(*sorted({'tensorflow', 'keras', 'matplotlib', 'aiogram', 'questionary'} & set(sys.modules)))",
    )
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stderr


def test_a_missing_model_is_one_sentence_and_no_start(tmp_path: Path) -> None:
    done = python("-m", "rasa_ext.serve", "--model", str(tmp_path / "none.tar.gz"), "--port", "1")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == f"There is no model {tmp_path}/none.tar.gz; train one first."
    assert "Traceback" not in done.stderr


def test_a_broken_model_is_no_start(tmp_path: Path) -> None:
    (tmp_path / "brain.tar.gz").write_bytes(b"no archive")
    endpoints = tmp_path / "endpoints.yml"
    endpoints.write_text("tracker_store:\n  type: rasa_ext.tracker_store.CarriedTrackerStore\n")
    done = python("-m", "rasa_ext.serve", "--model", str(tmp_path / "brain.tar.gz"), "--endpoints", str(endpoints))
    assert done.returncode != 0
