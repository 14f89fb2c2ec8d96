"""`python -m rasa_ext.serve --model FILE --port N`: the brain, with no more of Rasa than answering needs.

`rasa run` loads TensorFlow, every chat platform's connector and the training server before it reads a model; our
pipeline uses none of them. This starts Rasa's own agent behind our own channel, on loopback, in a third of the memory.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import logging
import sys
import uuid
from pathlib import Path
from types import ModuleType
from typing import Any


def leave_out_training() -> None:
    """Stand in for modules that Rasa imports only to train, to test or to chat elsewhere; call before importing Rasa.

    `rasa.utils.train_utils` and the recipe's validator bring TensorFlow: the one is imported wherever an entity
    extractor might be trained, the other because a model names the steps of its training too. `model_data` and
    `model_data_utils` bring scikit-learn, `rasa.core.test` matplotlib. `rasa.core.channels` imports the clients of a
    dozen chat platforms beside the base classes that it passes on.
    """
    _stand_in("rasa.utils.train_utils")
    _stand_in("rasa.utils.tensorflow.model_data", ragged_array_to_ndarray=None)
    _stand_in("rasa.utils.tensorflow.model_data_utils")
    _stand_in("rasa.core.test")
    _stand_in(
        "rasa.graph_components.validators.default_recipe_validator",
        DefaultV1RecipeValidator=type("DefaultV1RecipeValidator", (), {}),
    )
    rasa = importlib.util.find_spec("rasa")
    folders = [f"{folder}/core/channels" for folder in (rasa and rasa.submodule_search_locations) or ()]
    channels = _stand_in("rasa.core.channels", __path__=folders)
    base = importlib.import_module("rasa.core.channels.channel")
    for name in ("InputChannel", "OutputChannel", "CollectingOutputChannel", "UserMessage"):
        setattr(channels, name, getattr(base, name))


def _stand_in(name: str, **members: Any) -> ModuleType:
    """Have `import name` find an empty module with these members."""
    module = sys.modules[name] = ModuleType(name)
    vars(module).update(members)
    return module


leave_out_training()

from rasa.core.agent import Agent, load_agent  # noqa: E402
from rasa.core.channels import channel as rasa_channel  # noqa: E402
from rasa.core.utils import AvailableEndpoints  # noqa: E402
from rasa.utils.log_utils import configure_structlog  # noqa: E402
from sanic import Sanic  # noqa: E402

from rasa_ext.channel import WebsiteInput, take_turn  # noqa: E402

logger = logging.getLogger(__name__)

# The clinic service keeps its connections open between turns; closing them early only costs it new ones.
KEEP_ALIVE_SECONDS = 120
# One message of each kind of work: one part, several parts, and a word that needs repair.
WARM_UP_TEXTS = ("how long does it last", "how much is it and does it hurt? what about sidee effects")


async def ready_agent(model: Path, endpoints: Path) -> Agent:
    """Return an agent that has answered, so that the first visitor does not wait; raises SystemExit with a sentence."""
    agent = await load_agent(str(model), endpoints=AvailableEndpoints.read_endpoints(str(endpoints)))
    if not agent.is_ready():
        raise SystemExit(f"The model {model.name} cannot be loaded; what stands above says why.")
    for text in WARM_UP_TEXTS:
        await take_turn(agent.handle_message, warm_up_turn(text))
    return agent


def warm_up_turn(text: str) -> dict[str, Any]:
    """Return a turn of no conversation."""
    return {"message_id": uuid.uuid4().hex, "text": text, "choice": None, "state": None, "context": {"recent": []}}


def create_app(model: Path, endpoints: Path) -> Sanic:
    """Return the server, which loads the model before it listens."""
    app = Sanic("brain", configure_logging=False)
    app.config.KEEP_ALIVE_TIMEOUT = KEEP_ALIVE_SECONDS
    app.config.ACCESS_LOG = False
    rasa_channel.register([WebsiteInput()], app, route="/webhooks/")

    async def load(running: Sanic, _: Any) -> None:
        running.ctx.agent = await ready_agent(model, endpoints)

    app.register_listener(load, "before_server_start")
    return app


def main() -> None:
    """Serve on loopback until stopped."""
    parser = argparse.ArgumentParser(prog="python -m rasa_ext.serve", description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--endpoints", type=Path, default=Path("endpoints.yml"))
    parser.add_argument("--port", type=int, default=5005)
    arguments = parser.parse_args()
    if not arguments.model.is_file():
        raise SystemExit(f"There is no model {arguments.model}; train one first.")
    # Below WARNING Rasa logs what visitors write.
    configure_structlog(logging.WARNING)
    create_app(arguments.model, arguments.endpoints).run(
        host="127.0.0.1", port=arguments.port, access_log=False, debug=False
    )


if __name__ == "__main__":
    main()
