"""Tables of the platforms: receipts, attachments, links of accounts, preferences, tokens, cursors, imported posts.

How far a reply got on a platform is in `outbox` (`bot.store.conversation_schema`). Personal: `attachments.name`,
`social_posts.text` (redacted), `service_preferences`. Tokens are sealed with a key that is not in the database.
"""

from __future__ import annotations

import sqlalchemy as sa

from bot.store.instant import Instant
from bot.store.schema import metadata

receipts = sa.Table(
    "receipts",
    metadata,
    sa.Column("channel", sa.String(20), primary_key=True),
    sa.Column("provider_id", sa.String(128), primary_key=True),
    sa.Column("message_id", sa.String(32), nullable=False),
    sa.Column("part", sa.Integer, nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("at", Instant, nullable=False),
)
sa.Index("ix_receipts_message", receipts.c.message_id)

attachments = sa.Table(
    "attachments",
    metadata,
    sa.Column("attachment_id", sa.String(32), primary_key=True),
    sa.Column("inbound_id", sa.String(32), nullable=False),  # of what a colleague sent: the message
    sa.Column("session_id", sa.String(32), nullable=False),
    sa.Column("channel", sa.String(20), nullable=False),  # "desk": a colleague sent it
    sa.Column("kind", sa.String(12), nullable=False),
    sa.Column("ref", sa.Text, nullable=False),  # the platform's id or address of it
    sa.Column("name", sa.String(255), nullable=False, server_default=""),
    sa.Column("content_type", sa.String(80), nullable=False, server_default=""),
    sa.Column("size", sa.Integer),
    sa.Column("sha256", sa.String(64)),
    sa.Column("state", sa.String(10), nullable=False, server_default="waiting"),  # waiting | kept | refused | gone
    sa.Column("reason", sa.String(40)),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_at", Instant),
    sa.Column("created_at", Instant, nullable=False),
)
sa.Index("ix_attachments_inbound", attachments.c.inbound_id)
sa.Index("ix_attachments_state", attachments.c.state, attachments.c.next_at)

channel_links = sa.Table(
    "channel_links",
    metadata,
    sa.Column("link_id", sa.String(32), primary_key=True),
    sa.Column("session_id", sa.String(32), nullable=False),
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("customer_id", sa.String(64), nullable=False),
    sa.Column("proof", sa.String(10), nullable=False),  # token | code | agent
    sa.Column("staff_id", sa.String(64)),
    sa.Column("reason", sa.Text),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    sa.Column("ended_by", sa.String(64)),  # borrower | a member of staff
    sa.Column("end_reason", sa.Text),
    sa.Column("moved_out", sa.Integer),  # messages that went back with a link made by mistake
)
sa.Index("ix_channel_links_session", channel_links.c.session_id)
sa.Index("ix_channel_links_customer", channel_links.c.customer_id)

service_preferences = sa.Table(
    "service_preferences",
    metadata,
    sa.Column("subject", sa.String(80), primary_key=True),  # "customer:C1001", or "session:…" until it proves who it is
    sa.Column("channel", sa.String(20)),  # where messages that nobody asked for go first
    sa.Column("quiet_from", sa.String(5)),  # HH:MM in the lender's zone
    sa.Column("quiet_until", sa.String(5)),
    sa.Column("language", sa.String(10)),
    sa.Column("large_type", sa.Boolean),
    sa.Column("elsewhere", sa.JSON),  # channels to which documents and codes may go, by the borrower's consent
    sa.Column("updated_at", Instant, nullable=False),
)

channel_tokens = sa.Table(
    "channel_tokens",
    metadata,
    sa.Column("name", sa.String(120), primary_key=True),
    sa.Column("sealed", sa.Text),
    sa.Column("mark", sa.String(64)),  # hash of the token, to tell an old one from its successor
    sa.Column("fresh_until", Instant),
    sa.Column("ends_at", Instant),
    sa.Column("leased_until", Instant),
    sa.Column("holder", sa.String(32)),
)

channel_cursors = sa.Table(
    "channel_cursors",
    metadata,
    sa.Column("name", sa.String(120), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
)

social_posts = sa.Table(
    "social_posts",
    metadata,
    sa.Column("post_id", sa.String(32), primary_key=True),
    sa.Column("source", sa.String(40), nullable=False),
    sa.Column("external_id", sa.String(128), nullable=False),
    sa.Column("author", sa.String(64), nullable=False),  # keyed hash
    sa.Column("text", sa.Text, nullable=False),  # redacted
    sa.Column("intent", sa.String(60)),
    sa.Column("confidence", sa.Float),
    sa.Column("batch", sa.String(64), nullable=False),
    sa.Column("posted_at", Instant),
    sa.Column("imported_at", Instant, nullable=False),
    sa.UniqueConstraint("source", "external_id"),
)
