"""Complaints: cases, contacts, events, readings, evidence, remedies, letters, links (`bot.store.complaint_schema`).

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.append_only import statements

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
APPEND_ONLY = (
    "complaint_events",
    "complaint_readings",
    "complaint_evidence",
    "complaint_letters",
    "payment_instructions",
)


def upgrade() -> None:
    op.create_table(
        "complaints",
        sa.Column("ref", sa.String(24), primary_key=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("state_at", MOMENT, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("customer_id", sa.String(64)),
        sa.Column("loan_id", sa.String(32)),
        sa.Column("product", sa.String(32)),
        sa.Column("session_id", sa.String(32)),
        sa.Column("conversation_id", sa.String(32)),
        sa.Column("sender", sa.String(80), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("language", sa.String(10), nullable=False),
        sa.Column("complainant", sa.String(12), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("demand", sa.Text(), nullable=False, server_default=""),
        sa.Column("l1", sa.String(12), nullable=False),
        sa.Column("l2", sa.String(30), nullable=False),
        sa.Column("urgency", sa.String(2), nullable=False),
        sa.Column("confidence", sa.Float()),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("handler", sa.String(64)),
        sa.Column("accused", sa.JSON(), nullable=False),
        sa.Column("is_accusing", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("escalated", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("clock_from", MOMENT, nullable=False),
        sa.Column("clock", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("contact_by", MOMENT, nullable=False),
        sa.Column("contacted_at", MOMENT),
        sa.Column("contain_by", MOMENT),
        sa.Column("target_by", MOMENT, nullable=False),
        sa.Column("legal_by", sa.Date(), nullable=False),
        sa.Column("legal_days", sa.Integer(), nullable=False),
        sa.Column("told_by", MOMENT, nullable=False),
        sa.Column("paused_at", MOMENT),
        sa.Column("paused_seconds", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("merged_into", sa.String(24)),
        sa.Column("follows", sa.String(24)),
        sa.Column("reopened", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("reviews", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("question", sa.Text()),
        sa.Column("findings", sa.Text(), nullable=False, server_default=""),
        sa.Column("merit", sa.String(12)),
        sa.Column("grounds", sa.Text(), nullable=False, server_default=""),
        sa.Column("proposed_by", sa.String(64)),
        sa.Column("decided_by", sa.String(64)),
        sa.Column("decided_at", MOMENT),
        sa.Column("notified_at", MOMENT),
        sa.Column("letter_id", sa.String(32)),
        sa.Column("review_until", sa.Date()),
        sa.Column("closed_at", MOMENT),
        sa.Column("root_cause", sa.String(20)),
        sa.Column("preventability", sa.String(16)),
        sa.Column("owner", sa.String(40)),
        sa.Column("systemic", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("lesson", sa.Text(), nullable=False, server_default=""),
        sa.Column("resume_on", sa.Date()),
        sa.Column("resume_told_at", MOMENT),
        sa.Column("entered_by", sa.String(64)),
    )
    op.create_index("ix_complaints_accusing", "complaints", ["is_accusing"])
    op.create_index("ix_complaints_board", "complaints", ["state", "told_by", "urgency", "l1", "handler", "ref"])
    op.create_index("ix_complaints_customer", "complaints", ["customer_id", "received_at"])
    op.create_index("ix_complaints_handler", "complaints", ["handler", "state"])
    op.create_index("ix_complaints_merged", "complaints", ["merged_into"])
    op.create_index("ix_complaints_received", "complaints", ["received_at"])
    op.create_index("ix_complaints_sender", "complaints", ["sender", "received_at"])
    op.create_index("ix_complaints_session", "complaints", ["session_id"])
    op.create_table(
        "complaint_contacts",
        sa.Column("contact_id", sa.String(32), primary_key=True),
        sa.Column("ref", sa.String(24), sa.ForeignKey("complaints.ref"), nullable=False),
        sa.Column("first_ref", sa.String(24), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("sender", sa.String(80), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("customer_id", sa.String(64)),
        sa.Column("session_id", sa.String(32)),
        sa.Column("staff_id", sa.String(64)),
        sa.Column("message_id", sa.String(32)),
        sa.Column("likeness", sa.Float()),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("ix_complaint_contacts_ref", "complaint_contacts", ["ref", "at"])
    op.create_index("ix_complaint_contacts_sender", "complaint_contacts", ["sender", "at"])
    op.create_table(
        "complaint_events",
        sa.Column("event_id", sa.String(32), primary_key=True),
        sa.Column("ref", sa.String(24), sa.ForeignKey("complaints.ref"), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("from_state", sa.String(20), nullable=False),
        sa.Column("to_state", sa.String(20), nullable=False),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("role", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(400), nullable=False, server_default=""),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.UniqueConstraint("ref", "seq"),
    )
    op.create_table(
        "complaint_readings",
        sa.Column("reading_id", sa.String(32), primary_key=True),
        sa.Column("ref", sa.String(24), sa.ForeignKey("complaints.ref"), nullable=False),
        sa.Column("contact_id", sa.String(32)),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("l1", sa.String(12), nullable=False),
        sa.Column("l2", sa.String(30), nullable=False),
        sa.Column("urgency", sa.String(2), nullable=False),
        sa.Column("confidence", sa.Float()),
        sa.Column("why", sa.JSON(), nullable=False),
        sa.Column("flags", sa.JSON(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("ix_complaint_readings_ref", "complaint_readings", ["ref", "at"])
    op.create_table(
        "complaint_people",
        sa.Column("ref", sa.String(24), sa.ForeignKey("complaints.ref"), primary_key=True),
        sa.Column("name", sa.String(80), nullable=False, server_default=""),
        sa.Column("phone", sa.String(40), nullable=False, server_default=""),
        sa.Column("email", sa.String(120), nullable=False, server_default=""),
    )
    op.create_table(
        "complaint_evidence",
        sa.Column("evidence_id", sa.String(32), primary_key=True),
        sa.Column("ref", sa.String(24), sa.ForeignKey("complaints.ref"), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("pointer", sa.String(120), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("added_by", sa.String(80), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("ix_complaint_evidence_ref", "complaint_evidence", ["ref"])
    op.create_table(
        "complaint_remedies",
        sa.Column("remedy_id", sa.String(32), primary_key=True),
        sa.Column("ref", sa.String(24), sa.ForeignKey("complaints.ref"), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("loan_id", sa.String(32)),
        sa.Column("cents", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("source", sa.String(10)),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("status", sa.String(14), nullable=False),
        sa.Column("needs", sa.String(12), nullable=False),
        sa.Column("proposed_by", sa.String(64), nullable=False),
        sa.Column("approved_by", sa.JSON(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("executed_at", MOMENT),
        sa.Column("facts", sa.JSON(), nullable=False),
    )
    op.create_index("ix_complaint_remedies_ref", "complaint_remedies", ["ref"])
    op.create_table(
        "payment_instructions",
        sa.Column("instruction_id", sa.String(32), primary_key=True),
        sa.Column("remedy_id", sa.String(32), nullable=False, unique=True),
        sa.Column("ref", sa.String(24), nullable=False),
        sa.Column("customer_id", sa.String(64), nullable=False),
        sa.Column("loan_id", sa.String(32), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_table(
        "complaint_letters",
        sa.Column("letter_id", sa.String(32), primary_key=True),
        sa.Column("ref", sa.String(24), sa.ForeignKey("complaints.ref"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(10), nullable=False),
        sa.Column("contents", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("lint", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.UniqueConstraint("ref", "version"),
    )
    op.create_table(
        "complaint_actions",
        sa.Column("action_id", sa.String(32), primary_key=True),
        sa.Column("ref", sa.String(24), sa.ForeignKey("complaints.ref"), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("owner", sa.String(40), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("made_by", sa.String(64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("done_at", MOMENT),
        sa.Column("done_by", sa.String(64)),
        sa.Column("effective", sa.Boolean()),
        sa.Column("verified_by", sa.String(64)),
        sa.Column("verified_at", MOMENT),
        sa.Column("told_at", MOMENT),
    )
    op.create_index("ix_complaint_actions_due", "complaint_actions", ["done_at", "due_on"])
    op.create_index("ix_complaint_actions_ref", "complaint_actions", ["ref"])
    op.create_table(
        "complaint_links",
        sa.Column("link_id", sa.String(32), primary_key=True),
        sa.Column("ref", sa.String(24), sa.ForeignKey("complaints.ref"), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("revoked_at", MOMENT),
    )
    op.create_index("ix_complaint_links_ref", "complaint_links", ["ref"])
    op.create_table(
        "complaint_codes",
        sa.Column("ref", sa.String(24), sa.ForeignKey("complaints.ref"), primary_key=True),
        sa.Column("code", sa.String(64)),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("tries", sa.Integer(), nullable=False, server_default="0"),
    )
    op.create_table(
        "complaint_surveys",
        sa.Column("ref", sa.String(24), sa.ForeignKey("complaints.ref"), primary_key=True),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("score", sa.Integer()),
        sa.Column("solved", sa.Boolean()),
        sa.Column("comment", sa.Text()),
        sa.Column("answered_at", MOMENT),
    )
    for statement in statements(op.get_bind().dialect.name, APPEND_ONLY):
        op.execute(statement)


def downgrade() -> None:
    for table in (
        "complaint_surveys",
        "complaint_codes",
        "complaint_links",
        "complaint_actions",
        "complaint_letters",
        "payment_instructions",
        "complaint_remedies",
        "complaint_evidence",
        "complaint_people",
        "complaint_readings",
        "complaint_events",
        "complaint_contacts",
        "complaints",
    ):
        op.drop_table(table)
