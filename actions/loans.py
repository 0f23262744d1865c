"""Which loan is meant: named, counted, remembered, or asked once."""

from __future__ import annotations

from typing import Any

from actions.ask import Ask
from bot.dialogue.turn import Button
from bot.lending.loan import Loan, Status
from bot.names import Entity, Intent, Slot

ALL_AT_ONCE = (Intent.QUERY_BALANCE, Intent.QUERY_DUE)  # topics that can be answered for all loans together
THE_OTHER = 0  # ordinal value of 「另一笔」


def tail(loan: Loan) -> str:
    """The last four characters of the loan number: all that is ever shown of it."""
    return loan.loan_id[-4:]


def loan_name(ask: Ask, loan: Loan) -> str:
    return ask.word("loan_name", product=loan.product.name, tail=tail(loan))


def is_settled(loan: Loan, ask: Ask) -> bool:
    return ask.position(loan).status is Status.SETTLED


def choose(ask: Ask, task: Intent, data: dict[str, Any] | None = None) -> tuple[Loan, ...]:
    """The loan meant (or all of them where the topic allows); empty when the answer was said or asked here."""
    loans = ask.loans
    if not loans:
        ask.say("utter_no_loan", level=1)
        return ()
    open_loans = tuple(loan for loan in loans if not is_settled(loan, ask))
    named = _named(ask, loans, open_loans)
    if named is not None:
        ask.remember(Slot.LOAN, named.loan_id)
        return (named,)
    if ask.says("both") and len(loans) > 1 and task in ALL_AT_ONCE:
        return open_loans or loans
    if _mentions_a_loan(ask):
        ask.say("utter_loan_unclear")
        ask_which(ask, task, data)
        return ()
    candidates = open_loans or loans
    if len(candidates) == 1:
        return candidates
    remembered = [loan for loan in candidates if loan.loan_id == ask.slot(Slot.LOAN)]
    if remembered:
        return (remembered[0],)
    ask_which(ask, task, data)
    return ()


def ask_which(ask: Ask, task: Intent, data: dict[str, Any] | None = None) -> None:
    """Ask once, with the loans as choices; amounts only at the level that may see them."""
    loans = [loan for loan in ask.loans if not is_settled(loan, ask)] or list(ask.loans)
    options, buttons = [], []
    for number, loan in enumerate(loans, start=1):
        title = ask.word("loan_option", n=number) + " " + loan_name(ask, loan)
        lines = [
            ask.word("option_method", method=ask.word(f"method_{loan.terms.method.value}"), periods=loan.terms.periods)
        ]
        if ask.may("amount"):
            lines.insert(0, ask.word("option_principal", cents=ask.yuan(loan.terms.principal)))
        say = ask.word("loan_option", n=number)
        options.append({"title": title, "lines": lines, "say": say})
        buttons.append(Button(title, say))
    if task in ALL_AT_ONCE:
        buttons.append(Button(ask.word("all_loans"), ask.word("all_loans")))
        options.append({"title": ask.word("all_loans"), "lines": [], "say": ask.word("all_loans")})
    ask.say(
        "utter_choose_loan",
        level=2 if ask.may("amount") else 1,
        count=len(loans),
        buttons=buttons,
        card={"kind": "choices", "title": "", "options": options},
    )
    ask.wait_for("loan", task, data)


def _named(ask: Ask, loans: tuple[Loan, ...], open_loans: tuple[Loan, ...]) -> Loan | None:
    """The one loan that the words point at."""
    number = ask.first(Entity.LOAN_NUMBER)
    if number is not None:
        wanted = str(number).upper()
        matching = [loan for loan in loans if loan.loan_id.upper().endswith(wanted)]
        return matching[0] if len(matching) == 1 else None
    counted = open_loans or loans
    ordinal = ask.first(Entity.ORDINAL)
    if ordinal == THE_OTHER:
        others = [loan for loan in counted if loan.loan_id != ask.slot(Slot.LOAN)]
        return others[0] if len(others) == 1 else None
    if ordinal is not None and ordinal != THE_OTHER and -len(counted) <= ordinal <= len(counted):
        return counted[ordinal - 1 if ordinal > 0 else ordinal]
    if _refers_by_amount(ask):
        amounts = ask.turn.understanding.values(Entity.AMOUNT)
        matching = [loan for loan in loans if loan.terms.principal in amounts]
        if len(matching) == 1:
            return matching[0]
    products = [loan for loan in loans if loan.product.name in ask.text]
    return products[0] if len(products) == 1 else None


def _refers_by_amount(ask: Ask) -> bool:
    """An amount names a loan only as an answer to "which one", or in words like 「那笔三万的」."""
    return ask.slot(Slot.ASKED) == "loan" or ask.says("loan_by_amount")


def _mentions_a_loan(ask: Ask) -> bool:
    if ask.first(Entity.LOAN_NUMBER) is not None or ask.first(Entity.ORDINAL) is not None:
        return True
    return ask.slot(Slot.ASKED) == "loan" and ask.intent is Intent.INFORM
