"""Alembic's entry: runs the revisions over the connection that `bot.store.migrate` hands in."""

from alembic import context

import bot.store.channel_schema
import bot.store.complaint_schema
import bot.store.conversation_schema
import bot.store.desk_schema
import bot.store.help_schema
import bot.store.learning_schema  # noqa: F401 (their tables join the metadata)
from bot.store.schema import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
context.run_migrations()
