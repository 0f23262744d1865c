"""From a wish to a choice: which loan, the questions, up to three options, and what was chosen."""

from __future__ import annotations

from typing import Any

from actions.ask import Ask
from actions.help import agree, intake, wording
from actions.loans import choose, is_settled, loan_name
from bot.dialogue import help_answers
from bot.dialogue.turn import Button
from bot.lending.intake import Answers, Assessment
from bot.lending.loan import Loan
from bot.lending.options import Option, option, options
from bot.lending.wishes import Deferring, Kind, Wish
from bot.names import Entity, Intent, Slot
from bot.nlu.values import read_date
from bot.services.arrangement_rows import APPROVED, IN_FORCE, PENDING

ASKING = (Intent.CANNOT_REPAY, Intent.NEGOTIATE_PLAN, Intent.REQUEST_EXTENSION, Intent.REQUEST_INSTALMENT)
DIRECT = (Intent.CHANGE_DUE_DATE, Intent.REQUEST_WAIVER)
HELP = (*ASKING, *DIRECT, Intent.PROMISE_TO_PAY)
LONGEST_GRACE = 15  # days; a longer wish is a deferral
LONGEST_DEFERRAL = 3  # months, of what a borrower asks for without saying how long it will last
USUAL_SPLIT = 6  # instalments, where none were named


def begin(ask: Ask, wish: Intent, data: dict[str, Any] | None = None) -> None:
    """A proven borrower asks for help: find the loan, then ask or offer. What the first message told is kept at once."""
    data = {**(data or {}), "task": wish.value}
    if wish in ASKING and "fresh" not in data:
        kept = ask.services.arrangements.answers(ask.turn.speaker.customer_id, ask.turn.now)
        told = intake.first_story(ask, kept)
        if told != kept:
            ask.services.arrangements.keep_answers(ask.turn, told)
        data["fresh"] = kept == Answers()
        data["days"] = help_answers.days_wanted(ask.text) if wish is Intent.REQUEST_EXTENSION else None
    chosen = choose(ask, wish, data)
    if chosen:
        go_on(ask, chosen[0], data)


def go_on(ask: Ask, loan: Loan, data: dict[str, Any]) -> None:
    """The loan is known."""
    task = Intent(data["task"])
    data["loan"] = loan.loan_id
    ask.remember(Slot.LOAN, loan.loan_id)
    ask.remember(Slot.TOPIC, task.value)
    if is_settled(loan, ask):
        ask.stop_waiting()
        ask.say("utter_help_settled", level=2, loan_name=loan_name(ask, loan))
        return
    if task is Intent.PROMISE_TO_PAY:
        from actions.help.promise import promise  # here: promises offer options too

        promise(ask, loan, data)
        return
    if _running(ask, loan):
        return
    if task in DIRECT:
        from actions.help.direct import due_day, waiver  # here: they offer options as well

        (due_day if task is Intent.CHANGE_DUE_DATE else waiver)(ask, loan, data)
        return
    ask_or_offer(ask, loan, data)


def _running(ask: Ask, loan: Loan) -> bool:
    """What is already under way for the loan comes first; True when that was the answer."""
    mine = [one for one in ask.services.arrangements.of_customer(loan.customer_id) if one.loan_id == loan.loan_id]
    approved = next((one for one in mine if one.status == APPROVED), None)
    if approved is not None:
        if approved.wish.kind is Kind.PROMISE:
            from actions.help.promise import approved as promise_approved  # here: promises offer options too

            promise_approved(ask, loan, approved)
        else:
            agree.show(ask, approved, loan)
        return True
    pending = next((one for one in mine if one.status == PENDING), None)
    if pending is not None and pending.answer_by is not None and not ask.says_help("none_fits"):
        ask.say(
            "utter_help_pending_already",
            level=2,
            ref=pending.ref,
            title=wording.title(ask, pending.wish),
            by=ask.moment(pending.answer_by),
        )
    running = next((one for one in mine if one.status == IN_FORCE), None)
    if running is not None:
        ask.say("utter_help_running_already", level=2, ref=running.ref, title=wording.title(ask, running.wish))
    return False


# -- hardship: questions, then options


def ask_or_offer(ask: Ask, loan: Loan, data: dict[str, Any]) -> None:
    """The questions first; for a few days more nobody is asked why."""
    kept = ask.services.arrangements.answers(loan.customer_id, ask.turn.now)
    if data.get("days") and data["days"] <= LONGEST_GRACE and not ask.position(loan).overdue.total:
        offer(ask, loan, kept, data)
        return
    answers = intake.first_story(ask, kept)
    resumed = kept != Answers() and not data.get("fresh")
    if answers != kept:
        ask.services.arrangements.keep_answers(ask.turn, answers)
    if not resumed:
        ask.say("utter_help_start")
    elif answers.next_question is not None:
        ask.say("utter_help_resume")
    task = Intent(data["task"])
    if not intake.put_next(ask, answers, task, data):
        offer(ask, loan, answers, data)


