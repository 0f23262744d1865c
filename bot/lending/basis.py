"""What an arrangement starts from: a loan on its day, what is done, late and to come, and the grid of its due days."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from bot.errors import BadInput
from bot.lending import schedule
from bot.lending.calendar import add_months
from bot.lending.loan import Amount, Instalment, InstalmentState, Loan, Position
from bot.lending.position import position
from bot.lending.settlement import owed_in_all, putting_off


@dataclass(frozen=True)
class Basis:
    """A loan on the day of an arrangement. `late` is due before `on` and open, `coming` due on it or after."""

    loan: Loan
    on: date
    now: Position
    done: tuple[Instalment, ...]
    late: tuple[InstalmentState, ...]
    coming: tuple[Instalment, ...]

    @property
    def balance(self) -> int:
        """Principal of instalments not overdue."""
        return sum(line.principal for line in self.coming)

    @property
    def late_principal(self) -> int:
        return sum(one.owed.principal for one in self.late)

    @property
    def annual(self) -> Decimal:
        return self.loan.terms.annual_rate or Decimal(0)

    @property
    def monthly(self) -> Fraction:
        return schedule.monthly_rate(self.annual)

    @property
    def first_number(self) -> int:
        """Of the new lines: they take the place of those they replace."""
        replaced = [one.number for one in self.late] + [line.number for line in self.coming]
        return min(
            (number for number in replaced if number > 0), default=max(line.number for line in self.loan.plan) + 1
        )

    @cached_property
    def owed(self) -> int:
        """Principal, accrued and overdue interest, penalty and fees: what settles the loan today, without its fee."""
        return owed_in_all(self.loan, self.on)

    @cached_property
    def anchor(self) -> int:
        """The day of the month that instalments fall due on, before it is clipped to a month's end."""
        lines = self.coming or tuple(line for line in self.loan.plan if line.number > 0)
        plain = Counter(line.due_on.day for line in lines if (line.due_on + timedelta(days=1)).day != 1)
        return plain.most_common(1)[0][0] if plain else max(line.due_on.day for line in lines)

    @property
    def rest(self) -> Amount:
        """What the new lines carry besides principal: overdue items and what an earlier arrangement carried."""
        return sum((line.carried for line in self.coming), replace(self.now.overdue, principal=0))


def basis(loan: Loan, on: date) -> Basis:
    """What an arrangement starts from.

    Raises:
        BadInput: `nothing_left`; `part_paid`, where the instalment due today is paid in part; `arrangement_running`, while
            interest of months put off is still running: a person works that out.
    """
    now = position(loan, on)
    by_number = {line.number: line for line in loan.plan}
    open_lines = [one for one in now.instalments if not one.is_paid]
    late = tuple(one for one in open_lines if one.due_on < on)
    coming = tuple(by_number[one.number] for one in now.instalments if one.due_on >= on and not _is_done(one, on))
    if not now.principal:
        raise BadInput("nothing is left to arrange", code="nothing_left")
    if any(one.due_on == on and one.paid.total for one in open_lines):
        raise BadInput("the instalment due today is paid in part", code="part_paid")
    if putting_off(loan, on):
        raise BadInput("months put off are still running", code="arrangement_running")
    replaced = {one.number for one in late} | {line.number for line in coming}
    return Basis(loan, on, now, tuple(line for line in loan.plan if line.number not in replaced), late, coming)


def _is_done(one: InstalmentState, on: date) -> bool:
    """Paid; a month put off that is still to come is not done, although it asks for nothing."""
    return one.is_paid and (bool(one.planned.total) or one.due_on < on)


def due_days(base: Basis, count: int, start: int = 0) -> tuple[date, ...]:
    """`count` monthly due days from the next one, or from `start` months after it."""
    first = base.coming[0].due_on if base.coming else _after_the_end(base)
    anchor = base.anchor
    return tuple(add_months(first, start + k, anchor) for k in range(count))


def _after_the_end(base: Basis) -> date:
    """The next due day of a loan past its last one."""
    day = add_months(base.on.replace(day=1), 0, base.anchor)
    return day if day > base.on else add_months(base.on.replace(day=1), 1, base.anchor)
