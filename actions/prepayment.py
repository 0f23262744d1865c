"""Early settlement and partial prepayment: quotes for the amount and day the borrower names."""

from __future__ import annotations

from datetime import date
from typing import Any

from actions.account import say_what_may_be_said
from actions.ask import Ask, DaihouAction
from actions.faq import answered_by_item
from actions.help.order import buttons, can_order
from actions.loans import choose, loan_name
from actions.questions import put
from actions.topics.facts import prepay_rule
from bot.errors import BadInput
from bot.lending.allocation import allocate
from bot.lending.loan import Component, EntryKind, Loan, Method, Status
from bot.lending.prepayment import quote_prepayment
from bot.lending.quotes import PrepaymentQuote, SettlementQuote
from bot.lending.settlement import quote_settlement
from bot.names import Action, Entity, Intent, Slot
from bot.nlu.values import read_date

FULL = "full"


class ActionQuotePrepayment(DaihouAction):
    """`early_repayment` and `early_repayment_fee`."""

    action = Action.QUOTE_PREPAYMENT

    def answer(self, ask: Ask) -> None:
        names_figures = ask.first(Entity.AMOUNT) is not None or ask.first(Entity.DATE) is not None
        if not names_figures and answered_by_item(ask):
            return
        start(ask, ask.intent)


def start(ask: Ask, topic: Intent) -> None:
    """A new wish to repay early; earlier figures of another wish are forgotten."""
    if not ask.may("amount"):
        if topic is Intent.EARLY_REPAYMENT_FEE:
            ask.say("utter_fee_rule_general")
        else:
            say_what_may_be_said(ask, topic)
        return
    data: dict[str, Any] = {"topic": topic.value}
    if ask.slot(Slot.TOPIC) == topic.value and ask.decided_by_context:
        data |= ask.slot(Slot.TASK_DATA) or {}  # 「换个日期」 goes on with the amount named before
    quote(ask, data)


def quote(ask: Ask, data: dict[str, Any]) -> None:
    """Gather what is missing, one question at a time, then say the quote. `data`: topic, amount, date, loan."""
    task = Intent(data["topic"])
    if not _gather(ask, data, task):
        return
    chosen = choose(ask, task, data)
    if not chosen:
        return
    loan = chosen[0]
    ask.stop_waiting()
    ask.remember(Slot.TOPIC, task.value)
    ask.remember(Slot.LOAN, loan.loan_id)
    now = ask.position(loan)
    if now.status is Status.SETTLED:
        settled_on = max((i.paid_on for i in now.instalments if i.paid_on), default=ask.today)
        ask.say("utter_settled", level=2, loan_name=loan_name(ask, loan), settled_on=ask.day(settled_on))
        return
    if task is Intent.EARLY_REPAYMENT_FEE and "amount" not in data and "date" not in data:
        settled = quote_settlement(loan, ask.today, ask.today)
        ask.say(
            "utter_fee_rule",
            level=2,
            loan_name=loan_name(ask, loan),
            prepay_rule=prepay_rule(ask, loan),
            fee=ask.yuan(settled.fee),
            saved=ask.yuan(settled.interest_saved),
        )
        ask.remember(Slot.TASK_DATA, data)
        return
    if data.get("amount") == "ask":
        put(ask, "amount", task, {k: v for k, v in data.items() if k != "amount"})
        return
    if isinstance(data.get("amount"), int) and data.get("date") is None and data.get("ask_date"):
        put(ask, "date", task, data)
        return
    on = date.fromisoformat(data["date"]) if data.get("date") else ask.today
    last = loan.plan[-1].due_on
    if on > last:
        ask.say("utter_date_too_late", on=ask.day(on), last_due=ask.day(last), level=2)
        put(ask, "date", task, {k: v for k, v in data.items() if k != "date"})
        return
    data.pop("kinds", None)
    _say_quote(ask, loan, on, data)
    ask.remember(Slot.TASK_DATA, data)
    kinds = tuple(data.pop("kinds", ()))
    if on == ask.today and kinds:
        ask.say("utter_order_offer", buttons=buttons(ask, kinds))
        can_order(ask, loan, data, kinds)


def _gather(ask: Ask, data: dict[str, Any], task: Intent) -> bool:
    """Read amount and day from the message into `data`; False when a word could not be used and was asked again."""
    words = ask.first(Entity.DATE)
    if words is not None:
        day = read_date(words, ask.today)
        if day is None:
            ask.say("utter_date_unclear", quote=words)
            put(ask, "date", task, data)
            return False
        if day < ask.today:
            ask.say("utter_date_past", on=ask.day(day))
            put(ask, "date", task, data)
            return False
        data["date"] = day.isoformat()
    elif ask.says("other_day"):
        data.pop("date", None)
        put(ask, "date", task, data)
        return False
    counts_a_loan = ask.first(Entity.ORDINAL) is not None and ask.slot(Slot.ASKED) != "amount"
    amount = None if counts_a_loan or ask.says("loan_by_amount") else ask.first(Entity.AMOUNT)
    if amount is not None and not _is_a_loan(ask, int(amount)):
        if int(amount) <= 0:
            ask.say("utter_amount_not_positive")
            put(ask, "amount", task, data)
            return False
        data["amount"] = int(amount)
    elif ask.says("other_amount"):
        data["amount"] = "ask"
    elif ask.says("full"):
        data["amount"] = FULL
    elif ask.says("partial") and not isinstance(data.get("amount"), int):
        data["amount"], data["ask_date"] = "ask", data.get("date") is None
    return True


def _is_a_loan(ask: Ask, cents: int) -> bool:
    """While "which loan" is open, an amount equal to a loan's own names that loan."""
    return ask.slot(Slot.ASKED) == "loan" and any(loan.terms.principal == cents for loan in ask.loans)


