"""Tables of the desk: staff and their logins, handovers, callbacks, notes, drafts, surveys, corrections, the access log.

A handover is one stay of a conversation with people, from the moment a borrower waits until it is closed; its number is
that of the request (RG-…). `queued_at` is its place in the queue and never moves. Personal: `desk_notes.text`,
`desk_drafts.text`, `interactions.note`, `surveys.comment`, `handovers.summary`. `corrections` hold masked words.
"""

from __future__ import annotations

import sqlalchemy as sa

from bot.store.instant import Instant
from bot.store.schema import metadata

staff = sa.Table(
    "staff",
    metadata,
    sa.Column("staff_id", sa.String(64), primary_key=True),
    sa.Column("role", sa.String(12), nullable=False),  # see bot.services.staff.ROLES
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("name", sa.String(80), nullable=False, server_default=""),  # what borrowers and colleagues read
    sa.Column("password", sa.String(200)),  # argon2; null: no login by password
    sa.Column("totp", sa.String(64)),  # the shared secret of the second factor
    sa.Column("totp_used", sa.BigInteger, nullable=False, server_default="0"),  # time step of the last code: each once
    sa.Column("skills", sa.JSON),
    sa.Column("languages", sa.JSON),
    sa.Column("capacity", sa.Integer),  # conversations at once; null: the policy's
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
    sa.Column("locked_until", Instant),
)

