"""Wishes that must never be lost to a classifier: a person, despair, stop. Decided by rules, before Rasa.

Called by the conversation service for every message, in any state. Patterns live in `edge.yml`, over normalised text:
high recall for a person and for despair, high precision for the rest, since what no rule takes the model still reads.
"""

from __future__ import annotations

import re
from functools import lru_cache

from bot.names import Intent
from bot.nlu.normalise import normalise
from bot.nlu.patterns import table

# Safety first, then the person, then rights, then the rest (one label a message: the one to serve first).
ORDER = (
    Intent.SELF_HARM,
    Intent.TALK_TO_HUMAN,
    Intent.CANCEL,
    Intent.COLLECTIONS_COMPLAINT,
    Intent.COMPLAINT,
    Intent.THIRD_PARTY,
    Intent.STOP_CONTACT,
    Intent.NOT_MY_LOAN,
)
SEPARATORS = re.compile("[^\u3400-\u9fffa-z0-9]+")
SHORT = 12  # signs: a message so short is also read without what stands between them (「转-人-工」)

Rules = dict[str, "re.Pattern[str] | None"]


def safety(text: str) -> Intent | None:
    """The intent that `text` certainly is, or None: then the model decides."""
    words = normalise(text)
    bare = SEPARATORS.sub("", words)
    spaced_out = bare != words and (len(bare) <= SHORT or len(words) >= 1.5 * len(bare))
    for intent in ORDER:
        rules = _rules()[intent.value]
        if _anywhere(words, rules) or (spaced_out and _anywhere(bare, rules)):
            return intent
        whole = rules["whole"]
        if whole is not None and whole.fullmatch(bare):
            return intent
    return None


def harmless(text: str) -> bool:
    """Whether `text` holds words of death that are a manner of speaking, or about something else."""
    rule = _rules()[Intent.SELF_HARM.value]["not"]
    return rule is not None and rule.search(normalise(text)) is not None


def _anywhere(words: str, rules: Rules) -> bool:
    if rules["any"] is None:
        return False
    if rules["unless"] is not None and rules["unless"].search(words):
        return False
    return rules["any"].search(rules["not"].sub(" ", words) if rules["not"] else words) is not None


@lru_cache(maxsize=1)
def _rules() -> dict[str, Rules]:
    """intent -> compiled `any`, `whole`, `not` and `unless`; `{name}` stands for one of the file's `parts`."""
    contents = table("edge")
    return {
        intent.value: {
            key: re.compile("|".join(_filled(one, contents["parts"]) for one in contents[intent.value][key]))
            if contents[intent.value].get(key)
            else None
            for key in ("any", "whole", "not", "unless")
        }
        for intent in ORDER
    }


def _filled(written: str, parts: dict[str, str]) -> str:
    for key, part in parts.items():
        written = written.replace("{" + key + "}", f"(?:{part})")
    return written
