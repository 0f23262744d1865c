"""What can be offered to a borrower: up to three arrangements that loan, tier, policy and budget allow.

Pure: the ground (tier, situation, budget) comes in, drawn-up arrangements go out, best first. What nobody could agree to is
not in the menu, so it is never shown; what needs a colleague is shown as such.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from bot.errors import BadInput
from bot.lending.arrangement import WAIVABLE, Drawn, draw_up_from, new_plan
from bot.lending.authority import Standing, needed
from bot.lending.basis import Basis, basis
from bot.lending.calendar import add_months
from bot.lending.help_policy import Band, HelpPolicy, Lasting, MenuItem, Role, Situation
from bot.lending.loan import Loan
from bot.lending.wishes import Kind, Wish

MOST = 3
DEFAULT_ADDED = 6  # instalments more, where no budget is known


@dataclass(frozen=True)
class Ground:
    """What is known of a borrower's need; cents, months. None = not said."""

    situation: Situation
    standing: Standing
    lasting: Lasting = Lasting.UNKNOWN
    can_pay: int | None = None  # a month
    band: Band | None = None
    due_day: int | None = None  # the day of the month that would suit
    by: date | None = None  # when something can be paid


@dataclass(frozen=True)
class Option:
    """One arrangement, drawn up. `fits`: nothing asked for while the trouble lasts is above what can be paid."""

    wish: Wish
    drawn: Drawn
    role: Role
    fits: bool
    papers: bool = False


def options(
    loan: Loan, ground: Ground, policy: HelpPolicy, on: date, most: int, asked: Sequence[Wish] = ()
) -> tuple[Option, ...]:
    """Up to three that fit the budget; where none does the nearest ones, marked; empty when nothing can be drawn up.

    Args:
        asked: what the borrower asked for by name: first where it fits, whoever must agree to it.
    """
    try:
        base = basis(loan, on)
    except BadInput:
        return ()  # nothing left, or something that a person must work out first
    named = (_drawn_option(base, wish, ground, policy, most) for wish in asked)
    wanted = [one for one in named if one is not None and one.fits]
    worked = (_option(item, base, ground, policy, most) for item in _items(ground, policy))
    found = sorted((one for one in worked if one is not None), key=lambda one: (not one.fits, one.role.rank))
    kept: dict[str, Option] = {}
    for one in (*wanted, *found):
        kept.setdefault(one.drawn.digest, one)
    fitting = [one for one in kept.values() if one.fits]
    return tuple(fitting or kept.values())[:MOST]


def option(loan: Loan, wish: Wish, ground: Ground, policy: HelpPolicy, on: date, most: int) -> Option | None:
    """A single wish drawn up; None when it cannot be."""
    try:
        return _drawn_option(basis(loan, on), wish, ground, policy, most)
    except BadInput:
        return None


def _drawn_option(base: Basis, wish: Wish, ground: Ground, policy: HelpPolicy, most: int) -> Option | None:
    try:
        drawn = draw_up_from(base, wish, most)
    except BadInput:
        return None
    role = needed(wish, base.loan, ground.standing, policy, base.on)
    return Option(wish, drawn, role, fits(drawn, ground, base.on))


def _items(ground: Ground, policy: HelpPolicy) -> tuple[MenuItem, ...]:
    cell = policy.menu[(ground.situation, ground.standing.tier)]
    extra = policy.bands[ground.band] if ground.band is not None else ()
    return (*cell, *(item for item in extra if (item.kind, item.how) not in {(one.kind, one.how) for one in cell}))


def _option(item: MenuItem, base: Basis, ground: Ground, policy: HelpPolicy, most: int) -> Option | None:
    if item.kind is Kind.PROMISE and ground.standing.broken_promises >= policy.promises.intake_from_broken:
        return None
    try:
        drawn = _draw(item, base, ground, most)
    except BadInput:
        return None
    if drawn is None:
        return None
    role = needed(drawn.wish, base.loan, ground.standing, policy, base.on)
    return Option(drawn.wish, drawn, role, fits(drawn, ground, base.on), item.papers)


def fits(drawn: Drawn, ground: Ground, on: date) -> bool:
    """Whether everything asked for while the trouble lasts can be paid, as far as a budget is known."""
    if ground.can_pay is None:
        return True
    until = add_months(on, ground.lasting.months or 3)
    return all(cents <= ground.can_pay for day, cents in drawn.asks if day <= until)


def _draw(item: MenuItem, base: Basis, ground: Ground, most: int) -> Drawn | None:
    """The item with the smallest number that fits, within its own limit."""

    def drawn(wish: Wish) -> Drawn:
        return draw_up_from(base, replace(wish, stops_penalty=item.stops_penalty), most)

    wanted = ground.lasting.months
    if item.kind is Kind.DUE_DAY:
        return drawn(Wish(Kind.DUE_DAY, day=ground.due_day)) if ground.due_day else None
    if item.kind is Kind.GRACE:
        return drawn(Wish(Kind.GRACE, days=_grace_days(item, base, ground)))
    if item.kind in (Kind.DEFERRAL, Kind.INTEREST_ONLY):
        return drawn(Wish(item.kind, months=min(item.months, wanted or 1), how=item.how))
    if item.kind is Kind.PENALTY_STOP:
        return drawn(Wish(Kind.PENALTY_STOP, months=item.months))
    if item.kind is Kind.WAIVER:
        owed = base.now.overdue
        return drawn(Wish(Kind.WAIVER, cents=min(item.cents, sum(owed.part(one) for one in WAIVABLE))))
    if item.kind is Kind.PROMISE:
        return drawn(_promise(item, base, ground))
    left = sum(1 for line in base.coming if line.total)
    if item.kind is Kind.EXTENSION:
        low, high, usual = 1, min(item.count, most - left), DEFAULT_ADDED
    elif item.kind is Kind.PERSONAL_PLAN:
        low, high, usual = 1, min(item.count, most), left + DEFAULT_ADDED
    else:
        low, high, usual = 2, item.count, DEFAULT_ADDED
    if high < low:
        return None
    if ground.can_pay is None:
        return drawn(Wish(item.kind, count=min(max(low, usual), high)))
    return drawn(Wish(item.kind, count=_fewest(base, item.kind, low, high, ground.can_pay, most)))


def _fewest(base: Basis, kind: Kind, low: int, high: int, can_pay: int, most: int) -> int:
    """The fewest instalments that fit (more of them never ask for more each month); the most when none does."""

    def too_much(count: int) -> bool:
        plan = new_plan(base, Wish(kind, count=count), most)
        return any(line.total > can_pay for line in plan if line.due_on >= base.on)

    if too_much(high):
        return high
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if too_much(middle) else (low, middle)
    return low


def _grace_days(item: MenuItem, base: Basis, ground: Ground) -> int:
    """As many days as are needed until money comes, at most the item's."""
    if not base.coming or ground.by is None:
        return item.days
    return min(item.days, max(1, (ground.by - base.coming[0].due_on).days))


def _promise(item: MenuItem, base: Basis, ground: Ground) -> Wish:
    """What is overdue, or else due next, by the day named, at most the item's days from now.

    Raises:
        BadInput: `too_early` when the next instalment falls due later than any promise may.
    """
    now, latest = base.now, base.on + timedelta(days=item.days)
    if now.overdue.total:
        owed = now.overdue.total
    elif now.due is not None and now.due.due_on <= latest:
        owed = now.due.owed.total
    else:
        raise BadInput("nothing falls due so soon", code="too_early")
    return Wish(Kind.PROMISE, cents=owed, on=min(max(ground.by or latest, base.on), latest))
