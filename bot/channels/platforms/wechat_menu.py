"""Choices as WeChat's tappable menu lines, for official accounts and WeCom alike.

A tapped line comes back as a text message with the line's title and its id; the id carries what the choice says, in letters
that both platforms take. A choice too long for an id makes all of them numbered lines.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace

from bot.services.channels.model import Choice, Outgoing, Traits
from bot.services.channels.wording import choices, in_words, short, split

MARK = "s"
LONGEST_ID = 64  # bytes, of WeCom; official accounts name no figure
LONGEST_TITLE = 128  # bytes, of WeCom
LONGEST_HEAD = 1024  # bytes above the lines, of WeCom
MOST = 10  # lines, of WeCom


def identifier(say: str) -> str | None:
    """The id that stands for `say`, None where it would be too long."""
    coded = MARK + base64.urlsafe_b64encode(say.encode("utf-8", "replace")).decode().rstrip("=")
    return coded if len(coded) <= LONGEST_ID else None


def said(id_: object, title: str) -> str:
    """What tapping the line with this id says: the title itself where the id is none of ours."""
    if not isinstance(id_, str) or not id_.startswith(MARK) or len(id_) > LONGEST_ID:
        return title
    try:
        return base64.b64decode(id_[1:] + "=" * (-len(id_[1:]) % 4), altchars=b"-_", validate=True).decode() or title
    except (binascii.Error, ValueError):
        return title


def laid_out(message: Outgoing, traits: Traits) -> tuple[list[str], str, list[tuple[str, str]]]:
    """The message as texts, then the words above a menu and its lines (id, title); no lines: no menu."""
    lines = _lines(choices(message), traits)
    pieces = split(in_words(message, numbered=not lines), traits)
    if not lines:
        return pieces, "", []
    last = split(pieces.pop(), replace(traits, longest_bytes=LONGEST_HEAD)) if pieces else [""]
    return [*pieces, *last[:-1]], last[-1], lines


def _lines(picks: tuple[Choice, ...], traits: Traits) -> list[tuple[str, str]]:
    if len(picks) > traits.buttons:
        return []
    lines = []
    for one in picks:
        id_ = identifier(one.say)
        if id_ is None or not one.title.strip():
            return []
        title = short(one.title, traits)
        lines.append((id_, title.encode("utf-8", "replace")[:LONGEST_TITLE].decode("utf-8", "ignore")))
    return lines
