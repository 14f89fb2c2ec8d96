"""Trains the brain when something that it is made of has changed."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from ops.commands import run_logged
from ops.console import say, step
from ops.machine import need_disk
from ops.paths import LOGS, MODEL, MODELS, ROOT, VAR, python_of
from ops.stamps import digest, read_stamp, write_stamp

STAMP = MODELS / "brain.json"
INPUTS = ("config.yml", "domain.yml", "data", "rasa_ext", "var/encoder/encoder.json", "requirements/rasa.txt")
# Our training spreads its fits over the cores itself; libraries that do so too only get in its way.
THREADS = "1"
RASA_ENVIRONMENT = {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "PYTHONWARNINGS": "ignore",
    "OMP_NUM_THREADS": THREADS,
    "OPENBLAS_NUM_THREADS": THREADS,
    "TF_NUM_INTRAOP_THREADS": THREADS,
    # rasa's cache would not see changes in the helpers of our components; the stamp above does
    "RASA_MAX_CACHE_SIZE": "0",
    "RASA_CACHE_DIRECTORY": str(VAR / "rasa-cache"),
}


def ensure_trained() -> None:
    """Train if data, domain, configuration or components changed since the model was made."""
    if not MODEL.exists() or read_stamp(STAMP).get("inputs") != inputs():
        train()


def inputs() -> str:
    """One sum over everything that the model is made of."""
    return digest([ROOT / name for name in INPUTS], ROOT)


def train() -> None:
    """Train and move the model into place in one step. Raises Stop when rasa fails.

    The data are not validated here: that takes longer than training and belongs to the tests.
    """
    need_disk()
    MODELS.mkdir(parents=True, exist_ok=True)
    begun_with = inputs()
    folder = Path(tempfile.mkdtemp(prefix="training-", dir=VAR))
    try:
        with step("Training the brain"):
            command: list[str | Path] = [python_of("rasa"), "-m", "rasa", "train", "--data", "data/nlu", "data/rules"]
            options = ["--config", "config.yml", "--domain", "domain.yml", "--fixed-model-name", "brain"]
            run_logged(
                [*command, *options, "--out", folder, "--force", "--skip-validation"],
                LOGS / "training.log",
                what="Training",
                env=RASA_ENVIRONMENT,
                important=is_important,
                say=say,
            )
        (folder / "brain.tar.gz").replace(MODEL)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    write_stamp(STAMP, {"inputs": begun_with})


def is_important(line: str) -> bool:
    """Whether a person should see this line of rasa's while it trains: what is wrong, and what our components say."""
    return any(sign in line for sign in (" ERROR ", " CRITICAL ", " rasa_ext."))
