"""Whether the engine may contact somebody now (requirements 3.2 rule 5, golden P02). Every denial has a named reason."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from enum import Enum


class ContactType(str, Enum):
    COLLECTION = "collection"
    CALL_ATTEMPT = "call_attempt"
    REPLY = "reply_to_customer_initiated"
    MARKETING = "marketing"
    SERVICE_NOTICE = "service_notice"
    PROMISE_REMINDER = "promise_reminder"

    def __str__(self) -> str:
        return str(self.value)


COLLECTING = (ContactType.COLLECTION, ContactType.CALL_ATTEMPT)


@dataclass(frozen=True)
class ContactRules:
    """Numbers of `contact.yml`."""

    version: str
    quiet_from: time
    quiet_until: time
    connected_a_day: int
    unanswered_a_day: int

    def is_quiet(self, at: time) -> bool:
        """Whether a local time lies in the quiet hours, which may run over midnight."""
        return within(at, self.quiet_from, self.quiet_until)


def within(at: time, begins: time, ends: time) -> bool:
    """Whether a local time lies between two others; the span may run over midnight."""
    return at >= begins or at < ends if begins > ends else begins <= at < ends


@dataclass(frozen=True)
class Circumstances:
    """What is known of a borrower at that moment."""

    third_party: bool = False  # the target is somebody else
    crisis: bool = False
    contact_stopped: bool = False
    complaint_open: bool = False  # about collection, or a dispute
    collection_paused: bool = False
    agreement_active: bool = False
    promise_open: bool = False
    overdue: bool = False
    connected_today: int = 0
    unanswered_today: int = 0  # of the same contact point
    agreed_hours: tuple[time, time] | None = None  # agreed with the borrower: they override the quiet hours
    wished_quiet: tuple[time, time] | None = None  # the borrower's own quiet hours, besides the rule's


@dataclass(frozen=True)
class Verdict:
    """`reason` says why: of a denial always, of what is allowed where it is not plain."""

    allowed: bool
    reason: str = ""

    def __str__(self) -> str:
        word = "allow" if self.allowed else "deny"
        return f"{word}:{self.reason}" if self.reason else word


def allow(kind: ContactType, at: datetime, now: Circumstances, rules: ContactRules) -> Verdict:
    """The verdict on a contact of `kind` at `at` (in the lender's zone).

    Crisis and stop_contact end every contact that the engine begins; a running agreement or a complaint ends collecting
    only; quiet hours hold for all of them, unless other hours were agreed.
    """
    if now.third_party:
        return Verdict(False, "third_party")
    if kind is ContactType.REPLY:
        return Verdict(True, "inbound")
    if now.crisis:
        return Verdict(False, "crisis")
    if now.contact_stopped:
        return Verdict(False, "stop_contact")
    if kind is ContactType.MARKETING and now.overdue:
        return Verdict(False, "overdue")
    if kind in COLLECTING or kind is ContactType.MARKETING:
        denied = _collecting(now)
        if denied:
            return Verdict(False, denied)
    if kind in COLLECTING and now.connected_today >= rules.connected_a_day:
        return Verdict(False, f"daily_connected_cap_{rules.connected_a_day}")
    if kind is ContactType.CALL_ATTEMPT and now.unanswered_today >= rules.unanswered_a_day:
        return Verdict(False, f"daily_attempt_cap_{rules.unanswered_a_day}")
    local = at.timetz().replace(tzinfo=None)
    if rules.is_quiet(local):
        return _agreed(at, now)
    if now.wished_quiet is not None and within(local, *now.wished_quiet):
        return Verdict(False, "wished_quiet")
    return Verdict(True)


def _collecting(now: Circumstances) -> str:
    if now.complaint_open or now.collection_paused:
        return "complaint_open"
    if now.agreement_active:
        return "agreement_active"
    return "promise_open" if now.promise_open else ""


def _agreed(at: datetime, now: Circumstances) -> Verdict:
    if now.agreed_hours is not None:
        begins, ends = now.agreed_hours
        if begins <= at.timetz().replace(tzinfo=None) < ends:
            return Verdict(True, "agreed_time")
    return Verdict(False, "quiet_hours")
