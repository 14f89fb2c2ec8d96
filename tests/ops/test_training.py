from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ops import training
from ops.errors import Stop


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A checkout with a stand-in for rasa that counts its runs."""
    counted: list[str] = []

    def run_logged(command: list[Any], *_: object, **options: object) -> None:
        counted.append("trained")
        (Path(command[command.index("--out") + 1]) / "brain.tar.gz").write_text(f"model {len(counted)}")

    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "nlu.yml").write_text("one")
    monkeypatch.setattr(training, "ROOT", tmp_path)
    monkeypatch.setattr(training, "VAR", tmp_path)
    monkeypatch.setattr(training, "MODELS", tmp_path / "models")
    monkeypatch.setattr(training, "MODEL", tmp_path / "models" / "brain.tar.gz")
    monkeypatch.setattr(training, "STAMP", tmp_path / "models" / "brain.json")
    monkeypatch.setattr(training, "run_logged", run_logged)
    return counted


def test_training_runs_once_and_again_only_when_an_input_changed(runs: list[str], tmp_path: Path) -> None:
    training.ensure_trained()
    training.ensure_trained()
    assert len(runs) == 1
    (tmp_path / "data" / "nlu.yml").write_text("two")
    training.ensure_trained()
    assert len(runs) == 2
    (tmp_path / "models" / "brain.tar.gz").unlink()
    training.ensure_trained()
    assert len(runs) == 3


def test_failed_training_leaves_the_old_model_and_no_litter(
    runs: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    training.ensure_trained()

    def fail(*_: object, **__: object) -> None:
        raise Stop("Training failed.")

    monkeypatch.setattr(training, "run_logged", fail)
    (tmp_path / "data" / "nlu.yml").write_text("broken")
    with pytest.raises(Stop):
        training.ensure_trained()
    assert (tmp_path / "models" / "brain.tar.gz").read_text() == "model 1"
    assert not list(tmp_path.glob("training-*"))
