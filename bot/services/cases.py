"""Cases: arrangements over the bot's authority, with their file; approve, decline with a reason, or offer another one.

Who may do what is `lending.authority.may_approve`; the committee is two different supervisors. Every decision is kept with
actor, reason, figures before and after and policy version, and the borrower is told in plain words.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import BadInput, Conflict, Forbidden
from bot.lending.arrangement import draw_up
from bot.lending.authority import Actor, Standing, may_approve, needed
from bot.lending.caps import Caps
from bot.lending.help_policy import HelpPolicy, Role, Tier
from bot.lending.loan import Loan
from bot.lending.wishes import ORDERS, Kind, Wish
from bot.services import case_rows
from bot.services.arrangement_rows import (
    APPROVED,
    DISCLOSED,
    LAPSED,
    ORDERED,
    PENDING,
    PREFIX,
    REFUSED,
    SIGNING,
    change,
    come_into_force,
    decide,
    drawn_columns,
    end_open,
    figures,
    promises_of,
    used,
)
from bot.services.nightly import NOTICE
from bot.store import jobs
from bot.store.arranging import locked
from bot.store.clock import Clock, business_date
from bot.store.counters import next_number
from bot.store.database import Database
from bot.store.help_schema import arrangements, case_decisions, documents
from bot.store.loading import one_loan

# Why a wish is declined; each has plain words for the borrower (`utter_help_refused_<code>`).
REASONS = ("papers_missing", "not_affordable", "too_often", "already_arranged", "not_in_policy", "other_way_better")
T = arrangements.c


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
            return [case_rows.shown(row) for row in connection.execute(query).mappings()]

    def case(self, ref: str) -> dict[str, Any]:
        """One case with its decisions and documents. Raises NotFound."""
        with self._database.read() as connection:
            row = case_rows.row(connection, ref)
            made = connection.execute(
                sa.select(case_decisions).where(case_decisions.c.ref == ref).order_by(case_decisions.c.at)
            ).mappings()
            papers = connection.execute(
                sa.select(documents).where(documents.c.ref == ref).order_by(documents.c.at)
            ).mappings()
            return {
                **case_rows.shown(row),
                "decisions": [
                    {
                        key: case_rows.plain(one[key])
                        for key in ("actor", "role", "decision", "reason", "policy_version", "at")
                    }
                    for one in made
                ],
                "documents": [
                    {key: case_rows.plain(one[key]) for key in ("document_id", "kind", "size", "at")} for one in papers
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
            verdict = may_approve(actor, Role(row["authority"]), case_rows.approved_by(connection, ref))
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
        now = self._clock.now()
        with self._database.write() as connection:
            row = self._open(connection, ref)
            _must_be_active(actor)
            loan = one_loan(connection, row["loan_id"])
            made, row = self._offered(
                connection, actor, loan, wish, {**row, "counter_to": ref}, case_rows.standing(row), now
            )
            self._refuse(connection, case_rows.row(connection, ref), actor, "countered", now, "counter")
            if row["status"] == APPROVED:
                self._tell(connection, row, "utter_help_countered", now, {"ref": made})
        return made

    def offer(self, actor: Actor, loan_id: str, wish: Wish, conversation_id: str, channel: str) -> dict[str, str]:
        """Offer an arrangement that nobody has asked for in writing; what was open for the loan and not agreed to ends.

        Raises:
            NotFound, Forbidden (`inactive`, `above_limit`), BadInput (cannot be drawn up).
        """
        now = self._clock.now()
        with self._database.write() as connection:
            _must_be_active(actor)
            loan = locked(connection, loan_id)
            basis = {
                "customer_id": loan.customer_id,
                "loan_id": loan_id,
                "conversation_id": conversation_id,
                "channel": channel,
                "file": None,
                "answer_by": now + timedelta(days=1),
            }
            standing = self._standing(connection, loan, business_date(now, self._zone))
            end_open(connection, loan_id, now, "superseded")
            made, row = self._offered(connection, actor, loan, wish, basis, standing, now)
            if row["status"] == APPROVED:
                self._tell(connection, row, "utter_help_countered", now, {"ref": made})
        return {"ref": made, "status": row["status"], "authority": row["authority"]}

    def what_if(self, loan_id: str, wish: Wish) -> dict[str, Any]:
        """A wish drawn up on today's ledger: figures before and after, and who must agree. Nothing is kept.

        Raises:
            NotFound, BadInput (cannot be drawn up).
        """
        today = business_date(self._clock.now(), self._zone)
        with self._database.read() as connection:
            loan = one_loan(connection, loan_id)
            standing = self._standing(connection, loan, today)
        drawn = draw_up(loan, wish, today, self._caps(today).plan_instalments)
        role = needed(wish, loan, standing, self._policy(today), today)
        return {"figures": figures(drawn, loan), "authority": role.value, "digest": drawn.digest, "ledger": drawn.seq}

    def _standing(self, connection: Connection, loan: Loan, on: date) -> Standing:
        """Of a borrower without an assessment: the middle tier, and what was used and promised before."""
        open_now, broken = promises_of(connection, loan, self._policy(on), on)
        return Standing(Tier.MEDIUM, 0, used(connection, loan.loan_id), open_now, broken)

    def _offered(
        self,
        connection: Connection,
        actor: Actor,
        loan: Loan,
        wish: Wish,
        basis: dict[str, Any],
        standing: Standing,
        now: datetime,
    ) -> tuple[str, dict[str, Any]]:
        """The row of a colleague's own offer, approved as far as their authority goes."""
        if wish.kind in ORDERS or wish.kind is Kind.PROMISE:
            raise BadInput("orders and promises are the borrower's own", code="kind")
        today = business_date(now, self._zone)
        policy = self._policy(today)
        drawn = draw_up(loan, wish, today, self._caps(today).plan_instalments)
        role = max(needed(wish, loan, standing, policy, today), Role.AGENT, key=lambda one: one.rank)
        verdict = may_approve(actor, role)
        if verdict not in ("approved", "second_needed"):
            raise Forbidden(f"{actor.staff_id} ({actor.role}) may not offer this: {verdict}", code=verdict)
        made = next_number(connection, PREFIX, today)
        row = {
            "ref": made,
            **{key: basis[key] for key in ("customer_id", "loan_id", "conversation_id", "channel", "file")},
            "kind": wish.kind.value,
            "wish": wish.as_json(),
            "status": APPROVED if verdict == "approved" else PENDING,
            "authority": role.value,
            **drawn_columns(drawn, loan, policy),
            "counter_to": basis.get("counter_to"),
            "answer_by": basis["answer_by"] if verdict != "approved" else None,
            "made_at": now,
        }
        connection.execute(arrangements.insert().values(**row))
        why = "counter" if basis.get("counter_to") else "offer"
        decide(connection, made, actor.staff_id, actor.role, "approve", why, row["figures"], policy.version, now)
        return made, row

    def confirm(self, actor: Actor, ref: str) -> date:
        """The borrower has agreed to what was disclosed in a recorded call: in force now, without a code. Gives the last day of
        withdrawal (of an order: its own day).

        Raises:
            NotFound, Forbidden (`inactive`), Conflict (`not_disclosed`, `too_soon`, `changed`).
        """
        now = self._clock.now()
        today = business_date(now, self._zone)
        policy = self._policy(today)
        with self._database.write() as connection:
            loan = locked(connection, case_rows.row(connection, ref)["loan_id"])
            row = case_rows.row(connection, ref)
            _must_be_active(actor)
            if row["status"] not in (DISCLOSED, SIGNING) or row["disclosed_at"] is None:
                raise Conflict(f"{ref} is {row['status']}: nothing disclosed waits for consent", code="not_disclosed")
            if row["disclosed_at"] + policy.reading > now:
                raise Conflict("the borrower has not had the time to read it", code="too_soon")
            wish = Wish.from_json(row["wish"])
            drawn = draw_up(loan, wish, today, self._caps(today).plan_instalments)
            if drawn.digest != row["digest"]:
                raise Conflict("the figures are not those disclosed: show them again", code="changed")
            until = today + timedelta(days=0 if wish.kind in ORDERS else policy.withdrawal_days)
            signed = {"consented_at": now, "signed_at": now, "code": None}
            if wish.kind in ORDERS:
                change(connection, ref, (DISCLOSED, SIGNING), status=ORDERED, **signed)
            else:
                come_into_force(connection, ref, loan, drawn, until, now, **signed)
            decide(
                connection,
                ref,
                actor.staff_id,
                actor.role,
                "confirm",
                "recorded_call",
                row["figures"],
                policy.version,
                now,
            )
            self._tell(connection, row, "utter_help_confirmed", now, {"ref": ref})
        return until

    # -- parts

    def _open(self, connection: Connection, ref: str) -> dict[str, Any]:
        """The pending case, its loan locked. Raises Conflict when it was decided meanwhile."""
        row = case_rows.row(connection, ref)
        locked(connection, row["loan_id"])
        row = case_rows.row(connection, ref)
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
