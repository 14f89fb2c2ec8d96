from __future__ import annotations

import shutil
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from ops.errors import Stop
from ops.machine import free_ports, need_disk, need_ports, only_one_run, setting_up
from ops.paths import ROOT
from ops.settings import Ports


def test_a_taken_port_is_named_with_its_setting() -> None:
    free = free_ports()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Stop, match=rf"^Port {port} is already taken; .*RASA_PORT.*\.$"):
            need_ports(Ports(free.web, port, free.actions))


def test_free_ports_are_three_different_ones_that_can_be_used() -> None:
    ports = free_ports()
    assert len(set(ports.by_setting().values())) == 3
    need_ports(ports)


def test_a_full_disk_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda where: SimpleNamespace(free=499_000_000))
    with pytest.raises(Stop, match=r"^The disk is too full: 500 MB are needed and 499 MB are free\.$"):
        need_disk()


def test_a_second_run_in_one_checkout_is_refused_and_names_the_first(tmp_path: Path) -> None:
    lock = tmp_path / "run.lock"
    program = (
        "import sys\nfrom pathlib import Path\nfrom ops.machine import only_one_run\n"
        "with only_one_run(Path(sys.argv[1])):\n    print('held', flush=True)\n    sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", program, str(lock)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        with pytest.raises(Stop, match=rf"already running \(process {first.pid}\)"), only_one_run(lock):
            pass
        first.kill()
    with only_one_run(lock):
        assert lock.exists()


def test_setting_up_gives_the_lock_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        with setting_up(tmp_path / "setup.lock"):
            pass
    assert capsys.readouterr().out == ""
