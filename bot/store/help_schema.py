"""Tables of repayment help: intakes, arrangements and their decisions, promises, documents; denied contacts; jobs.

Customer and loan ids are words here, without foreign keys, as in `conversation_schema`. Personal: `intakes.answers`,
`arrangement_papers.html`, `documents`. An arrangement's own history is in `case_decisions`, which is append-only.
"""

from __future__ import annotations

import sqlalchemy as sa

from bot.store.instant import Instant
from bot.store.schema import metadata

intakes = sa.Table(
    "intakes",
    metadata,
    sa.Column("customer_id", sa.String(64), primary_key=True),
    sa.Column("answers", sa.JSON, nullable=False),  # see bot.lending.intake
    sa.Column("updated_at", Instant, nullable=False),
)

arrangements = sa.Table(
    "arrangements",
    metadata,
    sa.Column("ref", sa.String(24), primary_key=True),  # HX-20261123-0001
    sa.Column("customer_id", sa.String(64), nullable=False),
    sa.Column("loan_id", sa.String(32), nullable=False),
    sa.Column("conversation_id", sa.String(32), nullable=False),
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("wish", sa.JSON, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),  # see bot.services.arrangements.Status
    sa.Column("authority", sa.String(12), nullable=False),  # who must agree besides the borrower
    sa.Column("policy_version", sa.String(80), nullable=False),
    sa.Column("drawn_on", sa.Date, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),  # of `Drawn`: any other figure is another offer
    sa.Column("seq", sa.Integer, nullable=False),  # of the ledger it was drawn from
    sa.Column("figures", sa.JSON, nullable=False),  # before and after, as shown (cents, ISO dates)
    sa.Column("file", sa.JSON),  # for staff: intake, budget, tier, options
    sa.Column("counter_to", sa.String(24)),
    sa.Column("answer_by", Instant),  # pending: a person decides by then
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("disclosed_at", Instant),
    sa.Column("disclosed_in", sa.String(32)),  # the turn whose replies carried the disclosure
    sa.Column("disclosure_hash", sa.String(64)),
    sa.Column("consented_at", Instant),
    sa.Column("code", sa.String(64)),  # keyed hash of the signing code
    sa.Column("code_session", sa.String(32)),
    sa.Column("code_expires_at", Instant),
    sa.Column("signed_at", Instant),
    sa.Column("in_force_on", sa.Date),
    sa.Column("withdraw_until", sa.Date),
    sa.Column("first_seq", sa.Integer),  # of its own ledger entries
    sa.Column("plan_version", sa.Integer),
    sa.Column("ended_at", Instant),
    sa.Column("end_reason", sa.String(60)),
)
sa.Index("ix_arrangements_loan", arrangements.c.loan_id, arrangements.c.status)
sa.Index("ix_arrangements_customer", arrangements.c.customer_id, arrangements.c.made_at)
sa.Index("ix_arrangements_status", arrangements.c.status, arrangements.c.answer_by)

arrangement_papers = sa.Table(
    "arrangement_papers",
    metadata,
    sa.Column("ref", sa.String(24), sa.ForeignKey("arrangements.ref"), primary_key=True),
    sa.Column("version", sa.String(64), primary_key=True),  # the disclosure's hash
    sa.Column("contents", sa.JSON, nullable=False),  # title, rows, table, notes: as shown
    sa.Column("language", sa.String(10), nullable=False),
    sa.Column("at", Instant, nullable=False),
)

case_decisions = sa.Table(
    "case_decisions",
    metadata,
    sa.Column("decision_id", sa.String(32), primary_key=True),
    sa.Column("ref", sa.String(24), sa.ForeignKey("arrangements.ref"), nullable=False),
    sa.Column("actor", sa.String(64), nullable=False),  # staff id, "bot" or "borrower"
    sa.Column("role", sa.String(12), nullable=False),
    sa.Column("decision", sa.String(12), nullable=False),
    sa.Column("reason", sa.String(40), nullable=False),
    sa.Column("figures", sa.JSON, nullable=False),  # before and after
    sa.Column("policy_version", sa.String(80), nullable=False),
    sa.Column("at", Instant, nullable=False),
)
sa.Index("ix_case_decisions_ref", case_decisions.c.ref)

promises = sa.Table(
    "promises",
    metadata,
    sa.Column("ref", sa.String(24), primary_key=True),  # CN-20261123-0001
    sa.Column("customer_id", sa.String(64), nullable=False),
    sa.Column("loan_id", sa.String(32), nullable=False),
    sa.Column("conversation_id", sa.String(32), nullable=False),
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("cents", sa.BigInteger, nullable=False),
    sa.Column("by_day", sa.Date, nullable=False),
    sa.Column("status", sa.String(12), nullable=False),  # open | kept | partial | broken | cancelled | superseded
    sa.Column("paid_cents", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
)
sa.Index("ix_promises_loan", promises.c.loan_id, promises.c.status)
sa.Index("ix_promises_customer", promises.c.customer_id, promises.c.made_at)

documents = sa.Table(
    "documents",
    metadata,
    sa.Column("document_id", sa.String(32), primary_key=True),
    sa.Column("ref", sa.String(24), nullable=False),
    sa.Column("customer_id", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(10), nullable=False),  # pdf | jpeg | png, by content
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("at", Instant, nullable=False),
)
sa.Index("ix_documents_ref", documents.c.ref)

contact_denials = sa.Table(
    "contact_denials",
    metadata,
    sa.Column("denial_id", sa.String(32), primary_key=True),
    sa.Column("customer_id", sa.String(64), nullable=False),
    sa.Column("type", sa.String(30), nullable=False),
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("reason", sa.String(40), nullable=False),
    sa.Column("at", Instant, nullable=False),
)

jobs = sa.Table(
    "jobs",
    metadata,
    sa.Column("job_id", sa.String(32), primary_key=True),
    sa.Column("kind", sa.String(30), nullable=False),
    sa.Column("key", sa.String(120), nullable=False, unique=True),  # the same thing is never queued twice
    sa.Column("due_at", Instant, nullable=False),
    sa.Column("facts", sa.JSON, nullable=False),
    sa.Column("leased_until", Instant),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("done_at", Instant),
    sa.Column("outcome", sa.String(80)),
)
sa.Index("ix_jobs_due", jobs.c.done_at, jobs.c.due_at)

APPEND_ONLY = ("case_decisions", "arrangement_papers", "contact_denials")
