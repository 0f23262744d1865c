"""Settling or prepaying today, after a quote: the same disclosure, consent and code; the payment itself carries it out."""

from __future__ import annotations

from typing import Any

from actions.ask import Ask
from actions.help import agree
from actions.help.offers import assess, loan_of
from bot.dialogue import help_answers
from bot.dialogue.turn import Button
from bot.errors import BadInput
from bot.lending.loan import Loan
from bot.lending.wishes import Kind, Wish
from bot.names import Intent


def can_order(ask: Ask, loan: Loan, data: dict[str, Any], kinds: tuple[str, ...]) -> None:
    """After a quote for today: wait for 「今天就办结清」; any other message lets the question lapse."""
    data = {**data, "task": Intent.EARLY_REPAYMENT.value, "loan": loan.loan_id}
    ask.wait_for("help_order", Intent.EARLY_REPAYMENT, {**data, "kinds": list(kinds)})


def buttons(ask: Ask, kinds: tuple[str, ...]) -> list[Button]:
    return [Button(ask.word(f"order_{kind}"), ask.word(f"order_{kind}")) for kind in kinds]


def order(ask: Ask, data: dict[str, Any]) -> bool:
    """The words for what was quoted were said; False when they were not."""
    wanted = help_answers.order(ask.text)
    if wanted not in data.get("kinds", ()):
        return False
    loan = loan_of(ask, data)
    if loan is not None:
        _disclose(ask, loan, str(wanted), data)
    return True


def _disclose(ask: Ask, loan: Loan, wanted: str, data: dict[str, Any]) -> None:
    ask.stop_waiting()
    if wanted == "settle":
        wish = Wish(Kind.SETTLEMENT, on=ask.today)
    else:
        wish = Wish(Kind.PREPAYMENT, cents=int(data.get("amount") or 0), on=ask.today, variant=wanted)
    try:
        drawn = ask.services.arrangements.draw(loan, wish, ask.today)
    except BadInput:
        ask.say("utter_help_no_longer")
        return
    answers = ask.services.arrangements.answers(loan.customer_id, ask.turn.now)
    made = ask.services.arrangements.file(
        ask.turn, loan, drawn, assess(ask, loan, answers), answers, ask.local(ask.turn.now)
    )
    agree.disclose(ask, made, drawn, loan)
