"""What every action shares: one turn as seen by an action, and the base class.

To add an action: subclass `DaihouAction`, set `action`, write `answer`, name it in `bot/names.py`
and `domain.yml`, and give its intents a rule in `data/<skill>/rules.yml`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.dialogue import format as fmt
from bot.dialogue import help_answers
from bot.dialogue.context import LAPSING
from bot.dialogue.lexicon import word
from bot.dialogue.phrases import says
from bot.dialogue.turn import Turn, current
from bot.lending.identity import may_disclose
from bot.lending.loan import Loan, Position
from bot.lending.position import position
from bot.names import Action as ActionName
from bot.names import Entity, Intent, Slot
from bot.nlu.mood import CALM, STRONG, mood, vulnerable
from bot.nlu.normalise import normalise

MOOD_TURNS = 3  # turns whose mood counts together
REPEATS_BEFORE_OFFER = 3  # the same wish that often in a row: offer a person (requirements 3.2, rule 2)


class Ask:
    """One turn: what was understood, what is remembered, and how to answer."""

    def __init__(self, dispatcher: CollectingDispatcher, tracker: Tracker, turn: Turn) -> None:
        self._dispatcher = dispatcher
        self._slots: dict[str, Any] = dict(tracker.slots)
        self.changed: dict[str, Any] = {}
        self.turn = turn
        self.text = normalise(turn.text)
        self.said: list[str] = []
        self._positions: dict[str, Position] = {}

    # -- the borrower's loans, read once a turn

    @cached_property
    def loans(self) -> tuple[Loan, ...]:
        """All loans of the proven customer, settled ones included."""
        held: tuple[Loan, ...] = self.services.loans.loans(self.turn.speaker.customer_id)
        return held

    def position(self, loan: Loan) -> Position:
        """The loan today."""
        if loan.loan_id not in self._positions:
            self._positions[loan.loan_id] = position(loan, self.today)
        return self._positions[loan.loan_id]

    # -- what came in

    @property
    def intent(self) -> Intent:
        return Intent(self.turn.understanding.intent)

    @property
    def decided_by_context(self) -> bool:
        return self.turn.understanding.decided_by == "context"

    @property
    def today(self) -> date:
        return self.turn.today

    @property
    def services(self) -> Any:
        return self.turn.services

    def first(self, kind: str) -> Any:
        """The first value of an entity, or None."""
        values = self.turn.understanding.values(kind)
        return values[0] if values else None

    def says(self, kind: str) -> bool:
        """Whether the words hold a phrase of `context.yml`."""
        return says(self.text, kind)

    def says_help(self, kind: str) -> bool:
        """Whether the words hold a phrase of `help.yml`."""
        return help_answers.says(self.text, kind)

    # -- what is remembered

    def slot(self, name: Slot) -> Any:
        return self.changed.get(name.value, self._slots.get(name.value))

    def remember(self, name: Slot, value: Any) -> None:
        self.changed[name.value] = value

    def wait_for(self, asked: str, task: Intent, data: dict[str, Any] | None = None) -> None:
        """The next message is expected to answer `asked` for `task`."""
        self.remember(Slot.ASKED, asked)
        self.remember(Slot.TASK, task.value)
        self.remember(Slot.TASK_DATA, data or {})

    def stop_waiting(self) -> None:
        for name in (Slot.ASKED, Slot.TASK, Slot.TASK_DATA):
            self.remember(name, None)

    # -- identity

    def may(self, datum: str) -> bool:
        """Whether this session may be told `datum` (one table: `bot.lending.identity`)."""
        speaker = self.turn.speaker
        return speaker.customer_id is not None and may_disclose(datum, speaker.level)

    def ask_to_log_in(self) -> None:
        """Have the session proven; the same wish is answered as soon as it is."""
        understanding = self.turn.understanding
        self.turn.login_wanted = {"intent": understanding.intent, "item": understanding.item, "level": 2}

    # -- how to answer

    def say(
        self,
        response: str,
        *,
        level: int = 0,
        card: dict[str, Any] | None = None,
        buttons: list[Any] | None = None,
        **values: Any,
    ) -> None:
        """Send a response of the catalogue. `level` is what its figures need."""
        self.said.append(response)
        extra: dict[str, Any] = {"level": level}
        if card is not None:
            extra["card"] = card
        if buttons is not None:
            extra["buttons"] = buttons
        settings = self.services.settings
        self._dispatcher.utter_message(
            response=response,
            **extra,
            **{
                "lender_name": settings.lender_name,
                "hotline": settings.hotline,
                "today": self.day(self.today),
                **values,
            },
        )

    def word(self, key: str, **values: Any) -> str:
        return word(key, self.turn.language, **values)

    def yuan(self, cents: int) -> str:
        return fmt.yuan(cents)

    def day(self, when: date) -> str:
        return fmt.day(when, self.turn.language)

    def local(self, at: datetime) -> datetime:
        """A moment in the lender's zone."""
        return at.astimezone(self.services.settings.timezone)

    def moment(self, at: datetime) -> str:
        """A moment in words: the lender's day and minute."""
        local = self.local(at)
        return f"{self.day(local.date())} {local:%H:%M}"

    def percent(self, rate: Decimal) -> str:
        return fmt.percent(rate)


