"""Rebuilding a loan from its ledger: what was applied to each instalment, and when.

An arrangement is a REPLAN: from its day another plan version asks; lines that it kept keep their history. Between STOP and
RESUME nothing accrues. A REVERSE of a REPLAN takes it back as if it had not been.

The plan says what is asked for, the ledger what was applied. Penalty and compound interest are never
read from the ledger: they follow from the days and the bases, in segments that end where a base changes,
each rounded once. So no figure depends on whether or when somebody booked them.

A held credit covers what falls due, on its due day, oldest first; it is booked with the next payment.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from bot.lending.calendar import BASIS, days
from bot.lending.loan import NOTHING, Accrual, Amount, Component, Entry, EntryKind, Instalment, Loan
from bot.lending.money import round_cents
from bot.lending.stops import Stops

ORDER = tuple(Component)  # fee, penalty, compound, interest, principal (民法典 561)
# Card-like agreements from a named day past due: principal first (section 2, golden L19).
PRINCIPAL_FIRST = (Component.PRINCIPAL, Component.INTEREST, Component.FEE, Component.COMPOUND, Component.PENALTY)
# What accrues on what: index into a line's (principal, interest) bases.
ACCRUING = {Component.PENALTY: 0, Component.COMPOUND: 1}


@dataclass
class Line:
    """One instalment while replaying. `changes` are (day, principal base, interest base) since the due day.

    `since` is the seq of the REPLAN that brought the line, 0 for the first plan: what was booked before is not its own.
    """

    planned: Instalment
    paid: dict[Component, int] = field(default_factory=lambda: dict.fromkeys(Component, 0))
    changes: list[tuple[date, int, int]] = field(default_factory=list)
    paid_on: date | None = None
    since: int = 0

    def open_fee(self) -> int:
        return self.planned.carried.fee - self.paid[Component.FEE]

    def open_principal(self) -> int:
        return self.planned.principal - self.paid[Component.PRINCIPAL]

    def open_interest(self) -> int:
        return self.planned.all_interest - self.paid[Component.INTEREST]

    def has_open_base(self) -> bool:
        """Whether principal or interest is open; if not, penalty may be, as long as `paid_on` is None."""
        return self.open_principal() > 0 or self.open_interest() > 0


@dataclass(frozen=True)
class Applied:
    """Part of a credit or payment applied to one item."""

    on: date
    component: Component
    instalment: int | None
    cents: int


@dataclass
class Replay:
    """The loan after all entries up to a day."""

    loan: Loan
    lines: list[Line]
    fee: int = 0  # open loan-level fees
    credit: int = 0  # held for the borrower
    covered: list[Applied] = field(default_factory=list)  # credit used on due days, not yet booked
    stops: Stops = field(default_factory=Stops)

    def __post_init__(self) -> None:
        self.rate = penalty_rate(self.loan)
        self._number()

    def _number(self) -> None:
        self.by_number = {line.planned.number: line for line in self.lines}

    def replan(self, plan: tuple[Instalment, ...], seq: int) -> None:
        """Another plan asks from now on. Fees carried by lines that go are owed apart again, those of new lines are not."""
        old = self.by_number
        self.lines = [
            old[planned.number]
            if planned.number in old and old[planned.number].planned == planned
            else Line(planned, since=seq)
            for planned in plan
        ]
        self._number()
        gone = [line for line in old.values() if self.by_number.get(line.planned.number) is not line]
        new = [line for line in self.lines if line.since == seq]
        self.fee += sum(line.open_fee() for line in gone) - sum(line.open_fee() for line in new)

    # -- what is owed

    def owed(self, line: Line, on: date) -> Amount:
        """What is open on a line; penalty and compound interest only from the day after its due day."""
        if line.paid_on is not None:
            return NOTHING
        accrued = dict.fromkeys(ACCRUING, 0)
        for part in self.accruals(line, on):
            accrued[part.component] += part.cents
        carried = line.planned.carried
        return Amount(
            fee=line.open_fee(),
            penalty=max(0, carried.penalty + accrued[Component.PENALTY] - line.paid[Component.PENALTY]),
            compound=max(0, carried.compound + accrued[Component.COMPOUND] - line.paid[Component.COMPOUND]),
            interest=line.open_interest(),
            principal=line.open_principal(),
        )

    def due(self, on: date) -> list[Line]:
        """Lines due on or before `on` with something open, oldest first."""
        return [line for line in self.lines if line.planned.due_on <= on and self._is_open(line, on)]

    def _is_open(self, line: Line, on: date) -> bool:
        return line.paid_on is None and (line.has_open_base() or self.owed(line, on).total > 0)

    def days_overdue(self, on: date) -> int:
        late = [line.planned.due_on for line in self.due(on) if line.planned.due_on < on]
        return (on - min(late)).days if late else 0

    def accruals(self, line: Line, on: date) -> tuple[Accrual, ...]:
        """Every segment of penalty and compound interest on the line to `on`, paid or not, each rounded once."""
        if on <= line.planned.due_on:
            return ()
        rate, count = self.rate, self.loan.product.penalty_day_count
        found = []
        for component, base in ACCRUING.items():
            for since, until, amount in self._segments(line, on, base):
                number = days(since, until, count)
                cents = round_cents(amount * rate * number / BASIS[count])
                found.append(Accrual(component, amount, since, until, number, rate, cents))
        return tuple(found)

    def cent_days(self, line: Line, on: date) -> int:
        """Overdue cents times days to `on`, principal and interest together: what penalty is proportional to."""
        count = self.loan.product.penalty_day_count
        return sum(
            amount * days(since, until, count)
            for base in ACCRUING.values()
            for since, until, amount in self._segments(line, on, base)
        )

    def _segments(self, line: Line, on: date, base: int) -> Iterator[tuple[date, date, int]]:
        """(since, until, base in cents) between changes of one base, from the due day (or the end of grace) to `on`."""
        for since, until, amount in self._between_changes(line, on, base):
            for start, end in self.stops.outside(since, until):
                yield start, end, amount

    def _between_changes(self, line: Line, on: date, base: int) -> Iterator[tuple[date, date, int]]:
        product, start = self.loan.product, line.planned.due_on
        spared_until = start + timedelta(days=product.grace_days)
        if on <= spared_until:
            return
        if product.penalty_after_grace:
            start = spared_until
        amount = (line.planned.principal, line.planned.all_interest)[base]
        for day, *after in line.changes:
            if day <= spared_until:
                amount = after[base]
            elif after[base] != amount:
                if amount:
                    yield start, day, amount
                start, amount = day, after[base]
        if amount and start < on:
            yield start, on, amount

    # -- applying money

    def order(self, on: date) -> tuple[Component, ...]:
        """The order of allocation on `on` by the product's switch."""
        switch = self.loan.product.principal_first_from_dpd
        return PRINCIPAL_FIRST if switch is not None and self.days_overdue(on) >= switch else ORDER

    def targets(self, on: date) -> Iterable[tuple[Component, Line | None]]:
        """Items that money meets on `on`, in order: oldest instalment first; after the switch all principal first."""
        order, lines = self.order(on), self.due(on)
        if order is PRINCIPAL_FIRST:
            for component in order:
                if component is Component.FEE:
                    yield component, None
                yield from ((component, line) for line in lines)
            return
        yield Component.FEE, None
        for line in lines:
            yield from ((component, line) for component in order)

    def apply(self, cents: int, on: date) -> list[Applied]:
        """Spend up to `cents` on what is due; gives what it went to."""
        done = []
        for component, line in list(self.targets(on)):
            open_now = self.fee if line is None else getattr(self.owed(line, on), component.value)
            part = min(cents, open_now)
            if part <= 0:
                continue
            self.pay(component, line, part, on)
            done.append(Applied(on, component, None if line is None else line.planned.number, part))
            cents -= part
        return done

    def pay(self, component: Component, line: Line | None, cents: int, on: date) -> None:
        """Lower one open item; a change of an overdue base ends a segment."""
        if line is None:
            self.fee -= cents
            return
        line.paid[component] += cents
        if component in (Component.PRINCIPAL, Component.INTEREST):
            self._mark(line, on)
        if not self._is_open(line, on):
            line.paid_on = line.paid_on or on

    def _mark(self, line: Line, on: date) -> None:
        day = max(on, line.planned.due_on)
        now = (day, line.open_principal(), line.open_interest())
        if line.changes and line.changes[-1][0] == day:
            line.changes[-1] = now
        else:
            line.changes.append(now)


