"""Lines of documents: as full as they can be, nothing lost, no comma in front, no case number torn."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.services.paper_lines import CLOSING, OPENING, wrapped

SIGNS = "投诉的处理，。「」（）：“” 12345-TS:ab¥."


def measure(text: str) -> float:
    """Chinese signs are two wide, others one."""
    return float(sum(2 if ord(one) > 0x2E7F or one in "“”" else 1 for one in text))


def test_chinese_breaks_anywhere_but_before_closing_and_after_opening_signs() -> None:
    text = "您可以在对话中说「申请复核」，或者致电。"
    for width in range(8, 40):
        lines = wrapped(text, width, measure)
        assert "".join(lines) == text
        assert all(measure(one) <= width for one in lines)
        assert not any(one[0] in CLOSING for one in lines)
        assert not any(one[-1] in OPENING for one in lines)


def test_numbers_of_cases_and_words_stay_whole() -> None:
    text = "您的投诉（编号 TS-20261128-0001）我们已于2026年11月28日受理，请致电 400-000-0000。"
    for width in range(20, 60):
        lines = wrapped(text, width, measure)
        assert all(measure(one) <= width for one in lines)
        for whole in ("TS-20261128-0001", "400-000-0000"):
            assert any(whole in one for one in lines), (width, lines)
    assert wrapped("say agent in the chat", 10, measure) == ["say agent", "in the", "chat"]


def test_its_own_lines_stay_and_what_is_longer_than_a_line_is_cut() -> None:
    assert wrapped("一\n\n二", 10, measure) == ["一", "", "二"]
    assert wrapped("a" * 25, 10, measure) == ["a" * 10, "a" * 10, "a" * 5]
    assert wrapped("", 10, measure) == [""]


@given(st.text(SIGNS, max_size=60), st.integers(4, 30))
def test_no_sign_is_lost_and_no_line_too_long(text: str, width: int) -> None:
    lines = wrapped(text, width, measure)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(measure(one) <= width for one in lines)