class DaihouAction(Action, ABC):
    """Base of all our actions: build the `Ask`, answer, then what every turn ends with."""

    action: ClassVar[ActionName]

    def name(self) -> str:
        return str(self.action)

    @abstractmethod
    def answer(self, ask: Ask) -> None:
        """Say what is to be said and remember what is to be remembered."""

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[Any]:
        ask = Ask(dispatcher, tracker, current())
        waiting = ask.slot(Slot.ASKED), ask.slot(Slot.TASK), ask.slot(Slot.TASK_DATA)
        self.answer(ask)
        self._end(ask, waiting)
        return [SlotSet(name, value) for name, value in ask.changed.items()]

    def _end(self, ask: Ask, waiting: tuple[Any, Any, Any]) -> None:
        _count_repeats(ask)
        _watch_mood(ask)
        if ask.intent not in (Intent.FALLBACK, Intent.OUT_OF_SCOPE):
            ask.remember(Slot.FALLBACKS, 0)
        if ask.turn.with_person:
            return
        from actions.questions import ask_again, offer_second  # here: questions need Ask

        if waiting[0] and Slot.ASKED.value not in ask.changed:
            if waiting[0] in LAPSING:
                ask.stop_waiting()
            elif ask.turn.login_wanted is None:
                ask_again(ask, *waiting)
        offer_second(ask)


def _count_repeats(ask: Ask) -> None:
    """The same wish three times in a row means that the answers do not help."""
    intent, often = ask.slot(Slot.REPEATS) or (None, 0)
    countable = ask.intent not in (
        Intent.INFORM,
        Intent.AFFIRM,
        Intent.DENY,
        Intent.TALK_TO_HUMAN,
        Intent.SELF_HARM,
        Intent.FALLBACK,
        Intent.OUT_OF_SCOPE,
        Intent.GREET,
        Intent.THANK,
    )
    if not countable:
        return
    same_words = often + 1 if intent == ask.intent.value else 1
    ask.remember(Slot.REPEATS, [ask.intent.value, same_words])
    if same_words == REPEATS_BEFORE_OFFER:
        ask.say("utter_offer_person")
    elif same_words > REPEATS_BEFORE_OFFER and same_words % REPEATS_BEFORE_OFFER == 0:
        _bring_person(ask, "not_understood")


def _watch_mood(ask: Ask) -> None:
    """Anger once: a person is offered; if it stays, one is called. What makes a borrower vulnerable goes into the file."""
    reasons = tuple(
        str(entity.value) for entity in ask.turn.understanding.entities if entity.kind == Entity.REASON.value
    )
    codes = vulnerable(ask.turn.text, reasons)
    if codes:
        ask.turn.decide("vulnerable", codes=list(codes))
    degree = mood(ask.turn.text)
    lately = [*(ask.slot(Slot.MOOD) or []), degree][-MOOD_TURNS:]
    if any(lately) or ask.slot(Slot.MOOD):
        ask.remember(Slot.MOOD, lately if any(lately) else None)
    if degree == CALM or ask.intent in (Intent.SELF_HARM, Intent.TALK_TO_HUMAN):
        return
    ask.turn.decide("mood", degree=degree)
    if sum(lately) >= 2 * STRONG:
        _bring_person(ask, "distress")
    elif degree == STRONG and not {"utter_offer_person", "utter_fallback_person"} & set(ask.said):
        ask.say("utter_offer_person")


def _bring_person(ask: Ask, reason: str) -> None:
    from actions.handover import hand_over  # here: it needs Ask

    if ask.turn.handover is None:
        hand_over(ask, reason)
