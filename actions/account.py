"""Questions about one's own loans: check the level, find the loan, answer from the store."""

from __future__ import annotations

from collections.abc import Callable

from actions.ask import Ask, DaihouAction
from actions.faq import answered_by_item
from actions.loans import choose, is_settled, loan_name, tail
from actions.status import request_status
from actions.topics.balance import balance, balance_of_all
from actions.topics.bill import bill_detail
from actions.topics.due import due, due_of_all
from actions.topics.facts import loan_info, rate_and_fee
from actions.topics.history import payment_history, schedule
from actions.topics.overdue import overdue_consequence, overdue_status
from actions.topics.pay import autopay, how_to_repay, minimum_payment
from bot.lending.loan import Loan, Position
from bot.names import Action, Intent, Slot

Topic = Callable[[Ask, Loan, Position], None]

TOPICS: dict[Intent, Topic] = {
    Intent.QUERY_BALANCE: balance,
    Intent.QUERY_DUE: due,
    Intent.QUERY_BILL_DETAIL: bill_detail,
    Intent.QUERY_SCHEDULE: schedule,
    Intent.QUERY_PAYMENT_HISTORY: payment_history,
    Intent.QUERY_LOAN_INFO: loan_info,
    Intent.QUERY_RATE_FEE: rate_and_fee,
    Intent.OVERDUE_STATUS: overdue_status,
    Intent.OVERDUE_CONSEQUENCE: overdue_consequence,
    Intent.AUTOPAY: autopay,
    Intent.HOW_TO_REPAY: how_to_repay,
    Intent.MINIMUM_PAYMENT: minimum_payment,
}
# Answered in general words to somebody who has not proven who they are.
GENERAL = {
    Intent.QUERY_RATE_FEE: "utter_rate_fee_general",
    Intent.OVERDUE_CONSEQUENCE: "utter_overdue_consequence_general",
    Intent.HOW_TO_REPAY: "utter_how_to_repay",
    Intent.MINIMUM_PAYMENT: "utter_minimum_payment",
}
# Still meaningful when the loan is settled.
AFTER_SETTLEMENT = (Intent.QUERY_SCHEDULE, Intent.QUERY_PAYMENT_HISTORY, Intent.QUERY_LOAN_INFO, Intent.QUERY_RATE_FEE)
# Answered without a running loan as well.
GENERAL_WITHOUT_LOAN = tuple(GENERAL)


def answer_topic(ask: Ask, topic: Intent) -> None:
    """Answer `topic` for the loan meant, or ask for what is missing (identity, which loan)."""
    if not ask.may("amount"):
        say_what_may_be_said(ask, topic)
        return
    if topic in GENERAL_WITHOUT_LOAN and not any(not is_settled(loan, ask) for loan in ask.loans):
        ask.say(GENERAL[topic], due_line="")
        return
    chosen = choose(ask, topic)
    if not chosen:
        return
    if ask.slot(Slot.TASK) == topic.value:
        ask.stop_waiting()  # this was its question; another task's stays open and is asked again
    ask.remember(Slot.TOPIC, topic.value)
    held = [(loan, ask.position(loan)) for loan in chosen]
    if len(held) > 1:
        (balance_of_all if topic is Intent.QUERY_BALANCE else due_of_all)(ask, held)
        return
    loan, now = held[0]
    if is_settled(loan, ask) and topic not in AFTER_SETTLEMENT:
        settled_on = max((i.paid_on for i in now.instalments if i.paid_on), default=ask.today)
        ask.say("utter_settled", level=2, loan_name=loan_name(ask, loan), settled_on=ask.day(settled_on))
        return
    TOPICS[topic](ask, loan, now)


def say_what_may_be_said(ask: Ask, topic: Intent) -> None:
    """Too low a level: what may be said is said, then the session is asked to prove itself."""
    if topic in GENERAL:
        ask.say(GENERAL[topic], due_line="")
        return
    if ask.may("loan_count"):
        loans = ask.loans
        if not loans:
            ask.say("utter_no_loan", level=1)
            return
        listed = ", ".join(ask.word("loan_name", product=loan.product.name, tail=tail(loan)) for loan in loans)
        ask.say("utter_summary", level=1, count=len(loans), loans=listed)
    ask.ask_to_log_in()


class ActionAnswerAccount(DaihouAction):
    """Every account question; FAQ items inside such an intent are answered from the FAQ."""

    action = Action.ANSWER_ACCOUNT

    def answer(self, ask: Ask) -> None:
        if answered_by_item(ask):
            return
        if ask.intent in (Intent.REQUEST_STATUS, Intent.COMPLAINT_STATUS):
            request_status(ask)
        elif ask.intent is Intent.AUTOPAY and ask.says("register"):
            from actions.requests import record_request  # here: requests know topics too

            record_request(ask, Intent.AUTOPAY)
        else:
            answer_topic(ask, ask.intent)
