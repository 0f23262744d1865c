"""What complaints teach, on a real server that has something to say: open alarms, drafts that wait, periods that can be tested."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from bot.store.complaint_schema import complaints
from tests.processes import Server
from tests.server.test_desk import Desk
from tests.services.complaining import closed_case

ZONE = ZoneInfo("Asia/Shanghai")
WEEKS, USUAL, RISE = 14, 2, 30  # complaints a week, and in the last complete one


def monday() -> date:
    today = datetime.now(ZONE).date()
    return today - timedelta(days=today.weekday())


def rows() -> list[dict[str, Any]]:
    """The same few complaints every week, many in the last complete one; decided after a varying time."""
    found = []
    for back in range(WEEKS, 0, -1):
        for _ in range(USUAL if back > 1 else RISE):
            at = len(found)
            received = datetime.combine(monday() - timedelta(weeks=back, days=-2), time(10), ZONE)
            found.append(closed_case(at, received, decided_at=received + timedelta(days=1 + at % 7)))
    return found


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("learning")).start()
    engine = sa.create_engine(running.env["DATABASE_URL"], future=True)
    with engine.begin() as connection:
        connection.execute(complaints.insert(), rows())
    engine.dispose()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def lead(server: Server) -> Desk:
    return Desk(server, "chenlead")


def test_open_alarms_are_shown_as_tasks_and_closed(lead: Desk) -> None:
    opened = lead.post("/complaints/learning/warnings/look").json()["opened"]
    assert opened
    shown = lead.get("/complaints/learning/warnings")
    assert shown.status_code == 200, shown.text
    tasks = shown.json()["tasks"]
    assert {one["alarm_id"] for one in tasks} == set(opened)
    assert {"spike", "poisson"} <= {one["rule"] for one in tasks if one["category"] == "PAY"}
    (watched,) = (one for one in shown.json()["categories"] if one["category"] == "PAY")
    assert watched["alarms"]
    assert all(len(one["series"]) == len(one["names"]) for one in watched["charts"])
    path = f"/complaints/learning/warnings/{opened[0]}/close"
    assert lead.post(path, {"note": "对账任务已修复"}).status_code == 200
    left = lead.get("/complaints/learning/warnings").json()["tasks"]
    assert {one["alarm_id"] for one in left} == set(opened[1:])


def test_drafts_that_wait_are_shown(lead: Desk) -> None:
    drawn = lead.post("/complaints/learning/cases", {"ref": "TS-L000000"})
    assert drawn.status_code == 201, drawn.text
    shown = lead.get("/complaints/learning/drafts")
    assert shown.status_code == 200, shown.text
    (draft,) = shown.json()["drafts"]
    assert (draft["ref"], draft["drawn_by"]) == ("TS-L000000", "chenlead")
    assert draft["contents"]["facts"]
    assert datetime.fromisoformat(draft["drawn_at"])
    assert "13812345678" not in shown.text


def test_two_periods_are_compared_with_figures(lead: Desk) -> None:
    since, until = monday() - timedelta(days=28), monday() - timedelta(days=1)
    shown = lead.get(f"/complaints/learning/compare?since={since}&until={until}")
    assert shown.status_code == 200, shown.text
    effects = shown.json()["effects"]
    assert set(effects) == {"days_to_decide", "on_time", "accepted", "per_active_loan"}
    assert effects["per_active_loan"]["significant"] is True
    for effect in effects.values():
        assert all(
            isinstance(effect[key], (int, float)) for key in ("before", "after", "difference", "low", "high", "p")
        )
    report = lead.get(f"/complaints/learning/report?since={since}&until={until}")
    assert report.json()["received"] == 3 * USUAL + RISE
