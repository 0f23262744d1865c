"""The Rasa model inside this process: it understands, its policies choose the action, our actions answer.

No action server, no Rasa HTTP application, no tracker database: a turn's tracker is built from a bounded
memory (slots and the last few turns), so a turn costs the same in the tenth and in the thousandth. The whole
history lives in the conversation store.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from rasa.core.channels.channel import UserMessage
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.dialogue import turn as turns
from bot.dialogue.direct_runner import DirectRunner
from bot.dialogue.local_actions import LocalActions
from bot.dialogue.quiet import quiet
from bot.dialogue.speech import ENGLISH, NOTICE, Speech, load_responses
from bot.dialogue.turn import BotMessage, Turn, Understanding
from bot.names import Slot
from bot.nlu.parse import understanding_from_rasa
from bot.nlu.redact import redact
from bot.settings import ROOT

Component = TypeVar("Component")
WINDOW_TURNS = 3  # earlier turns shown to the policies; the rules look at the present one only
REMEMBERED_CHOICES = 20_000
# The first answer of a conversation says that an assistant speaks (requirements 3.2, rule 1): the web greets by itself,
# some answers say it, and despair is no moment for it.
GREETED = frozenset({"web"})
SAYS_IT = frozenset({"utter_greet", "utter_bot_challenge", "utter_capabilities", "utter_self_harm"})
MAX_ACTIONS = 5  # a turn with more is a loop in the rules


@dataclass(frozen=True)
class Answer:
    """What a turn says, what is to be remembered (JSON), and which actions ran."""

    messages: tuple[BotMessage, ...]
    memory: dict[str, Any]
    actions: tuple[str, ...]


class Brain:
    """One loaded model. Made by `bot.app`; stateless between turns, so one instance serves all conversations."""

    def __init__(
        self, processor: MessageProcessor, actions: LocalActions, speech: Speech, model_id: str, *, direct: bool = True
    ) -> None:
        if direct:
            processor.graph_runner = DirectRunner(processor.graph_runner)
        self._processor, self._actions, self._speech = processor, actions, speech
        self._domain = processor.domain
        self.model_id = model_id
        self._predict_always = not direct or any(slot.has_features() for slot in self._domain.slots)
        self._chosen: dict[str, str] = {}

    @classmethod
    def load(cls, model_path: Path, services: Any = None, package: str = "actions") -> Brain:
        """Read a trained model; `services` gives speech and settings where given."""
        quiet()
        processor = MessageProcessor(
            model_path=str(model_path), tracker_store=InMemoryTrackerStore(None), lock_store=None, generator=None
        )
        speech = services.speech if services is not None else Speech(load_responses(ROOT))
        direct = services.settings.rasa_direct if services is not None else True
        name = Path(model_path).name.removesuffix(".tar.gz")
        brain = cls(processor, LocalActions(package), speech, name, direct=direct)
        brain.understand("hello")  # dictionaries are read now, not while the first borrower waits
        return brain

    def understand(self, text: str) -> Understanding:
        """What `text` means by itself. The text in the result is redacted."""
        message = UserMessage(text, sender_id="understand")
        parsed = self._processor._parse_message_with_graph(message, _NO_TRACKER)
        return understanding_from_rasa(parsed, redact(text))

    def component(self, kind: type[Component]) -> Component | None:
        """The pipeline's component of that class, for tools that explain; None if the configuration has none."""
        runner: Any = self._processor.graph_runner
        nodes = runner._nodes if isinstance(runner, DirectRunner) else runner._instantiated_nodes
        return next((node._component for node in nodes.values() if isinstance(node._component, kind)), None)

    async def respond(self, turn: Turn, memory: dict[str, Any] | None) -> Answer:
        """Choose and run the actions for `turn.understanding`; raises what an action raises."""
        memory = memory or {}
        slots = dict.fromkeys((slot.value for slot in Slot), None) | (memory.get("slots") or {})
        recent = list(memory.get("turns") or [])[-WINDOW_TURNS:]
        said: list[dict[str, Any]] = []
        ran: list[str] = []
        while len(ran) < MAX_ACTIONS:
            name = self._next(turn, slots, recent, ran)
            if name == ACTION_LISTEN_NAME:
                break
            bound = turns.bind(turn)
            try:
                # In a thread: an action reads the loan store, and a slow database must not stop every conversation.
                spoken, changed = await asyncio.to_thread(self._actions.run, name, turn, slots)
            finally:
                turns.unbind(bound)
            ran.append(name)
            said += spoken
            slots |= changed
        recent = [*recent, [turn.understanding.intent, ran]][-WINDOW_TURNS:]
        kept = {name: value for name, value in slots.items() if value is not None}
        if not memory and turn.speaker.channel not in GREETED and not {one["response"] for one in said} & SAYS_IT:
            said.append({"response": "utter_ai_notice"})
        return Answer(self._speak(turn, said), {"slots": kept, "turns": recent}, tuple(ran))

    def _next(self, turn: Turn, slots: dict[str, Any], recent: list[Any], ran: list[str]) -> str:
        """The action that the policies choose after what has happened.

        While no slot is shown to the policies their choice follows from the intents and actions of the window alone;
        then it is remembered, and a turn costs neither a tracker nor a prediction.
        """
        key = json.dumps([recent, turn.understanding.intent, ran])
        if self._predict_always or key not in self._chosen:
            chosen = self._predict(self._tracker(turn, slots, recent, ran))
            if self._predict_always:
                return chosen
            if len(self._chosen) >= REMEMBERED_CHOICES:
                self._chosen.clear()
            self._chosen[key] = chosen
        return self._chosen[key]

    def _tracker(self, turn: Turn, slots: dict[str, Any], recent: list[Any], ran: list[str]) -> DialogueStateTracker:
        tracker = DialogueStateTracker(turn.conversation_id, self._domain.slots)
        events: list[Any] = [ActionExecuted(ACTION_LISTEN_NAME)]
        for intent, earlier in recent:
            events.append(UserUttered("", {"name": intent, "confidence": 1.0}, []))
            events += [ActionExecuted(name) for name in earlier] + [ActionExecuted(ACTION_LISTEN_NAME)]
        events += [SlotSet(name, value) for name, value in slots.items() if value is not None]
        understood = turn.understanding
        events.append(
            UserUttered(
                understood.text,
                {"name": understood.intent, "confidence": understood.confidence},
                [],
                message_id=turn.turn_id,
            )
        )
        events += [ActionExecuted(name) for name in ran]
        tracker.update_with_events(events, self._domain)
        return tracker

    def _predict(self, tracker: DialogueStateTracker) -> str:
        prediction: PolicyPrediction = self._processor._predict_next_with_tracker(tracker)
        best = max(range(len(prediction.probabilities)), key=prediction.probabilities.__getitem__)
        return str(self._domain.action_names_or_texts[best])

    def _speak(self, turn: Turn, said: list[dict[str, Any]]) -> tuple[BotMessage, ...]:
        messages = []
        for one in said:
            one = dict(one)
            response, level = one.pop("response"), one.pop("level", 0)
            card, buttons = one.pop("card", None), one.pop("buttons", None)
            messages.append(
                self._speech.say(response, turn.language, one, level=level, card=card, buttons=buttons or None)
            )
        if turn.language == ENGLISH and not all(self._speech.speaks_english(m.response) for m in messages):
            messages.append(self._speech.say(NOTICE, turn.language))
        return tuple(messages)


_NO_TRACKER = DialogueStateTracker.from_events("understand", [])
