"""``make demo``: fills the book with a believable month, asked of the real brain."""

from __future__ import annotations

import threading
import time

from ops.console import say
from ops.environments import CLINIC
from ops.errors import Stop
from ops.machine import need_disk
from ops.paths import LOGS
from ops.prepare import manage, prepare, prepare_clinic
from ops.probe import responds
from ops.services import clinic_environment, services
from ops.settings import Ports, copy_example, read_ports
from ops.supervisor import Supervisor

BRAIN = ("rasa", "actions")
READY_SECONDS = 90.0


def fill_demo() -> int:
    """Set up what is missing, have a brain at work, and fill the book. Raises Stop."""
    need_disk()
    copy_example()
    ports = read_ports()
    if not CLINIC.installed(False):
        say("Setting up. The first time takes a few minutes.")
    prepare_clinic()
    prepare()
    environment = clinic_environment(ports, {})
    manage("migrate", "--verbosity", "0", env=environment)
    if _works(ports):
        manage("fill_demo", env=environment)
    else:
        _with_own_brain(ports, environment)
    return 0


def _works(ports: Ports) -> bool:
    return responds(f"http://127.0.0.1:{ports.rasa}/") and responds(f"http://127.0.0.1:{ports.actions}/health")


def _with_own_brain(ports: Ports, environment: dict[str, str]) -> None:
    """Fill the book with rasa and actions running for as long as that takes."""
    over = threading.Event()
    brain = [one for one in services(ports, {}) if one.name in BRAIN]
    supervisor = Supervisor(brain, LOGS, say=lambda line: None)
    thread = threading.Thread(target=_keep, args=(supervisor, over), name="supervisor")
    thread.start()
    try:
        end = time.monotonic() + READY_SECONDS
        while not _works(ports):
            if time.monotonic() > end or over.is_set():
                raise Stop("The brain did not start; var/log/rasa.log says why.")
            time.sleep(0.2)
        say("Playing a month of visitors …")
        manage("fill_demo", env=environment)
    finally:
        over.set()
        thread.join()


def _keep(supervisor: Supervisor, over: threading.Event) -> None:
    try:
        supervisor.start()
        supervisor.run(over)
    finally:
        supervisor.stop()
        over.set()
