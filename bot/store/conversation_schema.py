"""Tables of talk: sessions, conversations, messages, inbox, outbox, events, requests, preferences, logins.

On the same metadata as the loan tables, yet without foreign keys into them: a lender's own core may hold
the customers (`bot.store.protocols`), and then a customer id is only a word here.

What may be personal: `messages.text`, `inbox.text` (until its turn is done), `requests.words`,
`notifications`. Everything else holds ids, counts and times; phones appear as keyed hashes.
"""

from __future__ import annotations

import sqlalchemy as sa

from bot.store.instant import Instant
from bot.store.schema import metadata

conversations = sa.Table(
    "conversations",
    metadata,
    sa.Column("conversation_id", sa.String(32), primary_key=True),
    sa.Column("customer_id", sa.String(64), unique=True),  # one conversation a customer; null while anonymous
    sa.Column("owner", sa.String(10), nullable=False, server_default="bot"),  # bot | waiting | agent
    sa.Column("epoch", sa.Integer, nullable=False, server_default="0"),  # one more with every change of owner
    sa.Column("agent", sa.String(64)),  # who of the staff, while the owner is `agent`
    sa.Column("last_seq", sa.Integer, nullable=False, server_default="0"),
    sa.Column("version", sa.Integer, nullable=False, server_default="0"),  # of the memory; guards against lost turns
    sa.Column("memory", sa.JSON),
    sa.Column("memory_level", sa.Integer, nullable=False, server_default="0"),  # highest level that filled the memory
    sa.Column("language", sa.String(10), nullable=False, server_default="zh-Hans"),
    sa.Column("merged_into", sa.String(32)),
    sa.Column("agent_seen_seq", sa.Integer, nullable=False, server_default="0"),  # shown to the colleague who has it
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
)

channel_sessions = sa.Table(
    "channel_sessions",
    metadata,
    sa.Column("session_id", sa.String(32), primary_key=True),
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("channel_user", sa.String(255), nullable=False),
    sa.Column("conversation_id", sa.String(32), sa.ForeignKey("conversations.conversation_id"), nullable=False),
    sa.Column("level", sa.Integer, nullable=False, server_default="0"),
    sa.Column("customer_id", sa.String(64)),
    sa.Column("active_at", Instant, nullable=False),  # last own message or proof; idle expiry counts from here
    sa.Column("login", sa.JSON),  # the running login: see bot.services.login
    sa.Column("after_login", sa.JSON),  # the understanding to answer once proven
    sa.Column(
        "linked_to", sa.String(64)
    ),  # the customer this account of a platform belongs to: see bot.services.channels.linking
    sa.Column("last_in_at", Instant),  # the borrower's last message: windows and quotas of platforms count from it
    sa.Column("sent_since", sa.Integer, nullable=False, server_default="0"),  # of ours after it
    sa.Column(
        "seen_seq", sa.Integer, nullable=False, server_default="0"
    ),  # what the borrower has had before their eyes
    sa.Column("stopped_at", Instant),  # STOP, 退订, blocked: nothing goes there until they write again
    sa.Column("created_at", Instant, nullable=False),
    sa.UniqueConstraint("channel", "channel_user"),
)
sa.Index("ix_channel_sessions_conversation", channel_sessions.c.conversation_id)

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("message_id", sa.String(32), primary_key=True),
    sa.Column("conversation_id", sa.String(32), sa.ForeignKey("conversations.conversation_id"), nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("session_id", sa.String(32)),  # who said it or asked for it; null: to every session
    sa.Column("sender", sa.String(10), nullable=False),  # borrower | bot | agent | system
    sa.Column("staff_id", sa.String(64)),  # of an agent's message
    sa.Column("epoch", sa.Integer),  # the owner's epoch under which it was composed and sent
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("level", sa.Integer, nullable=False),  # identity level needed to read it
    sa.Column("buttons", sa.JSON),
    sa.Column("card", sa.JSON),
    sa.Column("response", sa.String(80), nullable=False, server_default=""),
    sa.Column("client_msg_id", sa.String(128)),
    sa.Column("in_reply_to", sa.String(32)),  # inbox.inbound_id
    sa.Column("shadow", sa.Boolean, nullable=False, server_default=sa.false()),  # a placeholder after logout
    sa.Column("at", Instant, nullable=False),
    sa.UniqueConstraint("conversation_id", "seq"),
)
sa.Index("ix_messages_in_reply_to", messages.c.in_reply_to)
sa.Index("ix_messages_session", messages.c.session_id)
sa.Index("ux_messages_staff", messages.c.conversation_id, messages.c.staff_id, messages.c.client_msg_id, unique=True)

inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("inbound_id", sa.String(32), primary_key=True),
    sa.Column("session_id", sa.String(32), sa.ForeignKey("channel_sessions.session_id"), nullable=False),
    sa.Column("conversation_id", sa.String(32), sa.ForeignKey("conversations.conversation_id"), nullable=False),
    sa.Column("client_msg_id", sa.String(128), nullable=False),
    sa.Column("fingerprint", sa.String(64), nullable=False),  # keyed hash of the text: same id, same words?
    sa.Column("text", sa.Text),  # as sent (codes excepted); null once done
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("edge", sa.JSON),  # decided when accepted: {"outcome", "variables"}
    sa.Column("facts", sa.JSON),  # of the platform, needed to answer (subject and references of an e-mail)
    sa.Column("pending", sa.Boolean, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("accepted_at", Instant, nullable=False),
    sa.Column("done_at", Instant),
    sa.UniqueConstraint("session_id", "client_msg_id"),
)
sa.Index("ix_inbox_pending", inbox.c.pending, inbox.c.conversation_id, inbox.c.seq)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("message_id", sa.String(32), sa.ForeignKey("messages.message_id"), primary_key=True),
    sa.Column("session_id", sa.String(32), nullable=False),
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("delivered_at", Instant),
    # The rest is of channels with an adapter: see bot.services.channels.delivery.
    sa.Column("state", sa.String(10), nullable=False, server_default="queued"),
    sa.Column("progress", sa.Integer, nullable=False, server_default="0"),  # parts that the platform took
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_at", Instant),
    sa.Column("leased_until", Instant),
    sa.Column("holder", sa.String(32)),
    sa.Column("reason", sa.String(40)),  # why it failed, a fixed word
    sa.Column(
        "told", sa.Boolean, nullable=False, server_default=sa.false()
    ),  # the borrower knows that it did not arrive
)
sa.Index("ix_outbox_state", outbox.c.channel, outbox.c.state, outbox.c.created_at)
sa.Index("ix_outbox_session", outbox.c.session_id, outbox.c.state)

events = sa.Table(
    "events",
    metadata,
    sa.Column("event_id", sa.String(32), primary_key=True),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("conversation_id", sa.String(32)),
    sa.Column("session_id", sa.String(32)),
    sa.Column("channel", sa.String(20)),
    sa.Column("turn_id", sa.String(32)),
    sa.Column("actor", sa.String(12), nullable=False),  # borrower | bot | agent | supervisor | system
    sa.Column("intent", sa.String(60)),
    sa.Column("model_id", sa.String(120)),
    sa.Column("policy_version", sa.String(40)),
    sa.Column("received_at", Instant),  # when the message that caused it was accepted
    sa.Column("at", Instant, nullable=False),
    sa.Column("facts", sa.JSON, nullable=False),
)
sa.Index("ix_events_conversation", events.c.conversation_id, events.c.at)
sa.Index("ix_events_kind", events.c.kind, events.c.at)

requests = sa.Table(
    "requests",
    metadata,
    sa.Column("ref", sa.String(24), primary_key=True),
    sa.Column("kind", sa.String(60), nullable=False),
    sa.Column("customer_id", sa.String(64)),
    sa.Column("session_id", sa.String(32), nullable=False),
    sa.Column("conversation_id", sa.String(32), nullable=False),
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("status", sa.String(20), nullable=False, server_default="open"),
    sa.Column("words", sa.Text, nullable=False),  # the borrower's, redacted
    sa.Column("answer_by", Instant, nullable=False),
    sa.Column("recorded_at", Instant, nullable=False),
)
sa.Index("ix_requests_customer", requests.c.customer_id, requests.c.recorded_at)
sa.Index("ix_requests_session", requests.c.session_id)

request_notes = sa.Table(
    "request_notes",
    metadata,
    sa.Column("note_id", sa.String(32), primary_key=True),
    sa.Column("ref", sa.String(24), sa.ForeignKey("requests.ref"), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
)
sa.Index("ix_request_notes_ref", request_notes.c.ref)

contact_preferences = sa.Table(
    "contact_preferences",
    metadata,
    sa.Column("subject", sa.String(80), primary_key=True),  # "customer:C1001", or "session:…" until it proves who it is
    sa.Column("contact_stopped_at", Instant),
    sa.Column("collection_paused_at", Instant),
    sa.Column("pause_reason", sa.String(60)),  # the number of the record that paused it
    sa.Column("updated_at", Instant, nullable=False),
)

notifications = sa.Table(
    "notifications",
    metadata,
    sa.Column("notification_id", sa.String(32), primary_key=True),
    sa.Column("kind", sa.String(20), nullable=False),  # code | alert
    sa.Column("recipient", sa.String(255), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("erase_at", Instant),  # after this moment the text is overwritten
    sa.Column("sent_at", Instant),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
)
sa.Index("ix_notifications_recipient", notifications.c.recipient, notifications.c.created_at)

identity_tokens = sa.Table(
    "identity_tokens",
    metadata,
    sa.Column("jti", sa.String(64), primary_key=True),  # keyed hash: claims of a lender may be long or personal
    sa.Column("session_id", sa.String(32), nullable=False),  # the first session that showed it
    sa.Column("ended", sa.Boolean, nullable=False, server_default=sa.false()),  # its owner logged out
    sa.Column("first_used_at", Instant, nullable=False),
)

login_phones = sa.Table(
    "login_phones",
    metadata,
    sa.Column("phone", sa.String(64), primary_key=True),  # keyed hash
    sa.Column("tries", sa.Integer, nullable=False),  # wrong codes since the last success or lock, over all sessions
    sa.Column("last_try_at", Instant),
    sa.Column("locked_until", Instant),
    sa.Column("codes", sa.Integer, nullable=False),  # asked for since `codes_since`
    sa.Column("codes_since", Instant),
    sa.Column("last_code_at", Instant),
)

login_codes = sa.Table(
    "login_codes",
    metadata,
    sa.Column("session_id", sa.String(32), primary_key=True),  # the latest of a session
    sa.Column("phone", sa.String(64), nullable=False),
    sa.Column("code", sa.String(64)),  # keyed hash; null: none was sent, so none is right
    sa.Column("customer_id", sa.String(64)),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("void", sa.Boolean, nullable=False, server_default=sa.false()),
)
sa.Index("ix_login_codes_phone", login_codes.c.phone)

store_probe = sa.Table(
    "store_probe",
    metadata,
    sa.Column("probe_id", sa.Integer, primary_key=True),
    sa.Column("at", Instant, nullable=False),
)
