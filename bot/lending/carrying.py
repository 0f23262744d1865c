"""How a new plan takes along what was owed before it: in equal parts, in the order in which the law lets payments count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from bot.errors import BadInput
from bot.lending.basis import Basis
from bot.lending.loan import NOTHING, Amount, Instalment
from bot.lending.money import round_cents
from bot.lending.replay import ORDER


def slices(total: int, count: int) -> list[int]:
    """A sum in equal parts, the last takes the rest (golden L13)."""
    each, left, parts = round_cents(Fraction(total, count)), total, []
    for index in range(count):
        part = left if index == count - 1 else min(each, left)
        left -= part
        parts.append(part)
    return parts


def poured(amount: Amount, parts: Sequence[int]) -> list[Amount]:
    """`amount` cut into parts of the given sizes, in the order in which the law lets payments count."""
    left = {component: amount.part(component) for component in ORDER}
    cut = []
    for size in parts:
        taken: dict[str, int] = {}
        for component in ORDER:
            taken[component.value] = min(size, left[component])
            left[component] -= taken[component.value]
            size -= taken[component.value]
        cut.append(Amount(**taken))
    return cut


def carrying(lines: Sequence[Instalment], rest: Amount, count: int | None = None) -> list[Instalment]:
    """`rest` in equal parts on the first `count` lines (all of them by default); its principal joins theirs."""
    number = min(len(lines), count or len(lines))
    cut = poured(rest, slices(rest.total, number)) + [NOTHING] * (len(lines) - number)
    return [
        replace(line, principal=line.principal + part.principal, carried=line.carried + replace(part, principal=0))
        for line, part in zip(lines, cut, strict=True)
    ]


def whole(base: Basis, lines: Sequence[Instalment]) -> tuple[Instalment, ...]:
    """The complete plan: what is done and the new lines, balances made anew.

    Raises:
        BadInput: `not_conserved`: the parts do not sum up to the principal still owed; a mistake in a schedule.
    """
    left = base.now.principal
    if sum(line.principal for line in lines) != left or any(line.total < 0 or line.principal < 0 for line in lines):
        raise BadInput("the new schedule does not pay back what is owed", code="not_conserved")
    made = []
    for line in lines:
        left -= line.principal
        made.append(replace(line, balance=left))
    return (*base.done, *made)
