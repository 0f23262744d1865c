"""The same question gets the same facts on every channel: forty questions, both scripts, every adapter's wording.

What is asked is answered once by the trained model; then each adapter words the stored messages as it would send them. Every
amount, date, percentage, count and number of a record must be there, whatever the channel can show.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import Any

import httpx
import pytest
from opencc import OpenCC

from bot.dialogue.brain import Brain
from bot.services.channels.model import Choice, Outgoing
from tests.channels.conftest import CASES
from tests.dialogues.channel_questions import QUESTIONS
from tests.dialogues.conftest import Demo, talking

FACT = re.compile(r"¥[\d,]+(?:\.\d\d)?|\d{4}年\d{1,2}月\d{1,2}日|\d+(?:\.\d+)?%|[A-Z]{2}-?\d{4,}(?:-\d+)?|\d{3,}")
CUSTOMERS = ("C1001", "C1003")  # one who pays on time, one who is late


def outgoing(row: Any) -> Outgoing:
    buttons = tuple(Choice(one["title"], one["say"]) for one in row["buttons"] or ())
    base = "https://lender.example"
    return Outgoing(row["message_id"], "10001", row["text"], buttons, row["card"], base_url=base, level=row["level"])


def flat(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(flat(one) for one in value.values())
    if isinstance(value, (list, tuple)):
        return " ".join(flat(one) for one in value)
    return unicodedata.normalize("NFKC", str(value))


def facts(row: Any) -> set[str]:
    card = {key: value for key, value in (row["card"] or {}).items() if key not in ("links", "ref", "wait", "kind")}
    return set(FACT.findall(flat([row["text"], card])))


@pytest.mark.parametrize("script", ["simplified", "traditional"])
async def test_every_channel_says_the_same_facts(demo: Demo, script: str) -> None:
    turned = OpenCC("s2twp").convert if script == "traditional" else str
    adapters = [case.adapter("http://127.0.0.1:1", httpx.AsyncClient()) for case in CASES]
    seen = 0
    for customer in CUSTOMERS:
        for question in QUESTIONS:
            borrower = demo.borrower(customer)
            await borrower.say(turned(question))
            for row in borrower.last:
                wanted = facts(row)
                seen += len(wanted)
                for adapter in adapters:
                    said = flat(list(adapter.render(outgoing(row))))
                    missing = {one for one in wanted if one not in said}
                    assert not missing, f"{adapter.name} loses {missing} of {question!r}: {said[:300]}"
    assert seen > 200  # the questions do bring figures


async def test_both_scripts_get_the_same_facts(tmp_path: Path, book: Path, brain: Brain) -> None:
    said: list[list[set[str]]] = []
    for turned in (str, OpenCC("s2twp").convert):
        async with talking(tmp_path / f"{len(said)}", book, brain) as demo:
            said.append([])
            for question in QUESTIONS:
                borrower = demo.borrower("C1001")
                await borrower.say(turned(question))
                said[-1].append({one for row in borrower.last for one in facts(row) if "¥" in one})
    for question, simplified, traditional in zip(QUESTIONS, *said, strict=True):
        assert simplified == traditional, question
