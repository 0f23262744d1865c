"""A borrower's own conversation as a file: what the session may read at its present level, nothing above it.

Words are in `transcript.yml`. The HTML holds no script and fetches nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

import yaml

from bot.dialogue.speech import turn
from bot.services.channels.model import Outgoing
from bot.services.channels.wording import in_words

MOST = 5000  # messages of one file, the latest
FORMATS = ("html", "txt")
WORDS = Path(__file__).with_name("transcript.yml")
HTML_LANGUAGE = {"zh-Hans": "zh-CN", "zh-Hant": "zh-TW", "en": "en"}
STYLE = (
    "body{font:16px/1.6 sans-serif;max-width:44em;margin:2em auto;padding:0 1em;color:#17272b}"
    "h1{font-size:1.3em}article{margin:1em 0;padding:.7em 1em;border:1px solid #c9d6d5;border-radius:8px}"
    "article.borrower{background:#eef6f4}h2{margin:0;font-size:.85em;font-weight:600;color:#42555b}"
    "p{margin:.3em 0 0;white-space:pre-wrap;overflow-wrap:anywhere}"
)


@lru_cache(maxsize=1)
def _words() -> dict[str, dict[str, str]]:
    return yaml.safe_load(WORDS.read_text(encoding="utf-8"))


def _word(name: str, language: str, **values: Any) -> str:
    of = _words()[name]
    return (of["en"] if language == "en" else turn(of["zh"], language)).format(**values)


def as_text(said: Sequence[Mapping[str, Any]], language: str, now: datetime, zone: tzinfo, base_url: str) -> str:
    """`said`: messages as `reading.view` gives them."""
    blocks = [
        f"{_head(one, language, zone)}\n{_body(one, language, base_url)}"
        for one in said
        if _body(one, language, base_url)
    ]
    return "\n\n".join([_word("title", language), *_notes(said, language, now, zone), *blocks]) + "\n"


def as_html(said: Sequence[Mapping[str, Any]], language: str, now: datetime, zone: tzinfo, base_url: str) -> str:
    title = escape(_word("title", language))
    notes = "".join(f"<p>{escape(one)}</p>" for one in _notes(said, language, now, zone))
    blocks = "\n".join(
        f'<article class="{escape(str(one["from"]))}"><h2>{escape(_head(one, language, zone))}</h2>'
        f"<p>{escape(_body(one, language, base_url))}</p></article>"
        for one in said
        if _body(one, language, base_url)
    )
    return (
        f'<!doctype html>\n<html lang="{HTML_LANGUAGE[language]}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{title}</title><style>{STYLE}</style></head>\n<body><h1>{title}</h1>{notes}\n{blocks}\n</body></html>\n"
    )


def _notes(said: Sequence[Mapping[str, Any]], language: str, now: datetime, zone: tzinfo) -> list[str]:
    notes = [_word("made", language, at=_moment(now, zone)), _word("care", language)]
    if any(one["hidden"] for one in said):
        notes.append(_word("hidden", language))
    if len(said) >= MOST:
        notes.append(_word("latest", language, n=MOST))
    return notes


def _head(one: Mapping[str, Any], language: str, zone: tzinfo) -> str:
    who = _word(f"from_{one['from']}", language)
    by = f" {one['by']}" if one.get("by") else ""
    return f"{_moment(datetime.fromisoformat(one['at']), zone)}  {who}{by}"


def _body(one: Mapping[str, Any], language: str, base_url: str) -> str:
    message = Outgoing("", "", one["text"], card=one["card"], language=language, base_url=base_url)
    return in_words(message, numbered=False)


def _moment(at: datetime, zone: tzinfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
