"""The types of the widget's JavaScript, checked by TypeScript. Only `make lint` needs it, and Node.js to run it."""

from __future__ import annotations

import hashlib
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

from ops.commands import run
from ops.console import complain, say
from ops.errors import Stop
from ops.paths import ROOT, VAR

VERSION = "5.9.3"
SHA256 = "10e108c9cf7d5f2879053dff18515fb405abf2ccef63eaaf017d9c571687a1d3"
COMPILER = VAR / "typescript" / VERSION
PROJECT = ROOT / "widget"
UNCHECKED = "The types of the widget's scripts were not checked"


def check_types(project: Path = PROJECT, get: Callable[[], Path] | None = None) -> int:
    """Check the types of the project in a folder and return 0 when they are right.

    Without Node.js, or without a way to get the compiler, a sentence says that nothing was checked; where `CI` is
    `true` that counts as a failure.
    """
    try:
        compiler = (get or ensure_compiler)()
    except Stop as problem:
        complain(f"{UNCHECKED}: {problem}")
        return int(os.environ.get("CI") == "true")
    found = run(["node", compiler / "package" / "bin" / "tsc", "--project", project])
    if found == 0:
        say("The types of the widget's scripts are right.")
    return min(found, 1)


def ensure_compiler(folder: Path = COMPILER) -> Path:
    """Return the folder that holds the compiler's package, fetched when it is not there yet.

    Raises Stop when Node.js is missing, the package cannot be fetched, or it is not the one that we know.
    """
    if not (shutil.which("node") and shutil.which("npm")):
        raise Stop("Node.js with npm is not installed.")
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fresh-", dir=folder.parent) as scratch:
        fresh = Path(scratch)
        archive = fetch(fresh)
        check(archive, SHA256)
        unpack(archive, fresh / "unpacked")
        (fresh / "unpacked").rename(folder)
    return folder


def fetch(folder: Path) -> Path:
    """Have npm put the package into the folder and return its path. It is never installed: nothing of it is run."""
    say(f"Fetching TypeScript {VERSION} …")
    command: list[str | Path] = ["npm", "pack", f"typescript@{VERSION}", "--silent", "--pack-destination", folder]
    with Path(os.devnull).open("wb") as nowhere:
        failed = run(command, stdout=nowhere, stderr=nowhere)
    found = list(folder.glob("*.tgz"))
    if failed or not found:
        raise Stop(f"npm could not fetch TypeScript {VERSION}.")
    return found[0]


def check(archive: Path, expected: str) -> None:
    """Raise Stop unless the package has the SHA-256 we know."""
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != expected:
        raise Stop(f"The package of TypeScript has the SHA-256 {found}, not the known {expected}; it is not used.")


def unpack(archive: Path, folder: Path) -> None:
    """Unpack the files of a package that has been checked."""
    with tarfile.open(archive) as content:
        for member in content:
            source = content.extractfile(member) if member.isfile() else None
            if source:
                target = folder / member.name
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("wb") as written:
                    shutil.copyfileobj(source, written)
