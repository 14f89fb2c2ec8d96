"""What the machine has to offer: free disk, free ports, and one owner at a time."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ops.console import say
from ops.errors import Stop
from ops.paths import ROOT, VAR
from ops.settings import Ports

LEAST_FREE_MB = 500


def need_disk(megabytes: int = LEAST_FREE_MB, where: Path = ROOT) -> None:
    """Raise Stop unless that much disk is free."""
    free = shutil.disk_usage(where).free // 1_000_000
    if free < megabytes:
        raise Stop(f"The disk is too full: {megabytes} MB are needed and {free} MB are free.")


def need_ports(ports: Ports) -> None:
    """Raise Stop when one of the ports is taken, naming it and its setting."""
    for setting, port in ports.by_setting().items():
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as problem:
                why = (
                    "is already taken" if problem.errno == errno.EADDRINUSE else f"cannot be used ({problem.strerror})"
                )
                raise Stop(f"Port {port} {why}; free it or set {setting} to another number in .env.") from None


def free_ports() -> Ports:
    """Three ports that nobody listens on right now."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(3)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        web, rasa, actions = (each.getsockname()[1] for each in sockets)
    return Ports(web, rasa, actions)


@contextmanager
def only_one_run(lock: Path = VAR / "run.lock") -> Iterator[None]:
    """Hold the checkout's run lock. Raises Stop when another ``make run`` holds it."""
    with _opened(lock) as handle:
        if not _try_lock(handle):
            owner = os.read(handle, 20).decode(errors="replace").strip()
            raise Stop(f"This checkout is already running (process {owner or 'unknown'}); stop that one first.")
        os.truncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield


@contextmanager
def setting_up(lock: Path = VAR / "setup.lock") -> Iterator[None]:
    """Let one command at a time install and train; a second one waits for it."""
    with _opened(lock) as handle:
        if not _try_lock(handle):
            say("Waiting for another command that is setting up this checkout …")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def _opened(lock: Path) -> Iterator[int]:
    lock.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(lock, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        yield handle
    finally:
        os.close(handle)  # which also gives the lock back


def _try_lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
