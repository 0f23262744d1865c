"""The code that signs an arrangement (level L3): fresh, for one offer, its text message names the action and the amount.

Checked in the transaction that accepts the message, so that it is tried once and stored never; what it then brings about is
decided by the turn. Wrong codes count per phone together with those of logins. Kept as a keyed hash only.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.dialogue.turn import Turn
from bot.errors import Changed
from bot.lending.help_policy import HelpPolicy
from bot.services import login_limits, login_words
from bot.services.arrangement_rows import DISCLOSED, SIGNING, Arrangement
from bot.services.login import Step
from bot.services.login_limits import Limits, Refusal
from bot.services.notify import CODE, ERASED, Notifier
from bot.store.clock import Clock
from bot.store.conversation_rows import Session
from bot.store.database import Database
from bot.store.help_schema import arrangements
from bot.store.protocols import LoanStore

T = arrangements.c
SIGNED = "signed"


class Signing:
    """`phone_key` names a phone in the counts of codes (see `Login.phone_key`); `key` is this installation's secret."""

    def __init__(
        self,
        key: str,
        database: Database,
        loans: LoanStore,
        notifier: Notifier,
        speech: Any,
        limits: Limits,
        policy: Callable[[date], HelpPolicy],
        phone_key: Callable[[str], str],
        wall: Clock,
        lender: str,
    ) -> None:
        self._key = hashlib.sha256(b"daihou signing " + key.encode()).digest()
        self._database = database
        self._loans = loans
        self._notifier = notifier
        self._speech = speech
        self._limits = limits
        self._policy = policy
        self._phone_key = phone_key
        self._wall = wall
        self._lender = lender

    def phone_of(self, customer_id: str) -> str | None:
        """The verified number that codes go to."""
        return self._loans.customer(customer_id).phone

    def refusal(self, turn: Turn, phone: str) -> Refusal | None:
        """Whether a code may be sent now."""
        with self._database.read() as connection:
            return login_limits.refusal(
                connection, self._phone_key(phone), self._asker(turn), self._wall.now(), self._limits
            )

    def send(self, turn: Turn, made: Arrangement, phone: str, action: str, amount: str) -> int:
        """Send a code with the turn; gives its minutes. An older code of the offer is void.

        Args:
            action, amount: what is agreed to, in words of the message.
        """
        lives = self._policy(turn.today).code_lives
        minutes = int(lives.total_seconds() // 60)

        def write(connection: Connection) -> None:
            wall = self._wall.now()
            if login_limits.ask_code(connection, self._phone_key(phone), self._asker(turn), wall, self._limits):
                raise Changed
            code = login_limits.new_code(self._limits)
            changed = connection.execute(
                arrangements.update()
                .where(T.ref == made.ref, T.status.in_((DISCLOSED, SIGNING)), T.digest == made.digest)
                .values(
                    status=SIGNING,
                    consented_at=turn.now,
                    code=self._hash(made.ref, made.digest, turn.speaker.session_id, code),
                    code_session=turn.speaker.session_id,
                    code_expires_at=wall + lives,
                    signed_at=None,
                )
            )
            if changed.rowcount != 1:
                raise Changed
            words = self._speech.say(
                "utter_sms_sign",
                "zh-Hans",
                {
                    "code": code,
                    "minutes": minutes,
                    "lender_name": self._lender,
                    "ref": made.ref,
                    "action": action,
                    "amount": amount,
                },
            ).text
            self._notifier.queue(connection, CODE, phone, words, wall, erase_at=wall + lives)

        turn.later(write)
        turn.decide("arrangement_consented", ref=made.ref)
        return minutes

    def step(self, connection: Connection, session: Session, text: str, now: datetime, wall: datetime) -> Step | None:
        """Take `text` as the code that the session was asked for; None when it is an ordinary message."""
        code = login_words.code(text)
        if code is None or session.customer_id is None:
            return None
        row = connection.execute(
            sa.select(arrangements)
            .where(T.customer_id == session.customer_id, T.code_session == session.session_id, T.status == SIGNING)
            .order_by(T.consented_at.desc())
            .limit(1)
        ).first()
        if row is None or row.signed_at is not None:
            return None
        phone = self._loans.customer(session.customer_id).phone
        if phone is None:
            return None
        key = self._phone_key(phone)
        locked = login_limits.locked_for(connection, key, wall)
        if locked is not None:
            return _say("utter_sign_locked", event="signing_locked", minutes=login_limits.whole_minutes(locked))
        if row.code is None or row.code_expires_at <= wall:
            return _say("utter_sign_code_expired", event="signing_expired")
        given = self._hash(row.ref, row.digest, session.session_id, code)
        if hmac.compare_digest(row.code, given):
            login_limits.count_right(connection, key)
            connection.execute(arrangements.update().where(T.ref == row.ref).values(signed_at=now, code=None))
            return _say(SIGNED, event="signing_code_right", ref=row.ref)
        tried = login_limits.count_wrong(connection, key, wall, self._limits)
        if tried.locked_for is not None:
            connection.execute(arrangements.update().where(T.ref == row.ref).values(code=None))
            return _say(
                "utter_sign_locked", event="signing_locked", minutes=login_limits.whole_minutes(tried.locked_for)
            )
        return _say("utter_sign_code_wrong", event="signing_wrong", left=tried.left)

    def _asker(self, turn: Turn) -> str:
        return self._phone_key(f"session {turn.speaker.session_id}")

    def _hash(self, ref: str, digest: str, session_id: str, code: str) -> str:
        return hmac.new(self._key, f"{ref}:{digest}:{session_id}:{code}".encode(), hashlib.sha256).hexdigest()


def _say(say: str, *, event: str, **variables: Any) -> Step:
    return Step(say, variables, stored=ERASED, event=event)
