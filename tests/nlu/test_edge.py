"""A person, despair, stop and rights are heard in any script, spacing and width; look-alikes are not."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from opencc import OpenCC

from bot.names import Intent
from bot.nlu.edge import safety

CASES: dict[str, list[str]] = yaml.safe_load((Path(__file__).parent / "edge_cases.yml").read_text(encoding="utf-8"))
LINES = [(intent, line) for intent, lines in CASES.items() for line in lines]
SCRIPTS = {"simplified": lambda text: text, "traditional": OpenCC("s2t").convert, "taiwan": OpenCC("s2twp").convert}


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize(("intent", "line"), LINES, ids=[f"{i}-{n}" for n, (i, _) in enumerate(LINES)])
def test_safety(script: str, intent: str, line: str) -> None:
    found = safety(SCRIPTS[script](line))
    assert found == (None if intent == "none" else Intent(intent))


@pytest.mark.parametrize("line", ["转人工", "不想活了", "agent", "算了"])
@given(sign=st.sampled_from(["\u200b", "\u202e", " ", "！", "~", "。", "\n", "😭"]), place=st.integers(0, 6))
def test_safety_is_not_fooled_by_signs(line: str, sign: str, place: int) -> None:
    expected = safety(line)
    assert expected is not None
    at = place % (len(line) + 1)
    inside = sign in ("\u200b", "\u202e") or not line.isascii()
    assert safety(line[:at] + sign + line[at:] if inside else line + sign) == expected


@pytest.mark.parametrize(
    "line", ["我要转人工", "ＡＧＥＮＴ", "ｋｉｌｌ ｍｙｓｅｌｆ", "轉－人－工", "自。杀", "想   死"]
)
def test_safety_reads_through_width_and_spacing(line: str) -> None:
    assert safety(line) is not None


@given(st.text(max_size=120))
def test_safety_never_fails(text: str) -> None:
    safety(text)


def test_safety_is_quick_with_very_long_messages() -> None:
    import time

    started = time.process_time()
    for text in ("死" * 10_000, "我想" * 5000, "不" * 10_000, "a " * 5000, "客服" * 5000, "1" * 10_000):
        safety(text)
    assert time.process_time() - started < 3
