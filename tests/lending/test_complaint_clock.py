"""Clocks of complaints over holidays and year ends, the state machine, authority. Golden values: P03_complaint_deadlines."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import ConfigError
from bot.lending.authority import Actor
from bot.lending.complaint_clock import (
    WorkCalendar,
    deadlines,
    end_of,
    last_day,
    lengthened,
    moment_of,
    used_percent,
)
from bot.lending.complaint_policy import Level, RemedyKind, may_decide, may_grant, needs
from bot.lending.help_policy import Role
from bot.services.complaints.policy import load_complaints, work_calendar, years_assumed
from bot.services.policy import POLICY

ZONE = ZoneInfo("Asia/Shanghai")
RULES = load_complaints(date(2026, 3, 1))
CALENDAR = work_calendar(RULES)
# golden.json, cx.P03_complaint_deadlines: received, last day after 15, 30, 60 days, and the next working day where it moves
GOLDEN = [
    ("2026-01-05", 15, "2026-01-20", "2026-01-20"),
    ("2026-01-05", 30, "2026-02-04", "2026-02-04"),
    ("2026-01-05", 60, "2026-03-06", "2026-03-06"),
    ("2026-02-01", 15, "2026-02-16", "2026-02-24"),
    ("2026-02-01", 30, "2026-03-03", "2026-03-03"),
    ("2026-02-01", 60, "2026-04-02", "2026-04-02"),
    ("2026-04-20", 15, "2026-05-05", "2026-05-06"),
    ("2026-04-20", 30, "2026-05-20", "2026-05-20"),
    ("2026-04-20", 60, "2026-06-19", "2026-06-22"),
    ("2026-09-20", 15, "2026-10-05", "2026-10-08"),
    ("2026-09-20", 30, "2026-10-20", "2026-10-20"),
    ("2026-09-20", 60, "2026-11-19", "2026-11-19"),
]


def at(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=ZONE)


@pytest.mark.parametrize(("received", "days", "unshifted", "shifted"), GOLDEN)
def test_golden_p03(received: str, days: int, unshifted: str, shifted: str) -> None:
    made = deadlines(Level.P3, at(f"{received}T23:59:59"), days, RULES, CALENDAR, ZONE)
    assert made.legal_by == date.fromisoformat(unshifted)
    assert CALENDAR.shifted(made.legal_by) == date.fromisoformat(shifted)


@pytest.mark.parametrize(
    ("received", "level", "contact", "target"),
    [
        ("2026-03-18T12:00", Level.P0, "2026-03-18T12:15", "2026-03-22T00:00"),
        ("2026-03-18T23:50", Level.P0, "2026-03-19T00:05", "2026-03-22T00:00"),
        ("2026-03-18T23:00", Level.P1, "2026-03-19T01:00", "2026-03-21T00:00"),
        (
            "2026-03-20T12:00",
            Level.P2,
            "2026-03-24T00:00",
            "2026-03-26T00:00",
        ),  # a Friday: Monday is the next working day
        (
            "2026-02-14T12:00",
            Level.P2,
            "2026-02-25T00:00",
            "2026-02-20T00:00",
        ),  # a worked Saturday, then Spring Festival
        ("2026-02-13T12:00", Level.P2, "2026-02-15T00:00", "2026-02-19T00:00"),  # the worked Saturday counts
        ("2026-09-30T12:00", Level.P3, "2026-10-10T00:00", "2026-10-11T00:00"),  # National Day: 8 and 9 October
        ("2026-12-30T12:00", Level.P2, "2027-01-01T00:00", "2027-01-05T00:00"),
        ("2026-12-31T12:00", Level.P2, "2027-01-02T00:00", "2027-01-06T00:00"),  # nobody knows 2027: 1 January counts
    ],
)
def test_level_times_by_hand(received: str, level: Level, contact: str, target: str) -> None:
    made = deadlines(level, at(received), 15, RULES, CALENDAR, ZONE)
    assert (made.contact_by, made.target_by) == (at(contact), at(target))
    assert (made.contain_by is not None) == (level is Level.P0)


def test_told_is_the_earlier_of_level_and_law() -> None:
    slow = WorkCalendar(frozenset(), frozenset(), frozenset())
    made = deadlines(Level.P3, at("2026-03-18T12:00"), 60, RULES, slow, ZONE)
    assert made.told_by == made.target_by == at("2026-03-29T00:00")
    assert made.legal_by == date(2026, 5, 17)


def test_a_year_without_holidays_moves_nothing_and_is_warned_of() -> None:
    assert CALENDAR.is_workday(date(2027, 1, 1))  # a Friday
    assert CALENDAR.shifted(date(2027, 1, 2)) == date(2027, 1, 2)  # a Saturday of a year that nobody knows
    assert years_assumed(RULES, CALENDAR, date(2026, 10, 1)) == ()
    assert years_assumed(RULES, CALENDAR, date(2026, 11, 10)) == (2027,)  # 60 days reach into January


def test_the_policy_adds_a_year(tmp_path: Path) -> None:
    text = (POLICY / "complaints.yml").read_text(encoding="utf-8")
    added = "years: {2027: {holidays: [2027-01-01, 2027-01-04], workdays: [2027-01-09]}}"
    path = tmp_path / "complaints.yml"
    path.write_text(text.replace("years: {} ", f"{added} "), encoding="utf-8")
    rules = load_complaints(date(2026, 12, 1), path)
    calendar = work_calendar(rules)
    assert not calendar.is_workday(date(2027, 1, 4))
    assert calendar.is_workday(date(2027, 1, 9))
    assert calendar.shifted(date(2027, 1, 1)) == date(2027, 1, 5)
    assert years_assumed(rules, calendar, date(2026, 12, 1)) == ()


@pytest.mark.parametrize(
    ("was", "becomes", "named"),
    [
        ("workdays: 1}", "workdays: 0}", "levels.P2.contact.workdays"),
        ("resolve: {days: 2}", "resolve: {minutes: 2}", "levels.P1.resolve"),
        ("simple: 15, complex: 30", "simple: 40, complex: 30", "legal_days"),
        ("warn_at: [50, 80, 100]", "warn_at: [80, 50]", "warn_at"),
        ('likeness: "0.85"', 'likeness: "1.85"', "merging.likeness"),
        ("decides: committee", "decides: king", "levels.P0.decides"),
        ('line: "12378"', 'line: ""', "regulator"),
        ("link_days: 30", "link_dayz: 30", "link_dayz"),
        ("{role: lead, yuan: 5000}", "{role: lead, yuan: 50}", "authority"),
        ("years: {} ", "years: {2027: {holidays: [2026-01-01], workdays: []}} ", "years"),
    ],
)
def test_a_mistake_names_file_line_and_key(tmp_path: Path, was: str, becomes: str, named: str) -> None:
    text = (POLICY / "complaints.yml").read_text(encoding="utf-8")
    assert was in text
    path = tmp_path / "complaints.yml"
    path.write_text(text.replace(was, becomes, 1), encoding="utf-8")
    with pytest.raises(ConfigError, match=rf"complaints.yml:\d+: .*{named}"):
        load_complaints(date(2026, 3, 1), path)


def test_pause_lengthens_the_law_by_whole_days_only() -> None:
    assert lengthened(date(2026, 3, 18), timedelta(days=2, hours=23)) == date(2026, 3, 20)
    assert lengthened(date(2026, 3, 18), timedelta(hours=23)) == date(2026, 3, 18)


def test_used_percent_leaves_pauses_out() -> None:
    start, by = at("2026-03-01T00:00"), at("2026-03-11T00:00")
    assert used_percent(start, by, at("2026-03-06T00:00")) == 50
    assert used_percent(start, by, at("2026-03-12T00:00")) == 110
    assert used_percent(start, by + timedelta(days=10), at("2026-03-16T00:00"), timedelta(days=10)) == 50
    assert moment_of(80, start, by) == at("2026-03-09T00:00")


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),
    st.sampled_from(list(Level)),
    st.sampled_from([15, 30, 60]),
)
def test_no_clock_ends_before_it_begins_and_none_is_told_later_than_the_law(
    received: datetime, level: Level, stage: int
) -> None:
    start = received.replace(tzinfo=ZONE)
    made = deadlines(level, start, stage, RULES, CALENDAR, ZONE)
    assert start < made.contact_by
    assert start < made.told_by <= end_of(start.date() + timedelta(days=15), ZONE)
    assert made.told_by <= made.target_by
    assert last_day(end_of(made.legal_by, ZONE), ZONE) == made.legal_by


def test_authority_by_amount_and_four_eyes() -> None:
    assert needs(RULES, RemedyKind.REFUND, 50_000) is Role.AGENT
    assert needs(RULES, RemedyKind.REFUND, 50_001) is Role.LEAD
    assert needs(RULES, RemedyKind.WAIVER, 500_001) is Role.COMMITTEE
    lead, boss = Actor("a", "lead"), Actor("b", "supervisor")
    assert may_grant(lead, Role.AGENT, "a", ()) == "same_person"
    assert may_grant(lead, Role.COMMITTEE, "x", ()) == "above_limit"
    assert may_grant(boss, Role.COMMITTEE, "x", ()) == "second_needed"
    assert may_grant(boss, Role.COMMITTEE, "x", ("b",)) == "same_person"
    assert may_grant(boss, Role.COMMITTEE, "x", ("c",)) == "approved"
    assert may_decide(RULES, lead, Level.P0, "x", None) == "above_limit"
    assert may_decide(RULES, lead, Level.P1, "a", None) == "same_person"
    assert may_decide(RULES, lead, Level.P1, "x", "a") == "same_person"
    assert may_decide(RULES, Actor("a", "lead", active=False), Level.P1, "x", None) == "inactive"
    assert may_decide(RULES, lead, Level.P1, "x", None) == ""
