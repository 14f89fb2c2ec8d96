"""The encoder: like meanings are near, nothing depends on length or company, and wrong files are refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from rasa_ext import build_encoder
from rasa_ext.nlu.encoder import DIMENSIONS, MANIFEST_FILE, Encoder, EncoderError, encoder_dir


def cosine(encoder: Encoder, left: str, right: str) -> float:
    vectors = encoder.encode([left, right])
    return float(vectors[0] @ vectors[1])


def test_vectors_have_length_one(encoder: Encoder) -> None:
    vectors = encoder.encode(["how much is it", "", "🙂", "x" * 5000])
    assert vectors.shape == (4, DIMENSIONS)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)


def test_no_texts_give_no_vectors(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, DIMENSIONS)


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("what does it cost", "how much do I have to pay", "does the needle hurt"),
        ("does the needle hurt", "is the injection painful", "where can I park"),
        ("where are you", "what is your address", "who makes the product"),
    ],
)
def test_like_meanings_are_nearer(encoder: Encoder, text: str, near: str, far: str) -> None:
    assert cosine(encoder, text, near) > cosine(encoder, text, far) + 0.15


def test_case_does_not_matter(encoder: Encoder) -> None:
    assert cosine(encoder, "How Long Does It Last", "how long does it last") > 0.999


def test_text_beyond_the_limit_is_cut_off(encoder: Encoder) -> None:
    long = "the treatment " * 100
    assert cosine(encoder, long, long + "and now something else entirely") > 0.999


def test_order_is_kept_when_batches_are_sorted_by_length(encoder: Encoder) -> None:
    texts = [("word " * count).strip() for count in range(70, 0, -1)]
    together, alone = encoder.encode(texts), encoder.encode([texts[3]])[0]
    # int8 scales depend on the batch, so the vectors are alike, not equal.
    assert int(np.argmax(together @ alone)) in range(8)
    assert float(together[3] @ alone) > 0.98


def test_one_encoder_for_each_folder() -> None:
    assert Encoder.load(encoder_dir()) is Encoder.load(encoder_dir())


def test_missing_encoder_is_named(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match="build it"):
        Encoder.load(tmp_path)


def test_missing_model_file_is_named(tmp_path: Path) -> None:
    (tmp_path / MANIFEST_FILE).write_text(json.dumps({"onnx_sha256": "0"}))
    with pytest.raises(EncoderError, match=r"encoder\.onnx is missing"):
        Encoder.load(tmp_path)


def test_build_refuses_another_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = tmp_path / "model.safetensors"
    wrong.write_bytes(b"not the weights")
    assert build_encoder.main([str(wrong), str(wrong), str(tmp_path / "out")]) == 1
    error = capsys.readouterr().err
    assert "is not the expected file" in error
    assert error.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_build_names_a_missing_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = str(tmp_path / "none")
    assert build_encoder.main([missing, missing, str(tmp_path / "out")]) == 1
    assert "cannot be read" in capsys.readouterr().err


def test_manifest_fits_the_files() -> None:
    directory = encoder_dir()
    manifest = json.loads((directory / MANIFEST_FILE).read_text())
    assert manifest["onnx_sha256"] == build_encoder.file_sha256(directory / "encoder.onnx")
    assert manifest["tokenizer_sha256"] == build_encoder.file_sha256(directory / "tokenizer.json")


@pytest.mark.parametrize(("cpuinfo", "expected"), [("flags: avx2 avx512_vnni", True), ("flags: avx2", False)])
def test_vnni_is_read_from_the_processor(tmp_path: Path, cpuinfo: str, expected: bool) -> None:
    path = tmp_path / "cpuinfo"
    path.write_text(cpuinfo)
    assert build_encoder.processor_has_vnni(path) is expected


def test_vnni_is_unknown_without_the_file(tmp_path: Path) -> None:
    assert build_encoder.processor_has_vnni(tmp_path / "none") is False
