"""The command `python -m bench.evaluate`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.evaluate import main, predicted
from bench.questions import Question
from bench.scoring import Prediction
from tests.bench.fake import KEY, FakeApi, fake_api


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeApi]:
    with fake_api() as server:
        monkeypatch.setenv("STACK_URL", f"http://127.0.0.1:{server.port}")
        monkeypatch.setenv("MEASURING_KEY", KEY)
        yield server


def test_all_rows_are_asked_and_written_in_their_order(
    api: FakeApi, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = tmp_path / "questions.jsonl", tmp_path / "out.jsonl"
    rows = [
        {"id": "a", "text": "when", "route": "answer", "topic": "onset", "alt_topics": ["safety"], "cluster": 1},
        {"text": "no label"},
        {"id": 3, "text": "lone \ud800", "route": "out_of_scope", "topic": "out_of_scope"},
    ]
    file.write_text("\n".join(json.dumps(each) for each in rows) + "\n\n")
    assert main([str(file), str(out)]) == 0
    written = [json.loads(line) for line in out.read_text().splitlines()]
    assert [each["id"] for each in written] == ["a", None, 3]
    assert [each["expected_route"] for each in written] == ["answer", None, "out_of_scope"]
    assert written[0] == written[0] | {
        "text": "when",
        "route": "answer",
        "topic": ["onset", "safety"],
        "confidence": 0.9,
        "reply": "when 1\nwhen 2",
        "handoff": "booking",
    }
    assert "2 of them labelled" in capsys.readouterr().out


BAD = {
    "{": "line 1 is not JSON",
    "[1]": "line 1 is not a JSON object",
    '{"id": 1}': 'line 1 has no "text"',
    '{"text": null}': 'line 1 has no "text"',
    '{"text": "a", "route": "elsewhere"}': 'the route "elsewhere", which does not exist',
    '{"text": "a", "alt_topics": "onset"}': '"alt_topics" that is not a list',
    '{"text": "a", "topic": 3}': '"topic" that is not text',
    "": "holds no question",
}


@pytest.mark.parametrize("content", BAD)
def test_a_bad_file_is_one_sentence(content: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(content)
    assert main([str(file)]) == 1
    (sentence,) = capsys.readouterr().err.splitlines()
    assert BAD[content] in sentence


def test_files_that_cannot_be_used_are_one_sentence(
    api: FakeApi, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, binary = tmp_path / "questions.jsonl", tmp_path / "binary"
    file.write_text('{"text": "when"}')
    binary.write_bytes(b"\xff\xfe")
    for arguments in ([str(tmp_path / "none")], [str(tmp_path)], [str(binary)], [str(file), str(tmp_path / "x" / "y")]):
        assert main(arguments) == 1
        assert len(capsys.readouterr().err.splitlines()) == 1
    assert api.asked == {}
    assert main([]) == 1


def test_a_row_without_topic_is_written_with_null() -> None:
    written = predicted(Question("a", "x", "emergency"), Prediction("emergency", ("emergency_vision",), ms=1.26))
    assert (written["topic"], written["handoff"], written["ms"]) == (None, None, 1.3)
