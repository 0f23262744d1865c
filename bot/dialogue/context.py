"""Reading a message by what was asked and said before, after the model and before the rules.

A bare 「3」, 「15号」, 「那下个月呢」 or 「不对，是15号」 says little alone: what it answers decides. Called by
the conversation service; safety, person and cancel are decided before and are left alone here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.dialogue import complaint_words, help_answers
from bot.dialogue.phrases import phrases, says
from bot.dialogue.readings import named
from bot.dialogue.turn import FoundEntity, Understanding
from bot.names import Entity, Intent, Slot
from bot.nlu.days import bare_day

SHORT = 14  # normalised characters; a longer message is a wish of its own
VALUES = {
    "loan": (Entity.LOAN_NUMBER, Entity.ORDINAL, Entity.AMOUNT, Entity.PRODUCT),
    "amount": (Entity.AMOUNT,),
    "date": (Entity.DATE, Entity.PERIOD),
}
READINGS = ("reading", "also")
LAPSING = (
    *READINGS,
    "help_order",
    complaint_words.WORDS,
)  # questions that a message on anything else answers with "never mind"
FIRST = (Intent.SELF_HARM.value, Intent.TALK_TO_HUMAN.value)  # whatever else a message says
REFERENCES = (Entity.DATE, Entity.PERIOD, Entity.ORDINAL, Entity.LOAN_NUMBER, Entity.AMOUNT, Entity.TERM)


def in_context(understanding: Understanding, memory: dict[str, Any] | None, text: str) -> Understanding:
    """The understanding corrected by the dialogue state; `text` is the normalised message.

    Only short messages that carry a value are re-read: anything else keeps what the model says.
    """
    slots = (memory or {}).get("slots") or {}
    if understanding.intent not in FIRST:
        meant = complaint_words.about_a_complaint(understanding, text, slots.get(Slot.ASKED.value))
        if meant is not None:
            return replace(understanding, intent=meant, confidence=1.0, item=None, also=None, decided_by="context")
    if understanding.decided_by == "edge":
        return understanding
    if _starts(text, "callback_at") and len(text) <= SHORT * 2:
        return replace(
            understanding, intent=Intent.REQUEST_CALLBACK.value, confidence=1.0, item=None, decided_by="context"
        )
    steered = _about_a_plan(understanding, text)
    if steered is not None:
        return steered
    bare = _bare(text)
    kinds = {entity.kind for entity in understanding.entities}
    asked = slots.get(Slot.ASKED.value)
    if asked in READINGS:
        return _chosen(understanding, str(asked), slots.get(Slot.TASK_DATA.value) or {}, text)
    if asked and str(asked).startswith(help_answers.PREFIX) and help_answers.is_answer(str(asked), understanding, text):
        return _inform(understanding)
    day = bare_day(bare) if asked == "date" else None
    if day is not None:  # 「15」 is a day only because a day was asked for
        return _inform(replace(understanding, entities=(FoundEntity(Entity.DATE.value, day, day, 0, len(day)),)))
    if asked == "amount":  # and 「2」 an amount, not the second loan
        understanding = _without(understanding, Entity.ORDINAL)
        if says(text, "full") and len(bare) <= SHORT:
            return _inform(understanding)
    if asked in VALUES and kinds & {str(kind) for kind in VALUES[asked]} and len(bare) <= SHORT:
        return _inform(understanding)
    if asked == "loan" and says(text, "both") and len(bare) <= SHORT:
        return _inform(understanding)
    prepaying = slots.get(Slot.TOPIC.value) in (Intent.EARLY_REPAYMENT.value, Intent.EARLY_REPAYMENT_FEE.value)
    if prepaying and len(bare) <= SHORT and any(says(text, kind) for kind in ("other_day", "other_amount")):
        return replace(
            understanding, intent=Intent.EARLY_REPAYMENT.value, confidence=1.0, item=None, decided_by="context"
        )
    references = kinds & {str(kind) for kind in REFERENCES}
    if not references:
        return understanding
    if _promises(understanding, kinds, asked, prepaying, text):
        return replace(
            understanding, intent=Intent.PROMISE_TO_PAY.value, confidence=1.0, item=None, decided_by="context"
        )
    if slots.get(Slot.TOPIC.value) and _starts(text, "correction") and len(bare) <= SHORT + 6:
        return _inform(understanding)
    covered = sum(e.end - e.start for e in understanding.entities)
    if len(bare) <= SHORT and covered >= max(1, len(bare) - 1):
        return _inform(understanding)
    return understanding


def _promises(understanding: Understanding, kinds: set[str], asked: object, prepaying: bool, text: str) -> bool:
    """「我28号还2000」: a day, an amount and the word for paying, where the model sees no wish of another kind."""
    unsure = understanding.intent in (Intent.INFORM.value, Intent.FALLBACK.value)
    named = {Entity.DATE.value, Entity.AMOUNT.value} <= kinds
    return unsure and named and not asked and not prepaying and says(text, "will_pay")


def _about_a_plan(understanding: Understanding, text: str) -> Understanding | None:
    """「撤回方案」 and 「查看方案」: words that our own messages ask for."""
    if len(text) <= SHORT + 6 and help_answers.says_whole(text, "withdraw"):
        return replace(understanding, intent=Intent.CANCEL.value, confidence=1.0, item=None, decided_by="context")
    if help_answers.is_only(text, "resume_plan"):
        return replace(
            understanding, intent=Intent.NEGOTIATE_PLAN.value, confidence=1.0, item=None, decided_by="context"
        )
    return None


def _chosen(understanding: Understanding, asked: str, data: dict[str, Any], text: str) -> Understanding:
    """The answer to 「您是想…还是…」 or 「接着办吗」; any other message is a wish of its own and the question lapses."""
    meant = Understanding.from_json(data["meant"])
    if asked == "also":
        return replace(meant, decided_by="context") if understanding.intent == Intent.AFFIRM.value else understanding
    first, second = data["readings"]
    reading = named(text, (first, second))
    if len(_bare(text)) <= SHORT:
        if says(text, "neither"):
            return replace(understanding, intent=Intent.FALLBACK.value, ranking=(), decided_by="context")
        for kind, intent in (("first_reading", first), ("second_reading", second)):
            if says(text, kind) or _bare(text) in phrases()[f"{kind}_alone"]:
                reading = intent
    if reading is None:
        return understanding
    return replace(meant, intent=reading, confidence=1.0, item=None, decided_by="context")


def _bare(text: str) -> str:
    """The message without what only ties it to the one before."""
    bare = text.strip().strip("。.，,?？!！ ").lower()
    for kind in ("correction", "lead_in"):
        for phrase in phrases()[kind]:
            if bare.startswith(phrase):
                bare = bare[len(phrase) :].lstrip("，, ")
    for phrase in phrases()["trail"]:
        if bare.endswith(phrase):
            bare = bare[: -len(phrase)]
    return bare


def _starts(text: str, kind: str) -> bool:
    return text.strip().lower().startswith(tuple(phrases()[kind]))


def _without(understanding: Understanding, kind: Entity) -> Understanding:
    """Dropped only where an amount lies on the same words."""
    amounts = {(one.start, one.end) for one in understanding.entities if one.kind == Entity.AMOUNT.value}
    kept = tuple(e for e in understanding.entities if e.kind != kind.value or (e.start, e.end) not in amounts)
    return replace(understanding, entities=kept)


def _inform(understanding: Understanding) -> Understanding:
    return replace(
        understanding, intent=Intent.INFORM.value, confidence=1.0, item=None, also=None, decided_by="context"
    )
