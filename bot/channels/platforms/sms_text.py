"""Texts of SMS: segments counted as carriers charge them, no foreign links."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from bot.services.channels.model import Traits
from bot.services.channels.wording import split

# 3GPP TS 23.038: the default alphabet, and what its extension table adds at the price of two.
GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_TWICE = frozenset("\f^{}\\[~]|€")
GSM_ONE, GSM_EACH = 160, 153  # septets of a message of one segment, and of each of several
WIDE_ONE, WIDE_EACH = 70, 67  # UTF-16 units
ENDINGS = "com|cn|net|org|info|io|co|me|cc|top|xyz|site|vip|club|shop|live|link|ly|gl|tw|hk|mo|example|test"
LINK = re.compile(
    rf"(?:https?://|www\.)[^\s，。；、！？）】》」\"'<>]+|(?<![\w@.-])(?:[a-z0-9-]+\.)+(?:{ENDINGS})(?![\w@.-])(?:/[^\s，。；、！？）】》」\"'<>]*)?",
    re.IGNORECASE | re.ASCII,
)


def wide(text: str) -> bool:
    """Whether a text needs UCS-2."""
    return not all(sign in GSM or sign in GSM_TWICE for sign in text)


def segments(text: str) -> int:
    """How many messages a carrier counts: GSM-7 160, then 153 each; UCS-2 70, then 67 each. A sign above U+FFFF takes two."""
    if wide(text):
        units = len(text.encode("utf-16-be", "surrogatepass")) // 2
        return 1 if units <= WIDE_ONE else -(-units // WIDE_EACH)
    units = sum(2 if sign in GSM_TWICE else 1 for sign in text)
    return 1 if units <= GSM_ONE else -(-units // GSM_EACH)


def pieces(text: str, most: int, longest: int, around: str = "") -> list[str]:
    """The text in messages of at most `most` segments and `longest` characters each; `around` (a signature) counts with each."""
    each = (WIDE_EACH if wide(text + around) else GSM_EACH) * most - len(around)
    return _pieces(text, most, max(1, min(each, longest)), around)


def _pieces(text: str, most: int, longest: int, around: str) -> list[str]:
    found: list[str] = []
    for piece in split(text, Traits(longest=longest)):
        small = longest == 1 or segments(piece + around) <= most
        found += [piece] if small else _pieces(piece, most, longest // 2, around)
    return found


def without_links(text: str, host: str, instead: str) -> str:
    """The text with links to `host` alone: whoever is sent a text message cannot tell a foreign link from a forged one."""
    return LINK.sub(lambda found: found[0] if host and _host(found[0]) == host else instead, text)


def _host(link: str) -> str:
    if "@" in link or "\\" in link:
        return ""
    try:
        return (urlsplit(link if "://" in link else f"https://{link}").hostname or "").lower()
    except ValueError:
        return ""


def asks(text: str, what: str) -> bool:
    """Whether a whole message is one of the words for `what`: stop | start."""
    return unicodedata.normalize("NFKC", text).strip(" .。!！\r\n").upper() in _words()[what]


def minute_only(refusal: str) -> bool:
    """Whether Aliyun says that a number's share of this minute is used up, not that of the hour or day."""
    return any(word in refusal for word in _words()["aliyun_minute"])


@lru_cache(maxsize=1)
def _words() -> dict[str, list[str]]:
    return yaml.safe_load(Path(__file__).with_name("sms.yml").read_text(encoding="utf-8"))
