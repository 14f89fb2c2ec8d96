from __future__ import annotations

import sys
from pathlib import Path

import pytest

from ops import environments
from ops.environments import Environment, ensure
from ops.errors import Stop


class Uv:
    """Stands for uv: notes what it is asked, makes environments, and fails when told to."""

    def __init__(self, venv: Path) -> None:
        self.venv = venv
        self.calls: list[tuple[str, ...]] = []
        self.fails_on = ""

    def __call__(self, *arguments: str) -> int:
        self.calls.append(arguments)
        if arguments[0] == self.fails_on:
            return 1
        if arguments[0] == "venv":
            python = Path(arguments[-1]) / "bin" / "python"
            python.parent.mkdir(parents=True)
            python.symlink_to(sys.executable)
        return 0

    def verbs(self) -> list[str]:
        return [call[0] for call in self.calls]


@pytest.fixture
def uv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Uv:
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "sample.txt").write_text("a==1\n")
    (tmp_path / "requirements" / "sample-test.txt").write_text("b==1\n")
    fake = Uv(tmp_path / "venv")
    monkeypatch.setattr(environments, "REQUIREMENTS", tmp_path / "requirements")
    monkeypatch.setattr(environments, "VENV", tmp_path / "venv")
    monkeypatch.setattr(environments, "python_of", lambda name: tmp_path / "venv" / name / "bin" / "python")
    monkeypatch.setattr(environments, "uv_run", fake)
    monkeypatch.setattr(environments, "ensure_uv", lambda: None)
    return fake


SAMPLE = Environment("sample", 1, lambda: Path(sys.executable))


def test_a_second_run_does_nothing(uv: Uv) -> None:
    ensure(SAMPLE)
    assert uv.verbs() == ["venv", "pip"]
    assert "--require-hashes" in uv.calls[1]
    ensure(SAMPLE)
    assert uv.verbs() == ["venv", "pip"]


def test_what_tests_add_is_installed_only_for_tests_and_stays(uv: Uv) -> None:
    ensure(SAMPLE)
    assert not any("sample-test.txt" in argument for call in uv.calls for argument in call)
    ensure(SAMPLE, tests=True)
    assert uv.calls[-1][-1].endswith("sample-test.txt")
    count = len(uv.calls)
    ensure(SAMPLE)
    assert len(uv.calls) == count


def test_a_changed_lock_file_installs_again_into_the_same_environment(uv: Uv, tmp_path: Path) -> None:
    ensure(SAMPLE)
    (tmp_path / "requirements" / "sample.txt").write_text("a==2\n")
    ensure(SAMPLE)
    assert uv.verbs() == ["venv", "pip", "pip"]


def test_an_interrupted_installation_starts_from_an_empty_environment(uv: Uv) -> None:
    uv.fails_on = "pip"
    with pytest.raises(Stop, match="The packages of sample could not be installed"):
        ensure(SAMPLE)
    uv.fails_on = ""
    ensure(SAMPLE)
    assert uv.verbs() == ["venv", "pip", "venv", "pip"]
    assert SAMPLE.installed(False)


def test_a_full_disk_stops_before_anything_is_fetched(uv: Uv, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(megabytes: int) -> None:
        raise Stop(f"{megabytes}")

    monkeypatch.setattr(environments, "need_disk", full)
    with pytest.raises(Stop, match="1"):
        ensure(SAMPLE)
    assert uv.calls == []
