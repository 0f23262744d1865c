"""The zero-read file: what an agent must know at once, in a few lines, each with the message it comes from.

Built from events and rows by rules; no sentence is generated. A line is {"key", "text", "seq"}: `key` names its kind (the
page has the label), `seq` the message to jump to, None where there is none.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.dialogue import format as fmt
from bot.dialogue.lexicon import word
from bot.dialogue.readings import label, offered
from bot.lending.loan import Loan, Status
from bot.lending.position import position
from bot.services.desk import handover_rows as ho
from bot.store import conversation_rows as rows
from bot.store.conversation_schema import channel_sessions, events, messages
from bot.store.help_schema import arrangements, promises

LOOK_BACK = timedelta(days=7)
EXCERPT = 60
NO_WISH = ("inform", "affirm", "deny", "greet", "goodbye", "thank", "cancel", "repeat", "chitchat", "talk_to_human")
Line = dict[str, Any]


class ZeroRead:
    """`loans` is the loan store; figures come from the engine, with the ledger entry they stand on."""

    def __init__(self, loans: Any) -> None:
        self.loans = loans

    def lines(
        self, connection: Connection, conversation_id: str, now: datetime, today: date, language: str
    ) -> list[Line]:
        """Who, what is wanted, what was tried, mood and care, loan facts, what next."""
        conversation = rows.conversation(connection, conversation_id)
        handover = ho.owed(connection, conversation_id)
        seqs = _seqs(connection, conversation_id)
        happened = _events(connection, conversation_id, now - LOOK_BACK)
        happened.sort(
            key=lambda one: (one["at"], seqs.get(one["turn_id"], 0))
        )  # a clock may stand still, numbers do not
        loans = self.loans.loans(conversation.customer_id) if conversation.customer_id else ()
        next_key = self._next(connection, conversation.customer_id, loans, handover, today)
        return [
            self._who(connection, conversation, handover, language),
            _wanted(connection, conversation_id, handover, happened, seqs, language),
            *_tried(happened, seqs, language),
            *_care(happened, seqs, language),
            *(line for loan in loans for line in _loan_line(loan, today, language)),
            {"key": "next", "text": word(next_key, language), "seq": None, "action": next_key},
        ]

    def _who(self, connection: Connection, conversation: Any, handover: Any, language: str) -> Line:
        session_id = handover["session_id"] if handover is not None else None
        query = sa.select(channel_sessions.c.level, channel_sessions.c.channel, channel_sessions.c.session_id)
        query = query.where(channel_sessions.c.conversation_id == conversation.conversation_id)
        sessions = connection.execute(query.order_by(channel_sessions.c.active_at.desc())).all()
        level = max((one.level for one in sessions), default=0)
        channel = next((one.channel for one in sessions if one.session_id == session_id), None)
        if conversation.customer_id is None:
            return {"key": "who", "text": word("file_anonymous", language, channel=channel or "?"), "seq": None}
        name = self.loans.customer(conversation.customer_id).name
        proven = connection.execute(
            sa.select(events.c.facts)
            .where(events.c.conversation_id == conversation.conversation_id, events.c.kind == "identity_proven")
            .order_by(events.c.at.desc())
            .limit(1)
        ).scalar()
        by = word(f"file_by_{(proven or {}).get('by', 'token')}", language)
        text = word("file_who", language, name=name[:1] + "*", level=level, by=by, channel=channel or "?")
        return {"key": "who", "text": text, "seq": None}

    def _next(self, connection: Connection, customer_id: str | None, loans: Any, handover: Any, today: date) -> str:
        """What to do next, by rule; the most urgent thing that is true."""
        if handover is not None and handover["reason"] == "self_harm":
            return "next_safety"
        if customer_id is None:
            return "next_verify"
        mine = arrangements.c.customer_id == customer_id
        statuses = set(connection.execute(sa.select(arrangements.c.status).where(mine)).scalars())
        if "pending" in statuses:
            return "next_decide_case"
        if handover is not None and handover["reason"] == "complaint":
            return "next_complaint"
        if statuses & {"approved", "disclosed", "signing"}:
            return "next_finish_offer"
        broken = sa.select(promises.c.ref).where(promises.c.customer_id == customer_id, promises.c.status == "broken")
        late = any(position(loan, today).days_overdue > 0 for loan in loans)
        if late and connection.execute(broken.limit(1)).first() is not None:
            return "next_offer_help"
        if late and "in_force" not in statuses:
            return "next_what_if"
        return "next_answer"


def _events(connection: Connection, conversation_id: str, since: datetime) -> list[Any]:
    """Events since the last handover was closed, at most a week old."""
    query = (
        sa.select(events)
        .where(events.c.conversation_id == conversation_id, events.c.at >= since)
        .order_by(events.c.at, events.c.event_id)
    )
    found = list(connection.execute(query).mappings())
    closed = [number for number, one in enumerate(found) if one["kind"] == "handover_closed"]
    return found[closed[-1] + 1 :] if closed else found


def _seqs(connection: Connection, conversation_id: str) -> dict[str, int]:
    """inbound id -> the number of the borrower's message."""
    query = sa.select(messages.c.in_reply_to, messages.c.seq).where(
        messages.c.conversation_id == conversation_id, messages.c.sender == "borrower"
    )
    return {one.in_reply_to: one.seq for one in connection.execute(query) if one.in_reply_to}


