"""Tables of complaints: the case, every contact about it, what happened, readings, evidence, remedies, letters, links.

A case's history is `complaint_events`, append-only and numbered; its state is only changed together with one of them.
Personal: `complaints.words`, `demand`, `findings`, `grounds`, `lesson`; `complaint_contacts.words`; `complaint_people`;
`complaint_letters.contents`; `complaint_surveys.comment`. Kept five years (requirements 3.2, rule 11).
"""

from __future__ import annotations

import sqlalchemy as sa

from bot.store.instant import Instant
from bot.store.schema import metadata

complaints = sa.Table(
    "complaints",
    metadata,
    sa.Column("ref", sa.String(24), primary_key=True),  # TS-20261123-0001
    sa.Column("state", sa.String(20), nullable=False),  # see bot.lending.complaint_states
    sa.Column("state_at", Instant, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),  # one more with every change
    sa.Column("customer_id", sa.String(64)),
    sa.Column("loan_id", sa.String(32)),
    sa.Column("product", sa.String(32)),
    sa.Column("session_id", sa.String(32)),
    sa.Column("conversation_id", sa.String(32)),
    sa.Column(
        "sender", sa.String(80), nullable=False
    ),  # who it is, as far as known: customer:…, session:…, phone:<hash>, …
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("language", sa.String(10), nullable=False),
    sa.Column("complainant", sa.String(12), nullable=False),  # borrower | third_party | unknown
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("demand", sa.Text, nullable=False, server_default=""),
    sa.Column("l1", sa.String(12), nullable=False),
    sa.Column("l2", sa.String(30), nullable=False),
    sa.Column("urgency", sa.String(2), nullable=False),
    sa.Column("confidence", sa.Float),  # of the newest reading; null: a person's
    sa.Column("flags", sa.JSON, nullable=False),
    sa.Column("handler", sa.String(64)),
    sa.Column("accused", sa.JSON, nullable=False),  # staff ids: they neither see nor touch it
    sa.Column("is_accusing", sa.Boolean, nullable=False, server_default=sa.false()),  # whether `accused` names anybody
    sa.Column("escalated", sa.Integer, nullable=False, server_default="0"),  # 0 | 1 lead | 2 supervisor | 3 compliance
    sa.Column("received_at", Instant, nullable=False),  # the first contact, on whatever channel; never moves
    sa.Column("clock_from", Instant, nullable=False),  # later only after new facts, or when opened again
    sa.Column("clock", sa.Integer, nullable=False, server_default="1"),  # one more whenever the times are counted anew
    sa.Column("contact_by", Instant, nullable=False),
    sa.Column("contacted_at", Instant),
    sa.Column("contain_by", Instant),
    sa.Column("target_by", Instant, nullable=False),
    sa.Column("legal_by", sa.Date, nullable=False),
    sa.Column("legal_days", sa.Integer, nullable=False),
    sa.Column("told_by", Instant, nullable=False),
    sa.Column("paused_at", Instant),
    sa.Column("paused_seconds", sa.Integer, nullable=False, server_default="0"),
    sa.Column("merged_into", sa.String(24)),
    sa.Column("follows", sa.String(24)),
    sa.Column("reopened", sa.Integer, nullable=False, server_default="0"),
    sa.Column("reviews", sa.Integer, nullable=False, server_default="0"),
    sa.Column("question", sa.Text),  # put to the complainant
    sa.Column("findings", sa.Text, nullable=False, server_default=""),
    sa.Column("merit", sa.String(12)),
    sa.Column("grounds", sa.Text, nullable=False, server_default=""),
    sa.Column("proposed_by", sa.String(64)),
    sa.Column("decided_by", sa.String(64)),
    sa.Column("decided_at", Instant),
    sa.Column("notified_at", Instant),
    sa.Column("letter_id", sa.String(32)),
    sa.Column("review_until", sa.Date),
    sa.Column("closed_at", Instant),
    sa.Column("root_cause", sa.String(20)),
    sa.Column("preventability", sa.String(16)),
    sa.Column("owner", sa.String(40)),
    sa.Column("systemic", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("lesson", sa.Text, nullable=False, server_default=""),
    sa.Column("resume_on", sa.Date),  # contact to collect may begin again; null while the case is open
    sa.Column("resume_told_at", Instant),  # and only after this
    sa.Column("entered_by", sa.String(64)),
)
sa.Index(  # all that the board filters, sorts and counts by: it reads no row for that
    "ix_complaints_board",
    complaints.c.state,
    complaints.c.told_by,
    complaints.c.urgency,
    complaints.c.l1,
    complaints.c.handler,
    complaints.c.ref,
)
sa.Index("ix_complaints_accusing", complaints.c.is_accusing)
sa.Index("ix_complaints_handler", complaints.c.handler, complaints.c.state)
sa.Index("ix_complaints_customer", complaints.c.customer_id, complaints.c.received_at)
sa.Index("ix_complaints_session", complaints.c.session_id)
sa.Index("ix_complaints_sender", complaints.c.sender, complaints.c.received_at)
sa.Index("ix_complaints_received", complaints.c.received_at)
sa.Index("ix_complaints_merged", complaints.c.merged_into)

complaint_contacts = sa.Table(
    "complaint_contacts",
    metadata,
    sa.Column("contact_id", sa.String(32), primary_key=True),
    sa.Column("ref", sa.String(24), sa.ForeignKey("complaints.ref"), nullable=False),
    sa.Column("first_ref", sa.String(24), nullable=False),  # where it was recorded
    sa.Column("kind", sa.String(10), nullable=False),  # lodged | again | added | answer
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("sender", sa.String(80), nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("mark", sa.String(64), nullable=False),  # hash of the words: the same again is counted, not kept twice
    sa.Column("times", sa.Integer, nullable=False, server_default="1"),
    sa.Column("customer_id", sa.String(64)),
    sa.Column("session_id", sa.String(32)),
    sa.Column("staff_id", sa.String(64)),
    sa.Column("message_id", sa.String(32)),  # the turn it came with
    sa.Column("likeness", sa.Float),  # with the case it was attached to
    sa.Column("at", Instant, nullable=False),
)
sa.Index("ix_complaint_contacts_ref", complaint_contacts.c.ref, complaint_contacts.c.at)
sa.Index("ix_complaint_contacts_sender", complaint_contacts.c.sender, complaint_contacts.c.at)

complaint_events = sa.Table(
    "complaint_events",
    metadata,
    sa.Column("event_id", sa.String(32), primary_key=True),
    sa.Column("ref", sa.String(24), sa.ForeignKey("complaints.ref"), nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),  # a verb, or assign | classify | escalate | …
    sa.Column("from_state", sa.String(20), nullable=False),
    sa.Column("to_state", sa.String(20), nullable=False),
    sa.Column("actor", sa.String(80), nullable=False),
    sa.Column("role", sa.String(12), nullable=False),
    sa.Column("reason", sa.String(400), nullable=False, server_default=""),
    sa.Column("facts", sa.JSON, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.UniqueConstraint("ref", "seq"),
)

complaint_readings = sa.Table(
    "complaint_readings",
    metadata,
    sa.Column("reading_id", sa.String(32), primary_key=True),
    sa.Column("ref", sa.String(24), sa.ForeignKey("complaints.ref"), nullable=False),
    sa.Column("contact_id", sa.String(32)),
    sa.Column("by", sa.String(64), nullable=False),  # "model", or a staff id
    sa.Column("l1", sa.String(12), nullable=False),
    sa.Column("l2", sa.String(30), nullable=False),
    sa.Column("urgency", sa.String(2), nullable=False),
    sa.Column("confidence", sa.Float),
    sa.Column("why", sa.JSON, nullable=False),
    sa.Column("flags", sa.JSON, nullable=False),
    sa.Column("at", Instant, nullable=False),
)
sa.Index("ix_complaint_readings_ref", complaint_readings.c.ref, complaint_readings.c.at)

complaint_people = sa.Table(
    "complaint_people",
    metadata,
    sa.Column("ref", sa.String(24), sa.ForeignKey("complaints.ref"), primary_key=True),
    sa.Column("name", sa.String(80), nullable=False, server_default=""),
    sa.Column("phone", sa.String(40), nullable=False, server_default=""),
    sa.Column("email", sa.String(120), nullable=False, server_default=""),
)

complaint_evidence = sa.Table(
    "complaint_evidence",
    metadata,
    sa.Column("evidence_id", sa.String(32), primary_key=True),
    sa.Column("ref", sa.String(24), sa.ForeignKey("complaints.ref"), nullable=False),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("pointer", sa.String(120), nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),  # of what it points to, when it was added
    sa.Column("added_by", sa.String(80), nullable=False),
    sa.Column("at", Instant, nullable=False),
)
sa.Index("ix_complaint_evidence_ref", complaint_evidence.c.ref)

complaint_remedies = sa.Table(
    "complaint_remedies",
    metadata,
    sa.Column("remedy_id", sa.String(32), primary_key=True),
    sa.Column("ref", sa.String(24), sa.ForeignKey("complaints.ref"), nullable=False),
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("loan_id", sa.String(32)),
    sa.Column("cents", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("source", sa.String(10)),  # of a refund: credit (held for the borrower) | charge (paid wrongly)
    sa.Column("words", sa.Text, nullable=False),
    sa.Column(
        "status", sa.String(14), nullable=False
    ),  # proposed | second_needed | approved | refused | executed | instructed
    sa.Column("needs", sa.String(12), nullable=False),
    sa.Column("proposed_by", sa.String(64), nullable=False),
    sa.Column("approved_by", sa.JSON, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("executed_at", Instant),
    sa.Column("facts", sa.JSON, nullable=False),  # ledger entries, instruction
)
sa.Index("ix_complaint_remedies_ref", complaint_remedies.c.ref)

payment_instructions = sa.Table(
    "payment_instructions",
    metadata,
    sa.Column("instruction_id", sa.String(32), primary_key=True),
    sa.Column("remedy_id", sa.String(32), nullable=False, unique=True),  # a refund is instructed once
    sa.Column("ref", sa.String(24), nullable=False),
    sa.Column("customer_id", sa.String(64), nullable=False),
    sa.Column("loan_id", sa.String(32), nullable=False),
    sa.Column("cents", sa.BigInteger, nullable=False),
    sa.Column("status", sa.String(12), nullable=False),  # instructed; whether it was paid is the lender's to know
    sa.Column("at", Instant, nullable=False),
)

complaint_letters = sa.Table(
    "complaint_letters",
    metadata,
    sa.Column("letter_id", sa.String(32), primary_key=True),
    sa.Column("ref", sa.String(24), sa.ForeignKey("complaints.ref"), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("language", sa.String(10), nullable=False),
    sa.Column("contents", sa.JSON, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("lint", sa.JSON, nullable=False),
    sa.Column("by", sa.String(64), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.UniqueConstraint("ref", "version"),
)

complaint_actions = sa.Table(
    "complaint_actions",
    metadata,
    sa.Column("action_id", sa.String(32), primary_key=True),
    sa.Column("ref", sa.String(24), sa.ForeignKey("complaints.ref"), nullable=False),
    sa.Column("kind", sa.String(12), nullable=False),  # corrective | preventive
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("owner", sa.String(40), nullable=False),
    sa.Column("due_on", sa.Date, nullable=False),
    sa.Column("made_by", sa.String(64), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("done_at", Instant),
    sa.Column("done_by", sa.String(64)),
    sa.Column("effective", sa.Boolean),
    sa.Column("verified_by", sa.String(64)),
    sa.Column("verified_at", Instant),
    sa.Column("told_at", Instant),  # "you said, we did"
)
sa.Index("ix_complaint_actions_ref", complaint_actions.c.ref)
sa.Index("ix_complaint_actions_due", complaint_actions.c.done_at, complaint_actions.c.due_on)

complaint_links = sa.Table(
    "complaint_links",
    metadata,
    sa.Column("link_id", sa.String(32), primary_key=True),
    sa.Column("ref", sa.String(24), sa.ForeignKey("complaints.ref"), nullable=False),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("revoked_at", Instant),
)
sa.Index("ix_complaint_links_ref", complaint_links.c.ref)

complaint_codes = sa.Table(
    "complaint_codes",
    metadata,
    sa.Column("ref", sa.String(24), sa.ForeignKey("complaints.ref"), primary_key=True),
    sa.Column("code", sa.String(64)),  # keyed hash; null: used or void
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("sent_at", Instant, nullable=False),
    sa.Column("sent", sa.Integer, nullable=False, server_default="1"),  # today
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
)

complaint_surveys = sa.Table(
    "complaint_surveys",
    metadata,
    sa.Column("ref", sa.String(24), sa.ForeignKey("complaints.ref"), primary_key=True),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("score", sa.Integer),
    sa.Column("solved", sa.Boolean),
    sa.Column("comment", sa.Text),
    sa.Column("answered_at", Instant),
)

APPEND_ONLY = (
    "complaint_events",
    "complaint_readings",
    "complaint_evidence",
    "complaint_letters",
    "payment_instructions",
)
TABLES = (
    complaints,
    complaint_contacts,
    complaint_events,
    complaint_readings,
    complaint_people,
    complaint_evidence,
    complaint_remedies,
    payment_instructions,
    complaint_letters,
    complaint_actions,
    complaint_links,
    complaint_codes,
    complaint_surveys,
)
