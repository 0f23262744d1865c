"""A message in WhatsApp's forms: up to three choices are reply buttons, up to ten a list, more are numbered lines.

The id of a button is the sentence that it says, so nothing has to be remembered. A choice whose title is too long for its
place is shown in full somewhere else (a list's description, or the numbered lines): a title cut short may hide an amount.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace

from bot.services.channels.model import Choice, Outgoing, Payload, Traits
from bot.services.channels.wording import choices, in_words, sent_file, short, split, word

LONGEST = 4096  # characters of a text
LONGEST_INTERACTIVE = 1024  # of the body above buttons or a list
LARGEST_FILE, LARGEST_PICTURE = 100_000_000, 5_000_000  # bytes
PICTURES = ("image/jpeg", "image/png")
MOST_BUTTONS, TITLE, LONGEST_ID = 3, 20, 256
MOST_ROWS, ROW_TITLE, ROW_DESCRIPTION, LONGEST_ROW_ID = 10, 24, 72, 200


def written(message: Outgoing, traits: Traits) -> list[Payload]:
    file = sent_file(message, LARGEST_FILE)
    if file is not None and not (file.content_type in PICTURES and file.size > LARGEST_PICTURE):
        return [{"type": "image" if file.content_type in PICTURES else "document", "file": asdict(file)}]
    picks = choices(message)
    action = _buttons(picks) or _list(picks, message.language)
    pieces = split(in_words(message, numbered=action is None), traits)
    if action is None or not pieces:
        return [_text(piece) for piece in pieces]
    last = pieces.pop()
    body = split(last, replace(traits, longest=LONGEST_INTERACTIVE))[-1]  # the end of it goes above the choices
    before = last[: len(last) - len(body)].rstrip()
    texts = [*pieces, before] if before else pieces
    return [*(_text(one) for one in texts), {"type": "interactive", "interactive": {"body": {"text": body}, **action}}]


def _text(piece: str) -> Payload:
    return {"type": "text", "text": {"body": piece, "preview_url": False}}


def _buttons(picks: Sequence[Choice]) -> Payload | None:
    if not 0 < len(picks) <= MOST_BUTTONS or not _told_apart(picks, LONGEST_ID):
        return None
    if any(len(one.title) > TITLE for one in picks):
        return None
    buttons = [{"type": "reply", "reply": {"id": one.say, "title": one.title}} for one in picks]
    return {"type": "button", "action": {"buttons": buttons}}


def _list(picks: Sequence[Choice], language: str) -> Payload | None:
    if not 0 < len(picks) <= MOST_ROWS or not _told_apart(picks, LONGEST_ROW_ID):
        return None
    if any(len(one.title) > ROW_DESCRIPTION for one in picks):
        return None
    rows = [_row(one) for one in picks]
    return {"type": "list", "action": {"button": word("pick_button", language), "sections": [{"rows": rows}]}}


def _row(one: Choice) -> dict[str, str]:
    row = {"id": one.say, "title": short(one.title, Traits(button_title=ROW_TITLE))}
    return row if row["title"] == one.title else {**row, "description": one.title}


def _told_apart(picks: Sequence[Choice], longest: int) -> bool:
    """Whether each has its own title and its own id, none too long: WhatsApp refuses the others."""
    titles, ids = {one.title.strip() for one in picks}, {one.say for one in picks}
    blank = "" in titles or any(not one.say.strip() for one in picks)
    return not blank and len(titles) == len(ids) == len(picks) and all(len(one.say) <= longest for one in picks)
