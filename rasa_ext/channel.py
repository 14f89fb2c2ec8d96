"""The one door into the brain: a turn comes in as JSON, with its state, and goes out as JSON, with the new one."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any, Optional

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from rasa_ext.forms import CONTACT_STATUS, without_contacts
from rasa_ext.tracker_store import CARRIED, CarriedTurn, state_from_tracker

logger = logging.getLogger(__name__)

FORM_QUESTIONS = ("utter_ask_", "utter_resume_")


def without_command_prefix(text: str) -> str:
    """Return typed text so that rasa does not read it as a command: `/restart` or `/intent{...}` would set slots."""
    while text != (shorter := text.strip().lstrip("/")):
        text = shorter
    return text


def spoken_since_message(tracker: DialogueStateTracker) -> list[BotUttered]:
    """Return what the bot uttered since the visitor's last message, oldest first."""
    spoken: list[BotUttered] = []
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            break
        if isinstance(event, BotUttered):
            spoken.append(event)
    return spoken[::-1]


def replies_and_effects(tracker: DialogueStateTracker) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Split what was uttered into replies (`{"response", "values", "buttons"}`) and effects (`{"type", …}`)."""
    replies: list[dict[str, Any]] = []
    effects: list[dict[str, Any]] = []
    for event in spoken_since_message(tracker):
        custom = event.data.get("custom") or {}
        if "effect" in custom:
            effects.append(custom["effect"])
        elif "response" in custom:
            replies.append({**custom, "buttons": event.data.get("buttons") or []})
    return replies, effects


def turn_result(tracker: DialogueStateTracker) -> dict[str, Any]:
    """Return one turn's outcome in the shape that `docs/architecture.md` gives."""
    parsed = tracker.latest_message.parse_data if tracker.latest_message else {}
    plan, understood = parsed["plan"], parsed["understood"]
    replies, effects = replies_and_effects(tracker)
    # A form's question, which comes last, has buttons of its own.
    answers = [reply for reply in replies if not reply["response"].startswith(FORM_QUESTIONS)]
    if answers and plan["buttons"]:
        answers[-1]["buttons"] = [{"intent": intent} for intent in plan["buttons"]]
    return {
        "replies": replies,
        "effects": effects,
        "understood": {
            "route": plan["route"],
            "topics": plan["topics"],
            "intent": parsed["intent"]["name"],
            "confidence": parsed["intent"]["confidence"],
            "ranking": parsed["intent_ranking"],
            "parts": [_part(reading) for reading in understood["parts"]],
            "areas": understood["areas"],
            "products": understood["products"],
            "follow_up": understood["follow_up"],
            "language": understood["language"],
            "reason": plan["reason"],
            "medical": understood["whole"]["medical"] + understood["whole"]["emergency"],
            "findings": [f"{found['family']}/{found['entry']}" for found in parsed.get("findings") or []],
        },
        "state": state_from_tracker(tracker),
    }


def _part(reading: dict[str, Any]) -> dict[str, Any]:
    top = reading["ranking"][0] if reading["ranking"] else {"name": None, "confidence": 0.0}
    return {"text": reading["text"], "intent": top["name"], "confidence": top["confidence"], "known": reading["known"]}


async def take_turn(
    on_new_message: Callable[[UserMessage], Awaitable[Any]], body: dict[str, Any]
) -> Optional[dict[str, Any]]:
    """Have rasa take one turn, in the shape of `docs/architecture.md`; return its outcome, or None when it has none."""
    carried = CarriedTurn(body["state"])
    CARRIED.set(carried)
    state = carried.state
    await on_new_message(
        UserMessage(
            without_command_prefix(body["text"]),
            CollectingOutputChannel(),
            # The message's id, not the conversation's: nothing here is shared between turns, so nothing waits.
            sender_id=body["message_id"],
            input_channel=WebsiteInput.name(),
            message_id=body["message_id"],
            metadata={
                **body["context"],
                # Digits of a phone number beside the next message's words read like an age or a dose.
                "recent": [without_contacts(text) for text in body["context"].get("recent") or []],
                "choice": body["choice"],
                "active_form": state.get("active_form"),
                "requested_slot": state.get("requested_slot"),
                CONTACT_STATUS: state.get("slots", {}).get(CONTACT_STATUS),
            },
        )
    )
    if carried.tracker is None:
        logger.error("The turn of message %s left no tracker.", body["message_id"])
        return None
    return turn_result(carried.tracker)


class WebsiteInput(InputChannel):
    """Takes turns from the clinic service; it is private and must never be reachable from outside."""

    @classmethod
    def name(cls) -> str:
        """Return the channel's name, which is also its address below /webhooks."""
        return "website"

    @classmethod
    def from_credentials(cls, credentials: Optional[dict[str, Any]]) -> InputChannel:
        """Create the channel; it has no settings."""
        return cls()

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Return the routes: `GET /` for health, `POST /turn` for a turn."""
        website = Blueprint("website", __name__)

        @website.route("/", methods=["GET"])
        async def health(_: Request) -> HTTPResponse:
            return response.json({"status": "ok"})

        @website.route("/turn", methods=["POST"])
        async def turn(request: Request) -> HTTPResponse:
            result = await take_turn(on_new_message, request.json)
            return response.json(result or {"error": "no tracker"}, status=200 if result else 500)

        return website
