from __future__ import annotations

from pathlib import Path

import pytest

from ops import pythons
from ops.errors import Stop
from ops.pythons import find_python

UV = Path("uv")


class Machine:
    """Answers the finder's questions; ``where`` says which of its ways leads to a Python 3.10."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.asked: list[str] = []

    def ask(self, command: list[str | Path], **options: object) -> str | None:
        if command[0] == "python3.10":
            folder = options.get("cwd")
            way = folder.name if isinstance(folder, Path) else "plain"
        elif command[0] == UV:
            way = "found by uv"
            self.asked.append(way)
            return "uv/python" if self.where in (way, "fetched by uv") and way in self.asked else None
        else:
            return "3.10 uv/python"
        self.asked.append(way)
        return f"3.10 {way}/python" if way == self.where else None

    def fetch(self, command: list[str | Path], **options: object) -> int:
        self.asked.append("fetched by uv")
        return 0


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("rasa_ext", "requirements"):
        (tmp_path / name).mkdir()
        (tmp_path / name / ".python-version").write_text("3.10\n")
    monkeypatch.setattr(pythons, "ROOT", tmp_path)
    monkeypatch.setattr(pythons, "REQUIREMENTS", tmp_path / "requirements")


@pytest.mark.parametrize(
    ("where", "asked"),
    [
        ("plain", ["plain"]),
        ("rasa_ext", ["plain", "rasa_ext"]),
        ("requirements", ["plain", "rasa_ext", "requirements"]),
        ("found by uv", ["plain", "rasa_ext", "requirements", "found by uv"]),
    ],
)
def test_the_nearest_way_wins_and_later_ones_are_not_tried(where: str, asked: list[str]) -> None:
    machine = Machine(where)
    find_python(UV, machine.ask, machine.fetch)
    assert machine.asked == asked


def test_uv_fetches_one_only_when_none_is_there() -> None:
    machine = Machine("nowhere")

    def fetch(command: list[str | Path], **options: object) -> int:
        machine.where = "found by uv"
        return machine.fetch(command)

    assert find_python(UV, machine.ask, fetch) == Path("uv/python")
    assert machine.asked[-2:] == ["fetched by uv", "found by uv"]


def test_none_at_all_is_one_sentence() -> None:
    machine = Machine("nowhere")
    with pytest.raises(Stop, match=r"^Python 3\.10 is missing and could not be fetched: [^.]*3\.10[^.]*\.$"):
        find_python(UV, machine.ask, machine.fetch)


def test_another_version_behind_the_name_is_not_taken() -> None:
    machine = Machine("nowhere")

    def ask(command: list[str | Path], **options: object) -> str | None:
        return "3.12 /usr/bin/python3.12" if command[0] == "python3.10" else machine.ask(command, **options)

    with pytest.raises(Stop):
        find_python(UV, ask, machine.fetch)
