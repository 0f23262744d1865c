"""The policy of repayment help: budget, tier, menu, authority, contact, promises; every mistake in the files is named."""

from __future__ import annotations

import inspect
import json
import re
from dataclasses import fields, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.errors import ConfigError
from bot.lending.affordability import Budget, affordable, band, ratio
from bot.lending.authority import Actor, Standing, may_approve, needed
from bot.lending.calendar import add_months
from bot.lending.help_policy import Lasting, Role, Situation, Tier
from bot.lending.intake import QUESTIONS, Answers, assess
from bot.lending.loan import Loan
from bot.lending.options import MOST, Ground, options
from bot.lending.position import position
from bot.lending.tiers import Behaviour, behaviour, clean_months, tier
from bot.lending.wishes import Deferring, Kind, Wish
from bot.services.contact import load_contact
from bot.services.help_policy import load_help
from bot.services.policy import POLICY
from tests.lending.loans import lend, pay

HERE = Path(__file__).parent
POLICY_NOW = load_help(date(2026, 3, 1))
RULES = load_contact(date(2026, 3, 1))
SHANGHAI = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 3, 23)


def table(name: str) -> list[dict[str, str]]:
    lines = [line for line in (HERE / name).read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    head = lines[0].split("\t")
    return [dict(zip(head, line.split("\t"), strict=True)) for line in lines[1:]]


# -- budget and tier


@pytest.mark.parametrize(
    ("income", "essentials", "other", "instalment", "can_pay", "share", "name"),
    [  # golden H01
        ("9000", "4200", "1500", "2423.14", "2970.00", "1.2257", "full"),
        ("6500", "3900", "800", "2423.14", "1620.00", "0.6686", "reduced"),
        ("5200", "3900", "500", "2423.14", "720.00", "0.2971", "small"),
        ("3000", "2800", "600", "2423.14", "0.00", "0.0000", "none"),
        ("6592.38", "3900", "0", "2423.14", "2423.14", "1.0000", "full"),
    ],
)
def test_affordability(
    income: str, essentials: str, other: str, instalment: str, can_pay: str, share: str, name: str
) -> None:
    def cents(yuan: str) -> int:
        return int(Decimal(yuan) * 100)

    found = affordable(Budget(cents(income), cents(essentials), cents(other)), POLICY_NOW.buffer)
    assert found == cents(can_pay)
    assert ratio(found, cents(instalment)).quantize(Decimal("0.0001")) == Decimal(share)
    assert band(ratio(found, cents(instalment)), POLICY_NOW).value == name


@pytest.mark.parametrize(
    ("overdue", "worst", "times", "dti", "expected"),
    [
        (False, 0, 0, "0.39", "low"),
        (False, 0, 0, "0.40", "medium"),
        (False, 0, 0, None, "medium"),
        (False, 1, 1, "0.10", "medium"),
        (False, 30, 1, "0.10", "medium"),
        (False, 31, 1, "0.10", "high"),
        (True, 1, 1, "0.10", "high"),
        (True, 0, 0, None, "high"),
    ],
)
def test_tier(overdue: bool, worst: int, times: int, dti: str | None, expected: str) -> None:
    seen = Behaviour(overdue, worst, times, None)
    assert tier(seen, Decimal(dti) if dti else None, POLICY_NOW).value == expected


def test_behaviour_counts_the_months_looked_at_only() -> None:
    loan = lend("12000", "0.12", 24, on=date(2024, 1, 10), first_due=date(2024, 2, 10))
    for line in loan.plan[:23]:
        on = line.due_on + timedelta(days=20 if line.number == 3 else 0)
        owed = position(loan, on).pay_now.total
        loan = pay(loan, owed, on) if owed else loan
    late_then = position(loan, date(2024, 12, 1))
    assert behaviour([late_then], date(2024, 12, 1), 12).most_days_late == 20
    much_later = position(loan, date(2025, 11, 1))
    assert behaviour([much_later], date(2025, 11, 1), 12) == Behaviour(False, 0, 0, None)


@pytest.mark.parametrize(("days", "months"), [(0, 0), (27, 0), (31, 1), (200, 6)])
def test_clean_months(days: int, months: int) -> None:
    assert clean_months(Behaviour(False, 5, 1, TODAY - timedelta(days=days)), TODAY) == months


# -- authority


def running() -> Loan:
    """Twelve instalments left, none late."""
    return lend("120000", "0.12", 12, on=date(2026, 3, 5), first_due=date(2026, 4, 5))


def wish_of(case: dict[str, str], on: date) -> Wish:
    number = int(case["number"])
    kind = case["kind"]
    made = {
        "due_day": Wish(Kind.DUE_DAY, day=number),
        "grace": Wish(Kind.GRACE, days=number),
        "promise": Wish(Kind.PROMISE, cents=1, on=on + timedelta(days=number)),
        "deferral": Wish(Kind.DEFERRAL, months=number, how=Deferring.INTEREST_ONLY),
        "deferral_waived": Wish(Kind.DEFERRAL, months=number, how=Deferring.WAIVED),
        "deferral_later": Wish(Kind.DEFERRAL, months=number, how=Deferring.COLLECTED_LATER),
        "extension": Wish(Kind.EXTENSION, count=number),
        "interest_only": Wish(Kind.INTEREST_ONLY, months=number),
        "overdue_split": Wish(Kind.OVERDUE_SPLIT, count=number),
        "personal_plan": Wish(Kind.PERSONAL_PLAN, count=number),
        "personal_plan_stop": Wish(Kind.PERSONAL_PLAN, count=number, stops_penalty=True),
        "penalty_stop": Wish(Kind.PENALTY_STOP),
        "waiver": Wish(Kind.WAIVER, cents=number * 100),
        "settlement": Wish(Kind.SETTLEMENT),
        "prepayment": Wish(Kind.PREPAYMENT, cents=number * 100),
    }
    return made[kind]


@pytest.mark.parametrize("case", table("authority_cases.tsv"), ids=lambda c: f"{c['kind']}-{c['tier']}-{c['why']}")
def test_who_must_agree(case: dict[str, str]) -> None:
    wish = wish_of(case, TODAY)
    used = {} if case["ago"] == "-" else {wish.kind: add_months(TODAY, -int(case["ago"]))}
    standing = Standing(Tier(case["tier"]), int(case["clean"]), used, int(case["open"]), int(case["broken"]))
    assert needed(wish, running(), standing, POLICY_NOW, TODAY).value == case["who"]


def test_the_table_is_as_long_as_promised() -> None:
    assert len(table("authority_cases.tsv")) + len(table("menu_cases.tsv")) >= 150


@pytest.mark.parametrize(
    ("role", "needs", "by", "verdict"),
    [
        ("agent", "agent", (), "approved"),
        ("agent", "lead", (), "above_limit"),
        ("lead", "agent", (), "approved"),
        ("lead", "lead", (), "approved"),
        ("lead", "committee", (), "above_limit"),
        ("supervisor", "lead", (), "approved"),
        ("supervisor", "committee", (), "second_needed"),
        ("supervisor", "committee", ("x",), "approved"),
        ("supervisor", "committee", ("me",), "same_person"),
        ("cleaner", "agent", (), "unknown_role"),
    ],
)
def test_may_approve(role: str, needs: str, by: tuple[str, ...], verdict: str) -> None:
    assert may_approve(Actor("me", role), Role(needs), by) == verdict
    assert may_approve(Actor("me", role, active=False), Role(needs), by) == "inactive"


# -- menu


@pytest.mark.parametrize("case", table("menu_cases.tsv"), ids=lambda c: "-".join(c.values()))
def test_what_is_offered(case: dict[str, str]) -> None:
    late = case["late"] == "yes"
    loan = (
        lend("140000", "0.12", 14, on=date(2026, 1, 5), first_due=date(2026, 2, 5))
        if late
        else lend("120000", "0.12", 12, on=date(2026, 3, 5), first_due=date(2026, 4, 5))
    )
    can_pay = None if case["can_pay"] == "-" else int(case["can_pay"]) * 100
    share = None if can_pay is None else ratio(can_pay, loan.plan[0].total)
    ground = Ground(
        Situation(case["situation"]),
        Standing(Tier(case["tier"]), 0 if late else 24),
        Lasting(case["lasting"]),
        can_pay,
        band(share, POLICY_NOW) if share is not None else None,
        due_day=15,
    )
    found = options(loan, ground, POLICY_NOW, TODAY, 60)
    assert len(found) <= MOST
    shown = " ".join(one.wish.kind.value for one in found)
    assert ("" if all(one.fits for one in found) else "*") + shown == case["kinds"]
    for one in found:
        assert one.drawn.total >= 0
        if one.fits and can_pay is not None:
            until = add_months(TODAY, ground.lasting.months or 3)
            assert max((c for day, c in one.drawn.asks if day <= until), default=0) <= can_pay


def test_the_fewest_instalments_that_fit_are_chosen() -> None:
    loan = running()
    for yuan in (9_000, 7_000, 5_500, 4_300):
        ground = Ground(Situation.MEDIUM_TERM, Standing(Tier.LOW, 24), Lasting.FROM_3_TO_6, yuan * 100)
        (option,) = options(loan, ground, POLICY_NOW, TODAY, 60)
        assert option.fits
        assert option.wish.count > 0
        from bot.lending.arrangement import draw_up

        if option.wish.count > 1:
            fewer = draw_up(loan, Wish(Kind.EXTENSION, count=option.wish.count - 1), TODAY, 60)
            assert max(cents for _, cents in fewer.asks) > yuan * 100


def test_outcomes_do_not_know_the_person() -> None:
    """Neither the answers nor the policy have a place for age, sex, occupation, education or worth."""
    known = {field.name for field in fields(Answers)}
    assert known == {*QUESTIONS, "day", "by", "skipped"}
    wanted = set(inspect.signature(assess).parameters)
    assert wanted == {"loan", "positions", "answers", "used", "promises", "policy", "on"}
    words = (POLICY / "help.yml").read_text(encoding="utf-8").split("- from:", 1)[1].lower()
    assert not re.search(r"\b(age|sex|gender|occupation|education|income_group|vip|value)\b", words)
    loan = running()
    for household in (1, 9):
        for reason in ("JOB_LOSS", "INCOME_CUT", "OVERINDEBTED"):
            answers = Answers(reason=reason, household=household, income=900_000, essentials=400_000)
            found = assess(loan, [position(loan, TODAY)], answers, {}, (0, 0), POLICY_NOW, TODAY)
            assert (found.tier, found.situation, found.affordable) == (Tier.MEDIUM, Situation.SHOCK, 450_000)


def test_answers_survive_a_trip_through_json() -> None:
    answers = Answers(reason="JOB_LOSS", income=1, lasting="upto_1").skip("since").skip("household")
    assert Answers.from_json(json.loads(json.dumps(answers.as_json()))) == answers
    assert answers.next_question == "essentials"
    assert answers.with_answer("since", "x").skipped == ("household",)


# -- the file


MISTAKES = [
    ("reading_seconds: 10", "reading_seconds: -1", "reading_seconds"),
    ('buffer: "0.10"', "buffer: 0.10", "buffer"),
    ('reduced_from: "0.5"', 'reduced_from: "2"', "reduced_from"),
    ("role: bot, days: 7, unused_months: 6", "role: robot, days: 7", "robot"),
    ("{role: agent, days: 15}", "{role: agent, days: 3}", "may less than"),
    ("      - {role: agent}\n", "      - {role: agent}\n      - {role: agent}\n", "each role once"),
    ("ILLNESS_INJURY: relief", "SICK: relief", "no such reason"),
    ("low: [{kind: due_day}, {kind: grace, days: 7}]", "low: []", "without any help"),
    ("{kind: grace, days: 7}]", "{kind: grace}]", "grace needs"),
    ("{kind: due_day}, {kind: grace, days: 7}", "{kind: due_day}, {kind: due_day}", "twice"),
    ("how: collected_later}]\n      medium", "how: never}]\n      medium", "never"),
    ("    full: [{kind: promise, days: 7}]\n", "", "full"),
    ("withdrawal_days: 3", "withdrawl_days: 3", "withdrawl_days"),
    ("permanent: lasting, ", "", "permanent"),
    ("vulnerable: [ILLNESS_INJURY", "vulnerable: [POOR", "POOR"),
]


@pytest.mark.parametrize(
    ("right", "wrong", "named"), MISTAKES, ids=[wrong[:30] or "missing" for _, wrong, _ in MISTAKES]
)
def test_mistakes_are_named_with_their_line(tmp_path: Path, right: str, wrong: str, named: str) -> None:
    text = (POLICY / "help.yml").read_text(encoding="utf-8")
    assert right in text
    path = tmp_path / "help.yml"
    path.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    with pytest.raises(ConfigError, match=named) as refused:
        load_help(date(2026, 3, 1), path)
    line = int(str(refused.value).removeprefix(f"{path}:").split(":")[0])
    assert 1 <= line <= len(text.splitlines())


def test_a_newer_entry_is_another_policy(tmp_path: Path) -> None:
    text = (POLICY / "help.yml").read_text(encoding="utf-8")
    path = tmp_path / "help.yml"
    newer = (
        text[text.index("- from:") :]
        .replace("2026-01-01", "2026-06-01")
        .replace("withdrawal_days: 3", "withdrawal_days: 7")
    )
    path.write_text(text + newer, encoding="utf-8")
    assert load_help(date(2026, 5, 31), path).withdrawal_days == 3
    after = load_help(date(2026, 6, 1), path)
    assert after.withdrawal_days == 7
    assert replace(after, version="", withdrawal_days=3) == replace(load_help(date(2026, 5, 31), path), version="")
