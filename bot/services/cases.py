"""Cases: arrangements over the bot's authority, with their file; approve, decline with a reason, or offer another one.

Who may do what is `lending.authority.may_approve`; the committee is two different supervisors. Every decision is kept with
actor, reason, figures before and after and policy version, and the borrower is told in plain words.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import BadInput, Conflict, Forbidden, NotFound
from bot.lending.arrangement import draw_up
from bot.lending.authority import Actor, Standing, may_approve, needed
from bot.lending.caps import Caps
from bot.lending.help_policy import HelpPolicy, Role, Tier
from bot.lending.wishes import ORDERS, Kind, Wish
from bot.services.arrangement_rows import APPROVED, LAPSED, PENDING, PREFIX, REFUSED, decide, figures
from bot.services.nightly import NOTICE
from bot.store import jobs
from bot.store.arranging import locked
from bot.store.clock import Clock, business_date
from bot.store.counters import next_number
from bot.store.database import Database
from bot.store.help_schema import arrangements, case_decisions, documents
from bot.store.loading import one_loan

# Why a wish is declined; each has plain words for the borrower (`refused_<code>` in words.yml).
REASONS = ("papers_missing", "not_affordable", "too_often", "already_arranged", "not_in_policy", "other_way_better")
T = arrangements.c
SHOWN = (
    "ref",
    "customer_id",
    "loan_id",
    "kind",
    "wish",
    "status",
    "authority",
    "policy_version",
    "drawn_on",
    "figures",
    "file",
    "counter_to",
    "answer_by",
    "made_at",
    "in_force_on",
    "end_reason",
)


class Cases:
    """The use cases of staff. Everything is checked again under the loan's lock."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        zone: Any,
        policy: Callable[[date], HelpPolicy],
        caps: Callable[[date], Caps],
    ) -> None:
        self._database, self._clock, self._zone = database, clock, zone
        self._policy, self._caps = policy, caps

    def pending(self, most: int = 200) -> list[dict[str, Any]]:
        """What waits for a decision, the most urgent first."""
        query = sa.select(arrangements).where(T.status == PENDING).order_by(T.answer_by, T.ref).limit(most)
        with self._database.read() as connection:
            return [_shown(row) for row in connection.execute(query).mappings()]

    def case(self, ref: str) -> dict[str, Any]:
        """One case with its decisions and documents. Raises NotFound."""
        with self._database.read() as connection:
            row = _row(connection, ref)
            made = connection.execute(
                sa.select(case_decisions).where(case_decisions.c.ref == ref).order_by(case_decisions.c.at)
            ).mappings()
            papers = connection.execute(
                sa.select(documents).where(documents.c.ref == ref).order_by(documents.c.at)
            ).mappings()
            return {
                **_shown(row),
                "decisions": [
                    {key: _plain(one[key]) for key in ("actor", "role", "decision", "reason", "policy_version", "at")}
                    for one in made
                ],
                "documents": [
                    {key: _plain(one[key]) for key in ("document_id", "kind", "size", "at")} for one in papers
                ],
            }

    def approve(self, actor: Actor, ref: str) -> str:
        """`approved`, or `second_needed` while the committee's second person is missing.

        Raises:
            NotFound, Forbidden (`inactive`, `above_limit`, `same_person`), Conflict (`decided`).
        """
        now = self._clock.now()
        with self._database.write() as connection:
            row = self._open(connection, ref)
            verdict = may_approve(actor, Role(row["authority"]), _approved_by(connection, ref))
            if verdict not in ("approved", "second_needed"):
                raise Forbidden(f"{actor.staff_id} ({actor.role}) may not approve {ref}: {verdict}", code=verdict)
            decide(
                connection,
                ref,
                actor.staff_id,
                actor.role,
                "approve",
                "approved",
                row["figures"],
                row["policy_version"],
                now,
            )
            if verdict == "approved":
                connection.execute(arrangements.update().where(T.ref == ref).values(status=APPROVED, answer_by=None))
                self._tell(connection, row, "utter_help_approved", now, {"ref": ref})
        return verdict

    def decline(self, actor: Actor, ref: str, reason: str) -> None:
        """Decline with a reason that the borrower is told in plain words.

        Raises:
            NotFound, Forbidden (`inactive`), BadInput (`reason`), Conflict (`decided`).
        """
        if reason not in REASONS:
            raise BadInput(f"reason must be one of {', '.join(REASONS)}", code="reason")
        now = self._clock.now()
        with self._database.write() as connection:
            row = self._open(connection, ref)
            _must_be_active(actor)
            self._refuse(connection, row, actor, reason, now)
            self._tell(connection, row, f"utter_help_refused_{reason}", now, {"ref": ref})

    def counter(self, actor: Actor, ref: str, wish: Wish) -> str:
        """Offer another arrangement instead; gives its number. It needs the authority that it needs by itself.

        Raises:
            NotFound, Forbidden (`inactive`, `above_limit`), BadInput (cannot be drawn up), Conflict (`decided`).
        """
        if wish.kind in ORDERS or wish.kind is Kind.PROMISE:
            raise BadInput("orders and promises are the borrower's own", code="kind")
        now = self._clock.now()
        today = business_date(now, self._zone)
        policy = self._policy(today)
        with self._database.write() as connection:
            row = self._open(connection, ref)
            _must_be_active(actor)
            loan = one_loan(connection, row["loan_id"])
            drawn = draw_up(loan, wish, today, self._caps(today).plan_instalments)
            role = max(needed(wish, loan, _standing(row), policy, today), Role.AGENT, key=lambda one: one.rank)
            verdict = may_approve(actor, role)
            if verdict not in ("approved", "second_needed"):
                raise Forbidden(f"{actor.staff_id} ({actor.role}) may not offer this: {verdict}", code=verdict)
            self._refuse(connection, row, actor, "countered", now, "counter")
            made = next_number(connection, PREFIX, today)
            shown = figures(drawn, loan)
            connection.execute(
                arrangements.insert().values(
                    ref=made,
                    customer_id=row["customer_id"],
                    loan_id=row["loan_id"],
                    conversation_id=row["conversation_id"],
                    channel=row["channel"],
                    kind=wish.kind.value,
                    wish=wish.as_json(),
                    status=APPROVED if verdict == "approved" else PENDING,
                    authority=role.value,
                    policy_version=policy.version,
                    drawn_on=today,
                    digest=drawn.digest,
                    seq=drawn.seq,
                    figures=shown,
                    file=row["file"],
                    counter_to=ref,
                    answer_by=row["answer_by"] if verdict != "approved" else None,
                    made_at=now,
                )
            )
            decide(connection, made, actor.staff_id, actor.role, "approve", "counter", shown, policy.version, now)
            if verdict == "approved":
                self._tell(connection, {**row, "ref": made}, "utter_help_countered", now, {"ref": made})
        return made

    # -- parts

    def _open(self, connection: Connection, ref: str) -> dict[str, Any]:
        """The pending case, its loan locked. Raises Conflict when it was decided meanwhile."""
        row = _row(connection, ref)
        locked(connection, row["loan_id"])
        row = _row(connection, ref)
        if row["status"] != PENDING:
            raise Conflict(f"{ref} is {row['status']}: nothing is left to decide", code="decided")
        return row

    def _refuse(
        self,
        connection: Connection,
        row: dict[str, Any],
        actor: Actor,
        reason: str,
        now: datetime,
        what: str = "decline",
    ) -> None:
        status = REFUSED if what == "decline" else LAPSED
        connection.execute(
            arrangements.update().where(T.ref == row["ref"]).values(status=status, ended_at=now, end_reason=reason)
        )
        decide(
            connection, row["ref"], actor.staff_id, actor.role, what, reason, row["figures"], row["policy_version"], now
        )

    def _tell(
        self, connection: Connection, row: dict[str, Any], response: str, now: datetime, values: dict[str, Any]
    ) -> None:
        facts = {"customer_id": row["customer_id"], "response": response, "values": values}
        jobs.put(connection, NOTICE, f"{response} {row['ref']}", now, facts)


def _must_be_active(actor: Actor) -> None:
    if not actor.active:
        raise Forbidden(f"{actor.staff_id} is not active", code="inactive")


def _approved_by(connection: Connection, ref: str) -> tuple[str, ...]:
    query = sa.select(case_decisions.c.actor).where(
        case_decisions.c.ref == ref, case_decisions.c.decision == "approve", case_decisions.c.role == "supervisor"
    )
    return tuple(connection.execute(query).scalars())


def _standing(row: dict[str, Any]) -> Standing:
    file = row["file"] or {}
    return Standing(Tier(file.get("tier", "medium")), 0)


def _row(connection: Connection, ref: str) -> dict[str, Any]:
    row = connection.execute(sa.select(arrangements).where(T.ref == ref)).mappings().first()
    if row is None:
        raise NotFound(f"no case {ref}")
    return dict(row)


def _shown(row: Any) -> dict[str, Any]:
    return {key: _plain(row[key]) for key in SHOWN}


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


__all__ = ["REASONS", "Cases"]
