"""Taking an arrangement back within its time: the old schedule stands again, as if it had never gone.

Everything booked since is reversed and the payments made meanwhile are applied again to the old schedule, each on its
own day. For the days between neither penalty nor compound interest is asked (STOP on the first, RESUME on the last).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from bot.errors import BadInput
from bot.lending.allocation import allocate
from bot.lending.loan import Entry, EntryKind, Loan
from bot.lending.replay import standing, version_in_force


def withdraw(loan: Loan, first: int, on: date, at: datetime, note: str) -> tuple[Entry, ...]:
    """The ledger entries that take back the arrangement whose own entries begin with seq `first`.

    Args:
        on: the day it is withdrawn.
        note: the arrangement's number, on every entry of our own.

    Raises:
        BadInput: `superseded`, when a later arrangement was built upon it; `not_found`, no such entry stands.
    """
    since = [entry for entry in standing(loan.entries) if entry.seq >= first]
    own = [entry for entry in since if entry.seq == first]
    if not own:
        raise BadInput(f"no entry {first} stands", code="not_found")
    if any(entry.kind is EntryKind.REPLAN and entry.note != own[0].note for entry in since):
        raise BadInput("a later arrangement stands upon it", code="superseded")
    began = own[0].on
    drafts = [
        replace(entry, seq=0, kind=EntryKind.REVERSE, at=at, cents=-entry.cents, reverses=entry.seq, note=note)
        for entry in since
    ]
    if on > began:
        drafts += [Entry(0, EntryKind.STOP, began, at, 0, note=note), Entry(0, EntryKind.RESUME, on, at, 0, note=note)]
    made = [replace(draft, seq=loan.last_seq + 1 + index) for index, draft in enumerate(drafts)]
    loan = _with(loan, made)
    paid = _payments(since)
    for payment_id, (day, cents) in sorted(paid.items(), key=lambda one: (one[1][0], one[0])):
        booked = allocate(loan, cents, at, day, payment_id)
        made += booked
        loan = _with(loan, list(booked))
    return tuple(made)


def _payments(entries: list[Entry]) -> dict[str, tuple[date, int]]:
    """Payments among `entries`: id -> (business day, cents)."""
    found: dict[str, tuple[date, int]] = {}
    for entry in entries:
        if entry.payment_id is not None and entry.kind in (EntryKind.PAY, EntryKind.HOLD):
            day, cents = found.get(entry.payment_id, (entry.on, 0))
            found[entry.payment_id] = max(day, entry.on), cents - entry.cents
    return found


def _with(loan: Loan, made: list[Entry]) -> Loan:
    """The loan with more entries, and the plan that they leave in force."""
    loan = replace(loan, entries=(*loan.entries, *made))
    version = version_in_force(loan.entries)
    if version == loan.plan_version:
        return loan
    plans = dict(loan.earlier) | {loan.plan_version: loan.plan}
    plan = plans.pop(version)
    return replace(loan, plan=plan, plan_version=version, earlier=tuple(sorted(plans.items())))
