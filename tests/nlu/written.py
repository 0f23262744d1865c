"""Hypothesis strategies: values with the many ways in which people write them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import cn2an
from hypothesis import strategies as st

SHAPES = (
    "plain",
    "grouped",
    "yuan",
    "kuai",
    "mark",
    "chinese",
    "chinese_unit",
    "wan",
    "w",
    "k",
    "capital",
    "full_width",
)
FULL_WIDTH = str.maketrans("0123456789.,", "０１２３４５６７８９．，")
CHINESE = "零一二三四五六七八九"
SMALL = [
    *"一二三四五六七八九十",
    *("十" + one for one in CHINESE[1:]),
    "二十",
    *("二十" + one for one in CHINESE[1:]),
    "三十",
    "三十一",
]


@st.composite
def amount(draw: st.DrawFn) -> tuple[str, int]:
    """(words, cents): whole yuan from 100 to 100 million, or yuan and cents, in one of the written forms."""
    yuan = draw(st.integers(min_value=100, max_value=10**8))
    shape = draw(st.sampled_from(SHAPES))
    cents = draw(st.integers(0, 99)) if shape in ("plain", "grouped", "yuan", "mark", "full_width") else 0
    exact = Decimal(yuan) + Decimal(cents) / 100
    fraction = f".{cents:02d}" if cents else ""
    if shape in ("wan", "w", "k"):
        unit = 1000 if shape == "k" else 10_000
        return f"{(exact / unit).normalize():f}{ {'wan': '万', 'w': 'w', 'k': 'k'}[shape] }", yuan * 100
    words = {
        "plain": f"{yuan}{fraction}",
        "grouped": f"{yuan:,}{fraction}",
        "yuan": f"{yuan}{fraction}元",
        "kuai": f"{yuan}块钱",
        "mark": f"¥{yuan:,}{fraction}",
        "chinese": cn2an.an2cn(yuan),
        "chinese_unit": cn2an.an2cn(yuan) + "元",
        "capital": cn2an.an2cn(yuan, "up") + "元整",
        "full_width": f"{yuan}{fraction}元".translate(FULL_WIDTH),
    }[shape]
    return words, yuan * 100 + cents


@st.composite
def day(draw: st.DrawFn) -> tuple[str, date]:
    """(words, day) with the year given, so that the meaning does not depend on the present day."""
    on = draw(st.dates(date(2020, 1, 1), date(2099, 12, 31)))
    chinese = "".join("二零一二三四五六七八九"[int(d) + 1] if d != "0" else "零" for d in str(on.year)).replace(
        "二零二", "二零二"
    )
    words = draw(
        st.sampled_from(
            [
                f"{on.year}年{on.month}月{on.day}日",
                f"{on.year}年{on.month}月{on.day}号",
                f"{on.year}-{on.month:02d}-{on.day:02d}",
                f"{on.year}/{on.month}/{on.day}",
                f"{on.year}.{on.month}.{on.day}",
                f"{on:%Y%m%d}",
                f"{on.year % 100}年{on.month}月{on.day}号",
                f"{chinese}年{SMALL[on.month - 1]}月{SMALL[on.day - 1]}日",
                f"{on.day} {on:%B} {on.year}",
                f"{on:%b} {on.day}, {on.year}",
                f"{on:%B} {on.day}th {on.year}",
            ]
        )
    )
    return words, on


PERSONAL = st.one_of(
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.from_regex(r"[1-8][0-9]{5}(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|1[0-9]|2[0-8])[0-9]{3}[0-9X]", fullmatch=True),
    st.from_regex(r"[1-8][0-9]{5}[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|1[0-9]|2[0-8])[0-9]{3}", fullmatch=True),
    st.from_regex(r"[3-69][0-9]{12,18}", fullmatch=True),
)
NUMERALS = (
    "0123456789",
    "０１２３４５６７８９",
    "零一二三四五六七八九",
    "〇一二三四五六七八九",
    "零壹贰叁肆伍陆柒捌玖",
    "⓪①②③④⑤⑥⑦⑧⑨",
    "٠١٢٣٤٥٦٧٨٩",
    "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗",
)


@st.composite
def personal_number(draw: st.DrawFn) -> str:
    """A phone, id or card number in one numeral system, evenly grouped, grouped as usual, or with a gap anywhere."""
    number = draw(PERSONAL)
    gap = draw(st.sampled_from(["", "", " ", "-", "  ", "\u3000", ".", "\u200b", "\u00a0", " - ", "－", "·"]))
    how = draw(st.sampled_from(["even", "usual", "once"]))
    if how == "even":
        size = draw(st.integers(1, 6))
        groups = [number[at : at + size] for at in range(0, len(number), size)]
    elif how == "usual":
        cuts = {11: (3, 7), 15: (6, 12), 18: (6, 14)}.get(len(number), (4, 8, 12, 16))
        groups = [number[a:b] for a, b in zip((0, *cuts), (*cuts, None), strict=True)]
    else:
        cut = draw(st.integers(1, len(number) - 1))
        groups = [number[:cut], number[cut:]]
    digits = draw(st.sampled_from(NUMERALS))
    return gap.join(group.translate(str.maketrans("0123456789", digits)) for group in groups if group)
