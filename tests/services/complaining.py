"""Hands for tests of complaints: lodge as a borrower, handle as staff, run what is due."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from bot.app import Services
from bot.lending.authority import Actor
from bot.lending.contact import ContactType
from bot.services.complaints import improving, letters, remedies
from bot.services.complaints.lodgement import Decision, Lodging
from bot.services.complaints.rows import case
from bot.services.worker import Worker
from bot.store.complaint_schema import complaint_contacts, complaint_events, complaints
from bot.store.conversation_schema import messages, notifications

AGENT, OTHER = Actor("mei", "agent"), Actor("lin", "agent")
LEAD, LEAD2 = Actor("chen", "lead"), Actor("zhao", "lead")
BOSS, BOSS2 = Actor("wang", "supervisor"), Actor("li", "supervisor")
EVERYBODY = (AGENT, OTHER, LEAD, LEAD2, BOSS, BOSS2)
CUSTOMER, LOAN = "C1001", "LN1001"
PHONED = "催收每天打我单位电话，告诉同事我欠钱，要求停止并道歉"
CLOSING = {"root_cause": "conduct_breach", "preventability": "preventable", "owner": "collection"}


def closed_case(number: int, received: datetime, **more: Any) -> dict[str, Any]:
    """Columns of a case that is over, as learning reads it."""
    return {
        "ref": f"TS-L{number:06}", "state": "closed", "state_at": received, "sender": f"customer:C{number}", "channel": "web",
        "language": "zh-Hans", "complainant": "borrower", "words": f"第{number}位客户张伟重复扣款两次，电话13812345678",
        "l1": "PAY", "l2": "double", "urgency": "P2", "flags": [], "accused": [], "received_at": received,
        "clock_from": received, "contact_by": received, "target_by": received + timedelta(days=5), "legal_by": received.date(),
        "legal_days": 15, "told_by": received, "contacted_at": received + timedelta(hours=2),
        "decided_at": received + timedelta(days=3), "root_cause": "system_defect", "product": "cash",
        "lesson": "对账任务漏了一批", "merit": "upheld", **more,
    }  # fmt: skip


@dataclass
class Hands:
    services: Services
    clock: Any

    def staff(self) -> None:
        for actor in EVERYBODY:
            self.services.staff.put(actor.staff_id, actor.role, name=f"{actor.staff_id}-name", skills=["complaint"])

    def write(self, job: Callable[[Connection, datetime], Any]) -> Any:
        with self.services.database.write() as connection:
            return job(connection, self.clock.now())

    def read(self, query: Any) -> list[Any]:
        with self.services.database.read() as connection:
            return list(connection.execute(query).mappings())

    def case(self, ref: str) -> dict[str, Any]:
        with self.services.database.read() as connection:
            return case(connection, ref)

    def lodging(self, words: str = PHONED, **more: Any) -> Lodging:
        given: dict[str, Any] = {
            "channel": "rest",
            "language": "zh-Hans",
            "sender": f"customer:{CUSTOMER}",
            "received_at": self.clock.now(),
            "complainant": "borrower",
            "customer_id": CUSTOMER,
            **more,
        }
        return Lodging(words, **given)

    def lodge(self, words: str = PHONED, **more: Any) -> Decision:
        lodging = self.lodging(words, **more)
        made: Decision = self.write(lambda c, now: self.services.complaints.intake.lodge(c, lodging, now))
        return made

    def do(self, actor: Actor, ref: str, verb: str, **body: Any) -> dict[str, Any]:
        version = self.case(ref)["version"]
        handling = self.services.complaints.handling
        done: dict[str, Any] = self.write(lambda c, now: handling.do(c, actor, ref, verb, version, body, now))
        return done

    def borrower(self, what: str, ref: str, *args: Any) -> dict[str, Any]:
        function = getattr(self.services.complaints.borrower, what)
        done: dict[str, Any] = self.write(lambda c, now: function(c, case(c, ref), *args, now))
        return done

    def remedy(
        self, ref: str, kind: str, by: Actor = AGENT, granted_by: tuple[Actor, ...] = (LEAD,), **more: Any
    ) -> str:
        basis = self.services.complaints.basis
        made = self.write(
            lambda c, now: remedies.propose(c, basis, case(c, ref), by, kind, "停止拨打并道歉", now, **more)
        )
        for actor in granted_by:
            self.write(lambda c, now, one=actor: remedies.approve(c, basis, case(c, ref), one, made["remedy_id"], now))
        return str(made["remedy_id"])

    def letter(self, ref: str, language: str = "zh-Hans", by: Actor = AGENT, **changed: Any) -> dict[str, Any]:
        basis = self.services.complaints.basis

        def write(connection: Connection, now: datetime) -> dict[str, Any]:
            row = case(connection, ref)
            contents = {**letters.draft(connection, basis, row, language, now), **changed}
            return letters.keep(connection, basis, row, letters.Who(by.staff_id, by.role), language, contents, now)

        kept: dict[str, Any] = self.write(write)
        return kept

    def proposed(self, ref: str, by: Actor = AGENT, merit: str = "upheld") -> None:
        if self.case(ref)["state"] == "acknowledged":
            self.do(by, ref, "triage")
        if self.case(ref)["state"] == "triaged":
            self.do(by, ref, "investigate")
        self.do(
            by,
            ref,
            "propose",
            findings="录音证实外包人员三次致电单位。",
            merit=merit,
            grounds="违反公司催收规范第七条。",
        )

    def notified(self, ref: str, by: Actor = AGENT, decider: Actor = BOSS, merit: str = "upheld") -> None:
        self.proposed(ref, by, merit)
        self.do(decider, ref, "decide")
        self.do(by, ref, "notify", letter_id=self.letter(ref)["letter_id"])

    def action(self, ref: str, by: Actor = LEAD) -> str:
        basis = self.services.complaints.basis
        on = basis.today(self.clock.now())
        return str(
            self.write(
                lambda c, now: improving.plan(
                    c, basis, case(c, ref), by, "corrective", "外包商名单里删掉了单位电话。", "collection", on, now
                )
            )
        )

    def events(self, ref: str) -> list[str]:
        query = sa.select(complaint_events).where(complaint_events.c.ref == ref).order_by(complaint_events.c.seq)
        return [row["kind"] for row in self.read(query)]

    def contacts(self, ref: str) -> list[Any]:
        return self.read(sa.select(complaint_contacts).where(complaint_contacts.c.ref == ref))

    def cases(self) -> list[Any]:
        return self.read(sa.select(complaints).order_by(complaints.c.ref))

    def said(self) -> list[str]:
        return [row["response"] for row in self.read(sa.select(messages).order_by(messages.c.at, messages.c.seq))]

    def sent(self) -> list[str]:
        return [row["text"] for row in self.read(sa.select(notifications).order_by(notifications.c.notification_id))]


async def run(worker: Worker) -> None:
    """Whatever is due by now."""
    while await worker.once():
        pass


def allowed(hands: Hands) -> bool:
    """Whether the engine may call the customer for collection."""
    contact = hands.services.contact
    return bool(hands.write(lambda c, now: contact.allow(c, CUSTOMER, ContactType.COLLECTION, "phone", now)).allowed)
