"""The sentence encoder: text to a vector of length 1, the same meaning to nearby vectors."""

from __future__ import annotations

import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from rasa_ext.nlu.paths import project_path

MODEL_FILE, TOKENIZER_FILE, MANIFEST_FILE = "encoder.onnx", "tokenizer.json", "encoder.json"
# The mean of a text's tokens, and the highest of each of their dimensions, one after the other.
MEAN_DIMENSIONS = 384
DIMENSIONS = 2 * MEAN_DIMENSIONS
MAX_TOKENS = 128
BATCH, MANY_BATCHES = 32, 16
ENCODER_DIR_VARIABLE = "ENCODER_DIR"
DEFAULT_ENCODER_DIR = "var/encoder"


class EncoderError(Exception):
    """The encoder's files are missing or do not fit together; the message says which and what to do."""


def encoder_dir(configured: str | None = None) -> Path:
    """Return the encoder's folder.

    The configured one, else the variable ENCODER_DIR, else var/encoder of the checkout.
    """
    return project_path(configured or os.environ.get(ENCODER_DIR_VARIABLE) or DEFAULT_ENCODER_DIR)


def read_manifest(directory: Path) -> dict[str, object]:
    """Read encoder.json. Raises EncoderError when the encoder was not built."""
    path = directory / MANIFEST_FILE
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise EncoderError(
            f"There is no sentence encoder in {directory}: build it with rasa_ext.build_encoder."
        ) from error


def means(vectors: np.ndarray) -> np.ndarray:
    """Return the first halves of vectors (texts, 768), the means alone, scaled back to length 1."""
    return np.float32(np.sqrt(2)) * vectors[:, :MEAN_DIMENSIONS]


class Encoder:
    """One onnxruntime session and its tokenizer. Thread-safe: both keep no state between calls."""

    _loaded: dict[Path, Encoder] = {}
    _lock = threading.Lock()

    def __init__(self, model: Path, tokenizer: Path, sha256: str) -> None:
        options = onnxruntime.SessionOptions()
        # The default spins on every core and starves the server that shares them.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(tokenizer))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self.sha256 = sha256

    @classmethod
    def load(cls, directory: Path) -> Encoder:
        """Return the process's one encoder for this folder. Raises EncoderError when a file is missing."""
        key = directory.resolve()
        with cls._lock:
            manifest = read_manifest(key)
            known = cls._loaded.get(key)
            # A folder that was built anew holds another network under the same name.
            if known is None or known.sha256 != manifest["onnx_sha256"]:
                for name in (MODEL_FILE, TOKENIZER_FILE):
                    if not (key / name).is_file():
                        raise EncoderError(f"{key / name} is missing: build the encoder with rasa_ext.build_encoder.")
                known = cls(key / MODEL_FILE, key / TOKENIZER_FILE, str(manifest["onnx_sha256"]))
                cls._loaded[key] = known
            return known

    def vocabulary(self) -> dict[str, int]:
        """Return the word pieces with their ids; a lower id is a more frequent word."""
        return self._tokenizer.get_vocab()

    def encode(self, texts: list[str]) -> np.ndarray:
        """Return float32 vectors (len(texts), 768) of length 1; text beyond 128 tokens is cut off."""
        vectors = np.zeros((len(texts), DIMENSIONS), np.float32)
        # One by one: encode_batch would start a thread for every core.
        rows = [self._tokenizer.encode(text).ids for text in texts]
        # Neighbours in length share a batch, so that little is padding.
        order = sorted(range(len(rows)), key=lambda index: len(rows[index]))
        batches = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]

        def fill(chosen: list[int]) -> None:
            vectors[chosen] = self._encode_rows([rows[index] for index in chosen])

        if len(batches) < MANY_BATCHES:
            for chosen in batches:
                fill(chosen)
        else:
            # Training alone has so many: then all cores may work.
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                list(pool.map(fill, batches))
        return vectors

    def _encode_rows(self, rows: list[list[int]]) -> np.ndarray:
        ids = np.zeros((len(rows), max(map(len, rows))), np.int64)
        mask = np.zeros_like(ids)
        for index, row in enumerate(rows):
            ids[index, : len(row)] = row
            mask[index, : len(row)] = 1
        return self._session.run(["sentence"], {"input_ids": ids, "attention_mask": mask})[0]
