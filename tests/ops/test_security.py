"""docs/security.md names for every line of the security list the tests that hold it, or a reason; and they exist."""

from __future__ import annotations

import ast
import re

import pytest

from ops.paths import ROOT
from ops.services import services
from ops.settings import Ports
from ops.training import RASA_ENVIRONMENT

LIST = ROOT / "docs" / "security.md"
ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.+?) \|$", re.MULTILINE)
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
LINES = 33


def rows() -> dict[int, str]:
    """What the list says of each line."""
    return {int(number): held for number, _, held in ROW.findall(LIST.read_text(encoding="utf-8"))}


def test_every_line_of_the_list_is_there() -> None:
    assert sorted(rows()) == list(range(1, LINES + 1))


@pytest.mark.parametrize("number", range(1, LINES + 1))
def test_a_line_is_held_by_tests_that_exist_or_has_a_reason(number: int) -> None:
    held = rows()[number]
    named = NAMED.findall(held)
    assert named or "Reason:" in held
    for file, test in named:
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        assert test in {one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)}, f"{file}::{test}"


@pytest.mark.parametrize("file", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda path: path.name)
def test_every_package_is_locked_with_its_hash(file: object) -> None:
    text = re.sub(r"\\\n", " ", file.read_text(encoding="utf-8"))  # type: ignore[attr-defined]
    packages = [line for line in text.splitlines() if line and not line.lstrip().startswith(("#", "-"))]
    assert packages
    assert [line for line in packages if "==" not in line or "--hash=sha256:" not in line] == []


def test_nothing_but_the_web_process_is_told_to_listen_elsewhere() -> None:
    hosts = {
        name: set(re.findall(r"host=\"([^\"]+)\"|add_argument\(\"--host\"", (ROOT / name).read_text(encoding="utf-8")))
        for name in ("actions/__main__.py", "rasa_ext/serve.py")
    }
    assert hosts == {"actions/__main__.py": {"127.0.0.1"}, "rasa_ext/serve.py": {"127.0.0.1"}}
    started = services(Ports(web=1, rasa=2, actions=3), {})
    assert not [one for one in started if {"--debug", "--cors", "--enable-api"} & set(one.command)]


def test_the_brain_sends_no_telemetry() -> None:
    assert RASA_ENVIRONMENT["RASA_TELEMETRY_ENABLED"] == "false"
