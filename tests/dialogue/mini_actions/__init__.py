"""Actions of the mini project."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.dialogue import turn


class Hello(Action):
    def name(self) -> str:
        return "action_mini_hello"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        dispatcher.utter_message(response="utter_hello")
        return []


class Amount(Action):
    """Says a figure, needs level 2, counts in the slot how often it was asked."""

    def name(self) -> str:
        return "action_mini_amount"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        asked = (tracker.get_slot("topic") or 0) + 1
        turn.current().decide("counted", times=asked)
        dispatcher.utter_message(
            response="utter_amount",
            level=2,
            customer_name="范丽",
            amount="¥1.00",
            card={"kind": "facts", "title": "余额", "rows": [["应还", "¥1.00"]], "loan_no": "云1"},
        )
        return [SlotSet("topic", asked)]


class Breaks(Action):
    def name(self) -> str:
        return "action_mini_breaks"

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[dict[str, Any]]:
        raise RuntimeError("the loan store is on fire")
