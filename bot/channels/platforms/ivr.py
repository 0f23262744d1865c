"""Phone menus and recognised speech: a small signed webhook of the lender's telephone system (docs/channels/ivr.md).

    POST /channels/ivr   X-Daihou-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">
    {"call": "…", "turn": 3, "event": "start"|"keys"|"speech"|"end", "keys": "1", "speech": "…", "confidence": 0.93,
     "language": "zh"|"en", "context": what our last answer gave}
    → {"say": "…", "keys": ["0", "1", …], "context": {…}, "again": false}

The answer is in the request itself. `again`: it takes longer; the same request once more brings it. A session is one call: the
number that calls identifies nobody, since it can be forged, so no call is ever linked to a customer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
import yaml

from bot.channels.platforms.reading import document, key, table, words
from bot.channels.platforms.setup import Given, Setting
from bot.channels.platforms.signed import HEADER, verify
from bot.errors import BadInput
from bot.services.channels.model import (
    Adapter,
    Hook,
    Inbound,
    Kind,
    Outgoing,
    Payload,
    Reception,
    SendFailed,
    Traits,
)
from bot.services.channels.wording import card_lines, choices

NAME = "ivr"
SETTINGS = {
    "IVR_SECRET": Setting("signs the requests of the telephone system", secret=True),
    "IVR_LENDER": Setting("the lender's name as it is said", ""),
}
SURE = 0.5  # speech below this confidence is asked again
WAIT = 8.0  # seconds of silence that a caller bears
EVENTS = ("start", "keys", "speech", "end")
LONGEST = 2000


def make(given: Given) -> Adapter:
    return Ivr(given)


class Ivr(Adapter):
    """`channel_user` is the call."""

    name = NAME
    traits = Traits(longest=20_000, buttons=9, button_title=60, per_second=100.0, hold=60.0)

    def __init__(self, given: Given) -> None:
        self._secret = given.config["IVR_SECRET"]
        self._lender = given.config["IVR_LENDER"]

    # -- in

    def receive(self, hook: Hook) -> Reception:
        verify([self._secret], hook.headers.get(HEADER.lower(), ""), hook.body, hook.now)
        event = _event(hook.body)
        language = "en" if event.get("language") == "en" else "zh"
        if event["event"] == "start":
            return _said(self._welcome(language))
        if event["event"] == "end":
            return _said({"say": "", "keys": [], "context": {}, "again": False})
        user, turn = event["call"], f"{event['call']}/{event['turn']}"
        context = table(event.get("context"))
        text = self._words(event, context, language)
        if not text:
            if context.get("misses") in (None, 0):
                answer = {"say": _menu()["not_heard"][language], "keys": sorted(table(context.get("keys")))}
                return _said({**answer, "context": {**context, "misses": 1}, "again": False})
            text = _menu()["always"]["0"][f"say_{language}"]  # twice not understood: a person
        moment = {"say": _menu()["moment"][language], "keys": ["0"], "context": context, "again": True}
        inbound = Inbound(
            user, turn[:128], Kind.TEXT, text, language="en" if language == "en" else None, facts={"language": language}
        )
        return Reception((inbound,), body=orjson.dumps(moment), content_type="application/json", wait=WAIT)

    def _words(self, event: Mapping[str, Any], context: Mapping[str, Any], language: str) -> str:
        if event["event"] == "speech":
            sure = event.get("confidence")
            certain = isinstance(sure, (int, float)) and not isinstance(sure, bool) and sure >= SURE
            return words(event.get("speech"), LONGEST) if certain else ""
        pressed = key(event.get("keys"), 32)
        always = _menu()["always"].get(pressed)
        if always:
            return str(always[f"say_{language}"])
        offered = words(table(context.get("keys")).get(pressed), LONGEST)
        if offered:
            return offered
        return pressed if len(pressed) > 1 and pressed.isdigit() else ""  # a code, a phone, an amount

    def _welcome(self, language: str) -> dict[str, Any]:
        menu = _menu()
        keys = {key: one[f"say_{language}"] for key, one in menu["keys"].items()}
        told = [menu["welcome"][language].format(lender=self._lender)]
        told += [one[language] for one in (*menu["keys"].values(), *menu["always"].values()) if one[language]]
        return _answer(" ".join(told), keys)

    # -- out

    def render(self, message: Outgoing) -> Sequence[Payload]:
        language = "en" if message.language == "en" or message.facts.get("language") == "en" else "zh"
        picks = choices(message)[: self.traits.buttons]
        lines = [message.text, *card_lines(message)]
        lines += [_menu()["press"][language].format(title=one.title, key=at) for at, one in enumerate(picks, 1)]
        keys = {str(at): one.say for at, one in enumerate(picks, 1)}
        return [{"say": "\n".join(line for line in lines if line), "keys": keys}]

    def passive(self, hook: Hook, payloads: Sequence[Payload]) -> tuple[bytes, str] | None:
        """All that was answered, said one after the other; the keys are those of the last that offers any."""
        keys = next((one["keys"] for one in reversed(payloads) if one["keys"]), {})
        said = _answer("\n".join(one["say"] for one in payloads), keys)
        return orjson.dumps(said), "application/json"

    async def send(self, to: str, payload: Payload, key: str) -> str:
        """Nobody can be called back by this way: what comes later stays in the conversation."""
        raise SendFailed("not_configured")


def _answer(say: str, keys: Mapping[str, str]) -> dict[str, Any]:
    offered = sorted({*keys, *_menu()["always"]})
    return {"say": say, "keys": offered, "context": {"keys": dict(keys), "misses": 0}, "again": False}


def _said(answer: Mapping[str, Any]) -> Reception:
    return Reception(body=orjson.dumps(answer), content_type="application/json")


def _event(body: bytes) -> dict[str, Any]:
    event = document(body)
    if not isinstance(event, dict) or event.get("event") not in EVENTS:
        raise BadInput(f"event is one of {', '.join(EVENTS)}", code="bad_event")
    call, turn = event.get("call"), event.get("turn", 0)
    if not isinstance(call, str) or not 0 < len(call) <= 100 or not call.isprintable():
        raise BadInput("call names the call", code="bad_event")
    if not isinstance(turn, int) or isinstance(turn, bool) or turn < 0:
        raise BadInput("turn counts the requests of a call", code="bad_event")
    return event


@lru_cache(maxsize=1)
def _menu() -> dict[str, Any]:
    return yaml.safe_load(Path(__file__).with_name("ivr_menu.yml").read_text(encoding="utf-8"))
