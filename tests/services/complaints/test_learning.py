"""What complaints teach, on both engines: case base by four eyes, reports, early warning whose alarms are tasks, packs."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.errors import BadInput, Conflict, Forbidden, NotFound
from bot.services.complaints import learning_cases, learning_reports, learning_warnings
from bot.store.complaint_schema import complaints
from bot.store.learning_schema import complaint_alarms, complaint_lessons
from tests.services.complaining import AGENT, BOSS, LEAD, Hands, closed_case


def put(hands: Hands, number: int, received: datetime, **more: Any) -> str:
    """A case as a row: learning reads rows, however they came."""
    values = closed_case(number, received, **more)
    hands.write(lambda c, now: c.execute(complaints.insert().values(**values)))
    return str(values["ref"])


def basis(hands: Hands) -> Any:
    return hands.services.complaints.basis


def test_lesson_is_drawn_approved_by_another_found_and_withdrawn(hands: Hands) -> None:
    ref = put(hands, 1, hands.clock.now() - timedelta(days=9))
    made = hands.write(lambda c, now: learning_cases.draw(c, basis(hands), AGENT, ref, now))
    assert "张伟" not in made["facts"]
    assert "13812345678" not in made["facts"]
    find = lambda c, now: learning_cases.search(c, basis(hands), now, "重复扣款", "", "")  # noqa: E731
    assert hands.write(find) == []
    with pytest.raises(Conflict):
        hands.write(lambda c, now: learning_cases.draw(c, basis(hands), AGENT, ref, now))
    key = made["lesson_id"]
    with pytest.raises(Forbidden):
        hands.write(lambda c, now: learning_cases.approve(c, AGENT, key, {}, now))
    with pytest.raises(BadInput):
        hands.write(lambda c, now: learning_cases.approve(c, LEAD, key, {"facts": "我叫张伟"}, now))
    hands.write(lambda c, now: learning_cases.approve(c, LEAD, key, {"do": "先退款再查原因"}, now))
    (found,) = hands.write(find)
    assert found["do"] == "先退款再查原因"
    assert found["reviewer"] == LEAD.staff_id
    similar = put(hands, 2, hands.clock.now(), state="investigating", decided_at=None)
    assert (
        hands.write(lambda c, now: learning_cases.suggest(c, basis(hands), AGENT, similar, now))[0]["lesson_id"] == key
    )
    hands.write(lambda c, now: learning_cases.withdraw(c, key))
    assert hands.write(find) == []
    with pytest.raises(NotFound):
        hands.write(lambda c, now: learning_cases.withdraw(c, key))


def test_whoever_it_is_about_draws_nothing_up(hands: Hands) -> None:
    ref = put(hands, 3, hands.clock.now(), accused=[AGENT.staff_id])
    with pytest.raises(NotFound):
        hands.write(lambda c, now: learning_cases.draw(c, basis(hands), AGENT, ref, now))


def test_a_pack_becomes_drafts_once(hands: Hands) -> None:
    ref = put(hands, 4, hands.clock.now())
    key = hands.write(lambda c, now: learning_cases.draw(c, basis(hands), AGENT, ref, now))["lesson_id"]
    hands.write(lambda c, now: learning_cases.approve(c, LEAD, key, {}, now))
    text = hands.write(lambda c, now: learning_cases.exported(c, basis(hands), now))
    assert hands.write(lambda c, now: learning_cases.imported(c, BOSS, text, now)) == {"new": 0, "known": 1}
    hands.write(lambda c, now: c.execute(complaint_lessons.delete()))
    assert hands.write(lambda c, now: learning_cases.imported(c, BOSS, text, now)) == {"new": 1, "known": 0}
    (draft,) = hands.write(lambda c, now: learning_cases.waiting(c))
    assert draft["lesson_id"] == key


def test_report_and_comparison_count_a_merged_case_once(hands: Hands) -> None:
    now = hands.clock.now()
    for at in range(6):
        put(hands, 10 + at, now - timedelta(days=3))
    put(hands, 20, now - timedelta(days=3), state="merged")
    today = basis(hands).today(now)
    since = today - timedelta(days=6)
    told = hands.write(lambda c, at: learning_reports.figures(c, basis(hands), since, today, at))
    assert told["received"] == 6
    assert told["on_time"]["level"]["P2"]["share"] == 1.0
    assert told["causes"]["names"] == ["system_defect"]
    assert told["active_loans"] > 0
    compared = hands.write(lambda c, at: learning_reports.compared(c, basis(hands), since, today, at))
    assert compared["effects"]["per_active_loan"]["after"] > 0
    with pytest.raises(BadInput):
        hands.write(lambda c, at: learning_reports.figures(c, basis(hands), today, since, at))


def test_a_rise_opens_tasks_once_and_a_person_closes_them(hands: Hands) -> None:
    now = hands.clock.now()
    monday = basis(hands).today(now) - timedelta(days=basis(hands).today(now).weekday())
    number = 100
    for back in range(14, 0, -1):
        for _ in range(2 if back > 1 else 14):
            day = monday - timedelta(weeks=back) + timedelta(days=2)
            put(hands, number, datetime.combine(day, now.timetz()), customer_id="C1001" if back == 1 else None)
            number += 1
    alarms = hands.write(lambda c, at: learning_warnings.alarms_of(c, basis(hands), at))
    assert {one.rule for one in alarms if one.category == "PAY"} >= {"poisson", "spike"}
    opened = hands.write(lambda c, at: learning_warnings.open_tasks(c, alarms, at))
    assert len(opened) == len(alarms)
    assert hands.write(lambda c, at: learning_warnings.open_tasks(c, alarms, at)) == []
    week = date.fromisoformat(monday.isoformat()).strftime("%G-W%V")
    with pytest.raises(BadInput):
        hands.write(lambda c, at: learning_warnings.close(c, LEAD, opened[0], " ", None, at))
    with pytest.raises(BadInput):
        hands.write(lambda c, at: learning_warnings.close(c, LEAD, opened[0], "ok", "soon", at))
    hands.write(lambda c, at: learning_warnings.close(c, LEAD, opened[0], "对账任务已修复", week, at))
    with pytest.raises(NotFound):
        hands.write(lambda c, at: learning_warnings.close(c, LEAD, opened[0], "again", None, at))
    assert len(hands.write(lambda c, at: learning_warnings.tasks(c))) == len(opened) - 1
    (closed,) = hands.read(sa.select(complaint_alarms).where(complaint_alarms.c.closed_at.is_not(None)))
    assert closed["closed_by"] == LEAD.staff_id
    judged = hands.write(lambda c, at: learning_warnings.judge(c, basis(hands), at))
    assert {one.category for one in judged} >= {"all", "PAY", "OTHER"}
    restarted = next(one for one in judged if one.category == closed["category"])
    assert not restarted.enough