def _say_quote(ask: Ask, loan: Loan, on: date, data: dict[str, Any]) -> None:
    amount = data.get("amount")
    now = ask.position(loan)
    if isinstance(amount, int) and now.status is Status.OVERDUE and amount <= now.overdue.total and on == ask.today:
        _say_part_payment(ask, loan, amount)
        return
    if not isinstance(amount, int):
        _say_settlement(ask, loan, quote_settlement(loan, on, ask.today))
        data["kinds"] = ["settle"]
        return
    try:
        prepaid = quote_prepayment(loan, on, amount, ask.today)
        _say_prepayment(ask, loan, prepaid)
        data["kinds"] = [variant.kind for variant in prepaid.variants]
    except BadInput as refused:
        data["amount"] = FULL
        settled = quote_settlement(loan, on, ask.today)
        if refused.code == "too_much":
            ask.say(
                "utter_amount_too_much", level=2, principal=ask.yuan(amount), limit=ask.yuan(settled.principal_not_due)
            )
        elif refused.code == "method_not_possible":
            ask.say(
                "utter_prepayment_not_possible",
                level=2,
                loan_name=loan_name(ask, loan),
                method=ask.word(f"method_{loan.terms.method.value}"),
            )
        elif refused.code != "nothing_left":
            raise
        _say_settlement(ask, loan, settled)
        data["kinds"] = ["settle"]


def _say_part_payment(ask: Ask, loan: Loan, cents: int) -> None:
    """Somebody in arrears names less than what is overdue: what it would go to, and what stays overdue."""
    overdue = ask.position(loan).overdue.total
    drafts = allocate(loan, cents, ask.turn.now, ask.today, "preview")
    met = {c: -sum(e.cents for e in drafts if e.kind is EntryKind.PAY and e.component is c) for c in Component}
    parts = [f"{ask.word(component.value)} {ask.yuan(paid)}" for component, paid in met.items() if paid]
    ask.say(
        "utter_part_payment",
        level=2,
        loan_name=loan_name(ask, loan),
        cents=ask.yuan(cents),
        parts=" · ".join(parts),
        left=ask.yuan(overdue - cents),
        overdue_total=ask.yuan(overdue),
    )


def _say_settlement(ask: Ask, loan: Loan, settled: SettlementQuote) -> None:
    parts = _due_first(ask, loan, settled)
    parts.append(ask.word("part_principal", cents=ask.yuan(settled.principal_not_due)))
    if loan.terms.method is Method.FLAT:
        parts.append(ask.word("part_flat", cents=ask.yuan(settled.interest)))
    else:
        parts.append(
            ask.word(
                "part_interest",
                cents=ask.yuan(settled.interest),
                since=ask.day(settled.interest_from),
                days=settled.interest_days,
            )
        )
    parts.append(_fee(ask, settled.fee, settled))
    if settled.unapplied:
        parts.append(ask.word("part_unapplied", cents=ask.yuan(settled.unapplied)))
    ask.say(
        "utter_settlement_quote",
        level=2,
        loan_name=loan_name(ask, loan),
        on=ask.day(settled.on),
        total=ask.yuan(settled.total),
        parts="\n".join(parts),
        saved=ask.yuan(settled.interest_saved),
        fee_note=_net(ask, settled.interest_saved, settled.fee),
    )


def _say_prepayment(ask: Ask, loan: Loan, prepaid: PrepaymentQuote) -> None:
    parts = _due_first(ask, loan, prepaid)
    parts.append(ask.word("part_principal", cents=ask.yuan(prepaid.principal)))
    parts.append(ask.word("part_interest_on", cents=ask.yuan(prepaid.interest), days=prepaid.interest_days))
    parts.append(_fee(ask, prepaid.fee, prepaid))
    values: dict[str, object] = {}
    for letter, variant in zip("ab", prepaid.variants, strict=False):
        values |= {
            f"{letter}_count": variant.count,
            f"{letter}_instalment": ask.yuan(variant.instalment),
            f"{letter}_last": ask.yuan(variant.last),
            f"{letter}_saved": ask.yuan(variant.interest_saved),
        }
    response = "utter_prepayment_quote" if len(prepaid.variants) > 1 else "utter_prepayment_quote_one"
    ask.say(
        response,
        level=2,
        loan_name=loan_name(ask, loan),
        on=ask.day(prepaid.on),
        principal=ask.yuan(prepaid.principal),
        total=ask.yuan(prepaid.total),
        parts="\n".join(parts),
        **values,
    )


def _due_first(ask: Ask, loan: Loan, quoted: SettlementQuote | PrepaymentQuote) -> list[str]:
    """What must be paid before anything else, and what the quote takes as paid by then."""
    parts = []
    if quoted.assumed_paid:
        paid = [line for line in loan.plan if line.number in quoted.assumed_paid]
        listed = ", ".join(ask.day(line.due_on) for line in paid)
        parts.append(ask.word("part_assumed", days=listed))
    if quoted.overdue.total:
        late = ask.position(loan).status is Status.OVERDUE
        parts.append(ask.word("part_overdue" if late else "part_due", cents=ask.yuan(quoted.overdue.total)))
    return parts


def _fee(ask: Ask, fee: int, quoted: SettlementQuote | PrepaymentQuote) -> str:
    if quoted.fee_rate:
        return ask.word("part_fee", cents=ask.yuan(fee), rate=ask.percent(quoted.fee_rate))
    return ask.word("part_fee_none")


def _net(ask: Ask, saved: int, fee: int) -> str:
    """What is left of the saving after the fee, said either way."""
    if not fee:
        return ""
    key = "fee_note" if saved >= fee else "fee_note_loss"
    return ask.word(key, net=ask.yuan(abs(saved - fee)))
