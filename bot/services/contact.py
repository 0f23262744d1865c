"""`contact.allow` for a customer: gathers the circumstances, asks the policy, records every denial."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.errors import ConfigError
from bot.lending.contact import Circumstances, ContactRules, ContactType, Verdict, allow
from bot.services.arrangement_rows import IN_FORCE
from bot.services.channels import wishes as service_wishes
from bot.services.complaints.pause import is_paused
from bot.services.policy import POLICY, entry_in_force
from bot.store.conversation_schema import contact_preferences, requests
from bot.store.help_schema import arrangements, contact_denials, promises

CRISIS = "self_harm"


def load_contact(on: date, path: Path = POLICY / "contact.yml") -> ContactRules:
    """The rules in force on `on`. Raises ConfigError naming file, entry and key."""
    entry = entry_in_force(path, on)
    try:
        return ContactRules(
            version=f"contact {entry['from']}",
            quiet_from=time.fromisoformat(entry["quiet_from"]),
            quiet_until=time.fromisoformat(entry["quiet_until"]),
            connected_a_day=int(entry["connected_a_day"]),
            unanswered_a_day=int(entry["unanswered_a_day"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"{path}: entry from {entry['from']}: {error}") from error


class ContactPolicy:
    """Asked before the engine begins any contact. `zone` is the lender's."""

    def __init__(self, rules: Callable[[date], ContactRules], zone: ZoneInfo) -> None:
        self._rules = rules
        self._zone = zone

    def allow(
        self,
        connection: Connection,
        customer_id: str,
        kind: ContactType,
        channel: str,
        at: datetime,
        known: Circumstances = Circumstances(),
    ) -> Verdict:
        """The verdict, in the caller's transaction; a denial is recorded with its reason.

        Args:
            known: what only the caller knows (target, calls of the day, hours agreed on).
        """
        local = at.astimezone(self._zone)
        verdict = allow(
            kind, local, self._circumstances(connection, customer_id, known, local.date()), self._rules(local.date())
        )
        if not verdict.allowed:
            connection.execute(
                contact_denials.insert().values(
                    denial_id=uuid.uuid4().hex,
                    customer_id=customer_id,
                    type=kind.value,
                    channel=channel,
                    reason=verdict.reason,
                    at=at,
                )
            )
        return verdict

    def next_allowed(self, connection: Connection, customer_id: str, at: datetime, why: str) -> datetime:
        """When the quiet hours that `at` lies in end: the rule's (`quiet_hours`) or the customer's own (`wished_quiet`)."""
        local = at.astimezone(self._zone)
        own = service_wishes.of(connection, f"customer:{customer_id}").quiet()
        ends = own[1] if own is not None and why == "wished_quiet" else self._rules(local.date()).quiet_until
        end = datetime.combine(local.date(), ends, self._zone)
        return end if end > local else end + timedelta(days=1)

    def _circumstances(
        self, connection: Connection, customer_id: str, known: Circumstances, today: date
    ) -> Circumstances:
        wishes = connection.execute(
            sa.select(contact_preferences).where(contact_preferences.c.subject == f"customer:{customer_id}")
        ).first()
        open_kinds = set(
            connection.execute(
                sa.select(requests.c.kind).where(requests.c.customer_id == customer_id, requests.c.status == "open")
            ).scalars()
        )
        agreed = connection.execute(
            sa.select(arrangements.c.ref)
            .where(arrangements.c.customer_id == customer_id, arrangements.c.status == IN_FORCE)
            .limit(1)
        ).first()
        promised = connection.execute(
            sa.select(promises.c.ref).where(promises.c.customer_id == customer_id, promises.c.status == "open").limit(1)
        ).first()
        return replace(
            known,
            crisis=known.crisis or CRISIS in open_kinds,
            contact_stopped=known.contact_stopped or (wishes is not None and wishes.contact_stopped_at is not None),
            collection_paused=known.collection_paused
            or (wishes is not None and wishes.collection_paused_at is not None),
            complaint_open=known.complaint_open or is_paused(connection, customer_id, today),
            agreement_active=known.agreement_active or agreed is not None,
            promise_open=known.promise_open or promised is not None,
            wished_quiet=known.wished_quiet or service_wishes.of(connection, f"customer:{customer_id}").quiet(),
        )
