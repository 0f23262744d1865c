"""Masked forms of personal data (requirements 3.1, JR/T 0171): what a screen may show of a C2 datum."""

from __future__ import annotations


def mask_id(number: str) -> str:
    """1****************X: first and last character."""
    return number[:1] + "*" * max(0, len(number) - 2) + number[-1:] if len(number) > 1 else "*"


def mask_phone(number: str) -> str:
    """138****5678; a number too short to hide enough of disappears."""
    return f"{number[:3]}****{number[-4:]}" if len(number) >= 11 else "*" * len(number)


def mask_card(number: str) -> str:
    """At most the first six and last four."""
    return number[:6] + "*" * (len(number) - 10) + number[-4:] if len(number) > 10 else "*" * len(number)


def mask_name(name: str) -> str:
    """The first character: 张*, 欧***; a single one disappears."""
    return name[0] + "*" * (len(name) - 1) if len(name) > 1 else "*"
