"""From a response's name and its figures to words in the borrower's language and script.

The catalogue is Simplified Chinese; Traditional is made from the template and from word variables by OpenCC
(Taiwan standard with phrases, corrected by `taiwan.yml`). What a person or a system named (a customer's name,
quoted words, numbers, codes) is put in afterwards and never converted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from opencc import OpenCC

from bot.dialogue.turn import BotMessage, Button

TRADITIONAL, ENGLISH = "zh-Hant", "en"
NEVER = frozenset({"customer_name", "quote", "loan_no", "ref", "code", "link", "hotline"})
NOTICE = "utter_english_notice"
HAN = re.compile("[\u4e00-\u9fff]")
Variation = dict[str, Any]


def load_responses(root: Path) -> dict[str, list[Variation]]:
    """The whole catalogue: `domain.yml` and every `responses:` under `data/`."""
    found: dict[str, list[Variation]] = {}
    for path in [root / "domain.yml", *sorted((root / "data").rglob("*.yml"))]:
        text = path.read_text(encoding="utf-8")
        if "responses:" in text:
            found |= (yaml.safe_load(text) or {}).get("responses") or {}
    return found


class Speech:
    """Says responses. One instance a process; conversions are cached by template."""

    def __init__(self, responses: Mapping[str, list[Variation]]) -> None:
        self._responses = responses

    def has(self, response: str) -> bool:
        return response in self._responses

    def say(
        self,
        response: str,
        language: str,
        variables: Mapping[str, Any] | None = None,
        *,
        level: int = 0,
        card: dict[str, Any] | None = None,
        buttons: list[Any] | None = None,
    ) -> BotMessage:
        """One message; without an English text the Chinese one is said and `speaks_english` tells the caller.

        Raises:
            KeyError: a response or a variable that does not exist: a mistake in an action, found by its tests.
        """
        chosen = self._choose(response, language)
        script = language if chosen.get("metadata", {}).get("lang") != ENGLISH else ENGLISH
        text = fill(chosen["text"], variables or {}, script)
        made = buttons if buttons is not None else [Button(b["title"], b["payload"]) for b in chosen.get("buttons", [])]
        turned = tuple(Button(turn(b.title, script), turn(b.say, script)) for b in made)
        return BotMessage(text, turned, _turn_card(card, script), level, response)

    def speaks_english(self, response: str) -> bool:
        """Whether the catalogue has an English text for it."""
        return self._choose(response, ENGLISH).get("metadata", {}).get("lang") == ENGLISH

    def _choose(self, response: str, language: str) -> Variation:
        variations = self._responses[response]
        if language == ENGLISH:
            for variation in variations:
                if variation.get("metadata", {}).get("lang") == ENGLISH:
                    return variation
        return next((v for v in variations if v.get("metadata", {}).get("lang") != ENGLISH), variations[0])


def fill(template: str, variables: Mapping[str, Any], language: str) -> str:
    """The template in the script asked for, with its variables; words among them are converted too."""
    values = {name: str(value) if name in NEVER else turn(str(value), language) for name, value in variables.items()}
    return turn(template, language).format_map(values).strip()


def turn(text: str, language: str) -> str:
    """`text` in the script of `language`; anything but Traditional is left alone."""
    return _traditional(text) if language == TRADITIONAL and HAN.search(text) else text


def script(text: str, language: str) -> str:
    """What a person wrote, in the signs of `language` and in their own words: the name of a law is none of ours to translate."""
    return _corrected(str(_signs().convert(text))) if language == TRADITIONAL and HAN.search(text) else text


@lru_cache(maxsize=4096)
def _traditional(text: str) -> str:
    return _corrected(str(_converter().convert(text)))


def _corrected(converted: str) -> str:
    for made, wanted in _corrections().items():
        converted = converted.replace(made, wanted)
    return converted


@lru_cache(maxsize=1)
def _converter() -> OpenCC:
    return OpenCC("s2twp")


@lru_cache(maxsize=1)
def _signs() -> OpenCC:
    return OpenCC("s2tw")


@lru_cache(maxsize=1)
def _corrections() -> dict[str, str]:
    corrections: dict[str, str] = yaml.safe_load((Path(__file__).parent / "taiwan.yml").read_text(encoding="utf-8"))
    return corrections


def _turn_card(card: Any, language: str) -> Any:
    if card is None or language != TRADITIONAL:
        return card
    if isinstance(card, str):
        return turn(card, language)
    if isinstance(card, Mapping):
        return {
            key: value if key in NEVER or key == "kind" else _turn_card(value, language) for key, value in card.items()
        }
    if isinstance(card, (list, tuple)):
        return [_turn_card(one, language) for one in card]
    return card
