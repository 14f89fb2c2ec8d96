"""Has the trained brain plan many turns: reads a list of turns as JSON, writes the plan of each as JSON.

A process of its own, because the brain's start leaves out parts of Rasa that other tests need. Each turn goes through
the real channel and the whole pipeline; its actions are not run.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from pathlib import Path
from typing import Any

from rasa_ext.serve import configure_structlog, load_agent  # isort: skip  # it keeps TensorFlow out, so it comes first
from rasa.core.channels.channel import UserMessage

from rasa_ext.channel import take_turn


async def plans(model: Path, turns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the plan of each turn."""
    processor = (await load_agent(str(model))).processor
    parsed: list[dict[str, Any]] = []

    async def parse(message: UserMessage) -> None:
        parsed.append(await processor.parse_message(message))

    for turn in turns:
        await take_turn(parse, turn)
    return [each["plan"] for each in parsed]


def main() -> None:
    """Plan the turns of standard input with the model that is named."""
    configure_structlog(logging.ERROR)
    # That a turn leaves no tracker is the point here.
    logging.getLogger("rasa_ext.channel").setLevel(logging.CRITICAL)
    json.dump(asyncio.run(plans(Path(sys.argv[1]), json.load(sys.stdin))), sys.stdout)


if __name__ == "__main__":
    main()
