"""``python -m bench.gate``: how long the gate's rules take for a message, and what part of a whole parse that is.

Run it in rasa's environment with a trained model: ``.venv/rasa/bin/python -m bench.gate [--model FILE]``. The rules
run in one thread, everything is warmed up, and every sentence comes once: first the gate's component on its own, then
the whole pipeline around it.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench.figures import Goal

GOAL = Goal(must=3.0, aim=1.0, at_least=False)
DEFAULT_MODEL = Path("var/models/brain.tar.gz")
# Every so many examples of the training data; the ones after them warm up.
EVERY = 25


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which a share (0 to 1) of the values lies."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def report(gate: Sequence[float], parse: Sequence[float]) -> list[str]:
    """Return the lines to print; both sequences are seconds for each sentence."""
    lines = [f"{len(gate)} example sentences, warm; the rules run in one thread.", f"{'':20}{'p50 ms':>9}{'p95 ms':>9}"]
    for name, times in (("gate's rules", gate), ("whole parse", parse)):
        middle, high = (1000 * percentile(times, share) for share in (0.5, 0.95))
        lines.append(f"{name:20}{middle:9.2f}{high:9.2f}")
    share = 100 * statistics.median(gate) / statistics.median(parse)
    lines.append(f"{'gate / parse':20}{share:8.1f} %  (of the medians)")
    verdict = GOAL.verdict(1000 * percentile(gate, 0.5))
    lines.append(f"gate's p50: must ≤ {GOAL.must:g} ms  aim ≤ {GOAL.aim:g} ms  {verdict}")
    return lines


async def measure(model: Path) -> tuple[list[float], list[float]]:
    """Return the seconds of the gate and of a whole parse for each sentence. Raises SystemExit without a model."""
    # Only rasa's environment has these, and the report above is tested in the other one.
    from rasa_ext.serve import configure_structlog, load_agent  # isort: skip  # it keeps TensorFlow out, so it comes first
    from rasa.core.channels.channel import UserMessage
    from rasa.shared.nlu.constants import TEXT
    from rasa.shared.nlu.training_data.message import Message

    from rasa_ext.safety.gate import MedicalGate
    from rasa_ext.safety.report import training_examples
    from rasa_ext.safety.rules import danger_reader

    if not model.is_file():
        raise SystemExit(f"There is no model {model}; train one first.")
    examples = [text for _, text in training_examples("*")]
    warm_up, texts = examples[1::EVERY], examples[::EVERY]
    # Below WARNING Rasa logs each text, which takes time.
    configure_structlog(logging.WARNING)
    agent = await load_agent(str(model))
    gate = MedicalGate(danger_reader())
    gate_times, parse_times = [], []
    for text in warm_up:
        gate.process([Message({TEXT: text})])
        await agent.processor.parse_message(UserMessage(text, metadata={}))
    for text in texts:
        message = Message({TEXT: text})
        begin = time.perf_counter()
        gate.process([message])
        gate_times.append(time.perf_counter() - begin)
    for text in texts:
        begin = time.perf_counter()
        await agent.processor.parse_message(UserMessage(text, metadata={}))
        parse_times.append(time.perf_counter() - begin)
    return gate_times, parse_times


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.gate", description=__doc__)
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL)
    gate, parse = asyncio.run(measure(parser.parse_args().model))
    sys.stdout.write("\n".join(report(gate, parse)) + "\n")


if __name__ == "__main__":
    main()
