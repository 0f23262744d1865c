"""Platforms: how far a reply got, receipts, attachments, links, preferences, tokens, cursors, imported posts.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
TABLES = (
    "receipts",
    "attachments",
    "channel_links",
    "service_preferences",
    "channel_tokens",
    "channel_cursors",
    "social_posts",
)
COLUMNS = {
    "channel_sessions": ("linked_to", "last_in_at", "sent_since", "stopped_at", "seen_seq"),
    "conversations": ("agent_seen_seq",),
    "outbox": ("state", "progress", "attempts", "next_at", "leased_until", "holder", "reason", "told"),
    "inbox": ("facts",),
}


def upgrade() -> None:
    op.add_column("channel_sessions", sa.Column("linked_to", sa.String(64)))
    op.add_column("channel_sessions", sa.Column("last_in_at", MOMENT))
    op.add_column("channel_sessions", sa.Column("sent_since", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("channel_sessions", sa.Column("stopped_at", MOMENT))
    op.add_column("channel_sessions", sa.Column("seen_seq", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("conversations", sa.Column("agent_seen_seq", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("outbox", sa.Column("state", sa.String(10), nullable=False, server_default="queued"))
    op.add_column("outbox", sa.Column("progress", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("outbox", sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("outbox", sa.Column("next_at", MOMENT))
    op.add_column("outbox", sa.Column("leased_until", MOMENT))
    op.add_column("outbox", sa.Column("holder", sa.String(32)))
    op.add_column("outbox", sa.Column("reason", sa.String(40)))
    op.add_column("outbox", sa.Column("told", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_outbox_state", "outbox", ["channel", "state", "created_at"])
    op.create_index("ix_outbox_session", "outbox", ["session_id", "state"])
    op.add_column("inbox", sa.Column("facts", sa.JSON()))
    op.create_table(
        "receipts",
        sa.Column("channel", sa.String(20), primary_key=True),
        sa.Column("provider_id", sa.String(128), primary_key=True),
        sa.Column("message_id", sa.String(32), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("ix_receipts_message", "receipts", ["message_id"])
    op.create_table(
        "attachments",
        sa.Column("attachment_id", sa.String(32), primary_key=True),
        sa.Column("inbound_id", sa.String(32), nullable=False),
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("name", sa.String(255), nullable=False, server_default=""),
        sa.Column("content_type", sa.String(80), nullable=False, server_default=""),
        sa.Column("size", sa.Integer()),
        sa.Column("sha256", sa.String(64)),
        sa.Column("state", sa.String(10), nullable=False, server_default="waiting"),
        sa.Column("reason", sa.String(40)),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("next_at", MOMENT),
        sa.Column("created_at", MOMENT, nullable=False),
    )
    op.create_index("ix_attachments_inbound", "attachments", ["inbound_id"])
    op.create_index("ix_attachments_state", "attachments", ["state", "next_at"])
    op.create_table(
        "channel_links",
        sa.Column("link_id", sa.String(32), primary_key=True),
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("customer_id", sa.String(64), nullable=False),
        sa.Column("proof", sa.String(10), nullable=False),
        sa.Column("staff_id", sa.String(64)),
        sa.Column("reason", sa.Text()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.Column("ended_by", sa.String(64)),
        sa.Column("end_reason", sa.Text()),
        sa.Column("moved_out", sa.Integer()),
    )
    op.create_index("ix_channel_links_session", "channel_links", ["session_id"])
    op.create_index("ix_channel_links_customer", "channel_links", ["customer_id"])
    op.create_table(
        "service_preferences",
        sa.Column("subject", sa.String(80), primary_key=True),
        sa.Column("channel", sa.String(20)),
        sa.Column("quiet_from", sa.String(5)),
        sa.Column("quiet_until", sa.String(5)),
        sa.Column("language", sa.String(10)),
        sa.Column("large_type", sa.Boolean()),
        sa.Column("elsewhere", sa.JSON()),
        sa.Column("updated_at", MOMENT, nullable=False),
    )
    op.create_table(
        "channel_tokens",
        sa.Column("name", sa.String(120), primary_key=True),
        sa.Column("sealed", sa.Text()),
        sa.Column("mark", sa.String(64)),
        sa.Column("fresh_until", MOMENT),
        sa.Column("ends_at", MOMENT),
        sa.Column("leased_until", MOMENT),
        sa.Column("holder", sa.String(32)),
    )
    op.create_table(
        "channel_cursors",
        sa.Column("name", sa.String(120), primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
    )
    op.create_table(
        "social_posts",
        sa.Column("post_id", sa.String(32), primary_key=True),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("external_id", sa.String(128), nullable=False),
        sa.Column("author", sa.String(64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("intent", sa.String(60)),
        sa.Column("confidence", sa.Float()),
        sa.Column("batch", sa.String(64), nullable=False),
        sa.Column("posted_at", MOMENT),
        sa.Column("imported_at", MOMENT, nullable=False),
        sa.UniqueConstraint("source", "external_id"),
    )


def downgrade() -> None:
    for name in reversed(TABLES):
        op.drop_table(name)
    op.drop_index("ix_outbox_session", "outbox")
    op.drop_index("ix_outbox_state", "outbox")
    for name, columns in COLUMNS.items():
        with op.batch_alter_table(name) as batch:
            for column in columns:
                batch.drop_column(column)
