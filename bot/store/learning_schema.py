"""Tables of what complaints teach: lessons of the case base, and alarms of early warning, each a task until somebody closes it.

`complaint_lessons.contents` is anonymous once approved; until then it may still name somebody and is seen by approvers only.
"""

from __future__ import annotations

import sqlalchemy as sa

from bot.store.instant import Instant
from bot.store.schema import metadata

complaint_lessons = sa.Table(
    "complaint_lessons",
    metadata,
    sa.Column("lesson_id", sa.String(32), primary_key=True),
    sa.Column("ref", sa.String(24), unique=True),  # of our own case; null: of a pack
    sa.Column("status", sa.String(10), nullable=False),  # drawn | approved | withdrawn
    sa.Column("l1", sa.String(12), nullable=False),
    sa.Column("l2", sa.String(30), nullable=False),
    sa.Column("contents", sa.JSON, nullable=False),  # bot.complaints.casebase.Lesson
    sa.Column("drawn_by", sa.String(64), nullable=False),
    sa.Column("drawn_at", Instant, nullable=False),
    sa.Column("approved_by", sa.String(64)),
    sa.Column("approved_at", Instant),
)
sa.Index("ix_complaint_lessons_status", complaint_lessons.c.status, complaint_lessons.c.l1)

complaint_alarms = sa.Table(
    "complaint_alarms",
    metadata,
    sa.Column("alarm_id", sa.String(32), primary_key=True),
    sa.Column("category", sa.String(30), nullable=False),  # an L1, or `all`
    sa.Column("rule", sa.String(20), nullable=False),  # u | ewma | cusum | poisson | spike | new_topic | slow | repeat
    sa.Column("since", sa.String(60), nullable=False),  # the period, with whose or what where it is not of a category
    sa.Column("value", sa.Float, nullable=False),
    sa.Column("bound", sa.Float, nullable=False),
    sa.Column("opened_at", Instant, nullable=False),
    sa.Column("owner", sa.String(64)),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("restart", sa.String(10)),  # the first period of a new baseline, after the cause was dealt with
    sa.Column("closed_at", Instant),
    sa.Column("closed_by", sa.String(64)),
    sa.UniqueConstraint("category", "rule", "since", name="uq_complaint_alarms"),
)
sa.Index("ix_complaint_alarms_open", complaint_alarms.c.closed_at, complaint_alarms.c.opened_at)
