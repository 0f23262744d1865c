"""Our rasa_sdk actions, run in this process: no server, no schema check of what our own tests check."""

from __future__ import annotations

import logging
from typing import Any

from rasa_sdk import Tracker
from rasa_sdk.executor import ActionExecutor, CollectingDispatcher

from bot.dialogue.turn import Turn

RESPONSE = "utter_"
EMPTY = ("text", "elements", "custom", "template", "image", "attachment")


class LocalActions:
    """Every concrete action of a package, by name."""

    def __init__(self, package: str) -> None:
        logging.getLogger("rasa_sdk").setLevel(logging.WARNING)
        executor = ActionExecutor()
        executor.register_package(package)
        self._actions = executor.actions

    def run(self, name: str, turn: Turn, slots: dict[str, Any]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """What the action says (dispatcher messages) and the slots it changes.

        A response named as an action, as rules may, is just said.

        Raises:
            KeyError: no such action: the domain and the code disagree, which a test forbids.
        """
        if name.startswith(RESPONSE) and name not in self._actions:
            return [{"response": name}], {}
        understood = turn.understanding
        latest = {
            "text": understood.text,
            "intent": {"name": understood.intent, "confidence": understood.confidence},
            "entities": [],
        }
        tracker = Tracker(turn.conversation_id, dict(slots), latest, [], False, None, {}, None)
        dispatcher = CollectingDispatcher()
        events = self._actions[name](dispatcher, tracker, {})
        said = [{key: value for key, value in message.items() if key not in EMPTY} for message in dispatcher.messages]
        return said, {event["name"]: event["value"] for event in events if event["event"] == "slot"}
