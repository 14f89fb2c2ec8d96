"""Makes the two environments, ``.venv/clinic`` and ``.venv/rasa``, from the hash-locked requirement files."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from ops.commands import output_of, run
from ops.console import step
from ops.errors import Stop
from ops.machine import need_disk
from ops.packages import uv_environment
from ops.paths import REQUIREMENTS, VENV, python_of
from ops.pythons import find_python
from ops.stamps import read_stamp, sha256_of, write_stamp

STAMP = "installed.json"
INSTALLING = "installing"
UV = VENV / "setup" / "bin" / "uv"


@dataclass(frozen=True)
class Environment:
    """One environment: its name, what it costs on disk (MB), and where its Python comes from."""

    name: str
    megabytes: int
    interpreter: Callable[[], Path]

    @property
    def folder(self) -> Path:
        """Where it lives."""
        return VENV / self.name

    def locks(self, tests: bool) -> list[Path]:
        """Its lock files: what it runs with, and what its tests add."""
        names = [f"{self.name}.txt", f"{self.name}-test.txt"] if tests else [f"{self.name}.txt"]
        return [REQUIREMENTS / name for name in names]

    def installed(self, tests: bool) -> bool:
        """Whether everything that the lock files name is there already."""
        stamp = read_stamp(self.folder / STAMP)
        return python_of(self.name).exists() and all(
            stamp.get(lock.name) == sha256_of(lock) for lock in self.locks(tests)
        )


CLINIC = Environment("clinic", 500, lambda: Path(sys.executable))
RASA = Environment("rasa", 3500, lambda: find_python(UV))


def ensure(environment: Environment, *, tests: bool = False) -> None:
    """Make the environment hold exactly what its lock files name; nothing is done, and no network used, if it does.

    Raises Stop with what is missing: disk, a Python, or a package.
    """
    if environment.installed(tests):
        return
    need_disk(environment.megabytes)
    ensure_uv()
    interrupted = INSTALLING in read_stamp(environment.folder / STAMP)
    if interrupted or not _answers(python_of(environment.name)):
        _create(environment)
    _install(environment, environment.locks(tests))


def _answers(python: Path) -> bool:
    return output_of([python, "-c", "print(1)"]) == "1"


def _create(environment: Environment) -> None:
    interpreter = environment.interpreter()
    shutil.rmtree(environment.folder, ignore_errors=True)
    if uv_run("venv", "--quiet", "--no-project", "--python", str(interpreter), str(environment.folder)) != 0:
        raise Stop(f"The environment .venv/{environment.name} could not be made; the reason stands above.")


def _install(environment: Environment, locks: list[Path]) -> None:
    before = {lock.name: sha256_of(lock) for lock in locks}
    write_stamp(environment.folder / STAMP, {INSTALLING: True})  # still there next time: this one was interrupted
    with step(f"Installing the packages of {environment.name} ({' and '.join(before)})"):
        target = str(python_of(environment.name))
        if uv_run("pip", "sync", "--quiet", "--python", target, "--require-hashes", *map(str, locks)) != 0:
            raise Stop(f"The packages of {environment.name} could not be installed; the reason stands above.")
    write_stamp(environment.folder / STAMP, before)


def ensure_uv() -> None:
    """Have uv in ``.venv/setup``, installed by pip from its own lock file."""
    lock, folder = REQUIREMENTS / "setup.txt", VENV / "setup"
    if read_stamp(folder / STAMP).get(lock.name) == sha256_of(lock) and UV.exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    with step("Preparing the installer"):
        if run([sys.executable, "-m", "venv", folder]) != 0:
            raise Stop(
                "Python's venv module does not work here; Debian and Ubuntu have it in the package python3-venv."
            )
        pip: list[str | Path] = [python_of("setup"), "-m", "pip", "install", "-qq", "--require-hashes", "-r", lock]
        if run(pip, env={"PIP_DISABLE_PIP_VERSION_CHECK": "1"}) != 0:
            raise Stop("The installer uv could not be fetched; the reason stands above.")
    write_stamp(folder / STAMP, {lock.name: sha256_of(lock)})


def uv_run(*arguments: str, without: Collection[str] = ()) -> int:
    """Run uv under this machine's pip settings, but for the variables ``without``, and return its exit code."""
    pip_settings = output_of([python_of("setup"), "-m", "pip", "config", "list"]) or ""
    found = {name: value for name, value in uv_environment(pip_settings).items() if name not in without}
    return run([UV, *arguments], env=found | {"UV_PYTHON_DOWNLOADS": "never"})


def lock_all() -> None:
    """Write all lock files anew from their ``.in`` files. Raises Stop when one does not resolve."""
    ensure_uv()
    universal = ("--universal", "--python-version", "3.11")
    for name, target in (
        ("setup", universal),
        ("clinic", universal),
        ("clinic-test", universal),
        ("rasa", ("--python-version", "3.10")),
        ("rasa-test", ("--python-version", "3.10")),
    ):
        with step(f"Locking {name}"):
            options = ("--quiet", "--generate-hashes", "--no-header", "--no-emit-index-url", *target)
            files = (f"requirements/{name}.in", "-o", f"requirements/{name}.txt")
            # a machine's own extra packages must not decide what everybody gets
            if uv_run("pip", "compile", *options, *files, without=("UV_INDEX", "UV_FIND_LINKS")) != 0:
                raise Stop(f"requirements/{name}.in does not resolve; the reason stands above.")
