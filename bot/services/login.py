"""Proving identity in chat: phone on file, last four of the id number, six-digit code. Issue 3, section 4.

A step is decided in the transaction that accepts the message, so that a code is checked once and stored never.
Unknown pairs get the same words, limits and lock as known ones, and no code. Wrong codes count per phone over
all codes and sessions. Phones and codes are kept as keyed hashes only.

The running login of a session is the JSON `login` of its row:
    {"stage": "phone" | "id_tail" | "code", "phone": keyed hash, "customer": candidate id or None, "at": ISO time}
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.engine import Connection

from bot.errors import NotFound
from bot.lending.masking import mask_phone
from bot.services import login_limits, login_words
from bot.services.login_limits import Limits
from bot.services.notify import CODE, ERASED, Notifier
from bot.store.conversation_rows import Session
from bot.store.protocols import Customer, LoanStore

PHONE, ID_TAIL, CODE_STAGE = "phone", "id_tail", "code"


@dataclass(frozen=True)
class Step:
    """What one message did to a login: what to say, what to store of it, the login after it, and who is proven."""

    say: str
    variables: dict[str, Any] = field(default_factory=dict)
    stored: str = ""
    login: dict[str, Any] | None = None
    proven: str | None = None
    event: str = "login_step"


class Login:
    """The state machine. `key` is this installation's secret; `speech` words the text message."""

    def __init__(
        self, key: str, loans: LoanStore, notifier: Notifier, speech: Any, limits: Limits, lender: str, hotline: str
    ) -> None:
        self._key = hashlib.sha256(b"daihou login " + key.encode()).digest()
        self._loans = loans
        self._notifier = notifier
        self._speech = speech
        self._limits = limits
        self._lender = lender
        self._hotline = hotline

    def running(self, session: Session, wall: datetime) -> dict[str, Any] | None:
        """The session's login, unless it was left alone for too long."""
        login = session.login
        if login is None or wall - datetime.fromisoformat(login["at"]) > self._limits.forget_after:
            return None
        return login

    def step(self, connection: Connection, session: Session, text: str, wall: datetime) -> Step | None:
        """Take `text` as an answer of the running login; None when it is an ordinary message."""
        login = self.running(session, wall)
        if login is None:
            return self._spent_code(connection, session, text, wall)
        if login_words.says(text, "cancel"):
            return Step("utter_login_cancelled", stored=text, event="login_cancelled")
        if login["stage"] == CODE_STAGE:
            return self._code_stage(connection, session, login, text, wall)
        return self._value_stage(connection, session, login, text, wall)

    def start(self, connection: Connection, session: Session, prompt: str, wall: datetime) -> Step:
        """Begin, or say again what is awaited. A session that the lender's login has bound goes straight to the code.

        Args:
            prompt: the response that asks for the phone (`utter_login_needed`, `utter_login_start`).
        """
        login = self.running(session, wall)
        if login is not None and login["stage"] == CODE_STAGE:
            locked = login_limits.locked_for(connection, login["phone"], wall)
            if locked is not None:
                return self._refused(login_limits.Refusal("locked", locked), login, "")
            return Step("utter_login_code_again", login=login)
        if session.customer_id is not None:
            return self._second_factor(connection, session, session.customer_id, wall)
        if login is not None and login["stage"] == ID_TAIL:
            return Step("utter_login_id_tail", login=login)
        return Step(prompt, login=self._at(PHONE, wall), event="login_started")

    # -- stages

    def _value_stage(
        self, connection: Connection, session: Session, login: dict[str, Any], text: str, wall: datetime
    ) -> Step | None:
        stored = login_words.mask(text)
        number = login_words.phone(text)
        if number is not None:
            customer = self._loans.customer_by_phone(number)
            return Step(
                "utter_login_id_tail",
                stored=stored,
                login=self._at(
                    ID_TAIL,
                    wall,
                    phone=self._hash("phone", number),
                    customer=customer.customer_id if customer else None,
                ),
            )
        if login["stage"] == ID_TAIL:
            tail = login_words.id_tail(text)
            if tail is not None:
                return self._ask_code(connection, session, login, tail, stored, wall)
            again = "utter_login_id_tail_again"
        else:
            again = "utter_login_phone_unclear"
        return Step(again, stored=stored, login=login) if login_words.numeric(text) else None

    def _code_stage(
        self, connection: Connection, session: Session, login: dict[str, Any], text: str, wall: datetime
    ) -> Step | None:
        code = login_words.code(text)
        if code is not None:
            return self._check(connection, session, login, code, wall)
        if login_words.says(text, "resend"):
            customer = self._customer(login["customer"])
            return self._send(
                connection, session, login, customer, wall, known=session.customer_id is not None, stored=text
            )
        if login_words.phone(text) is not None and session.customer_id is None:
            return self._value_stage(connection, session, {**login, "stage": PHONE}, text, wall)  # mistyped before
        if login_words.numeric(text):
            return Step("utter_login_code_again", stored=login_words.mask(text), login=login)
        return None

    def _ask_code(
        self, connection: Connection, session: Session, login: dict[str, Any], tail: str, stored: str, wall: datetime
    ) -> Step:
        customer = self._customer(login["customer"])
        expected = customer.id_number[-4:].upper() if customer else ""
        matches = hmac.compare_digest(expected.encode(), tail.encode())
        return self._send(
            connection,
            session,
            {**login, "customer": customer.customer_id if customer and matches else None},
            customer if matches else None,
            wall,
            known=False,
            stored=stored,
        )

    def _second_factor(self, connection: Connection, session: Session, customer_id: str, wall: datetime) -> Step:
        customer = self._customer(customer_id)
        if customer is None or not customer.phone:
            return Step("utter_login_no_phone", {"hotline": self._hotline}, event="login_impossible")
        login = self._at(CODE_STAGE, wall, phone=self._hash("phone", customer.phone), customer=customer_id)
        return self._send(connection, session, login, customer, wall, known=True, stored="")

    # -- codes

    def _send(
        self,
        connection: Connection,
        session: Session,
        login: dict[str, Any],
        customer: Customer | None,
        wall: datetime,
        *,
        known: bool,
        stored: str,
    ) -> Step:
        """Send a code to `customer`, or to nobody with the same words, limits and records."""
        waiting = {**login, "stage": CODE_STAGE, "at": wall.isoformat()}
        asker = self._hash("session", session.session_id)
        refusal = login_limits.ask_code(connection, login["phone"], asker, wall, self._limits)
        if refusal is not None:
            return self._refused(refusal, waiting, stored)
        code = login_limits.new_code(self._limits)
        minutes = int(self._limits.code_lives.total_seconds() // 60)
        login_limits.keep_code(
            connection,
            session.session_id,
            login["phone"],
            self._code_hash(session, login, code) if customer else None,
            customer.customer_id if customer else None,
            wall + self._limits.code_lives,
        )
        if customer is not None and customer.phone:
            words = self._speech.say(
                "utter_sms_code", "zh-Hans", {"code": code, "minutes": minutes, "lender_name": self._lender}
            ).text
            self._notifier.queue(connection, CODE, customer.phone, words, wall, erase_at=wall + self._limits.code_lives)
        if known and customer is not None and customer.phone:
            return Step(
                "utter_login_code_sent_known",
                {"minutes": minutes, "phone": mask_phone(customer.phone)},
                stored,
                waiting,
            )
        return Step("utter_login_code_sent", {"minutes": minutes}, stored, waiting)

    def _check(
        self, connection: Connection, session: Session, login: dict[str, Any], code: str, wall: datetime
    ) -> Step:
        given = self._code_hash(session, login, code)
        result = login_limits.try_code(connection, session.session_id, login["phone"], given, wall, self._limits)
        if result.customer_id is not None:
            return Step("", stored=ERASED, proven=result.customer_id, event="login_code_right")
        if result.locked_for is not None:
            return Step(
                "utter_login_locked",
                {"minutes": login_limits.whole_minutes(result.locked_for), "hotline": self._hotline},
                stored=ERASED,
                login=login,  # further guesses get the same words until the borrower gives up or the lock ends
                event="login_locked",
            )
        return Step(
            "utter_login_code_wrong", {"left": result.left}, stored=ERASED, login=login, event="login_code_wrong"
        )

    def _spent_code(self, connection: Connection, session: Session, text: str, wall: datetime) -> Step | None:
        """A code typed after its login is over is recognised by its hash, so that it is not kept as words."""
        code = login_words.code(text)
        if code is None:
            return None
        spent = login_limits.kept_code(connection, session.session_id)
        if spent is None or spent.code is None:
            return None
        if not hmac.compare_digest(spent.code, self._code_hash(session, {"phone": spent.phone}, code)):
            return None
        say = "utter_login_already" if session.customer_id == spent.customer_id else "utter_login_code_void"
        return Step(say, stored=ERASED, event="login_code_void")

    def _refused(self, refusal: login_limits.Refusal, waiting: dict[str, Any], stored: str) -> Step:
        if refusal.why == "wait":
            return Step(
                "utter_login_code_wait",
                {"seconds": int(refusal.left.total_seconds()) + 1},
                stored,
                waiting,
                event="login_code_wait",
            )
        say = "utter_login_locked" if refusal.why == "locked" else "utter_login_too_many"
        return Step(
            say,
            {"minutes": login_limits.whole_minutes(refusal.left), "hotline": self._hotline},
            stored,
            waiting,
            event=f"login_{refusal.why}",
        )

    # -- small things

    def _customer(self, customer_id: str | None) -> Customer | None:
        if customer_id is None:
            return None
        try:
            return self._loans.customer(customer_id)
        except NotFound:
            return None

    def _at(self, stage: str, wall: datetime, **more: Any) -> dict[str, Any]:
        return {"stage": stage, "phone": None, "customer": None, "at": wall.isoformat(), **more}

    def phone_key(self, phone: str) -> str:
        """The name under which a phone's codes and tries are counted."""
        return self._hash("phone", phone)

    def _hash(self, purpose: str, value: str) -> str:
        return hmac.new(self._key, f"{purpose}:{value}".encode(), hashlib.sha256).hexdigest()

    def _code_hash(self, session: Session, login: dict[str, Any], code: str) -> str:
        return self._hash("code", f"{session.session_id}:{login['phone']}:{code}")
