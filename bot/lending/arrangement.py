"""An arrangement drawn up: its schedule, what it costs against today's plan, its rate; and the ledger entries that make it so.

`draw_up` is a pure function of the loan, the wish and the day: an offer is stored as those, drawn up again when the borrower
consents, and refused when a single figure differs (`Drawn.digest`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from bot.errors import BadInput
from bot.lending import replanning
from bot.lending.all_in import all_in_rate
from bot.lending.allocation import not_booked
from bot.lending.basis import Basis, basis
from bot.lending.calendar import add_months
from bot.lending.loan import NOTHING, Amount, Component, Entry, EntryKind, Instalment, Loan
from bot.lending.position import position
from bot.lending.prepayment import quote_prepayment
from bot.lending.replay import replay
from bot.lending.settlement import owed_in_all, quote_settlement
from bot.lending.wishes import ORDERS, RESCHEDULING, Deferring, Kind, Wish

Waived = tuple[Component, int | None, int]  # component, instalment or None, cents
Plan = tuple[Instalment, ...]
KEEPING = (Kind.DUE_DAY, Kind.GRACE)  # an open fee stays as it is; all others take in what is overdue
WAIVABLE = (Component.PENALTY, Component.COMPOUND, Component.FEE)


@dataclass(frozen=True)
class Drawn:
    """Everything that a borrower is shown before consent, in cents and dates."""

    loan_id: str
    wish: Wish
    on: date
    plan: Plan | None  # the whole new plan; None: the schedule stays
    asks: tuple[tuple[date, int], ...]  # everything to pay from `on` under it, by day
    today: int  # the sum of what is asked under today's plan, overdue items paid on `on`
    owed: int  # principal, accrued and overdue interest, penalty, fees on `on`: the inflow of the rate
    rate: Decimal  # all-in, simple, a year
    carried: Amount = NOTHING
    waived: tuple[Waived, ...] = ()
    charged: int = 0  # a prepayment fee booked with it
    stops_penalty: bool = False
    stops_until: date | None = None
    seq: int = 0  # of the ledger it was drawn from

    @property
    def total(self) -> int:
        """The sum of what is asked."""
        return sum(cents for _, cents in self.asks)

    @property
    def new_lines(self) -> tuple[Instalment, ...]:
        """Lines of the new plan that ask on `on` or later."""
        return tuple(line for line in self.plan or () if line.due_on >= self.on)

    @property
    def next(self) -> tuple[date, int] | None:
        return next((ask for ask in self.asks if ask[1]), None)

    @property
    def last(self) -> tuple[date, int] | None:
        return self.asks[-1] if self.asks else None

    @property
    def usual(self) -> int:
        """The instalment most often asked for; the largest of those asked equally often."""
        sums = [cents for _, cents in self.asks if cents]
        return max(sums, key=lambda cents: (sums.count(cents), cents), default=0)

    @property
    def waived_total(self) -> int:
        return sum(cents for _, _, cents in self.waived)

    @property
    def digest(self) -> str:
        """Changes with any figure, the day or the ledger."""
        facts = (self.loan_id, self.wish.as_json(), self.on, self.asks, self.plan, self.rate, self.waived, self.charged)
        return hashlib.sha256(repr((*facts, self.owed, self.seq)).encode()).hexdigest()


def draw_up(loan: Loan, wish: Wish, on: date, most: int) -> Drawn:
    """What `wish` would mean for `loan` on `on`; `most` instalments may a plan have (`Caps.plan_instalments`).

    Raises:
        BadInput: it cannot be done; the code says why (see `replanning`, `settlement`, `prepayment`).
    """
    return _order(loan, wish, on) if wish.kind in ORDERS else draw_up_from(basis(loan, on), wish, most)


def draw_up_from(base: Basis, wish: Wish, most: int) -> Drawn:
    """`draw_up` for several wishes of one loan and day; orders excepted."""
    on = base.on
    if wish.kind in RESCHEDULING:
        plan = new_plan(base, wish, most)
        return _drawn(base, wish, plan=plan, stops=wish.stops_penalty)
    if wish.kind is Kind.PENALTY_STOP:
        if not base.now.overdue.total:
            raise BadInput("nothing is overdue", code="not_overdue")
        until = add_months(on, wish.months) if wish.months else None
        return _drawn(base, wish, stops=True, until=until)
    if wish.kind is Kind.WAIVER:
        return _drawn(base, wish, waived=_waive(base, wish.cents))
    if wish.cents <= 0:
        raise BadInput("the amount must be positive", code="not_positive")
    return _drawn(base, wish)


def new_plan(base: Basis, wish: Wish, most: int) -> Plan:
    """The whole new schedule of a rescheduling wish, nothing else worked out. Raises BadInput as `draw_up` does."""
    return _SCHEDULES[wish.kind](base, wish, most)


_SCHEDULES: dict[Kind, Callable[[Basis, Wish, int], tuple[Instalment, ...]]] = {
    Kind.DUE_DAY: lambda base, wish, most: replanning.due_day(base, wish.day),
    Kind.GRACE: lambda base, wish, most: replanning.grace(base, wish.days),
    Kind.DEFERRAL: lambda base, wish, most: replanning.deferral(base, wish.months, wish.how or Deferring.INTEREST_ONLY),
    Kind.EXTENSION: lambda base, wish, most: replanning.extension(base, wish.count),
    Kind.INTEREST_ONLY: lambda base, wish, most: replanning.interest_only(base, wish.months),
    Kind.OVERDUE_SPLIT: lambda base, wish, most: replanning.overdue_split(base, wish.count, most),
    Kind.PERSONAL_PLAN: lambda base, wish, most: replanning.personal_plan(base, wish.count, most),
}


def _drawn(
    base: Basis,
    wish: Wish,
    plan: Plan | None = None,
    waived: tuple[Waived, ...] = (),
    stops: bool = False,
    until: date | None = None,
) -> Drawn:
    loan, on = base.loan, base.on
    given_up = sum(cents for _, _, cents in waived)
    asks = _asks(base, wish, plan, given_up)
    owed = base.owed - given_up
    return Drawn(
        loan_id=loan.loan_id,
        wish=wish,
        on=on,
        plan=plan,
        asks=asks,
        today=base.now.overdue.total + sum(line.total for line in base.coming),
        owed=owed,
        rate=all_in_rate(on, owed, asks),
        carried=_carried(plan, on),
        waived=waived,
        stops_penalty=stops,
        stops_until=until,
        seq=loan.last_seq,
    )


def _carried(plan: Plan | None, on: date) -> Amount:
    return sum((line.carried for line in plan or () if line.due_on >= on), NOTHING)


def _asks(base: Basis, wish: Wish, plan: Plan | None, given_up: int) -> tuple[tuple[date, int], ...]:
    """All lines on their due days; what is overdue and not taken into them counts as paid on the day itself."""
    taken_in = plan is not None and wish.kind not in KEEPING
    overdue = 0 if taken_in else base.now.overdue.total - given_up
    lines = base.coming if plan is None else [line for line in plan if line not in base.done]
    first = [(base.on, overdue)] if overdue else []
    return (*first, *((line.due_on, line.total) for line in lines))


def _waive(base: Basis, cents: int) -> tuple[Waived, ...]:
    """Up to `cents` of what is owed as penalty, compound interest and fees, oldest instalment first.

    Raises:
        BadInput: `not_positive`; `too_much` with the `limit` that could be waived.
    """
    if cents <= 0:
        raise BadInput("the amount must be positive", code="not_positive")
    owed: list[Waived] = [
        (component, one.number, one.owed.part(component))
        for component in WAIVABLE
        for one in base.late
        if one.owed.part(component)
    ]
    loose = base.now.overdue.fee - sum(part for component, _, part in owed if component is Component.FEE)
    if loose:
        owed.append((Component.FEE, None, loose))
    limit = sum(part for _, _, part in owed)
    if cents > limit:
        raise BadInput("more than is owed in penalty and fees", code="too_much", limit=limit)
    found: list[Waived] = []
    for component, number, part in owed:
        taken = min(part, cents)
        cents -= taken
        if taken:
            found.append((component, number, taken))
    return tuple(found)


# -- orders: early settlement and prepayment on one day


def _order(loan: Loan, wish: Wish, on: date) -> Drawn:
    """The plan after the payment: a line of that day for what is paid early, then what is left.

    Raises:
        BadInput: see `quote_settlement`, `quote_prepayment`; `future_day`, since an order is drawn up on its own day only.
    """
    if (wish.on or on) != on:
        raise BadInput("an order counts on its own day only", code="future_day")
    base_now = position(loan, on)
    late = tuple(line for line in loan.plan if line.due_on <= on)
    number = min([0, *(line.number for line in loan.plan)]) - 1
    today = base_now.pay_now.total + sum(line.total for line in loan.plan if line.due_on > on)
    if wish.kind is Kind.SETTLEMENT:
        quote = quote_settlement(loan, on, on)
        carried = replace(quote.carried, fee=quote.carried.fee + quote.fee)
        line = Instalment(number, on, quote.principal_not_due, quote.interest, 0, carried=carried)
        plan, asked, fee = (*late, line), quote.total, quote.fee
        asks: tuple[tuple[date, int], ...] = ((on, asked),)
    else:
        paid = quote_prepayment(loan, on, wish.cents, on)
        variant = next((one for one in paid.variants if one.kind == wish.variant), paid.variants[0])
        left = sum(line.principal for line in variant.plan)
        line = Instalment(number, on, paid.principal, paid.interest, left, carried=Amount(fee=paid.fee))
        plan, asked, fee = (*late, line, *variant.plan), max(0, paid.total - base_now.unapplied), paid.fee
        asks = ((on, asked), *((one.due_on, one.total) for one in variant.plan))
    owed = owed_in_all(loan, on)
    return Drawn(
        loan_id=loan.loan_id,
        wish=wish,
        on=on,
        plan=plan,
        asks=asks,
        today=today,
        owed=owed,
        rate=all_in_rate(on, owed, asks) if wish.kind is Kind.PREPAYMENT else Decimal(0),
        charged=fee,
        seq=loan.last_seq,
    )


# -- the ledger


def entries(loan: Loan, drawn: Drawn, at: datetime, version: int, note: str) -> tuple[Entry, ...]:
    """The ledger entries of an arrangement, numbered: accrued penalty booked, what is waived, the new plan, the stop.

    Args:
        version: of the new plan, never used before for this loan.
        note: the arrangement's number, on every entry.
    """
    drafts: list[Entry] = []

    def draft(
        kind: EntryKind,
        cents: int = 0,
        component: Component | None = None,
        number: int | None = None,
        on: date = drawn.on,
    ) -> None:
        plan_version = version if kind is EntryKind.REPLAN else None
        seq = loan.last_seq + len(drafts) + 1
        drafts.append(Entry(seq, kind, on, at, cents, component, number, plan_version=plan_version, note=note))

    state = replay(loan, drawn.on)
    for component, instalment, missing in not_booked(loan, state, drawn.on):
        draft(EntryKind.CHARGE, missing, component, instalment)
    for what, number, cents in drawn.waived:
        draft(EntryKind.WAIVE, -cents, what, number)
    if drawn.charged:
        draft(EntryKind.CHARGE, drawn.charged, Component.FEE)
    if drawn.plan is not None:
        draft(EntryKind.REPLAN)
    if drawn.stops_penalty:
        draft(EntryKind.STOP)
    if drawn.stops_until is not None:
        draft(EntryKind.RESUME, on=drawn.stops_until)
    return tuple(drafts)


def in_force(loan: Loan, drawn: Drawn, made: Sequence[Entry], version: int) -> Loan:
    """The loan after its arrangement."""
    loan = replace(loan, entries=(*loan.entries, *made))
    if drawn.plan is None:
        return loan
    earlier = (*loan.earlier, (loan.plan_version, loan.plan))
    return replace(loan, plan=drawn.plan, plan_version=version, earlier=earlier)
