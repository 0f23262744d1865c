"""Reads `bot/lending/policy/complaints.yml` and the calendar of working days."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from bot.lending.complaint_clock import WorkCalendar
from bot.lending.complaint_policy import ComplaintPolicy, Flood, Level, LevelRule, RemedyKind, Span
from bot.lending.help_policy import Role
from bot.services.policy import POLICY, entry_in_force
from bot.services.policy_reader import PolicyReader

TIMES = {"minutes", "hours", "days", "workdays"}
SECTIONS = {
    "legal_days": {"simple", "complex", "special"},
    "merging": {"days", "likeness"},
    "code": {"minutes", "tries"},
    "flood": {"contacts", "minutes"},
    "regulator": {"line", "hours", "hours_en"},
}
NUMBERS = {"credit_days", "review_days", "reopen_days", "link_days", "answer_days", "survey_hours"}


def load_complaints(on: date, path: Path = POLICY / "complaints.yml") -> ComplaintPolicy:
    """The policy in force on `on`.

    Raises:
        ConfigError: a value is missing, unknown, out of range or contradicts another; with file and line.
    """
    return _Reader(path, entry_in_force(path, on)).policy()


def work_calendar(policy: ComplaintPolicy) -> WorkCalendar:
    """Mainland working days of every year that is known: to the package, or to the policy, which counts before it."""
    from chinese_calendar.constants import holidays, workdays  # here: its tables are read only where a clock is needed

    known = {day.year for day in holidays} | {day.year for day in workdays}
    off = {day for day in holidays if day.year not in policy.years and day.weekday() < 5}
    on = {day for day in workdays if day.year not in policy.years and day.weekday() >= 5}
    for more_off, more_on in policy.years.values():
        off |= more_off
        on |= more_on
    return WorkCalendar(frozenset(known | set(policy.years)), frozenset(off), frozenset(on))


def years_assumed(policy: ComplaintPolicy, calendar: WorkCalendar, today: date) -> tuple[int, ...]:
    """Years that a limit which begins today may reach and whose holidays nobody has entered."""
    reach = today + timedelta(days=max(policy.legal_days))
    return tuple(year for year in range(today.year, reach.year + 1) if year not in calendar.known)


class _Reader(PolicyReader):
    """Walks one entry of complaints.yml."""

    def policy(self) -> ComplaintPolicy:
        self.known(
            (),
            {
                "from",
                "source",
                "levels",
                "sure_from",
                "warn_at",
                "authority",
                "owners",
                "years",
                *SECTIONS,
                *NUMBERS,
            },
        )
        for section, keys in SECTIONS.items():
            self.known((section,), keys)
        simple, complex_, special = (
            self.whole("legal_days", key, least=1, most=365) for key in ("simple", "complex", "special")
        )
        if not simple <= complex_ <= special:
            raise self.error(("legal_days",), "simple, complex and special must not fall")
        numbers = {key: self.whole(key, least=1, most=3650) for key in NUMBERS}
        return ComplaintPolicy(
            version=f"complaints {self.entry['from']}",
            levels={level: self._level(level) for level in Level},
            legal_days=(simple, complex_, special),
            merge_days=self.whole("merging", "days", least=1, most=365),
            likeness=self._share("merging", "likeness"),
            sure=self._share("sure_from"),
            warn_at=self._warnings(),
            code_minutes=self.whole("code", "minutes", least=1, most=60),
            code_tries=self.whole("code", "tries", least=1, most=10),
            flood=Flood(
                self.whole("flood", "contacts", least=1, most=1000),
                timedelta(minutes=self.whole("flood", "minutes", least=1, most=1440)),
            ),
            authority={kind: self._authority(kind) for kind in RemedyKind},
            owners=tuple(self._words("owners")),
            regulator=self._regulator("line"),
            regulator_hours=self._regulator("hours"),
            regulator_hours_en=self._regulator("hours_en"),
            years={year: self._year(year) for year in self._years()},
            **numbers,
        )

    def _level(self, level: Level) -> LevelRule:
        here = ("levels", level.value)
        self.known(here, {"contact", "contain", "resolve", "decides", "alert"})
        resolve = self._span(*here, "resolve")
        if not resolve.days:
            raise self.error((*here, "resolve"), "a number of calendar days is needed")
        return LevelRule(
            contact=self._span(*here, "contact"),
            resolve=resolve,
            decides=self.enum(Role, *here, "decides"),
            contain=self._span(*here, "contain") if "contain" in self.get(*here) else None,
            alert=self.flag(*here, "alert"),
        )

    def _span(self, *place: Any) -> Span:
        self.known(place, TIMES)
        value = self.get(*place)
        if len(value) != 1:
            raise self.error(place, "one of minutes, hours, days, workdays")
        unit = next(iter(value))
        number = self.whole(*place, unit, least=1, most=100_000)
        return Span(minutes=number * 60) if unit == "hours" else Span(**{unit: number})

    def _share(self, *place: Any) -> float:
        number = self.decimal(*place, most=Decimal(1))
        return float(number)

    def _warnings(self) -> tuple[int, ...]:
        found = tuple(self.whole("warn_at", index, least=1, most=100) for index in range(len(self.list("warn_at"))))
        if not found or list(found) != sorted(set(found)) or found[-1] != 100:
            raise self.error(("warn_at",), "rising percentages, the last one 100")
        return found

    def _authority(self, kind: RemedyKind) -> tuple[tuple[Role, int | None], ...]:
        place = ("authority", kind.value)
        found: list[tuple[Role, int | None]] = []
        for index, rule in enumerate(self.list(*place)):
            self.known((*place, index), {"role", "yuan"})
            most = self.whole(*place, index, "yuan", least=1) * 100 if "yuan" in rule else None
            found.append((self.enum(Role, *place, index, "role"), most))
        ranks = [role.rank for role, _ in found]
        limits = [most for _, most in found if most is not None]
        if ranks != sorted(set(ranks)) or limits != sorted(set(limits)) or any(m is None for _, m in found[:-1]):
            raise self.error(place, "each role once, from the lowest, with rising limits")
        return tuple(found)

    def _words(self, *place: Any) -> Iterable[str]:
        return (self.word(*place, index) for index in range(len(self.list(*place))))

    def _regulator(self, what: str) -> str:
        said = self.get("regulator", what)
        if not isinstance(said, str) or not said.strip():
            raise self.error(("regulator", what), f"the regulator's {what} must be there, in quotes")
        return said

    def _years(self) -> list[int]:
        years = self.get("years")
        if not isinstance(years, dict) or not all(type(year) is int for year in years):
            raise self.error(("years",), "years with holidays and workdays are needed, or {}")
        return sorted(years)

    def _year(self, year: int) -> tuple[frozenset[date], frozenset[date]]:
        here = ("years", year)
        self.known(here, {"holidays", "workdays"})
        off, on = (self._days(year, key) for key in ("holidays", "workdays"))
        if off & on:
            raise self.error(here, "a day is either a holiday or worked")
        return frozenset(day for day in off if day.weekday() < 5), frozenset(day for day in on if day.weekday() >= 5)

    def _days(self, year: int, key: str) -> frozenset[date]:
        days = self.list("years", year, key)
        for index, day in enumerate(days):
            if type(day) is not date or day.year != year:
                raise self.error(("years", year, key, index), f"a day of {year} is needed")
        return frozenset(days)
