"""What staff do with a case, verb by verb: each checks what it needs, then `rows.move` changes state and history at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import BadInput, Conflict, Forbidden
from bot.lending.authority import Actor
from bot.lending.complaint_policy import MERITS, PREVENTABILITY, ROOT_CAUSES, Level, may_decide
from bot.lending.complaint_states import HANDLERS, State, Verb
from bot.services.complaints import assigning, merging, pause, remedies, telling
from bot.services.complaints.basis import Basis
from bot.services.complaints.letters import sendable
from bot.services.complaints.lodging import reopen
from bot.services.complaints.rows import THE_BORROWER, Row, at_version, move, staff
from bot.services.complaints.timing import after_pause, queue_clocks
from bot.store import jobs
from bot.store.complaint_schema import complaint_actions, complaint_evidence

SURVEY = "complaint_survey"
UNANSWERED = "complaint_unanswered"
Body = Mapping[str, Any]


class Handling:
    """`do` is the one entry; the verbs of the borrower and the system are elsewhere."""

    def __init__(self, basis: Basis) -> None:
        self.basis = basis
        self._verbs: dict[Verb, Callable[[Connection, Row, Actor, Body, datetime], Row]] = {
            Verb.TRIAGE: self._triage,
            Verb.INVESTIGATE: self._investigate,
            Verb.ASK_CUSTOMER: self._ask_customer,
            Verb.ANSWERED: self._plain(Verb.ANSWERED),
            Verb.ASK_EXTERNAL: self._ask_external,
            Verb.EXTERNAL_BACK: self._external_back,
            Verb.PROPOSE: self._propose,
            Verb.RETURN: self._return,
            Verb.DECIDE: self._decide,
            Verb.NOTIFY: self._notify,
            Verb.REVIEW: self._review,
            Verb.CLOSE: self._close,
            Verb.REOPEN: self._reopen,
            Verb.WITHDRAW: self._withdraw,
            Verb.MERGE: self._merge,
            Verb.UNMERGE: self._unmerge,
        }

    def do(
        self, connection: Connection, actor: Actor, ref: str, verb: str, version: int, body: Body, now: datetime
    ) -> Row:
        """Carry out a verb; gives the case as it is then.

        Raises:
            BadInput (`verb`, or the field that is missing), NotFound, Forbidden, Conflict (`changed`, `state`, …).
        """
        row = at_version(connection, ref, version)
        assigning.keep_out(row, actor.staff_id)
        if verb not in {one.value for one in self._verbs}:
            raise BadInput(f"no such verb for staff: {verb[:20]}", code="verb")
        return self._verbs[Verb(verb)](connection, row, actor, body, now)

    # -- looking into it

    def _plain(self, verb: Verb) -> Callable[[Connection, Row, Actor, Body, datetime], Row]:
        return lambda connection, row, actor, body, now: move(
            connection, row, verb, staff(actor), now, body.get("reason") or ""
        )

    def _triage(self, connection: Connection, row: Row, actor: Actor, body: Body, now: datetime) -> Row:
        return move(connection, row, Verb.TRIAGE, staff(actor), now, body.get("reason") or "")

    def _investigate(self, connection: Connection, row: Row, actor: Actor, body: Body, now: datetime) -> Row:
        """Whoever begins has the case, unless somebody has it already."""
        if row["handler"] is None:
            row = assigning.assign(connection, row, staff(actor), actor.staff_id, now)
        return move(connection, row, Verb.INVESTIGATE, staff(actor), now, body.get("reason") or "")

    def _ask_customer(self, connection: Connection, row: Row, actor: Actor, body: Body, now: datetime) -> Row:
        question = _needed(body, "question")
        row = move(connection, row, Verb.ASK_CUSTOMER, staff(actor), now, question=question)
        telling.tell(connection, self.basis, row, "utter_complaint_question", now, question=question)
        due = now + timedelta(days=self.basis.policy(now).answer_days)
        jobs.put(
            connection, UNANSWERED, f"{row['ref']} {row['version']}", due, {"ref": row["ref"], "at": now.isoformat()}
        )
        return row

    def _ask_external(self, connection: Connection, row: Row, actor: Actor, body: Body, now: datetime) -> Row:
        """An appraisal by somebody outside: the only thing that stops the clock, and whoever complained is told."""
        row = move(connection, row, Verb.ASK_EXTERNAL, staff(actor), now, _needed(body, "reason"), paused_at=now)
        telling.tell(connection, self.basis, row, "utter_complaint_external", now)
        return row

    def _external_back(self, connection: Connection, row: Row, actor: Actor, body: Body, now: datetime) -> Row:
        row = move(
            connection,
            row,
            Verb.EXTERNAL_BACK,
            staff(actor),
            now,
            body.get("reason") or "",
            **after_pause(self.basis, row, now),
        )
        queue_clocks(connection, self.basis, row, now)
        telling.tell(connection, self.basis, row, "utter_complaint_external_back", now)
        return row

    # -- deciding

    def _propose(self, connection: Connection, row: Row, actor: Actor, body: Body, now: datetime) -> Row:
        merit = _one_of(body, "merit", MERITS)
        return move(
            connection,
            row,
            Verb.PROPOSE,
            staff(actor),
            now,
            body.get("reason") or "",
            {"merit": merit, "review": row["state"] == State.REVIEW.value},
            findings=_needed(body, "findings"),
            grounds=_needed(body, "grounds"),
            merit=merit,
            demand=body.get("demand") or row["demand"],
            proposed_by=actor.staff_id,
        )

    def _return(self, connection: Connection, row: Row, actor: Actor, body: Body, now: datetime) -> Row:
        self._must_decide(row, actor, now)
        return move(connection, row, Verb.RETURN, staff(actor), now, _needed(body, "reason"))

    def _decide(self, connection: Connection, row: Row, actor: Actor, body: Body, now: datetime) -> Row:
        """Never by whoever proposed it; every remedy is granted by then, and carried out with the decision."""
        self._must_decide(row, actor, now)
        waiting = remedies.waiting(connection, row["ref"])
        if waiting and row["state"] == State.PROPOSED.value:
            raise Conflict(f"remedies wait for approval: {', '.join(waiting)}", code="remedies")
        row = move(
            connection,
            row,
            Verb.DECIDE,
            staff(actor),
            now,
            body.get("reason") or "",
            {"merit": row["merit"], "policy": self.basis.policy(now).version},
            decided_by=actor.staff_id,
            decided_at=now,
        )
        remedies.carry_out(connection, self.basis, row, now)
        return row

    def _must_decide(self, row: Row, actor: Actor, now: datetime) -> None:
        level, before = Level(row["urgency"]), row["decided_by"]
        why = may_decide(self.basis.policy(now), actor, level, row["proposed_by"] or "", before)
        if why and row["state"] == State.PROPOSED.value:
            raise Forbidden(f"{actor.staff_id} ({actor.role}) may not decide {row['ref']}: {why}", code=why)

    def _notify(self, connection: Connection, row: Row, actor: Actor, body: Body, now: datetime) -> Row:
        letter = sendable(connection, row, _needed(body, "letter_id"))
        policy = self.basis.policy(now)
        until = self.basis.today(now) + timedelta(days=policy.review_days)
        row = move(
            connection,
            row,
            Verb.NOTIFY,
            staff(actor),
            now,
            facts={"letter": letter["letter_id"], "sha256": letter["sha256"]},
            notified_at=now,
            letter_id=letter["letter_id"],
            review_until=until,
            contacted_at=row["contacted_at"] or now,
        )
        telling.decision(connection, self.basis, row, letter, now)
        return row

    # -- afterwards

    def _review(self, connection: Connection, row: Row, actor: Actor, body: Body, now: datetime) -> Row:
        """Somebody who had no part in the decision looks at it again, within the policy's days."""
        if actor.staff_id in (row["decided_by"], row["proposed_by"]):
            raise Forbidden("a review is somebody else's", code="same_person")
        row = move(
            connection,
            row,
            Verb.REVIEW,
            staff(actor),
            now,
            body.get("reason") or "",
            reviews=row["reviews"] + 1,
            handler=actor.staff_id,
        )
        telling.tell(connection, self.basis, row, "utter_complaint_review", now)
        return row

    def _close(self, connection: Connection, row: Row, actor: Actor, body: Body, now: datetime) -> Row:
        """With what it teaches. Not accepted and not reviewed: only after the time in which a review can be asked for."""
        today = self.basis.today(now)
        waits = row["state"] == State.NOTIFIED.value and not row["reviews"] and today <= row["review_until"]
        if waits:
            raise Conflict(f"a review can be asked for until {row['review_until']}", code="review_period")
        systemic = bool(body.get("systemic"))
        columns = {
            "root_cause": _one_of(body, "root_cause", ROOT_CAUSES),
            "preventability": _one_of(body, "preventability", PREVENTABILITY),
            "owner": _one_of(body, "owner", self.basis.policy(now).owners),
        }
        planned = sa.select(complaint_actions.c.action_id).where(complaint_actions.c.ref == row["ref"])
        if systemic and connection.execute(planned).first() is None:
            raise Conflict("a systemic cause needs an action with a due day first", code="action")
        row = move(
            connection,
            row,
            Verb.CLOSE,
            staff(actor),
            now,
            body.get("reason") or "",
            {**columns, "systemic": systemic},
            closed_at=now,
            systemic=systemic,
            lesson=body.get("lesson") or "",
            resume_on=pause.after_closing(connection, self.basis, row, now),
            resume_told_at=None,
            **columns,
        )
        telling.tell(connection, self.basis, row, "utter_complaint_closed", now)
        asked = now + timedelta(hours=self.basis.policy(now).survey_hours)
        jobs.put(connection, SURVEY, f"{row['ref']} {row['reopened']}", asked, {"ref": row["ref"]})
        return row

    def _reopen(self, connection: Connection, row: Row, actor: Actor, body: Body, now: datetime) -> Row:
        within = timedelta(days=self.basis.policy(now).reopen_days)
        if row["closed_at"] is not None and now > row["closed_at"] + within:
            raise Conflict("too long ago: a new case with a link is right", code="too_late")
        return reopen(connection, self.basis, row, staff(actor), now, _needed(body, "reason"), {})

    def _withdraw(self, connection: Connection, row: Row, actor: Actor, body: Body, now: datetime) -> Row:
        """The borrower's own wish, in writing: the paper is in the evidence, whoever enters it stays in the history."""
        if actor.role not in HANDLERS:  # the verb itself is the borrower's
            raise Forbidden(f"{actor.role} may not {Verb.WITHDRAW}", code="role")
        evidence_id = _needed(body, "evidence_id")
        found = sa.select(complaint_evidence.c.kind).where(
            complaint_evidence.c.evidence_id == evidence_id, complaint_evidence.c.ref == row["ref"]
        )
        if connection.execute(found).scalar() not in ("document", "message"):
            raise BadInput("a withdrawal needs the borrower's own writing in the evidence", code="evidence_id")
        return withdraw(connection, self.basis, row, now, {"entered_by": actor.staff_id, "evidence": evidence_id})

    def _merge(self, connection: Connection, row: Row, actor: Actor, body: Body, now: datetime) -> Row:
        return merging.merge(connection, row, staff(actor), _needed(body, "into"), body.get("reason") or "", now)

    def _unmerge(self, connection: Connection, row: Row, actor: Actor, body: Body, now: datetime) -> Row:
        return merging.unmerge(connection, self.basis, row, staff(actor), _needed(body, "reason"), now)


def withdraw(connection: Connection, basis: Basis, row: Row, now: datetime, facts: dict[str, Any] | None = None) -> Row:
    """The case ends the same day; contact for collection may begin again tomorrow, which the answer says."""
    return move(
        connection,
        row,
        Verb.WITHDRAW,
        THE_BORROWER,
        now,
        "in writing",
        facts,
        closed_at=now,
        paused_at=None,
        resume_on=pause.after_withdrawal(basis, now),
        resume_told_at=now,
    )


def _needed(body: Body, field: str) -> str:
    value = body.get(field)
    if not isinstance(value, str) or not value.strip():
        raise BadInput(f"{field} is needed", code=field)
    return value.strip()


def _one_of(body: Body, field: str, words: tuple[str, ...]) -> str:
    value = _needed(body, field)
    if value not in words:
        raise BadInput(f"{field} must be one of {', '.join(words)}", code=field)
    return value
