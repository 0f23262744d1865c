"""Whether somebody may be contacted, and whether a promise makes sense and was kept."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.errors import BadInput
from bot.lending.contact import Circumstances, ContactType, allow
from bot.lending.position import position
from bot.lending.promises import check, judge
from bot.services.contact import load_contact
from tests.lending.test_help_policy import POLICY_NOW, TODAY, running

RULES = load_contact(date(2026, 3, 1))
SHANGHAI = ZoneInfo("Asia/Shanghai")


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(SHANGHAI)


P02: list[tuple[str, str, dict[str, Any], str]] = [
    ("2026-03-02T21:59:59+08:00", "collection", {}, "allow"),
    ("2026-03-02T22:00:00+08:00", "collection", {}, "deny:quiet_hours"),
    ("2026-03-03T07:59:59+08:00", "collection", {}, "deny:quiet_hours"),
    ("2026-03-03T08:00:00+08:00", "collection", {}, "allow"),
    ("2026-03-03T22:30:00+08:00", "collection", {"agreed_hours": (time(20), time(23))}, "allow:agreed_time"),
    ("2026-03-03T23:30:00+08:00", "collection", {"agreed_hours": (time(20), time(23))}, "deny:quiet_hours"),
    ("2026-03-03T10:00:00+08:00", "collection", {"connected_today": 3}, "deny:daily_connected_cap_3"),
    ("2026-03-03T10:00:00+08:00", "collection", {"connected_today": 2}, "allow"),
    ("2026-03-03T10:00:00+08:00", "call_attempt", {"unanswered_today": 6}, "deny:daily_attempt_cap_6"),
    ("2026-03-03T10:00:00+08:00", "call_attempt", {"unanswered_today": 5}, "allow"),
    ("2026-03-03T23:30:00+08:00", "reply_to_customer_initiated", {}, "allow:inbound"),
    ("2026-03-03T23:30:00+08:00", "reply_to_customer_initiated", {"crisis": True}, "allow:inbound"),
    ("2026-03-03T10:00:00+08:00", "collection", {"third_party": True}, "deny:third_party"),
    ("2026-03-03T10:00:00+08:00", "reply_to_customer_initiated", {"third_party": True}, "deny:third_party"),
    ("2026-03-03T10:00:00+08:00", "collection", {"agreement_active": True}, "deny:agreement_active"),
    ("2026-03-03T10:00:00+08:00", "collection", {"complaint_open": True}, "deny:complaint_open"),
    ("2026-03-03T10:00:00+08:00", "collection", {"collection_paused": True}, "deny:complaint_open"),
    ("2026-03-03T10:00:00+08:00", "collection", {"promise_open": True}, "deny:promise_open"),
    ("2026-03-03T10:00:00+08:00", "collection", {"crisis": True}, "deny:crisis"),
    ("2026-03-03T10:00:00+08:00", "marketing", {"overdue": True}, "deny:overdue"),
    ("2026-03-03T10:00:00+08:00", "marketing", {"complaint_open": True}, "deny:complaint_open"),
    ("2026-03-03T10:00:00+08:00", "service_notice", {"agreement_active": True, "complaint_open": True}, "allow"),
    ("2026-03-03T10:00:00+08:00", "service_notice", {"contact_stopped": True}, "deny:stop_contact"),
    ("2026-03-03T10:00:00+08:00", "service_notice", {"crisis": True}, "deny:crisis"),
    ("2026-03-03T22:00:00+08:00", "service_notice", {}, "deny:quiet_hours"),
    ("2026-03-03T10:00:00+08:00", "promise_reminder", {"promise_open": True, "agreement_active": True}, "allow"),
    ("2026-03-03T10:00:00+08:00", "promise_reminder", {"complaint_open": True}, "allow"),
    ("2026-03-03T10:00:00+08:00", "promise_reminder", {"contact_stopped": True}, "deny:stop_contact"),
    ("2026-03-03T07:00:00+08:00", "promise_reminder", {}, "deny:quiet_hours"),
]


@pytest.mark.parametrize(("at", "kind", "known", "expected"), P02)
def test_contact(at: str, kind: str, known: dict[str, Any], expected: str) -> None:
    assert str(allow(ContactType(kind), moment(at), Circumstances(**known), RULES)) == expected


# -- promises


@pytest.mark.parametrize(
    ("credited", "today", "expected"),
    [
        ([], 5, ("open", 0)),
        ([(3, 500)], 3, ("open", 500)),
        ([(3, 1000)], 3, ("kept", 1000)),
        ([(6, 1000)], 6, ("kept", 1000)),  # a day of grace for the bank
        ([(6, 1000)], 5, ("kept", 1000)),
        ([(7, 1000)], 7, ("broken", 0)),
        ([(3, 500)], 7, ("partial", 500)),
        ([(3, 499)], 7, ("broken", 499)),
        ([(3, 400), (5, 600)], 7, ("kept", 1000)),
        ([], 6, ("open", 0)),
        ([], 7, ("broken", 0)),
    ],
)
def test_judged(credited: list[tuple[int, int]], today: int, expected: tuple[str, int]) -> None:
    def day(number: int) -> date:
        return date(2026, 3, number)

    paid = [(day(on), cents) for on, cents in credited]
    assert judge(1000, day(5), paid, day(today), POLICY_NOW.promises) == expected


@pytest.mark.parametrize(
    ("cents", "by", "code"),
    [(1, date(2026, 3, 22), "in_past"), (0, date(2026, 4, 5), "not_positive"), (1, date(2026, 3, 30), "nothing_due")],
)
def test_promises_that_make_no_sense(cents: int, by: date, code: str) -> None:
    with pytest.raises(BadInput) as refused:
        check(position(running(), TODAY), cents, by)
    assert refused.value.code == code


def test_a_promise_is_at_most_what_is_due() -> None:
    now = position(running(), TODAY)
    due = running().plan[0].total
    check(now, due, date(2026, 4, 5))
    with pytest.raises(BadInput) as refused:
        check(now, due + 1, date(2026, 4, 5))
    assert refused.value.detail["limit"] == due
