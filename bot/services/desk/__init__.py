"""People at work: who owns a conversation, queue and routing, what agents see and may do. Used by `bot.channels.desk`."""

from __future__ import annotations
