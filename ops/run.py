"""``make run``: from a clean clone to an answered message, and then on until it is stopped."""

from __future__ import annotations

import signal
import time
from contextlib import suppress

from ops.console import say
from ops.environments import CLINIC, RASA
from ops.errors import Stop
from ops.machine import need_disk, need_ports, only_one_run
from ops.prepare import manage, prepare, prepare_clinic
from ops.services import clinic_environment
from ops.settings import Ports, copy_example, read_ports
from ops.stack import Running


def run_product() -> int:
    """Set up what is missing, start everything, and return when it was asked to stop. Raises Stop."""
    with only_one_run():
        begun = time.monotonic()
        need_disk()
        copy_example()
        ports = read_ports()
        need_ports(ports)
        if not (CLINIC.installed(False) and RASA.installed(False)):
            say("Setting up. The first time takes a few minutes; later starts take seconds.")
        prepare_clinic()
        environment = clinic_environment(ports, {})
        manage("check", env=environment)
        prepare()
        manage("migrate", "--verbosity", "0", env=environment)
        manage("make_administrator", env=environment)
        need_ports(ports)
        _serve(ports, begun, environment)
    return 0


def _serve(ports: Ports, begun: float, environment: dict[str, str]) -> None:
    running = Running(ports, {})
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: running.over.set())
    say("Starting rasa, actions, web and worker …")
    first = running.start()
    try:
        say(f"A first message was answered {time.monotonic() - begun:.1f} s after the start.")
        say(f"  demo page:   http://127.0.0.1:{ports.web}/")
        say(f"  staff login: http://127.0.0.1:{ports.web}/staff/")
        say("Logs are in var/log. Ctrl-C stops everything.")
        # Nobody wrote it, so it is in no list and no figure of the clinic's.
        with suppress(Stop):
            manage("forget_probe", first.conversation, env=environment)
        running.over.wait()
        say("Stopping …")
    finally:
        running.stop()
    say("Stopped.")