def penalty_rate(loan: Loan) -> Decimal:
    """Penalty rate a year: the contract rate times the product's factor (银发[2003]251号)."""
    terms = loan.terms
    annual = terms.annual_rate if terms.annual_rate is not None else 12 * (terms.flat_monthly_rate or Decimal(0))
    return annual * loan.product.penalty_factor


def standing(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries that stand: neither reversed nor themselves a reversal."""
    kept = tuple(entries)
    undone = {entry.reverses for entry in kept if entry.kind is EntryKind.REVERSE}
    return tuple(entry for entry in kept if entry.kind is not EntryKind.REVERSE and entry.seq not in undone)


def version_in_force(entries: Iterable[Entry]) -> int:
    """The plan version that asks now: of the newest REPLAN that stands, 1 before any."""
    newest = max((e for e in standing(entries) if e.kind is EntryKind.REPLAN), key=lambda e: e.seq, default=None)
    return (newest.plan_version or 1) if newest is not None else 1


def replay(loan: Loan, on: date) -> Replay:
    """The loan at the end of `on`: entries in the order of their business day, credit on due days first."""
    until = [entry for entry in standing(loan.entries) if entry.on <= on]
    entries = sorted(until, key=lambda entry: (entry.on, entry.seq))
    first = loan.plan if loan.plan_version == 1 else loan.plan_of(1)
    state = Replay(loan, [Line(line) for line in first])
    dues = _due_days(state, None, on)
    for entry in entries:
        while dues and dues[-1] < entry.on:
            _use_credit(state, dues.pop())
        if entry.kind is EntryKind.REPLAN and entry.plan_version is not None:
            state.replan(loan.plan_of(entry.plan_version), entry.seq)
            dues = _due_days(state, entry.on, on)
        else:
            _enter(state, entry)
    while dues:
        _use_credit(state, dues.pop())
    return state


def _due_days(state: Replay, since: date | None, on: date) -> list[date]:
    """The due days from `since` to `on`, the next one last."""
    days_due = {line.planned.due_on for line in state.lines if line.planned.due_on <= on}
    return sorted((day for day in days_due if since is None or day >= since), reverse=True)


def _enter(state: Replay, entry: Entry) -> None:
    line = state.by_number.get(entry.instalment or 0)
    if entry.kind is EntryKind.HOLD:
        state.credit -= entry.cents
    elif entry.kind in (EntryKind.PAY, EntryKind.WAIVE) and entry.component is not None:
        if entry.component is Component.FEE or line is not None:
            state.pay(entry.component, line, -entry.cents, entry.on)
    elif entry.kind is EntryKind.CHARGE and entry.component is Component.FEE:
        state.fee += entry.cents
    elif entry.kind is EntryKind.STOP:
        state.stops.begin(entry.on)
    elif entry.kind is EntryKind.RESUME:
        state.stops.end(entry.on)


def _use_credit(state: Replay, due: date) -> None:
    if state.credit <= 0:
        return
    used = state.apply(state.credit, due)
    state.credit -= sum(part.cents for part in used)
    state.covered.extend(used)
