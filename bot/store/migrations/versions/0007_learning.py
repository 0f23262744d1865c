"""What complaints teach: lessons and alarms (`bot.store.learning_schema`).

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "complaint_lessons",
        sa.Column("lesson_id", sa.String(32), primary_key=True),
        sa.Column("ref", sa.String(24), unique=True),
        sa.Column("status", sa.String(10), nullable=False),
        sa.Column("l1", sa.String(12), nullable=False),
        sa.Column("l2", sa.String(30), nullable=False),
        sa.Column("contents", sa.JSON(), nullable=False),
        sa.Column("drawn_by", sa.String(64), nullable=False),
        sa.Column("drawn_at", MOMENT, nullable=False),
        sa.Column("approved_by", sa.String(64)),
        sa.Column("approved_at", MOMENT),
    )
    op.create_index("ix_complaint_lessons_status", "complaint_lessons", ["status", "l1"])
    op.create_table(
        "complaint_alarms",
        sa.Column("alarm_id", sa.String(32), primary_key=True),
        sa.Column("category", sa.String(30), nullable=False),
        sa.Column("rule", sa.String(20), nullable=False),
        sa.Column("since", sa.String(60), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("bound", sa.Float(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("owner", sa.String(64)),
        sa.Column("note", sa.Text(), nullable=False, server_default=""),
        sa.Column("restart", sa.String(10)),
        sa.Column("closed_at", MOMENT),
        sa.Column("closed_by", sa.String(64)),
        sa.UniqueConstraint("category", "rule", "since", name="uq_complaint_alarms"),
    )
    op.create_index("ix_complaint_alarms_open", "complaint_alarms", ["closed_at", "opened_at"])


def downgrade() -> None:
    op.drop_table("complaint_alarms")
    op.drop_table("complaint_lessons")
