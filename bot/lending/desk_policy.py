"""The desk's numbers as a frozen value: queues, reasons, order, limits. Read from `policy/desk.yml` by `bot.services.desk`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

STRATEGIES = ("least_active", "round_robin", "sticky")


@dataclass(frozen=True)
class Queue:
    """`skill` is what an agent needs; `overflow` the queue whose agents may help when it takes too long."""

    name: str
    skill: str
    overflow: str | None = None


@dataclass(frozen=True)
class Reason:
    """Where a reason for a person leads. Priority 0 is served first."""

    queue: str
    priority: int


@dataclass(frozen=True)
class DeskPolicy:
    """One entry of the policy. Durations as `timedelta`, money in cents."""

    version: str
    queues: Mapping[str, Queue]
    reasons: Mapping[str, Reason]
    high_value_cents: int
    high_value: Reason
    ageing: timedelta
    overflow_after: timedelta
    strategy: str
    capacity: int
    channel_capacity: Mapping[str, int]
    full_at: int
    nobody_after: timedelta
    heartbeat: timedelta
    idle_with_person: timedelta
    finished_for_estimate: int
    first_response: timedelta
    response: timedelta
    callbacks_per_hour: int
    callback_notice: timedelta
    callback_retries: int
    survey_days: int
    dormant: timedelta
    blocked: frozenset[str]
    warned: frozenset[str]

    def place(self, reason: str, owed_cents: int) -> Reason:
        """Queue and priority of a request; a customer of high value keeps a more urgent reason's queue.

        Args:
            owed_cents: principal of all open loans together.
        """
        found = self.reasons[reason]
        if owed_cents >= self.high_value_cents and found.priority > self.high_value.priority:
            return self.high_value
        return found
