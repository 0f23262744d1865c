"""What a payment becomes in the ledger: draft entries, booked by the store in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

from bot.errors import BadInput
from bot.lending.loan import Component, Entry, EntryKind, Loan
from bot.lending.replay import ACCRUING, Replay, replay, standing


def allocate(loan: Loan, cents: int, at: datetime, on: date, payment_id: str) -> tuple[Entry, ...]:
    """The entries that book `cents` paid on business day `on`: credit used since, penalty and compound interest
    accrued and not yet booked, what the payment goes to, and what is left over as held credit.

    A payment that arrives after later ones were booked counts from its own day: the later ones are reversed and
    applied again behind it, so that the order of arrival never costs the borrower anything.

    A payment of a day before an arrangement counts from the arrangement's day: that was made of what was owed then.

    Raises:
        BadInput: not a positive amount (`not_positive`).
    """
    if cents <= 0:
        raise BadInput("a payment must be positive", code="not_positive")
    on = max(on, in_force_since(loan))
    later = _later_payments(loan, on)
    drafts = [
        Entry(
            0,
            EntryKind.REVERSE,
            entry.on,
            at,
            -entry.cents,
            entry.component,
            entry.instalment,
            entry.payment_id,
            reverses=entry.seq,
        )
        for entry in standing(loan.entries)
        if entry.payment_id in later
    ]
    drafts = _numbered(loan, drafts)
    loan = replace(loan, entries=(*loan.entries, *drafts))
    for day, again, paid in [(on, payment_id, cents), *sorted((day, key, paid) for key, (day, paid) in later.items())]:
        booked = _numbered(loan, _book(loan, paid, at, day, again))
        drafts += booked
        loan = replace(loan, entries=(*loan.entries, *booked))
    return tuple(drafts)


def in_force_since(loan: Loan) -> date:
    """The day of the latest arrangement in the ledger that stands; no day at all before any."""
    days = (entry.on for entry in standing(loan.entries) if entry.kind is EntryKind.REPLAN)
    return max(days, default=date.min)


def _later_payments(loan: Loan, on: date) -> dict[str, tuple[date, int]]:
    """Payments of later days that stand: id -> (business day, cents)."""
    found: dict[str, tuple[date, int]] = {}
    for entry in standing(loan.entries):
        if entry.payment_id is not None and entry.kind in (EntryKind.PAY, EntryKind.HOLD):
            day, paid = found.get(entry.payment_id, (entry.on, 0))
            found[entry.payment_id] = max(day, entry.on), paid - entry.cents
    return {key: value for key, value in found.items() if value[0] > on}


def _numbered(loan: Loan, drafts: list[Entry]) -> list[Entry]:
    first = loan.last_seq + 1
    return [replace(draft, seq=first + index) for index, draft in enumerate(drafts)]


def _book(loan: Loan, cents: int, at: datetime, on: date, payment_id: str) -> list[Entry]:
    state = replay(loan, on)
    drafts: list[Entry] = []

    def draft(
        kind: EntryKind,
        amount: int,
        component: Component | None = None,
        instalment: int | None = None,
        day: date = on,
        note: str = "",
    ) -> None:
        drafts.append(Entry(0, kind, day, at, amount, component, instalment, payment_id, note=note))

    for used in state.covered:
        draft(EntryKind.PAY, -used.cents, used.component, used.instalment, used.on, "credit")
        draft(EntryKind.HOLD, used.cents, day=used.on, note="credit used")
    for component, number, amount in not_booked(loan, state, on):
        draft(EntryKind.CHARGE, amount, component, number)
    spent = state.apply(cents, on)
    for part in spent:
        draft(EntryKind.PAY, -part.cents, part.component, part.instalment)
    rest = cents - sum(part.cents for part in spent)
    if rest:
        draft(EntryKind.HOLD, -rest)
    return drafts


def not_booked(loan: Loan, state: Replay, on: date) -> Iterator[tuple[Component, int, int]]:
    """Penalty and compound interest to date, less what the ledger already holds, per instalment."""
    booked: dict[tuple[Component | None, int | None], int] = {}
    for entry in standing(loan.entries):
        line = state.by_number.get(entry.instalment or 0)
        if entry.kind is EntryKind.CHARGE and (line is None or entry.seq > line.since):
            key = entry.component, entry.instalment
            booked[key] = booked.get(key, 0) + entry.cents
    for line in state.lines:
        accrued = dict.fromkeys(ACCRUING, 0)
        for part in state.accruals(line, on):
            accrued[part.component] += part.cents
        for component, total in accrued.items():
            missing = total - booked.get((component, line.planned.number), 0)
            if missing:
                yield component, line.planned.number, missing
