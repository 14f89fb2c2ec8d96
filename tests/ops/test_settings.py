from __future__ import annotations

from pathlib import Path

import pytest

from ops.errors import Stop
from ops.settings import Ports, copy_example, read_env_file, read_ports


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PORT", "RASA_PORT", "ACTIONS_PORT", "ENV_FILE"):
        monkeypatch.delenv(name, raising=False)


def test_env_lines_are_understood_as_people_write_them(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# note\nPORT=9000 # ours\nexport RASA_PORT='9001'\nNAME=\"a # b\"\n\nnothing\n#OFF=1\nEMPTY=\n")
    assert read_env_file(file) == {"PORT": "9000", "RASA_PORT": "9001", "NAME": "a # b", "EMPTY": ""}


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("PORT=9000\nRASA_PORT=9001\n")
    monkeypatch.setenv("PORT", "9100")
    assert read_ports(tmp_path) == Ports(web=9100, rasa=9001, actions=5055)


@pytest.mark.parametrize("value", ["0", "65536", "80a", "-1", "eight"])
def test_a_value_that_is_no_port_is_one_sentence(tmp_path: Path, value: str) -> None:
    (tmp_path / ".env").write_text(f"RASA_PORT={value}\n")
    with pytest.raises(Stop, match=rf'^RASA_PORT is "{value}", but has to be a number from 1 to 65535\.$'):
        read_ports(tmp_path)


def test_two_services_cannot_share_a_port(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=5005\n")
    with pytest.raises(Stop, match="three different numbers"):
        read_ports(tmp_path)


def test_the_example_becomes_the_file_once_and_is_never_copied_over_it(tmp_path: Path) -> None:
    (tmp_path / ".env.example").write_text("PORT=8000\n")
    copy_example(tmp_path)
    assert (tmp_path / ".env").read_text() == "PORT=8000\n"
    (tmp_path / ".env").write_text("PORT=9000\n")
    copy_example(tmp_path)
    assert (tmp_path / ".env").read_text() == "PORT=9000\n"
