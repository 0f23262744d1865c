"""Who is served next and by whom: pure functions over what waits and who is there. Asked by `bot.services.desk`.

Order: the priority, lessened by one for every `ageing` of waiting, so that nobody starves; then who waits longest.
Whoever may hurt themselves (priority 0) comes before all others, however long these wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.lending.desk_policy import DeskPolicy

ONLINE, BUSY = "online", "busy"
LANGUAGE_GROUPS = {"zh-Hans": "zh", "zh-Hant": "zh", "en": "en"}


@dataclass(frozen=True)
class Waiting:
    """A handover in the queue."""

    ref: str
    queue: str
    priority: int
    queued_at: datetime
    language: str
    channel: str
    wanted: str | None = None  # a named manager, or a colleague it was handed to
    last_agent: str | None = None  # who served this customer last
    product: str | None = None  # whoever knows it (skill `product:<id>`) is asked first


@dataclass(frozen=True)
class Server:
    """A member of staff who can take conversations, and what they hold now."""

    staff_id: str
    status: str
    skills: frozenset[str]
    languages: frozenset[str]
    capacity: int
    open: int  # conversations they hold
    by_channel: tuple[tuple[str, int], ...] = ()
    served_at: datetime | None = None


def order(waiting: Sequence[Waiting], now: datetime, policy: DeskPolicy) -> list[Waiting]:
    """The queue as it is served, the next one first."""

    def key(one: Waiting) -> tuple[bool, timedelta, datetime, str]:
        served_as = one.priority * policy.ageing - (now - one.queued_at)
        return one.priority > 0, served_as, one.queued_at, one.ref

    return sorted(waiting, key=key)


def may_serve(server: Server, one: Waiting, now: datetime, policy: DeskPolicy) -> bool:
    """Whether skill, language and capacity fit; after `overflow_after` the overflow queue's skill fits, too."""
    queue = policy.queues[one.queue]
    fits = queue.skill in server.skills
    if not fits and queue.overflow and (now - one.queued_at >= policy.overflow_after or one.priority == 0):
        fits = policy.queues[queue.overflow].skill in server.skills
    if one.wanted is not None and one.wanted != server.staff_id:
        fits = fits and now - one.queued_at >= policy.overflow_after
    elif one.wanted == server.staff_id:
        fits = True
    return (
        fits
        and server.status == ONLINE
        and LANGUAGE_GROUPS.get(one.language, "zh") in server.languages
        and has_room(server, one.channel, policy)
    )


def could_serve(server: Server, queue: str, language: str, policy: DeskPolicy) -> bool:
    """Whether somebody who is there may serve it at all: now full or not, now or after the overflow."""
    overflow = policy.queues[queue].overflow
    skills = {policy.queues[queue].skill} | ({policy.queues[overflow].skill} if overflow else set())
    speaks = LANGUAGE_GROUPS.get(language, "zh") in server.languages
    return bool(skills & server.skills) and speaks and server.status in (ONLINE, BUSY)


def has_room(server: Server, channel: str, policy: DeskPolicy) -> bool:
    """Whether one more conversation of this channel fits."""
    limit = policy.channel_capacity.get(channel, server.capacity)
    return server.open < server.capacity and dict(server.by_channel).get(channel, 0) < limit


def choose(servers: Sequence[Server], one: Waiting, now: datetime, policy: DeskPolicy) -> Server | None:
    """Who takes it, or None while nobody can. Whoever is wanted comes first, whatever the strategy."""
    able = [server for server in servers if may_serve(server, one, now, policy)]
    wanted = [server for server in able if server.staff_id == one.wanted]
    if wanted:
        return wanted[0]
    if policy.strategy == "sticky" or one.wanted:
        known = [server for server in able if server.staff_id == one.last_agent]
        if known:
            return known[0]
    if not able:
        return None
    able = [server for server in able if f"product:{one.product}" in server.skills] or able
    longest_ago = min(able, key=lambda server: (server.served_at is not None, server.served_at, server.staff_id))
    if policy.strategy == "round_robin":
        return longest_ago
    least = min(server.open for server in able)
    idle = [server for server in able if server.open == least]
    return min(idle, key=lambda server: (server.served_at is not None, server.served_at, server.staff_id))
