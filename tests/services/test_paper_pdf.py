"""The PDF of a document, read back from its own drawing: lines as `paper_lines` sets them, never stretched."""

from __future__ import annotations

import re
import zlib

import pytest

from bot.services.paper_pdf import FONT, as_pdf
from bot.services.papers import Paper

FACTS = (
    ("查明的事实", "经调取 2026 年 11 月 10 日至 12 日的通话录音共三段，证实外包催收人员三次致电您的工作单位，并在第二次通话中说明了欠款。"),
    ("向监管部门反映", "您可以拨打金融监管投诉热线 12378 反映（工作日 9:00–12:00、13:00–17:00），我们不会因此区别对待，也不会拖延。"),
)  # fmt: skip


def drawn(pdf: bytes) -> bytes:
    """What is drawn on the pages."""
    streams = re.findall(rb"stream\n(.*?)\nendstream", pdf, re.DOTALL)
    found = []
    for one in streams:
        try:
            found.append(zlib.decompress(one))
        except zlib.error:
            continue
    return b"\n".join(one for one in found if b" Td " in one or b"BT " in one)


@pytest.mark.skipif(not FONT.is_file(), reason="the font comes with `make pages`")
def test_no_line_is_stretched_to_the_margin() -> None:
    page = drawn(as_pdf(Paper("投诉处理结果告知书", FACTS, (), (), ("TS-20261128-0001 · v1",), "zh-Hans")))
    assert page.count(b" Tj") > len(FACTS) * 2
    assert b"TJ" not in page  # how spaces are widened
    assert b" Tw" not in page


@pytest.mark.skipif(not FONT.is_file(), reason="the font comes with `make pages`")
def test_findings_as_long_as_they_may_be_go_on_over_pages() -> None:
    findings = "经核实，外包人员三次致电您的单位。" * 500
    made = as_pdf(Paper("投诉处理结果告知书", (("查明的事实", findings[:8000]), *FACTS), (), (), ("v1",), "zh-Hans"))
    assert len(re.findall(rb"/Type /Page\b(?!s)", made)) > 3
