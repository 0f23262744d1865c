"""Cases as rows: what staff are shown of one, and who has approved it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import NotFound
from bot.lending.authority import Standing
from bot.lending.help_policy import Tier
from bot.store.help_schema import arrangements, case_decisions

T = arrangements.c
SHOWN = (
    "ref",
    "customer_id",
    "loan_id",
    "kind",
    "wish",
    "status",
    "authority",
    "policy_version",
    "drawn_on",
    "figures",
    "file",
    "counter_to",
    "answer_by",
    "made_at",
    "in_force_on",
    "end_reason",
)


def approved_by(connection: Connection, ref: str) -> tuple[str, ...]:
    query = sa.select(case_decisions.c.actor).where(
        case_decisions.c.ref == ref, case_decisions.c.decision == "approve", case_decisions.c.role == "supervisor"
    )
    return tuple(connection.execute(query).scalars())


def standing(row: dict[str, Any]) -> Standing:
    file = row["file"] or {}
    return Standing(Tier(file.get("tier", "medium")), 0)


def row(connection: Connection, ref: str) -> dict[str, Any]:
    row = connection.execute(sa.select(arrangements).where(T.ref == ref)).mappings().first()
    if row is None:
        raise NotFound(f"no case {ref}")
    return dict(row)


def shown(row: Any) -> dict[str, Any]:
    return {key: plain(row[key]) for key in SHOWN}


def plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