def _wanted(
    connection: Connection,
    conversation_id: str,
    handover: Any,
    happened: list[Any],
    seqs: dict[str, int],
    language: str,
) -> Line:
    """The last wish that the model understood, in its plain name, and the borrower's own words."""
    understood = [one for one in happened if one["kind"] == "understood" and one["intent"] not in NO_WISH]
    last = next((one for one in reversed(understood) if offered(one["intent"])), None)
    seq = seqs.get(last["turn_id"]) if last is not None else None
    if seq is None and seqs:
        seq = max(seqs.values())
    said = connection.execute(
        sa.select(messages.c.text).where(messages.c.conversation_id == conversation_id, messages.c.seq == seq)
    ).scalar()
    reason = word(f"reason_{handover['reason']}", language) if handover is not None else ""
    wish = label(last["intent"], language) if last is not None else ""
    parts = [part for part in (reason, wish, f"「{(said or '')[:EXCERPT]}」" if said else "") if part]
    return {"key": "wanted", "text": " · ".join(parts), "seq": seq}


def _tried(happened: list[Any], seqs: dict[str, int], language: str) -> list[Line]:
    """What the bot answered, by wish, and how often it did not understand."""
    lines = []
    answered: Counter[str] = Counter()
    first: dict[str, int | None] = {}
    lost = 0
    for one in happened:
        if one["kind"] == "understood" and one["intent"] not in NO_WISH and offered(one["intent"]):
            answered[one["intent"]] += 1
            first.setdefault(one["intent"], seqs.get(one["turn_id"]))
        lost += one["kind"] == "fallback"
    for intent, often in answered.most_common(4):
        times = word("file_times", language, n=often) if often > 1 else ""
        lines.append({"key": "tried", "text": label(intent, language) + times, "seq": first[intent]})
    if lost:
        lines.append({"key": "tried", "text": word("file_not_understood", language, n=lost), "seq": None})
    for kind in ("request_recorded", "arrangement_filed", "promise_made"):
        for one in happened:
            if one["kind"] == kind and not str(one["facts"].get("ref", "")).startswith("RG"):
                text = word(f"file_{kind}", language, ref=one["facts"]["ref"])
                lines.append({"key": "tried", "text": text, "seq": seqs.get(one["turn_id"])})
    return lines


def _care(happened: list[Any], seqs: dict[str, int], language: str) -> list[Line]:
    lines: list[Line] = []
    angry = [one for one in happened if one["kind"] == "mood"]
    if angry:
        worst = max(one["facts"]["degree"] for one in angry)
        lines.append(
            {"key": "mood", "text": word(f"file_mood_{worst}", language), "seq": seqs.get(angry[-1]["turn_id"])}
        )
    codes: dict[str, int | None] = {}
    for one in happened:
        if one["kind"] == "vulnerable":
            for code in one["facts"]["codes"]:
                codes.setdefault(code, seqs.get(one["turn_id"]))
    lines += [
        {"key": "care", "text": word(f"care_{code.lower()}", language), "seq": seq} for code, seq in codes.items()
    ]
    return lines


def _loan_line(loan: Loan, today: date, language: str) -> list[Line]:
    """What is owed now, with the ledger entry it stands on."""
    now = position(loan, today)
    if now.status is Status.SETTLED:
        return []
    values = {"loan": loan.loan_id, "seq": loan.last_seq, "today": fmt.day(today, language)}
    if now.days_overdue:
        text = word("file_overdue", language, total=fmt.yuan(now.overdue.total), days=now.days_overdue, **values)
    elif now.due is not None:
        owed, day = fmt.yuan(now.due.owed.total), fmt.day(now.due.due_on, language)
        text = word("file_due", language, total=owed, day=day, **values)
    else:
        return []
    return [{"key": "loan", "text": text, "seq": None, "loan_id": loan.loan_id, "ledger": loan.last_seq}]
