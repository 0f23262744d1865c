"""Hands for the dialogues of repayment help: read, agree, sign; what the night does."""

from __future__ import annotations

import re

from bot.lending.authority import Actor
from bot.services import nightly
from tests.dialogues.conftest import Borrower, Demo

READING = 11  # seconds: longer than the policy's
AGENT, LEAD = Actor("a1", "agent"), Actor("l1", "lead")


def code(demo: Demo, customer: str) -> str:
    phone = demo.services.loans.customer(customer).phone
    assert phone is not None
    sent = demo.services.notifier.sent_to(phone)[-1]["text"]
    return re.findall(r"\d{6}", sent)[0]


async def sign(demo: Demo, borrower: Borrower, customer: str, agree: str = "同意") -> str:
    """Read, agree, type the code."""
    demo.clock.forward(seconds=READING)
    await borrower.say(agree)
    assert borrower.responses == ["utter_help_code_sent"]
    return await borrower.say(code(demo, customer))


async def night(demo: Demo) -> None:
    """The checks of the night, and what they tell."""
    now = demo.clock.now()
    with demo.services.database.write() as connection:
        nightly.run(demo.services, connection, now.astimezone(demo.services.settings.timezone).date(), now)
    while await demo.service.worker.once():
        pass


async def options(borrower: Borrower, *said: str) -> str:
    answer = ""
    for one in said:
        answer = await borrower.say(one)
    assert any(one.startswith("utter_help_options") for one in borrower.responses), answer
    return answer


def plan_of(demo: Demo, loan: str) -> list[tuple[str, int]]:
    return [(line.due_on.isoformat(), line.total) for line in demo.services.loans.loan(loan).plan]


async def ordered(demo: Demo, *said: str) -> tuple[Borrower, int]:
    """An order signed; the cents that it waits for."""
    borrower = demo.borrower("C1001")
    for one in said:
        await borrower.say(one)
    assert "utter_help_disclosure" in borrower.responses
    await sign(demo, borrower, "C1001")
    assert borrower.responses == ["utter_help_ordered"]
    (made,) = demo.services.arrangements.of_customer("C1001")
    return borrower, int(made.figures["after"]["asks"][0][1])
