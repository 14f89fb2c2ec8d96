"""``python -m bench.evaluate FILE [OUT]``: ask the bot every question of a file and say how many answers are right."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import report
from bench.client import ClientFailed, ask_all
from bench.command import exit_code
from bench.questions import Question, read_questions
from bench.scoring import Prediction, rows_of, shown_topics
from bench.stacks import measured_stack
from ops.console import complain
from ops.errors import Stop

TELL_EVERY = 100


def evaluate(file: Path, out: Path | None) -> None:
    """Ask all questions, write OUT, print the report. Raises Stop with one sentence."""
    questions = read_questions(file)
    if out is not None:
        write_lines(out, [])  # a folder that cannot be written to should not cost a whole run
    with measured_stack() as (url, key):
        begun = time.perf_counter()
        predictions = ask_questions(url, key, [question.text for question in questions])
        seconds = time.perf_counter() - begun
    pairs = list(zip(questions, predictions, strict=True))
    if out is not None:
        write_lines(out, [predicted(question, prediction) for question, prediction in pairs])
    print("\n".join(report.lines(rows_of(pairs), len(pairs), seconds)))


def ask_questions(url: str, key: str, texts: Sequence[str]) -> list[Prediction]:
    """Send all texts and return what became of each; tells the progress on stderr. Raises Stop."""

    def tell(done: int) -> None:
        if done % TELL_EVERY == 0 or done == len(texts):
            print(f"{done} of {len(texts)} asked", file=sys.stderr, flush=True)

    try:
        return asyncio.run(ask_all(url, key, texts, told=tell))
    except ClientFailed as problem:
        raise Stop(str(problem)) from None


def predicted(question: Question, prediction: Prediction) -> dict[str, Any]:
    """Return the line of OUT for one question."""
    topics = shown_topics(prediction)
    return {
        "id": question.id,
        "text": question.text,
        "expected_route": question.route,
        "route": prediction.route,
        "topic": topics if len(topics) > 1 else topics[0] if topics else None,
        "confidence": prediction.confidence,
        "reply": prediction.reply,
        "handoff": prediction.handoff,
        "ms": round(prediction.ms, 1),
    }


def write_lines(out: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Write one JSON object a line. Raises Stop when the file cannot be written."""
    try:
        out.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    except OSError as problem:
        raise Stop(f"{out} cannot be written: {problem.strerror}.") from None


def main(arguments: Sequence[str]) -> int:
    """Carry out the command; a problem becomes one sentence and exit code 1."""
    files = [Path(argument) for argument in arguments if argument]
    if not 1 <= len(files) <= 2:
        complain("Say which questions to ask: make evaluate FILE=questions.jsonl [OUT=predictions.jsonl]")
        return 1
    return exit_code(lambda: evaluate(files[0], files[1] if len(files) > 1 else None))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
