"""From Rasa's parse result to our `Understanding`."""

from __future__ import annotations

from typing import Any

from bot.nlu.meaning import FoundEntity, Understanding

ITEM = "item"  # message attribute of the FAQ item inside the intent (bot.nlu.items)


def understanding_from_rasa(parsed: dict[str, Any], redacted: str) -> Understanding:
    """`parsed` as Rasa's processor gives it; `redacted` is the text that trackers and events may hold."""
    intent = parsed.get("intent") or {}
    item = parsed.get(ITEM) or {}
    ranking = tuple((one["name"], float(one["confidence"])) for one in parsed.get("intent_ranking") or [])
    return Understanding(
        text=redacted,
        intent=str(intent.get("name") or "nlu_fallback").partition("/")[0],
        confidence=float(intent.get("confidence") or 0.0),
        item=item.get("name"),
        item_confidence=float(item.get("confidence") or 0.0),
        ranking=ranking,
        entities=tuple(
            FoundEntity(one["entity"], one["value"], one.get("raw", ""), one["start"], one["end"])
            for one in parsed.get("entities") or []
        ),
    )
