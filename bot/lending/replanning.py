"""New schedules for a running loan (section 2): what is asked for after an arrangement.

All live on the loan's own due days, so that no month is counted twice; only a changed due day moves the grid, and costs the
interest of the days between. Principal is conserved to the cent. What was overdue, and interest put off, comes along as
`carried`: it bears nothing more. Overdue principal that is taken in bears contract interest from the day of the arrangement,
instead of penalty.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from bot.errors import BadInput
from bot.lending import schedule
from bot.lending.basis import Basis, due_days
from bot.lending.calendar import add_months, days
from bot.lending.carrying import carrying, slices, whole
from bot.lending.loan import Amount, DayCount, Instalment, Method
from bot.lending.money import round_cents
from bot.lending.settlement import period_start
from bot.lending.wishes import Deferring

BY_DAYS = (Method.INTEREST_ONLY, Method.BULLET)


def month_interest(base: Basis, balance: int, since: date, due: date) -> int:
    """Interest of one period on `balance`: a twelfth of the year, by days, or the flat fee, as the loan has it."""
    terms = base.loan.terms
    if terms.method is Method.FLAT:
        return round_cents(terms.principal * (terms.flat_monthly_rate or Decimal(0)))
    if terms.method in BY_DAYS:
        return schedule.interest_by_days(balance, base.annual, days(since, due, terms.day_count), terms.day_count)
    return round_cents(balance * base.monthly)


def taken_in(base: Basis, due: date) -> int:
    """Contract interest on overdue principal from the arrangement to its first due day (ACT/360)."""
    return schedule.interest_by_days(base.late_principal, base.annual, days(base.on, due), DayCount.ACT_360)


def regular(
    base: Basis, balance: int, dues: Sequence[date], first: int, since: date, payment: int | None = None
) -> list[Instalment]:
    """The loan's own method on `balance` over `dues`, interest from `since`; a given annuity `payment` is kept and the last
    line takes the rest."""
    terms = base.loan.terms
    if terms.method is Method.ANNUITY:
        return list(level(balance, base.monthly, dues, first, payment=payment))
    if terms.method is Method.EQUAL_PRINCIPAL:
        return list(schedule.equal_principal(balance, base.monthly, dues, first))
    if terms.method is Method.FLAT:
        rate = terms.flat_monthly_rate or Decimal(0)
        return list(schedule.flat(balance, rate, dues, first, fee_base=terms.principal))
    return list(schedule.interest_only(balance, base.annual, since, dues, terms.day_count, first))


def level(
    balance: int,
    monthly: Fraction,
    dues: Sequence[date],
    first: int,
    first_interest: int | None = None,
    payment: int | None = None,
) -> tuple[Instalment, ...]:
    """Equal instalments on all of `dues`, the first with an interest of its own where its period is not a plain month."""
    amount = payment if payment is not None else schedule.annuity_payment(balance, monthly, len(dues))
    lines, left = [], balance
    for index, due in enumerate(dues):
        interest = first_interest if index == 0 and first_interest is not None else round_cents(left * monthly)
        part = left if index == len(dues) - 1 else min(left, max(0, amount - interest))
        left -= part
        lines.append(Instalment(first + index, due, part, interest, left))
    return tuple(lines)


# -- the kinds


def due_day(base: Basis, day: int) -> tuple[Instalment, ...]:
    """The instalments to come on another day of the month; the extra days bear interest, paid with the first.

    Raises:
        BadInput: `same_day`, `nothing_left`.
    """
    _only_when_current(base)
    old = base.coming[0].due_on
    if day == base.anchor:
        raise BadInput("that is the day already", code="same_day")
    first = add_months(old.replace(day=1), 0, day)
    first = first if first > old else add_months(old.replace(day=1), 1, day)
    dues = tuple(add_months(first, k, day) for k in range(len(base.coming)))
    moved = [replace(line, due_on=due) for line, due in zip(base.coming, dues, strict=True)]
    return whole(base, _with_days(base, moved, old))


def _with_days(base: Basis, moved: list[Instalment], old: date) -> list[Instalment]:
    """Interest for what the first due day moved by; where interest is by days, all of it anew."""
    terms = base.loan.terms
    if terms.method in BY_DAYS:
        made, since = [], period_start(base.loan, base.on)
        for line in moved:
            number = days(since, line.due_on, terms.day_count)
            interest = schedule.interest_by_days(_owed_before(moved, line), base.annual, number, terms.day_count)
            made.append(replace(line, interest=interest, days=number))
            since = line.due_on
        return made
    extra = 0
    if terms.method is not Method.FLAT:
        gap = days(old, moved[0].due_on)
        extra = schedule.interest_by_days(base.balance, base.annual, gap, DayCount.ACT_360)
    return [replace(moved[0], interest=moved[0].interest + extra), *moved[1:]]


def _owed_before(lines: Sequence[Instalment], line: Instalment) -> int:
    return sum(other.principal for other in lines if other.due_on >= line.due_on)


def grace(base: Basis, more: int) -> tuple[Instalment, ...]:
    """The next instalment falls due `more` days later, at no cost.

    Raises:
        BadInput: `days`, where it would reach the next one.
    """
    _only_when_current(base)
    due = base.coming[0].due_on + timedelta(days=more)
    if more < 1 or (len(base.coming) > 1 and due >= base.coming[1].due_on):
        raise BadInput("so many days reach into the next instalment", code="days")
    return whole(base, [replace(base.coming[0], due_on=due), *base.coming[1:]])


def deferral(base: Basis, months: int, how: Deferring) -> tuple[Instalment, ...]:
    """`months` without principal; afterwards as many instalments as were left (golden L10).

    Raises:
        BadInput: `months`, fewer than one; `nothing_to_come`, a loan past its last due day.
    """
    if months < 1:
        raise BadInput("a deferral lasts at least a month", code="months")
    if not base.coming:
        raise BadInput("no instalment is to come", code="nothing_to_come")
    if base.late and how in (Deferring.CAPITALISED, Deferring.COLLECTED_LATER):
        raise BadInput("something is overdue", code="overdue")
    balance, first = base.balance + base.late_principal, base.first_number
    waits = due_days(base, months)
    dues = due_days(base, len(base.coming), start=months)
    each = _waiting_interest(base, balance, waits)
    meanwhile = [
        Instalment(first + k, due, 0, cents if how is Deferring.INTEREST_ONLY else 0, balance)
        for k, (due, cents) in enumerate(zip(waits, each, strict=True))
    ]
    after = first + months
    if how is Deferring.CAPITALISED:
        lines = _capitalised(base, balance, each, dues, after, waits)
    else:
        kept = base.coming[0].total if how is Deferring.COLLECTED_LATER and not base.late else None
        lines = regular(base, balance, dues, after, waits[-1], payment=kept)
    if how is Deferring.COLLECTED_LATER:
        lines[0] = replace(lines[0], carried=Amount(interest=sum(each)))
    return whole(base, [*meanwhile, *carrying(lines, base.rest)])


def _waiting_interest(base: Basis, balance: int, waits: Sequence[date]) -> list[int]:
    """Interest of each month put off; overdue principal counts from the arrangement's day."""
    first = base.coming[0].interest + taken_in(base, waits[0])
    return [first, *(month_interest(base, balance, a, b) for a, b in pairwise(waits))]


