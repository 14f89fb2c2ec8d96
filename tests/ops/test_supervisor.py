from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from ops.paths import ROOT
from ops.services import Service
from ops.supervisor import Patience, Supervisor
from tests.ops.conftest import PARENT, alive, sleeper, wait_until

QUICK = Patience(first=0.05, most=0.4, healthy_after=60.0)


@contextmanager
def supervised(services: Sequence[Service], folder: Path, said: list[str]) -> Iterator[Supervisor]:
    supervisor = Supervisor(services, folder, say=said.append, patience=QUICK)
    over = threading.Event()

    def keep() -> None:
        supervisor.start()
        supervisor.run(over)

    thread = threading.Thread(target=keep)
    thread.start()
    try:
        wait_until(lambda: len(supervisor.pids()) == len(services))
        yield supervisor
    finally:
        over.set()
        thread.join()


def test_a_killed_process_is_started_again_and_one_line_says_so(tmp_path: Path, said: list[str]) -> None:
    with supervised([sleeper("one"), sleeper("two")], tmp_path, said) as supervisor:
        before = supervisor.pids()
        supervisor.kill("one")
        wait_until(lambda: supervisor.pids().get("one") not in (None, before["one"]))
        assert supervisor.pids()["two"] == before["two"]
    assert [line for line in said if line.startswith("[one] was ended by signal 9; starting it again in 0.05 s")]


def test_each_restart_in_a_row_waits_longer_up_to_the_limit(tmp_path: Path, said: list[str]) -> None:
    with supervised([sleeper("brief", "raise SystemExit(3)")], tmp_path, said):
        wait_until(lambda: len(said) >= 5)
    waits = [line.partition("again in ")[2].partition(" s")[0] for line in said[:5]]
    assert waits == ["0.05", "0.1", "0.2", "0.4", "0.4"]
    assert all("ended with exit code 3" in line for line in said)


def test_a_healthy_run_resets_the_wait() -> None:
    patience = Patience(first=1.0, most=30.0)
    assert [patience.wait(failures) for failures in (1, 2, 3, 10, 1000)] == [1.0, 2.0, 4.0, 30.0, 30.0]


def test_stopping_leaves_no_process_not_even_what_the_services_started(tmp_path: Path, said: list[str]) -> None:
    note = tmp_path / "child"
    with supervised([sleeper("parent", PARENT, str(note))], tmp_path, said) as supervisor:
        wait_until(lambda: note.exists() and note.read_text())
        pids = [*supervisor.pids().values(), int(note.read_text())]
        assert all(map(alive, pids))
    wait_until(lambda: not any(map(alive, pids)))


def test_a_killed_service_takes_what_it_started_along(tmp_path: Path, said: list[str]) -> None:
    note = tmp_path / "child"
    with supervised([sleeper("parent", PARENT, str(note))], tmp_path, said) as supervisor:
        wait_until(lambda: note.exists() and note.read_text())
        child = int(note.read_text())
        os.kill(supervisor.pids()["parent"], signal.SIGKILL)
        wait_until(lambda: not alive(child))


def test_a_service_that_ignores_the_request_to_end_is_ended(
    tmp_path: Path, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ops.supervisor.STOP_SECONDS", 0.3)
    stubborn = "import signal, time\nsignal.signal(15, signal.SIG_IGN)\nprint('deaf', flush=True)\ntime.sleep(600)"
    with supervised([sleeper("stubborn", stubborn)], tmp_path, said) as supervisor:
        wait_until(lambda: "deaf" in (tmp_path / "stubborn.log").read_text())
        pid = supervisor.pids()["stubborn"]
    assert not alive(pid)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can tie a process to its parent")
def test_killing_the_supervisor_itself_leaves_no_process(tmp_path: Path) -> None:
    program = (
        "import sys, threading\n"
        "from pathlib import Path\n"
        "from ops.services import Service\n"
        "from ops.supervisor import Supervisor\n"
        "sleep = (sys.executable, '-c', 'import time; time.sleep(600)')\n"
        "supervisor = Supervisor([Service('one', sleep), Service('two', sleep)], Path(sys.argv[1]))\n"
        "supervisor.start()\n"
        "print(*supervisor.pids().values(), flush=True)\n"
        "supervisor.run(threading.Event())\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout is not None
        pids = [int(pid) for pid in supervisor.stdout.readline().split()]
        wait_until(lambda: all(_runs_sleep(pid) for pid in pids))
        supervisor.kill()
    assert len(pids) == 2
    wait_until(lambda: not any(map(alive, pids)))


def _runs_sleep(pid: int) -> bool:
    """Whether the launcher has become the command already."""
    return b"launch.py" not in Path(f"/proc/{pid}/cmdline").read_bytes()


def test_errors_in_a_log_are_passed_on_and_the_rest_is_not(tmp_path: Path, said: list[str]) -> None:
    talk = (
        "print('all is well', flush=True)\nprint('12:00 ERROR no database', flush=True)\nimport time\ntime.sleep(600)"
    )
    with supervised([sleeper("talker", talk)], tmp_path, said):
        wait_until(lambda: said)
    assert said == ["[talker] 12:00 ERROR no database"]
    assert "all is well" in (tmp_path / "talker.log").read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_whole_command_ends_quietly_when_asked(number: int, tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "import ops.__main__ as main\n"
        "from ops.commands import run\n"
        "main.COMMANDS['nap'] = lambda _: run([sys.executable, '-c', "
        "'import os, time; print(os.getpid(), flush=True); time.sleep(600)'])\n"
        "sys.exit(main.main(['nap']))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as command:
        assert command.stdout is not None
        assert command.stderr is not None
        pid = int(command.stdout.readline())
        command.send_signal(number)
        assert command.wait(10) == 130
        assert command.stderr.read() == "Stopped.\n"
    assert not alive(pid)
