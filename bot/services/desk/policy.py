"""`policy/desk.yml`, checked: what is missing or wrong is said with file, entry and key."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from bot.errors import ConfigError
from bot.lending.desk_policy import STRATEGIES, DeskPolicy, Queue, Reason
from bot.services.desk.guard import RULES
from bot.services.policy import POLICY, entry_in_force


def load_desk(on: date, path: Path = POLICY / "desk.yml") -> DeskPolicy:
    """The entry in force on `on`.

    Raises:
        ConfigError: a key is missing, a number is out of range, or a name is used that nothing defines.
    """
    entry = entry_in_force(path, on)
    where = f"{path}: entry from {entry['from']}"
    try:
        made = _read(entry)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigError(f"{where}: {type(error).__name__}: {error}") from error
    _check(made, where)
    return made


def _read(entry: dict[str, Any]) -> DeskPolicy:
    def minutes(key: str) -> timedelta:
        return timedelta(minutes=_number(entry[key], key))

    def seconds(value: Any, key: str) -> timedelta:
        return timedelta(seconds=_number(value, key))

    def reason(one: dict[str, Any]) -> Reason:
        return Reason(str(one["queue"]), _number(one["priority"], "priority", 0, 9))

    return DeskPolicy(
        version=f"desk {entry['from']}",
        queues={
            name: Queue(name, str(one["skill"]), str(one["overflow"]) if one.get("overflow") else None)
            for name, one in entry["queues"].items()
        },
        reasons={name: reason(one) for name, one in entry["reasons"].items()},
        high_value_cents=_number(entry["high_value"]["principal_yuan"], "principal_yuan") * 100,
        high_value=reason(entry["high_value"]),
        ageing=minutes("ageing_minutes"),
        overflow_after=minutes("overflow_minutes"),
        strategy=str(entry["strategy"]),
        capacity=_number(entry["capacity"]["default"], "capacity.default", 1, 100),
        channel_capacity={
            name: _number(value, f"capacity.{name}", 0, 100) for name, value in entry["capacity"]["channels"].items()
        },
        full_at=_number(entry["full_at"], "full_at"),
        nobody_after=minutes("nobody_minutes"),
        heartbeat=seconds(entry["heartbeat_seconds"], "heartbeat_seconds"),
        idle_with_person=minutes("idle_with_person_minutes"),
        finished_for_estimate=_number(entry["estimate"]["finished"], "estimate.finished"),
        first_response=seconds(entry["sla_seconds"]["first_response"], "sla_seconds.first_response"),
        response=seconds(entry["sla_seconds"]["response"], "sla_seconds.response"),
        callbacks_per_hour=_number(entry["callback"]["per_hour"], "callback.per_hour"),
        callback_notice=timedelta(minutes=_number(entry["callback"]["notice_minutes"], "notice_minutes", 0)),
        callback_retries=_number(entry["callback"]["retries"], "callback.retries", 0, 5),
        survey_days=_number(entry["survey_days"], "survey_days"),
        dormant=minutes("dormant_minutes"),
        blocked=frozenset(entry["guard"]["block"]),
        warned=frozenset(entry["guard"]["warn"]),
    )


def _number(value: Any, key: str, low: int = 1, high: int = 10_000_000) -> int:
    if type(value) is not int or not low <= value <= high:
        raise ValueError(f"{key} must be a whole number from {low} to {high}, not {value!r}")
    return value


def _check(made: DeskPolicy, where: str) -> None:
    unknown = {one.queue for one in (*made.reasons.values(), made.high_value)} - set(made.queues)
    unknown |= {one.overflow for one in made.queues.values() if one.overflow} - set(made.queues)
    if unknown:
        raise ConfigError(f"{where}: no such queue: {', '.join(sorted(unknown))}")
    if made.strategy not in STRATEGIES:
        raise ConfigError(f"{where}: strategy must be one of {', '.join(STRATEGIES)}")
    missing = set(REASONS) - set(made.reasons)
    if missing:
        raise ConfigError(f"{where}: reasons without a queue: {', '.join(sorted(missing))}")
    rules = made.blocked | made.warned
    if rules != set(RULES) or made.blocked & made.warned:
        raise ConfigError(f"{where}: guard must name each of {', '.join(RULES)} once, under block or warn")


REASONS = (
    "self_harm",
    "vulnerable",
    "complaint",
    "over_authority",
    "help",
    "distress",
    "policy",
    "hand_over",
    "not_understood",
)
