"""What compliance looks at: years without holidays, limits passed, actions overdue, open counts; no case's words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.services.complaints import improving
from bot.services.complaints.basis import Basis
from bot.services.complaints.board import RUNNING, late
from bot.services.complaints.policy import years_assumed
from bot.services.complaints.rows import OPEN_STATES, C
from bot.store.complaint_schema import complaint_links, complaints


def page(connection: Connection, basis: Basis, now: datetime) -> dict[str, Any]:
    today, calendar = basis.today(now), basis.calendar(now)
    assumed = years_assumed(basis.policy(now), calendar, today)
    years = {str(year): "assumed" if year in assumed else "known" for year in {today.year, *assumed}}
    over = sa.select(C.ref, C.legal_by, C.state).where(C.state.in_(RUNNING), C.legal_by < today).order_by(C.legal_by)
    late_actions = improving.late(connection, today)
    return {
        "policy": basis.policy(now).version,
        "years": dict(sorted(years.items())),
        "warnings": warnings(basis, now),
        "open": _count(connection, C.state.in_(OPEN_STATES)),
        "late": _count(connection, late(now)),
        "paused": _count(connection, C.paused_at.is_not(None)),
        "over_legal": [
            {"ref": one.ref, "legal_by": one.legal_by.isoformat(), "state": one.state}
            for one in connection.execute(over)
        ],
        "late_actions": [
            {
                "ref": one["ref"],
                "action_id": one["action_id"],
                "owner": one["owner"],
                "due_on": one["due_on"].isoformat(),
            }
            for one in late_actions
        ],
        "links": int(
            connection.execute(
                sa.select(sa.func.count())
                .select_from(complaint_links)
                .where(complaint_links.c.revoked_at.is_(None), complaint_links.c.expires_at > basis.wall.now())
            ).scalar_one()
        ),
    }


def warnings(basis: Basis, now: datetime) -> list[str]:
    """For operators, in plain English: said at start-up and on the page."""
    assumed = years_assumed(basis.policy(now), basis.calendar(now), basis.today(now))
    return [_warning(year) for year in assumed]


def _warning(year: int) -> str:
    return (
        f"no holidays are known for {year}: every Monday to Friday counts as a working day and no deadline is shifted; "
        f"add the year to `years` in bot/lending/policy/complaints.yml, or update chinesecalendar"
    )


def _count(connection: Connection, *where: Any) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(complaints).where(*where)).scalar_one())
