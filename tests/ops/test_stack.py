from __future__ import annotations

import threading
from pathlib import Path

import pytest

from ops import stack
from ops.errors import Stop
from ops.machine import free_ports
from ops.services import Service, services
from ops.settings import Ports
from ops.stack import Running, Stack
from ops.supervisor import Patience
from tests.ops.conftest import alive, sleeper, wait_until

QUICK = Patience(first=0.01, most=0.05, healthy_after=60.0)


def test_a_service_that_cannot_start_ends_the_start_with_its_last_words_and_leaves_no_process(
    tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = sleeper("web", "raise SystemExit('The setting PORT must be a number.')")
    monkeypatch.setattr(stack, "services", lambda ports, clinic: [sleeper("rasa"), broken])
    running = Running(free_ports(), {}, tmp_path, say=said.append, patience=QUICK)
    pids: list[int] = []
    monkeypatch.setattr(running, "_check_that_it_can_come", _noting(running, pids))
    with pytest.raises(Stop, match=r"^web does not start; "):
        running.start()
    assert "[web] | The setting PORT must be a number." in said
    assert pids
    wait_until(lambda: not any(map(alive, pids)))


def _noting(running: Running, pids: list[int]) -> object:
    check = running._check_that_it_can_come

    def note() -> None:
        pids.extend(running.supervisor.pids().values())
        check()

    return note


def test_a_request_to_stop_ends_the_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack, "services", lambda ports, clinic: [sleeper("rasa")])
    running = Running(free_ports(), {}, tmp_path, say=lambda line: None)
    threading.Timer(0.3, running.over.set).start()
    with pytest.raises(Stop, match=r"^Stopped before the start was complete"):
        running.start()
    assert running.supervisor.pids() == {}


def test_services_get_their_ports_and_only_clinic_gets_its_settings(tmp_path: Path) -> None:
    found = {each.name: each for each in services(Ports(1, 2, 3), {"VAR_DIR": "/x"}, tmp_path / "brain.tar.gz")}
    assert list(found) == ["rasa", "actions", "web", "worker"]
    assert found["rasa"].environment["ACTION_ENDPOINT_URL"] == "http://127.0.0.1:3/webhook"
    assert _option(found["rasa"], "--port") == "2"
    assert _option(found["rasa"], "-m") == "rasa_ext.serve"  # which listens on loopback only
    assert _option(found["actions"], "--port") == "3"
    for name in ("web", "worker"):
        assert found[name].environment["PORT"] == "1"
        assert found[name].environment["RASA_URL"] == "http://127.0.0.1:2"
        assert found[name].environment["VAR_DIR"] == "/x"
    assert "VAR_DIR" not in found["rasa"].environment


def _option(service: Service, name: str) -> str:
    return service.command[service.command.index(name) + 1]


def test_a_stack_has_a_database_of_its_own_whatever_the_settings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://real/book")
    monkeypatch.setattr(stack, "MODEL", Path("/nowhere/brain.tar.gz"))
    made = Stack({"CLINIC_NAME": "Sample"})
    assert made.environment["DATABASE_URL"] == ""
    assert made.environment["ENV_FILE"] == "/dev/null"
    assert made.environment["VAR_DIR"] == str(made.folder)
    assert made.environment["CLINIC_NAME"] == "Sample"
    with pytest.raises(Stop, match="make train"), made:
        pass
    assert not made.folder.exists()
