"""The life of a complaint as data: states, and the verbs that lead from one to another (requirements section 5).

Who may is here as well; what a verb needs besides (a letter, a root cause) is checked by `bot.services.complaints`. Being
escalated, assigned or classified is no state: it can happen in any of the open ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bot.errors import Conflict, Forbidden


class _Word(str, Enum):
    def __str__(self) -> str:
        return str(self.value)


class State(_Word):
    RECEIVED = "received"
    ACKNOWLEDGED = "acknowledged"
    TRIAGED = "triaged"
    INVESTIGATING = "investigating"
    AWAITING_CUSTOMER = "awaiting_customer"
    AWAITING_EXTERNAL = "awaiting_external"
    PROPOSED = "proposed"
    DECIDED = "decided"
    NOTIFIED = "notified"
    ACCEPTED = "accepted"
    DISPUTED = "disputed"
    REVIEW = "review"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"


class Verb(_Word):
    ACKNOWLEDGE = "acknowledge"
    TRIAGE = "triage"
    INVESTIGATE = "investigate"
    ASK_CUSTOMER = "ask_customer"
    ANSWERED = "answered"
    ASK_EXTERNAL = "ask_external"
    EXTERNAL_BACK = "external_back"
    PROPOSE = "propose"
    RETURN = "return"
    DECIDE = "decide"
    NOTIFY = "notify"
    ACCEPT = "accept"
    DISPUTE = "dispute"
    REVIEW = "review"
    CLOSE = "close"
    REOPEN = "reopen"
    WITHDRAW = "withdraw"
    MERGE = "merge"
    UNMERGE = "unmerge"


SYSTEM, BORROWER = "system", "borrower"
HANDLERS = frozenset({"agent", "lead", "supervisor"})
SENIOR = frozenset({"lead", "supervisor"})
FINISHED = frozenset({State.CLOSED, State.WITHDRAWN, State.MERGED})
OPEN = frozenset(State) - FINISHED
EARLY = (State.RECEIVED, State.ACKNOWLEDGED, State.TRIAGED, State.INVESTIGATING, State.AWAITING_CUSTOMER)
WORKING = frozenset(  # the clocks run; afterwards the lender has answered
    {*EARLY, State.AWAITING_EXTERNAL, State.PROPOSED, State.DECIDED, State.DISPUTED, State.REVIEW}
)


@dataclass(frozen=True)
class Transition:
    """`to` is None for the state that a merged case had before."""

    verb: Verb
    sources: frozenset[State]
    to: State | None
    who: frozenset[str]


def _row(verb: Verb, sources: tuple[State, ...] | frozenset[State], to: State | None, *who: str) -> Transition:
    roles = frozenset(who) - {"staff", "senior"}
    roles |= HANDLERS if "staff" in who else frozenset()
    return Transition(verb, frozenset(sources), to, roles | (SENIOR if "senior" in who else frozenset()))


TRANSITIONS: dict[Verb, Transition] = {
    row.verb: row
    for row in (
        _row(Verb.ACKNOWLEDGE, (State.RECEIVED,), State.ACKNOWLEDGED, SYSTEM),
        _row(Verb.TRIAGE, (State.ACKNOWLEDGED,), State.TRIAGED, SYSTEM, "staff"),
        _row(Verb.INVESTIGATE, (State.TRIAGED,), State.INVESTIGATING, "staff"),
        _row(Verb.ASK_CUSTOMER, (State.INVESTIGATING,), State.AWAITING_CUSTOMER, "staff"),
        _row(Verb.ANSWERED, (State.AWAITING_CUSTOMER,), State.INVESTIGATING, BORROWER, SYSTEM, "staff"),
        _row(Verb.ASK_EXTERNAL, (State.INVESTIGATING,), State.AWAITING_EXTERNAL, "senior"),
        _row(Verb.EXTERNAL_BACK, (State.AWAITING_EXTERNAL,), State.INVESTIGATING, "staff"),
        _row(Verb.PROPOSE, (State.INVESTIGATING, State.REVIEW), State.PROPOSED, "staff"),
        _row(Verb.RETURN, (State.PROPOSED,), State.INVESTIGATING, "staff"),
        _row(Verb.DECIDE, (State.PROPOSED,), State.DECIDED, "staff"),
        _row(Verb.NOTIFY, (State.DECIDED,), State.NOTIFIED, "staff"),
        _row(Verb.ACCEPT, (State.NOTIFIED,), State.ACCEPTED, BORROWER),
        _row(Verb.DISPUTE, (State.NOTIFIED, State.CLOSED), State.DISPUTED, BORROWER),
        _row(Verb.REVIEW, (State.DISPUTED,), State.REVIEW, "senior"),
        _row(Verb.CLOSE, (State.ACCEPTED, State.NOTIFIED), State.CLOSED, "staff"),
        _row(Verb.REOPEN, (State.CLOSED,), State.INVESTIGATING, SYSTEM, "staff"),
        _row(Verb.WITHDRAW, OPEN, State.WITHDRAWN, BORROWER),
        _row(Verb.MERGE, EARLY, State.MERGED, "staff"),
        _row(Verb.UNMERGE, (State.MERGED,), None, "staff"),
    )
}


def after(state: State, verb: Verb, role: str, before_merge: State | None = None) -> State:
    """The state that `verb` by `role` leads to.

    Args:
        before_merge: for UNMERGE, the state that the case had.

    Raises:
        Conflict (`state`): the verb does not lead out of this state. Forbidden (`role`): not for this role.
    """
    row = TRANSITIONS[verb]
    if state not in row.sources:
        raise Conflict(f"{verb} is not possible in state {state}", code="state", state=state.value, verb=verb.value)
    if role not in row.who:
        raise Forbidden(f"{role} may not {verb}", code="role")
    if row.to is not None:
        return row.to
    if before_merge is None or before_merge not in TRANSITIONS[Verb.MERGE].sources:
        raise Conflict("a merged case goes back to the state that it had", code="state")
    return before_merge


def may_enter_withdrawal(state: State, role: str) -> bool:
    """Whether staff may enter that the borrower withdraws: from every state that the borrower could, with their writing."""
    return role in HANDLERS and state in TRANSITIONS[Verb.WITHDRAW].sources


def verbs_of(state: State, role: str) -> tuple[Verb, ...]:
    """What `role` can do in `state`, in the order of the table."""
    return tuple(row.verb for row in TRANSITIONS.values() if state in row.sources and role in row.who)
