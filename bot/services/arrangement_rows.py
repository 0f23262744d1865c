"""Arrangements as rows: states, what is kept of each, and the changes that fail when somebody else was first."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import Changed
from bot.lending.arrangement import Drawn
from bot.lending.help_policy import HelpPolicy, Role
from bot.lending.intake import Answers, Assessment
from bot.lending.loan import Loan
from bot.lending.wishes import Kind, Wish
from bot.store import orders
from bot.store.arranging import locked, put_in_force
from bot.store.help_schema import arrangements, case_decisions, promises

PREFIX = "HX"
ORDERED = orders.ORDERED  # signed, waits for its payment
PENDING, APPROVED, DISCLOSED, SIGNING, IN_FORCE = "pending", "approved", "disclosed", "signing", "in_force"
ENDED = "ended"
COMPLETED, BROKEN, WITHDRAWN, DECLINED, REFUSED, LAPSED = (
    "completed",
    "broken",
    "withdrawn",
    "declined",
    "refused",
    "lapsed",
)
OPEN = (PENDING, APPROVED, DISCLOSED, SIGNING)  # not agreed yet, not ended
LIVE = (*OPEN, ORDERED, IN_FORCE)
T = arrangements.c


@dataclass(frozen=True)
class Arrangement:
    """One row, as far as others need it. Moments are aware, `withdraw_until` is the last day."""

    ref: str
    customer_id: str
    loan_id: str
    conversation_id: str
    wish: Wish
    status: str
    authority: Role
    policy_version: str
    drawn_on: date
    digest: str
    seq: int
    figures: Mapping[str, Any]
    answer_by: datetime | None
    made_at: datetime
    disclosed_at: datetime | None
    disclosed_in: str | None
    disclosure_hash: str | None
    signed_at: datetime | None
    in_force_on: date | None
    withdraw_until: date | None
    first_seq: int | None


def figures(drawn: Drawn, loan: Loan) -> dict[str, Any]:
    """Before and after, for the record: cents and ISO dates."""
    first = drawn.next
    return {
        "before": {
            "total": drawn.today,
            "plan": [[line.due_on.isoformat(), line.total] for line in loan.plan if line.due_on >= drawn.on],
        },
        "after": {
            "total": drawn.total,
            "usual": drawn.usual,
            "first": [first[0].isoformat(), first[1]] if first else None,
            "asks": [[day.isoformat(), cents] for day, cents in drawn.asks],
            "waived": drawn.waived_total,
            "stops_penalty": drawn.stops_penalty,
        },
        "rate": str(drawn.rate),
        "owed": drawn.owed,
    }


def case_file(assessment: Assessment, answers: Answers, policy: HelpPolicy) -> dict[str, Any]:
    """What a colleague decides on."""
    return {
        "answers": answers.as_json(),
        "vulnerable": answers.reason in policy.vulnerable,
        "tier": assessment.tier.value,
        "situation": assessment.situation.value,
        "instalment": assessment.instalment,
        "affordable": assessment.affordable,
        "share": str(assessment.share) if assessment.share is not None else None,
        "most_days_late": assessment.seen.most_days_late,
        "times_late": assessment.seen.times_late,
    }


def lock(connection: Connection, loan_id: str, seq: int) -> Loan:
    loan = locked(connection, loan_id)
    if loan.last_seq != seq:
        raise Changed
    return loan


def change(connection: Connection, ref: str, before: tuple[str, ...], **values: Any) -> None:
    """Raises Changed when the arrangement is in none of the states `before`."""
    changed = connection.execute(arrangements.update().where(T.ref == ref, T.status.in_(before)).values(**values))
    if changed.rowcount != 1:
        raise Changed


def end(connection: Connection, ref: str, before: tuple[str, ...], status: str, now: datetime, why: str) -> None:
    change(connection, ref, before, status=status, ended_at=now, end_reason=why)


def end_open(connection: Connection, loan_id: str, now: datetime, why: str) -> None:
    connection.execute(
        arrangements.update()
        .where(T.loan_id == loan_id, T.status.in_((*OPEN, ORDERED)))
        .values(status=LAPSED, ended_at=now, end_reason=why)
    )


def come_into_force(
    connection: Connection, ref: str, loan: Loan, drawn: Drawn, until: date, now: datetime, **more: Any
) -> None:
    """Book what was signed for the locked `loan`; another schedule takes the place of the one before.

    Args:
        until: the last day of withdrawal.
        more: other columns to set.
    """
    first, version = put_in_force(connection, loan, drawn, now, ref)
    if version:
        end_running(connection, loan.loan_id, now)
    change(
        connection,
        ref,
        (DISCLOSED, SIGNING),
        status=IN_FORCE,
        in_force_on=drawn.on,
        withdraw_until=until,
        first_seq=first,
        plan_version=version or None,
        **more,
    )


def drawn_columns(drawn: Drawn, loan: Loan, policy: HelpPolicy) -> dict[str, Any]:
    """What a row says of an offer as it is drawn up now."""
    return {
        "drawn_on": drawn.on,
        "digest": drawn.digest,
        "seq": drawn.seq,
        "figures": figures(drawn, loan),
        "policy_version": policy.version,
    }


def end_running(connection: Connection, loan_id: str, now: datetime) -> None:
    """What was in force and is replaced by a new schedule."""
    connection.execute(
        arrangements.update()
        .where(T.loan_id == loan_id, T.status == IN_FORCE, T.plan_version.is_not(None))
        .values(status=ENDED, ended_at=now, end_reason="superseded")
    )


def back_in_force(connection: Connection, loan_id: str, version: int) -> None:
    """The arrangement whose schedule stands again after a later one was taken back."""
    connection.execute(
        arrangements.update()
        .where(T.loan_id == loan_id, T.status == ENDED, T.plan_version == version)
        .values(status=IN_FORCE, ended_at=None, end_reason=None)
    )


def decide(
    connection: Connection,
    ref: str,
    actor: str,
    role: str,
    decision: str,
    reason: str,
    shown: Any,
    policy_version: str,
    now: datetime,
) -> None:
    connection.execute(
        case_decisions.insert().values(
            decision_id=uuid.uuid4().hex,
            ref=ref,
            actor=actor,
            role=role,
            decision=decision,
            reason=reason,
            figures=shown,
            policy_version=policy_version,
            at=now,
        )
    )


def used(connection: Connection, loan_id: str) -> dict[Kind, date]:
    """The last day each kind came into force and was not taken back."""
    query = (
        sa.select(T.kind, sa.func.max(T.in_force_on))
        .where(T.loan_id == loan_id, T.in_force_on.is_not(None), T.status != WITHDRAWN)
        .group_by(T.kind)
    )
    return {Kind(kind): last for kind, last in connection.execute(query)}


def promises_open(connection: Connection, loan_id: str) -> int:
    """Open promises of a loan."""
    count = sa.select(sa.func.count()).select_from(promises)
    return int(
        connection.execute(count.where(promises.c.loan_id == loan_id, promises.c.status == "open")).scalar() or 0
    )


def promises_of(connection: Connection, loan: Loan, policy: HelpPolicy, on: date) -> tuple[int, int]:
    """Open promises of the loan; broken ones of the customer in the policy's time."""
    since = on - timedelta(days=policy.promises.broken_within_days)
    count = sa.select(sa.func.count()).select_from(promises)
    broken = connection.execute(
        count.where(
            promises.c.customer_id == loan.customer_id, promises.c.status == "broken", promises.c.by_day >= since
        )
    ).scalar()
    return promises_open(connection, loan.loan_id), int(broken or 0)


def arrangement(row: Mapping[str, Any]) -> Arrangement:
    fields = {name: row[name] for name in Arrangement.__dataclass_fields__}
    return Arrangement(**{**fields, "wish": Wish.from_json(row["wish"]), "authority": Role(row["authority"])})
