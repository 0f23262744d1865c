"""Masked forms (golden P01)."""

from __future__ import annotations

import pytest

from bot.lending.masking import mask_card, mask_id, mask_name, mask_phone


@pytest.mark.parametrize(
    ("masked", "expected"),
    [
        (mask_id("11010519491231002X"), "1****************X"),
        (mask_phone("13812345678"), "138****5678"),
        (mask_card("6222021234567890128"), "622202*********0128"),
        (mask_name("张三"), "张*"),
        (mask_name("欧阳娜娜"), "欧***"),
        (mask_name("张"), "*"),
        (mask_phone("12345678"), "********"),
        (mask_card("6222021234"), "**********"),
        (mask_id("1"), "*"),
        (mask_id(""), "*"),
    ],
)
def test_masking_shows_no_more_than_agreed(masked: str, expected: str) -> None:
    assert masked == expected