def answered(ask: Ask, asked: str, data: dict[str, Any]) -> None:
    """A message that answers a question of the intake."""
    loan = loan_of(ask, data)
    if loan is None:
        return
    answers = ask.services.arrangements.answers(loan.customer_id, ask.turn.now)
    if help_answers.says(ask.text, "enough"):
        offer(ask, loan, answers, data)
        return
    changed = intake.take(ask, asked.removeprefix(help_answers.PREFIX), answers, data)
    if changed is None:
        return
    data.pop("tries", None)
    ask.services.arrangements.keep_answers(ask.turn, changed)
    if not intake.put_next(ask, changed, Intent(data["task"]), data):
        offer(ask, loan, changed, data)


def offer(ask: Ask, loan: Loan, answers: Answers, data: dict[str, Any]) -> None:
    """Work the options out and show them; where there is none, a person."""
    assessed = assess(ask, loan, answers)
    if answers.reason in ask.services.arrangements.policy(ask.today).vulnerable and not data.get("comforted"):
        data["comforted"] = True
        ask.say("utter_help_vulnerable")
    _say_budget(ask, answers, assessed)
    arrangements, asked = ask.services.arrangements, _asked_for(ask, assessed, data)
    policy, most = arrangements.policy(ask.today), arrangements.most(ask.today)
    found = options(loan, assessed.ground, policy, ask.today, most, asked)
    if not found:
        bring_person(ask, "utter_help_none")
        return
    show(ask, loan, found, assessed, data)


def _asked_for(ask: Ask, assessed: Assessment, data: dict[str, Any]) -> tuple[Wish, ...]:
    """What the borrower asked for by name."""
    if data["task"] == Intent.REQUEST_INSTALMENT.value:
        count = ask.first(Entity.TERM)
        return (Wish(Kind.OVERDUE_SPLIT, count=count if isinstance(count, int) and count > 1 else USUAL_SPLIT),)
    if data["task"] != Intent.REQUEST_EXTENSION.value:
        return ()
    months = min(LONGEST_DEFERRAL, assessed.ground.lasting.months or 1)
    deferral = Wish(Kind.DEFERRAL, months=months, how=Deferring.INTEREST_ONLY)
    few_days = data.get("days") and data["days"] <= LONGEST_GRACE
    return (Wish(Kind.GRACE, days=data["days"]), deferral) if few_days else (deferral,)


def one_option(ask: Ask, loan: Loan, wish: Wish, assessed: Assessment) -> Option | None:
    """A single wish drawn up; None when it cannot be."""
    arrangements = ask.services.arrangements
    policy, most = arrangements.policy(ask.today), arrangements.most(ask.today)
    return option(loan, wish, assessed.ground, policy, ask.today, most)


def show(ask: Ask, loan: Loan, found: tuple[Option, ...], assessed: Assessment, data: dict[str, Any]) -> None:
    """The comparison; the next message chooses."""
    texts = "\n".join(wording.option_lines(ask, one, "ABC"[index]) for index, one in enumerate(found))
    can_pay = assessed.ground.can_pay
    response = "utter_help_options"
    if can_pay is not None and not any(one.fits for one in found):
        response = "utter_help_options_over"
    buttons = [
        Button(ask.word("choose", letter="ABC"[index]), ask.word("choose_say", letter="ABC"[index]))
        for index in range(len(found))
    ]
    ask.say(
        response,
        level=2,
        loan_name=loan_name(ask, loan),
        options=texts,
        can_pay=ask.yuan(can_pay or 0),
        card=wording.compare_card(ask, found, loan),
        buttons=buttons,
    )
    data = {**data, "loan": loan.loan_id, "offered": [one.wish.as_json() for one in found]}
    ask.wait_for("help_choice", Intent(data["task"]), data)


# -- small things


def assess(ask: Ask, loan: Loan, answers: Answers) -> Assessment:
    assessed: Assessment = ask.services.arrangements.assess(loan, ask.loans, answers, ask.today)
    return assessed


def loan_of(ask: Ask, data: dict[str, Any]) -> Loan | None:
    """The loan of a running task; None (and said) when this session may not see it any more."""
    if not ask.may("amount"):
        ask.ask_to_log_in()
        return None
    loan = next((one for one in ask.loans if one.loan_id == data.get("loan")), None)
    if loan is None:
        begin(ask, Intent(data["task"]))
    return loan


def bring_person(ask: Ask, words: str) -> None:
    """Nothing that can be computed helps: said honestly, and a person takes it from here."""
    from actions.requests import record_request  # here: requests begin help

    ask.stop_waiting()
    ask.say(words)
    record_request(ask, Intent.NEGOTIATE_PLAN)


def _say_budget(ask: Ask, answers: Answers, assessed: Assessment) -> None:
    if assessed.affordable is None or answers.budget is None:
        return
    ask.say(
        "utter_help_budget",
        level=2,
        income=ask.yuan(answers.budget.income),
        essentials=ask.yuan(answers.budget.essentials),
        other=ask.yuan(answers.budget.other_debts),
        affordable=ask.yuan(assessed.affordable),
        instalment=ask.yuan(assessed.instalment),
    )
    if answers.can_pay is not None and answers.can_pay > assessed.affordable:
        said, safe = ask.yuan(answers.can_pay), ask.yuan(assessed.affordable)
        ask.say("utter_help_can_pay_high", level=2, said=said, affordable=safe)


def day_named(ask: Ask) -> Any:
    """The day that a message names, or None."""
    words = ask.first(Entity.DATE)
    return read_date(str(words), ask.today) if words is not None else None
