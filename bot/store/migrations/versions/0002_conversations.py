"""Conversation tables: sessions, messages, inbox, outbox, events (immutable), requests, logins.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "conversations",
        sa.Column("conversation_id", sa.String(32), primary_key=True),
        sa.Column("customer_id", sa.String(64), unique=True),
        sa.Column("owner", sa.String(10), nullable=False, server_default="bot"),
        sa.Column("last_seq", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("version", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("memory", sa.JSON()),
        sa.Column("memory_level", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("language", sa.String(10), nullable=False, server_default="zh-Hans"),
        sa.Column("merged_into", sa.String(32)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "channel_sessions",
        sa.Column("session_id", sa.String(32), primary_key=True),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("channel_user", sa.String(255), nullable=False),
        sa.Column("conversation_id", sa.String(32), sa.ForeignKey("conversations.conversation_id"), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("customer_id", sa.String(64)),
        sa.Column("active_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("login", sa.JSON()),
        sa.Column("after_login", sa.JSON()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("channel", "channel_user"),
    )
    op.create_index("ix_channel_sessions_conversation", "channel_sessions", ["conversation_id"])
    op.create_table(
        "messages",
        sa.Column("message_id", sa.String(32), primary_key=True),
        sa.Column("conversation_id", sa.String(32), sa.ForeignKey("conversations.conversation_id"), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.String(32)),
        sa.Column("sender", sa.String(10), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("buttons", sa.JSON()),
        sa.Column("card", sa.JSON()),
        sa.Column("response", sa.String(80), nullable=False, server_default=""),
        sa.Column("client_msg_id", sa.String(128)),
        sa.Column("in_reply_to", sa.String(32)),
        sa.Column("shadow", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("conversation_id", "seq"),
    )
    op.create_index("ix_messages_in_reply_to", "messages", ["in_reply_to"])
    op.create_index("ix_messages_session", "messages", ["session_id"])
    op.create_table(
        "inbox",
        sa.Column("inbound_id", sa.String(32), primary_key=True),
        sa.Column("session_id", sa.String(32), sa.ForeignKey("channel_sessions.session_id"), nullable=False),
        sa.Column("conversation_id", sa.String(32), sa.ForeignKey("conversations.conversation_id"), nullable=False),
        sa.Column("client_msg_id", sa.String(128), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("text", sa.Text()),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("edge", sa.JSON()),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("session_id", "client_msg_id"),
    )
    op.create_index("ix_inbox_pending", "inbox", ["pending", "conversation_id", "seq"])
    op.create_table(
        "outbox",
        sa.Column("message_id", sa.String(32), sa.ForeignKey("messages.message_id"), primary_key=True),
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True)),
    )
    op.create_table(
        "events",
        sa.Column("event_id", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("conversation_id", sa.String(32)),
        sa.Column("session_id", sa.String(32)),
        sa.Column("channel", sa.String(20)),
        sa.Column("turn_id", sa.String(32)),
        sa.Column("actor", sa.String(12), nullable=False),
        sa.Column("intent", sa.String(60)),
        sa.Column("model_id", sa.String(120)),
        sa.Column("policy_version", sa.String(40)),
        sa.Column("received_at", sa.DateTime(timezone=True)),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
    )
    op.create_index("ix_events_conversation", "events", ["conversation_id", "at"])
    op.create_index("ix_events_kind", "events", ["kind", "at"])
    op.create_table(
        "requests",
        sa.Column("ref", sa.String(24), primary_key=True),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("customer_id", sa.String(64)),
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.Column("conversation_id", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(20), nullable=False),
        sa.Column("status", sa.String(20), nullable=False, server_default="open"),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_requests_customer", "requests", ["customer_id", "recorded_at"])
    op.create_index("ix_requests_session", "requests", ["session_id"])
    op.create_table(
        "request_notes",
        sa.Column("note_id", sa.String(32), primary_key=True),
        sa.Column("ref", sa.String(24), sa.ForeignKey("requests.ref"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_request_notes_ref", "request_notes", ["ref"])
    op.create_table(
        "contact_preferences",
        sa.Column("subject", sa.String(80), primary_key=True),
        sa.Column("contact_stopped_at", sa.DateTime(timezone=True)),
        sa.Column("collection_paused_at", sa.DateTime(timezone=True)),
        sa.Column("pause_reason", sa.String(60)),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "notifications",
        sa.Column("notification_id", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("recipient", sa.String(255), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("erase_at", sa.DateTime(timezone=True)),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
    )
    op.create_index("ix_notifications_recipient", "notifications", ["recipient", "created_at"])
    op.create_table(
        "identity_tokens",
        sa.Column("jti", sa.String(64), primary_key=True),
        sa.Column("session_id", sa.String(32), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("first_used_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "login_phones",
        sa.Column("phone", sa.String(64), primary_key=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_try_at", sa.DateTime(timezone=True)),
        sa.Column("locked_until", sa.DateTime(timezone=True)),
        sa.Column("codes", sa.Integer(), nullable=False),
        sa.Column("codes_since", sa.DateTime(timezone=True)),
        sa.Column("last_code_at", sa.DateTime(timezone=True)),
    )
    op.create_table(
        "login_codes",
        sa.Column("session_id", sa.String(32), primary_key=True),
        sa.Column("phone", sa.String(64), nullable=False),
        sa.Column("code", sa.String(64)),
        sa.Column("customer_id", sa.String(64)),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("void", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_index("ix_login_codes_phone", "login_codes", ["phone"])
    op.create_table(
        "store_probe",
        sa.Column("probe_id", sa.Integer(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    _make_events_immutable()


def _make_events_immutable() -> None:
    """The database itself refuses to change or delete an event."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER events_no_{verb.lower()} BEFORE {verb} ON events "
                "BEGIN SELECT RAISE(ABORT, 'events are immutable'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION events_are_immutable() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'events are immutable'; END $$"
    )
    op.execute(
        "CREATE TRIGGER events_immutable BEFORE UPDATE OR DELETE ON events "
        "FOR EACH ROW EXECUTE FUNCTION events_are_immutable()"
    )


def downgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP TRIGGER events_immutable ON events")
        op.execute("DROP FUNCTION events_are_immutable()")
    for table in (
        "store_probe",
        "login_codes",
        "login_phones",
        "identity_tokens",
        "notifications",
        "contact_preferences",
        "request_notes",
        "requests",
        "events",
        "outbox",
        "inbox",
        "messages",
        "channel_sessions",
        "conversations",
    ):
        op.drop_table(table)