def _capitalised(
    base: Basis, balance: int, each: Sequence[int], dues: Sequence[date], first: int, waits: Sequence[date]
) -> list[Instalment]:
    """Interest of each month joins the balance; of the instalments it is paid back first, as interest carried over."""
    left = balance + each[0]
    for since, due in pairwise(waits):
        left += month_interest(base, left, since, due)
    lines, rest = [], left - balance
    for line in regular(base, left, dues, first, waits[-1]):
        part = min(rest, line.principal)
        rest -= part
        lines.append(replace(line, principal=line.principal - part, carried=Amount(interest=part)))
    return lines


def extension(base: Basis, more: int) -> tuple[Instalment, ...]:
    """`more` instalments than are left, at the same rate (golden L11).

    Raises:
        BadInput: `count`, none; `nothing_to_come`.
    """
    if more < 1:
        raise BadInput("at least one more", code="count")
    if not base.coming:
        raise BadInput("no instalment is to come", code="nothing_to_come")
    if base.loan.terms.method is Method.BULLET:
        dues: tuple[date, ...] = (add_months(base.coming[-1].due_on, more, base.anchor),)
    else:
        dues = due_days(base, len(base.coming) + more)
    if base.loan.terms.method is Method.FLAT:
        return _fees_kept(base, dues)
    balance, first = base.balance + base.late_principal, base.first_number
    if base.loan.terms.method is Method.ANNUITY:
        lines = list(level(balance, base.monthly, dues, first, first_interest=_opening(base, dues[0])))
    else:
        lines = regular(base, balance, dues, first, period_start(base.loan, base.on))
        if base.late:  # `regular` has charged overdue principal from the start of the period
            own = month_interest(base, base.balance, period_start(base.loan, base.on), dues[0])
            lines[0] = replace(lines[0], interest=own + taken_in(base, dues[0]))
    return whole(base, carrying(lines, base.rest))