desk_sessions = sa.Table(
    "desk_sessions",
    metadata,
    sa.Column("session", sa.String(64), primary_key=True),  # hash of the cookie
    sa.Column("staff_id", sa.String(64), nullable=False),
    sa.Column("csrf", sa.String(64), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("active_at", Instant, nullable=False),
    sa.Column("ended", sa.Boolean, nullable=False, server_default=sa.false()),
)
sa.Index("ix_desk_sessions_staff", desk_sessions.c.staff_id)

presence = sa.Table(
    "presence",
    metadata,
    sa.Column("staff_id", sa.String(64), primary_key=True),
    sa.Column("status", sa.String(10), nullable=False),  # online | busy | away | offline
    sa.Column("seen_at", Instant, nullable=False),  # last sign of life, real time
    sa.Column("served_at", Instant),  # when a conversation was last given to them
)

handovers = sa.Table(
    "handovers",
    metadata,
    sa.Column("ref", sa.String(24), primary_key=True),  # RG-20261123-0001
    sa.Column("conversation_id", sa.String(32), nullable=False),
    sa.Column("session_id", sa.String(32), nullable=False),  # that asked
    sa.Column("customer_id", sa.String(64)),
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("language", sa.String(10), nullable=False),
    sa.Column("product", sa.String(32)),
    sa.Column("reason", sa.String(20), nullable=False),
    sa.Column("queue", sa.String(20), nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("status", sa.String(10), nullable=False),  # waiting | assigned | callback | message | left | closed
    sa.Column("wanted", sa.String(64)),  # this member of staff first
    sa.Column("agent", sa.String(64)),
    sa.Column("position", sa.Integer),  # when it joined; null: it never waited
    sa.Column("queued_at", Instant, nullable=False),
    sa.Column("assigned_at", Instant),  # the first time
    sa.Column("taken_at", Instant),  # the last time
    sa.Column("first_reply_at", Instant),
    sa.Column("closed_at", Instant),
    sa.Column("times_lost", sa.Integer, nullable=False, server_default="0"),  # an agent vanished
    sa.Column("topic", sa.String(40)),
    sa.Column("outcome", sa.String(20)),  # resolved | follow_up | unresolved | no_reply
    sa.Column("summary", sa.Text),
    sa.Column("follow_up", sa.Date),
)
sa.Index("ix_handovers_status", handovers.c.status, handovers.c.queue, handovers.c.queued_at)
sa.Index("ix_handovers_conversation", handovers.c.conversation_id, handovers.c.queued_at)
sa.Index("ix_handovers_agent", handovers.c.agent, handovers.c.status)
sa.Index("ix_handovers_customer", handovers.c.customer_id, handovers.c.closed_at)

callbacks = sa.Table(
    "callbacks",
    metadata,
    sa.Column("callback_id", sa.String(32), primary_key=True),
    sa.Column("ref", sa.String(24), nullable=False),  # of the handover
    sa.Column("conversation_id", sa.String(32), nullable=False),
    sa.Column("customer_id", sa.String(64)),
    sa.Column("queue", sa.String(20), nullable=False),
    sa.Column("from_at", Instant, nullable=False),
    sa.Column("until_at", Instant, nullable=False),
    sa.Column("status", sa.String(10), nullable=False),  # due | done | missed | escalated | cancelled
    sa.Column("attempt", sa.Integer, nullable=False, server_default="1"),
    sa.Column("agent", sa.String(64)),
    sa.Column("outcome", sa.String(20)),  # reached | no_answer | wrong_number
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
)
sa.Index("ix_callbacks_due", callbacks.c.status, callbacks.c.from_at)
sa.Index("ix_callbacks_ref", callbacks.c.ref)

desk_notes = sa.Table(
    "desk_notes",
    metadata,
    sa.Column("note_id", sa.String(32), primary_key=True),
    sa.Column("conversation_id", sa.String(32), nullable=False),
    sa.Column("staff_id", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(10), nullable=False),  # note | whisper | transfer
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("mentions", sa.JSON, nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),  # of the conversation's last message when it was written
    sa.Column("at", Instant, nullable=False),
)
sa.Index("ix_desk_notes_conversation", desk_notes.c.conversation_id, desk_notes.c.at)

desk_drafts = sa.Table(
    "desk_drafts",
    metadata,
    sa.Column("staff_id", sa.String(64), primary_key=True),
    sa.Column("conversation_id", sa.String(32), primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
)

interactions = sa.Table(
    "interactions",
    metadata,
    sa.Column("interaction_id", sa.String(32), primary_key=True),
    sa.Column("customer_id", sa.String(64), nullable=False),
    sa.Column("conversation_id", sa.String(32)),
    sa.Column("staff_id", sa.String(64), nullable=False),
    sa.Column("channel", sa.String(20), nullable=False),  # phone | branch | letter
    sa.Column("direction", sa.String(4), nullable=False),  # in | out
    sa.Column("outcome", sa.String(20), nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
)
sa.Index("ix_interactions_customer", interactions.c.customer_id, interactions.c.at)

surveys = sa.Table(
    "surveys",
    metadata,
    sa.Column("ref", sa.String(24), primary_key=True),  # of the handover: one answer for each
    sa.Column("conversation_id", sa.String(32), nullable=False),
    sa.Column("customer_id", sa.String(64)),
    sa.Column("agent", sa.String(64), nullable=False),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("timeliness", sa.Integer),
    sa.Column("convenience", sa.Integer),
    sa.Column("competence", sa.Integer),
    sa.Column("comment", sa.Text),
    sa.Column("answered_at", Instant),
)
sa.Index("ix_surveys_conversation", surveys.c.conversation_id, surveys.c.asked_at)

corrections = sa.Table(
    "corrections",
    metadata,
    sa.Column("correction_id", sa.String(32), primary_key=True),
    sa.Column("kind", sa.String(12), nullable=False),  # corrected | not_right
    sa.Column("message_id", sa.String(32), nullable=False),
    sa.Column("intent", sa.String(60)),
    sa.Column("response", sa.String(80), nullable=False),
    sa.Column("asked", sa.Text, nullable=False),  # the borrower's words, masked
    sa.Column("answered", sa.Text, nullable=False),  # the bot's, masked
    sa.Column("better", sa.Text),  # the agent's, masked
    sa.Column("staff_id", sa.String(64), nullable=False),
    sa.Column("status", sa.String(10), nullable=False, server_default="new"),
    sa.Column("at", Instant, nullable=False),
)
sa.Index("ix_corrections_status", corrections.c.status, corrections.c.at)

access_log = sa.Table(
    "access_log",
    metadata,
    sa.Column("access_id", sa.String(32), primary_key=True),
    sa.Column("staff_id", sa.String(64), nullable=False),
    sa.Column("role", sa.String(12), nullable=False),
    sa.Column("what", sa.String(40), nullable=False),  # view_conversation, reveal_phone, send, …
    sa.Column("customer_id", sa.String(64)),
    sa.Column("conversation_id", sa.String(32)),
    sa.Column("purpose", sa.String(120), nullable=False),
    sa.Column("at", Instant, nullable=False),
)
sa.Index("ix_access_log_customer", access_log.c.customer_id, access_log.c.at)
sa.Index("ix_access_log_staff", access_log.c.staff_id, access_log.c.at)

customer_managers = sa.Table(
    "customer_managers",
    metadata,
    sa.Column("customer_id", sa.String(64), primary_key=True),
    sa.Column("staff_id", sa.String(64), nullable=False),
)

APPEND_ONLY = ("access_log",)
