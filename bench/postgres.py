"""A private PostgreSQL in a temporary folder, for measurements and tests: nothing of the machine's own is touched.

`python -m bench.postgres -- COMMAND` runs a command with such a server as its DATABASE_URL.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from bench.command import exit_code
from ops.errors import Stop

# Where Debian and its relatives keep the server's programs, which are not on the path.
VERSIONS = Path("/usr/lib/postgresql")
OWNER, NAME = "postgres", "clinic"
MISSING = "PostgreSQL's server is not installed here (no initdb on the path or in /usr/lib/postgresql/*/bin)."


def programs() -> Path:
    """Return the folder with the server's programs; raises `Stop` when there is none."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    folders = [folder for folder in VERSIONS.glob("*/bin") if (folder / "initdb").exists()]
    if not folders:
        raise Stop(MISSING)
    return max(folders, key=lambda folder: float(folder.parent.name))


def _account() -> str | None:
    """Return the account that the server runs under: it refuses to be root."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(OWNER)
    except KeyError:
        raise Stop(f"PostgreSQL does not run as root, and there is no account {OWNER} here.") from None
    return OWNER


@contextmanager
def cluster() -> Iterator[str]:
    """Start a server that listens on a socket in its own folder alone; yield the address of an empty database."""
    bin_folder, account = programs(), _account()
    with tempfile.TemporaryDirectory(prefix="clinic-pg-") as folder:
        if account:
            shutil.chown(folder, account)

        def run(program: str, *arguments: str) -> None:
            done = subprocess.run(
                [bin_folder / program, *arguments],
                user=account,
                cwd=folder,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
            )
            if done.returncode:
                raise Stop(f"PostgreSQL's {program} failed: {done.stderr.strip() or done.returncode}")

        data = f"{folder}/data"
        run("initdb", "-D", data, "-U", OWNER, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
        run("pg_ctl", "-D", data, "-w", "-l", f"{folder}/log", "-o", f"-c listen_addresses='' -k {folder}", "start")
        try:
            run("createdb", "-h", folder, "-U", OWNER, NAME)
            yield f"postgresql://{OWNER}@{quote(folder, safe='')}/{NAME}"
        finally:
            run("pg_ctl", "-D", data, "-m", "immediate", "stop")


def _run(command: Sequence[str]) -> None:
    with cluster() as address:
        done = subprocess.run(command, env={**os.environ, "DATABASE_URL": address})
    if done.returncode:
        raise Stop(f"The command ended with {done.returncode}.")


if __name__ == "__main__":
    sys.exit(exit_code(lambda: _run(sys.argv[2:] if sys.argv[1:2] == ["--"] else sys.argv[1:])))
