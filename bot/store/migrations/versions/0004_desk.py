"""The desk: who owns a conversation (epoch, agent), staff with logins, and the tables of `bot.store.desk_schema`.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.store.append_only import statements

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
APPEND_ONLY = ("access_log",)
COLUMNS = {
    "conversations": ("epoch", "agent"),
    "messages": ("staff_id", "epoch"),
    "staff": ("name", "password", "totp", "totp_used", "skills", "languages", "capacity", "failures", "locked_until"),
}


def upgrade() -> None:
    op.add_column("conversations", sa.Column("epoch", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("conversations", sa.Column("agent", sa.String(64)))
    op.add_column("messages", sa.Column("staff_id", sa.String(64)))
    op.add_column("messages", sa.Column("epoch", sa.Integer()))
    op.add_column("staff", sa.Column("name", sa.String(80), nullable=False, server_default=""))
    op.add_column("staff", sa.Column("password", sa.String(200)))
    op.add_column("staff", sa.Column("totp", sa.String(64)))
    op.add_column("staff", sa.Column("totp_used", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("staff", sa.Column("skills", sa.JSON()))
    op.add_column("staff", sa.Column("languages", sa.JSON()))
    op.add_column("staff", sa.Column("capacity", sa.Integer()))
    op.add_column("staff", sa.Column("failures", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("staff", sa.Column("locked_until", MOMENT))
    op.create_index("ux_messages_staff", "messages", ["conversation_id", "staff_id", "client_msg_id"], unique=True)
    op.create_table(
        "desk_sessions",
        sa.Column("session", sa.String(64), primary_key=True),
        sa.Column("staff_id", sa.String(64), nullable=False),
        sa.Column("csrf", sa.String(64), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("active_at", MOMENT, nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_index("ix_desk_sessions_staff", "desk_sessions", ["staff_id"])
    op.create_table(
        "presence",
        sa.Column("staff_id", sa.String(64), primary_key=True),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.Column("served_at", MOMENT),
    )
    op.create_table(
        "handovers",
        sa.Column("ref", sa.String(24), primary_key=True),
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.Column("customer_id", sa.String(64)),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("language", sa.String(10), nullable=False),
        sa.Column("product", sa.String(32)),
        sa.Column("reason", sa.String(20), nullable=False),
        sa.Column("queue", sa.String(20), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("wanted", sa.String(64)),
        sa.Column("agent", sa.String(64)),
        sa.Column("position", sa.Integer()),
        sa.Column("queued_at", MOMENT, nullable=False),
        sa.Column("assigned_at", MOMENT),
        sa.Column("taken_at", MOMENT),
        sa.Column("first_reply_at", MOMENT),
        sa.Column("closed_at", MOMENT),
        sa.Column("times_lost", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("topic", sa.String(40)),
        sa.Column("outcome", sa.String(20)),
        sa.Column("summary", sa.Text()),
        sa.Column("follow_up", sa.Date()),
    )
    op.create_index("ix_handovers_agent", "handovers", ["agent", "status"])
    op.create_index("ix_handovers_conversation", "handovers", ["conversation_id", "queued_at"])
    op.create_index("ix_handovers_customer", "handovers", ["customer_id", "closed_at"])
    op.create_index("ix_handovers_status", "handovers", ["status", "queue", "queued_at"])
    op.create_table(
        "callbacks",
        sa.Column("callback_id", sa.String(32), primary_key=True),
        sa.Column("ref", sa.String(24), nullable=False),
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("customer_id", sa.String(64)),
        sa.Column("queue", sa.String(20), nullable=False),
        sa.Column("from_at", MOMENT, nullable=False),
        sa.Column("until_at", MOMENT, nullable=False),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("agent", sa.String(64)),
        sa.Column("outcome", sa.String(20)),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
    )
    op.create_index("ix_callbacks_due", "callbacks", ["status", "from_at"])
    op.create_index("ix_callbacks_ref", "callbacks", ["ref"])
    op.create_table(
        "desk_notes",
        sa.Column("note_id", sa.String(32), primary_key=True),
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("staff_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("mentions", sa.JSON(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("ix_desk_notes_conversation", "desk_notes", ["conversation_id", "at"])
    op.create_table(
        "desk_drafts",
        sa.Column("staff_id", sa.String(64), primary_key=True),
        sa.Column("conversation_id", sa.String(32), primary_key=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
    )
    op.create_table(
        "interactions",
        sa.Column("interaction_id", sa.String(32), primary_key=True),
        sa.Column("customer_id", sa.String(64), nullable=False),
        sa.Column("conversation_id", sa.String(32)),
        sa.Column("staff_id", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("direction", sa.String(4), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("ix_interactions_customer", "interactions", ["customer_id", "at"])
    op.create_table(
        "surveys",
        sa.Column("ref", sa.String(24), primary_key=True),
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("customer_id", sa.String(64)),
        sa.Column("agent", sa.String(64), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("timeliness", sa.Integer()),
        sa.Column("convenience", sa.Integer()),
        sa.Column("competence", sa.Integer()),
        sa.Column("comment", sa.Text()),
        sa.Column("answered_at", MOMENT),
    )
    op.create_index("ix_surveys_conversation", "surveys", ["conversation_id", "asked_at"])
    op.create_table(
        "corrections",
        sa.Column("correction_id", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("message_id", sa.String(32), nullable=False),
        sa.Column("intent", sa.String(60)),
        sa.Column("response", sa.String(80), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("answered", sa.Text(), nullable=False),
        sa.Column("better", sa.Text()),
        sa.Column("staff_id", sa.String(64), nullable=False),
        sa.Column("status", sa.String(10), nullable=False, server_default="new"),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("ix_corrections_status", "corrections", ["status", "at"])
    op.create_table(
        "access_log",
        sa.Column("access_id", sa.String(32), primary_key=True),
        sa.Column("staff_id", sa.String(64), nullable=False),
        sa.Column("role", sa.String(12), nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("customer_id", sa.String(64)),
        sa.Column("conversation_id", sa.String(32)),
        sa.Column("purpose", sa.String(120), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("ix_access_log_customer", "access_log", ["customer_id", "at"])
    op.create_index("ix_access_log_staff", "access_log", ["staff_id", "at"])
    op.create_table(
        "customer_managers",
        sa.Column("customer_id", sa.String(64), primary_key=True),
        sa.Column("staff_id", sa.String(64), nullable=False),
    )
    for statement in statements(op.get_bind().dialect.name, APPEND_ONLY):
        op.execute(statement)


def downgrade() -> None:
    for table in (
        "customer_managers",
        "access_log",
        "corrections",
        "surveys",
        "interactions",
        "desk_drafts",
        "desk_notes",
        "callbacks",
        "handovers",
        "presence",
        "desk_sessions",
    ):
        op.drop_table(table)
    op.drop_index("ux_messages_staff", "messages")
    for table, names in COLUMNS.items():
        for name in names:
            op.drop_column(table, name)
