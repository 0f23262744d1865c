"""Repayment help: what an arrangement carried over into a plan's lines, and the tables of `bot.store.help_schema`.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.append_only import statements

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
CARRIED = ("carried_fee", "carried_penalty", "carried_compound", "carried_interest")
APPEND_ONLY = ("case_decisions", "arrangement_papers", "contact_denials")


def upgrade() -> None:
    for name in CARRIED:
        op.add_column("instalments", sa.Column(name, sa.BigInteger(), nullable=False, server_default="0"))
    op.create_table(
        "intakes",
        sa.Column("customer_id", sa.String(64), primary_key=True),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
    )
    op.create_table(
        "arrangements",
        sa.Column("ref", sa.String(24), primary_key=True),
        sa.Column("customer_id", sa.String(64), nullable=False),
        sa.Column("loan_id", sa.String(32), nullable=False),
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("wish", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("authority", sa.String(12), nullable=False),
        sa.Column("policy_version", sa.String(80), nullable=False),
        sa.Column("drawn_on", sa.Date(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("file", sa.JSON()),
        sa.Column("counter_to", sa.String(24)),
        sa.Column("answer_by", MOMENT),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("disclosed_at", MOMENT),
        sa.Column("disclosed_in", sa.String(32)),
        sa.Column("disclosure_hash", sa.String(64)),
        sa.Column("consented_at", MOMENT),
        sa.Column("code", sa.String(64)),
        sa.Column("code_session", sa.String(32)),
        sa.Column("code_expires_at", MOMENT),
        sa.Column("signed_at", MOMENT),
        sa.Column("in_force_on", sa.Date()),
        sa.Column("withdraw_until", sa.Date()),
        sa.Column("first_seq", sa.Integer()),
        sa.Column("plan_version", sa.Integer()),
        sa.Column("ended_at", MOMENT),
        sa.Column("end_reason", sa.String(60)),
    )
    op.create_table(
        "arrangement_papers",
        sa.Column("ref", sa.String(24), sa.ForeignKey("arrangements.ref"), primary_key=True),
        sa.Column("version", sa.String(64), primary_key=True),
        sa.Column("contents", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(10), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_table(
        "case_decisions",
        sa.Column("decision_id", sa.String(32), primary_key=True),
        sa.Column("ref", sa.String(24), sa.ForeignKey("arrangements.ref"), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("role", sa.String(12), nullable=False),
        sa.Column("decision", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("policy_version", sa.String(80), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_table(
        "promises",
        sa.Column("ref", sa.String(24), primary_key=True),
        sa.Column("customer_id", sa.String(64), nullable=False),
        sa.Column("loan_id", sa.String(32), nullable=False),
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("by_day", sa.Date(), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("paid_cents", sa.BigInteger(), nullable=False, server_default="0"),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
    )
    op.create_table(
        "documents",
        sa.Column("document_id", sa.String(32), primary_key=True),
        sa.Column("ref", sa.String(24), nullable=False),
        sa.Column("customer_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_table(
        "staff",
        sa.Column("staff_id", sa.String(64), primary_key=True),
        sa.Column("role", sa.String(12), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "contact_denials",
        sa.Column("denial_id", sa.String(32), primary_key=True),
        sa.Column("customer_id", sa.String(64), nullable=False),
        sa.Column("type", sa.String(30), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_table(
        "jobs",
        sa.Column("job_id", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("key", sa.String(120), nullable=False, unique=True),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("leased_until", MOMENT),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("done_at", MOMENT),
        sa.Column("outcome", sa.String(80)),
    )
    op.create_index("ix_arrangements_loan", "arrangements", ["loan_id", "status"])
    op.create_index("ix_arrangements_customer", "arrangements", ["customer_id", "made_at"])
    op.create_index("ix_arrangements_status", "arrangements", ["status", "answer_by"])
    op.create_index("ix_case_decisions_ref", "case_decisions", ["ref"])
    op.create_index("ix_promises_loan", "promises", ["loan_id", "status"])
    op.create_index("ix_promises_customer", "promises", ["customer_id", "made_at"])
    op.create_index("ix_documents_ref", "documents", ["ref"])
    op.create_index("ix_jobs_due", "jobs", ["done_at", "due_at"])
    for statement in statements(op.get_bind().dialect.name, APPEND_ONLY):
        op.execute(statement)


def downgrade() -> None:
    for table in (
        "jobs",
        "contact_denials",
        "staff",
        "documents",
        "promises",
        "case_decisions",
        "arrangement_papers",
        "arrangements",
        "intakes",
    ):
        op.drop_table(table)
    for name in CARRIED:
        op.drop_column("instalments", name)
