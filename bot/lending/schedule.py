"""Plans: the five methods of section 2. Interest of each line HALF_UP to the cent, the last line takes the rest.

Formulas (P principal, r = annual/12, never rounded: an exact fraction, n instalments):
    annuity           A = round(P·r(1+r)^n / ((1+r)^n − 1)), I_k = round(B_{k−1}·r)
    equal principal   p = floor(P/n), I_k = round(B_{k−1}·r)
    interest only     I_k = round(P·annual·days_k/basis), principal with the last
    bullet            one line, interest = round(P·annual·days/basis)
    flat              p = floor(P/n), fee = round(P·flat) each
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from datetime import date
from decimal import Decimal, localcontext
from fractions import Fraction

from bot.errors import BadInput
from bot.lending.calendar import BASIS, days, due_dates
from bot.lending.loan import DayCount, Instalment, Method, Terms
from bot.lending.money import round_cents

PRECISION = 60  # (1+r)^360 keeps far more digits than a cent needs


def monthly_rate(annual: Decimal) -> Fraction:
    """A twelfth of an annual rate, exact: 7 %/12 has no end in decimals, and a half cent must not tip over."""
    return Fraction(annual) / 12


def annuity_payment(principal: int, monthly: Fraction, count: int) -> int:
    """The equal instalment in cents; P/n at a zero rate."""
    if monthly == 0:
        return round_cents(Fraction(principal, count))
    with localcontext() as context:
        context.prec = PRECISION
        rate = Decimal(monthly.numerator) / monthly.denominator
        growth = (1 + rate) ** count
        return round_cents(principal * rate * growth / (growth - 1))


def annuity(
    principal: int, monthly: Fraction, dues: Sequence[date], first: int = 1, payment: int | None = None
) -> tuple[Instalment, ...]:
    """Equal instalments on `dues`; a given `payment` is kept and ends early when the balance is paid.

    Raises:
        BadInput: `too_small`, a given payment that does not cover the interest.
    """
    amount = payment if payment is not None else annuity_payment(principal, monthly, len(dues))
    lines, balance = [], principal
    for index, due in enumerate(dues):
        interest = round_cents(balance * monthly)
        last = index == len(dues) - 1 or amount - interest >= balance
        part = balance if last else amount - interest
        if part < 0:
            raise BadInput("the instalment does not cover its interest", code="too_small")
        balance -= part
        lines.append(Instalment(first + index, due, part, interest, balance))
        if last:
            break
    return tuple(lines)


def equal_principal(
    principal: int, monthly: Fraction, dues: Sequence[date], first: int = 1, part: int | None = None
) -> tuple[Instalment, ...]:
    """Equal principal on `dues`; a given `part` is kept and ends early."""
    each = part if part is not None else principal // len(dues)
    lines, balance = [], principal
    for index, due in enumerate(dues):
        interest = round_cents(balance * monthly)
        last = index == len(dues) - 1 or each >= balance
        paid = balance if last else each
        balance -= paid
        lines.append(Instalment(first + index, due, paid, interest, balance))
        if last:
            break
    return tuple(lines)


def interest_by_days(principal: int, annual: Decimal, count: int, day_count: DayCount) -> int:
    """round(P·annual·days/basis)."""
    return round_cents(principal * annual * count / BASIS[day_count])


def interest_only(
    principal: int, annual: Decimal, start: date, dues: Sequence[date], day_count: DayCount, first: int = 1
) -> tuple[Instalment, ...]:
    """Interest by days on every due day, the principal with the last."""
    lines = []
    for index, due in enumerate(dues):
        count = days(start, due, day_count)
        last = index == len(dues) - 1
        lines.append(
            Instalment(
                first + index,
                due,
                principal if last else 0,
                interest_by_days(principal, annual, count, day_count),
                0 if last else principal,
                count,
            )
        )
        start = due
    return tuple(lines)


def flat(
    principal: int, monthly_fee: Decimal, dues: Sequence[date], first: int = 1, fee_base: int | None = None
) -> tuple[Instalment, ...]:
    """Equal principal with a constant fee on the amount lent (`fee_base`)."""
    each, fee = principal // len(dues), round_cents((principal if fee_base is None else fee_base) * monthly_fee)
    lines, balance = [], principal
    for index, due in enumerate(dues):
        paid = balance if index == len(dues) - 1 else each
        balance -= paid
        lines.append(Instalment(first + index, due, paid, fee, balance))
    return tuple(lines)


def plan(terms: Terms) -> tuple[Instalment, ...]:
    """The first plan of a loan.

    Raises:
        BadInput: terms that make no plan (no principal, no periods, a rate missing or negative).
    """
    if terms.principal <= 0 or terms.periods <= 0:
        raise BadInput("principal and periods must be positive", code="terms")
    dues = due_dates(
        terms.first_due_on,
        terms.periods,
        anchor=max(terms.first_due_on.day, terms.disbursed_on.day) if _clipped(terms) else None,
    )
    if dues[0] <= terms.disbursed_on:
        raise BadInput("the first due day must come after disbursement", code="terms")
    if terms.method is Method.FLAT:
        if terms.flat_monthly_rate is None or terms.flat_monthly_rate < 0:
            raise BadInput("a flat loan needs a monthly fee rate", code="terms")
        return flat(terms.principal, terms.flat_monthly_rate, dues)
    if terms.annual_rate is None or terms.annual_rate < 0:
        raise BadInput("the annual rate is missing or negative", code="terms")
    if terms.method is Method.ANNUITY:
        return annuity(terms.principal, monthly_rate(terms.annual_rate), dues)
    if terms.method is Method.EQUAL_PRINCIPAL:
        return equal_principal(terms.principal, monthly_rate(terms.annual_rate), dues)
    if terms.method is Method.BULLET and terms.periods != 1:
        raise BadInput("a loan repaid in one sum has one instalment", code="terms")
    return interest_only(terms.principal, terms.annual_rate, terms.disbursed_on, dues, terms.day_count)


def _clipped(terms: Terms) -> bool:
    """A loan paid out on the 31st whose first due day was clipped (28 Feb) goes on on the 31st."""
    first = terms.first_due_on
    return first.day == monthrange(first.year, first.month)[1] and terms.disbursed_on.day > first.day