def interest_only(base: Basis, months: int) -> tuple[Instalment, ...]:
    """Only interest for `months`, the same last due day (golden L12).

    Raises:
        BadInput: `months`, none or no instalment left for the principal; `method_not_possible`, where only interest is
            paid as it is.
    """
    if base.loan.terms.method in BY_DAYS:
        raise BadInput("the loan pays only interest as it is", code="method_not_possible")
    if not 0 < months < len(base.coming):
        raise BadInput("the interest-only period must be shorter than the term", code="months")
    balance, dues = base.balance + base.late_principal, due_days(base, len(base.coming))
    each = _waiting_interest(base, balance, dues[:months])
    first = base.first_number
    waits = [
        Instalment(first + k, due, 0, cents, balance) for k, (due, cents) in enumerate(zip(dues, each, strict=False))
    ]
    lines = regular(base, balance, dues[months:], first + months, dues[months - 1])
    return whole(base, [*waits, *carrying(lines, base.rest)])


def overdue_split(base: Basis, count: int, most: int) -> tuple[Instalment, ...]:
    """What is overdue, frozen, in `count` equal parts on top of the instalments to come (golden L13).

    Raises:
        BadInput: `not_overdue`; `count`, none or more than `most` (`detail["limit"]`).
    """
    if not base.now.overdue.total:
        raise BadInput("nothing is overdue", code="not_overdue")
    _allowed(count, most)
    dues = due_days(base, max(count, len(base.coming)))
    first = base.first_number
    renumbered = [replace(line, number=first + k) for k, line in enumerate(base.coming)]
    more = [Instalment(first + k, dues[k], 0, 0, 0) for k in range(len(renumbered), len(dues))]
    return whole(base, carrying([*renumbered, *more], base.now.overdue, count))


def personal_plan(base: Basis, count: int, most: int) -> tuple[Instalment, ...]:
    """Everything owed in `count` equal instalments at the contract's rate; overdue parts bear nothing more (art. 70).

    Raises:
        BadInput: `count`, none or more than `most` (`detail["limit"]`).
    """
    _allowed(count, most)
    dues = due_days(base, count)
    if base.loan.terms.method is Method.FLAT:
        return _fees_kept(base, dues)
    balance, first = base.balance + base.late_principal, base.first_number
    lines = level(balance, base.monthly, dues, first, first_interest=_opening(base, dues[0]))
    return whole(base, carrying(lines, base.rest))


def _opening(base: Basis, due: date) -> int:
    """Interest of the first new line: the running period's own, and that of overdue principal from the arrangement on."""
    return (base.coming[0].interest if base.coming else 0) + taken_in(base, due)


def _fees_kept(base: Basis, dues: Sequence[date]) -> tuple[Instalment, ...]:
    """等本等息: the fees still planned are spread over the new number of instalments; no month more is charged."""
    balance, fees = base.balance + base.late_principal, sum(line.interest for line in base.coming)
    parts = zip(dues, slices(balance, len(dues)), slices(fees, len(dues)), strict=True)
    lines = [Instalment(base.first_number + k, due, part, fee, 0) for k, (due, part, fee) in enumerate(parts)]
    return whole(base, carrying(lines, base.rest))


def _only_when_current(base: Basis) -> None:
    if base.late:
        raise BadInput("something is overdue", code="overdue")
    if not base.coming:
        raise BadInput("no instalment is to come", code="nothing_to_come")


def _allowed(count: int, most: int) -> None:
    if not 1 <= count <= most:
        raise BadInput(f"1 to {most} instalments", code="count", limit=most)
