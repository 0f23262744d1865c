"""Who must agree to an arrangement, and whether a member of staff may."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from bot.lending.calendar import add_months
from bot.lending.help_policy import HelpPolicy, Limit, Role, Tier
from bot.lending.loan import Loan
from bot.lending.wishes import Kind, Wish

STAFF = {"agent": Role.AGENT, "lead": Role.LEAD, "supervisor": Role.COMMITTEE}


@dataclass(frozen=True)
class Standing:
    """What authority looks at besides the wish itself."""

    tier: Tier
    clean_months: int
    used: Mapping[Kind, date] = field(default_factory=dict)  # the last day each kind came into force for the loan
    open_promises: int = 0
    broken_promises: int = 0  # in the policy's time


def needed(wish: Wish, loan: Loan, standing: Standing, policy: HelpPolicy, on: date) -> Role:
    """The lowest role that may agree to `wish`; the committee where no rule allows it."""
    role = next((limit.role for limit in policy.authority[wish.kind] if _holds(limit, wish, loan, standing, on)), None)
    role = role or Role.COMMITTEE
    if wish.stops_penalty:
        stop = Wish(Kind.PENALTY_STOP, months=wish.months)
        role = max(role, needed(stop, loan, standing, policy, on), key=lambda one: one.rank)
    if wish.kind is Kind.PROMISE and standing.broken_promises >= policy.promises.agent_from_broken:
        role = max(role, Role.AGENT, key=lambda one: one.rank)
    return role


def _holds(limit: Limit, wish: Wish, loan: Loan, standing: Standing, on: date) -> bool:
    days = (wish.on - on).days if wish.kind is Kind.PROMISE and wish.on is not None else wish.days
    last = standing.used.get(wish.kind)
    unused = limit.unused_months is None or last is None or add_months(last, limit.unused_months) <= on
    return (
        unused
        and (limit.days is None or days <= limit.days)
        and (limit.months is None or wish.months <= limit.months)
        and (limit.added is None or added(wish, loan, on) <= limit.added)
        and (limit.count is None or wish.count <= limit.count)
        and (limit.cents is None or wish.cents <= limit.cents)
        and (limit.open is None or standing.open_promises <= limit.open)
        and (limit.clean_months is None or standing.clean_months >= limit.clean_months)
        and (not limit.tiers or standing.tier in limit.tiers)
        and (not limit.how or wish.how in limit.how)
    )


def added(wish: Wish, loan: Loan, on: date) -> int:
    """Instalments more than today's plan still has."""
    if wish.kind is Kind.EXTENSION:
        return wish.count
    return max(0, wish.count - sum(1 for line in loan.plan if line.due_on >= on))


@dataclass(frozen=True)
class Actor:
    """A member of staff as a signed token and the staff table say."""

    staff_id: str
    role: str  # agent | lead | supervisor
    active: bool = True


def may_approve(actor: Actor, needs: Role, approved_by: tuple[str, ...] = ()) -> str:
    """How far an approval by `actor` goes: `approved`, `second_needed`, or why not: `inactive`, `unknown_role`, `above_limit`,
    `same_person`.

    The committee is two different supervisors: the first approval waits for a second person.
    """
    if not actor.active:
        return "inactive"
    own = STAFF.get(actor.role)
    if own is None:
        return "unknown_role"
    if own.rank < needs.rank:
        return "above_limit"
    if needs is not Role.COMMITTEE:
        return "approved"
    if actor.staff_id in approved_by:
        return "same_person"
    return "approved" if approved_by else "second_needed"
