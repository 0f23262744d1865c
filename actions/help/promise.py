"""A promise to pay: an amount by a day, confirmed in words, one open at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from actions.ask import Ask
from actions.help import wording
from actions.help.offers import assess, day_named, go_on, loan_of
from actions.loans import loan_name
from bot.dialogue.turn import Button
from bot.errors import BadInput
from bot.lending import promises
from bot.lending.authority import needed
from bot.lending.help_policy import Role
from bot.lending.loan import Loan
from bot.lending.wishes import Kind, Wish
from bot.names import Entity, Intent
from bot.nlu.days import bare_day
from bot.nlu.values import read_date
from bot.services.arrangement_rows import Arrangement


def promise(ask: Ask, loan: Loan, data: dict[str, Any]) -> None:
    """Gather day and amount, one question at a time, then have them confirmed."""
    now = ask.position(loan)
    rules = ask.services.arrangements.policy(ask.today).promises
    standing = assess(ask, loan, ask.services.arrangements.answers(loan.customer_id, ask.turn.now)).ground.standing
    if standing.broken_promises >= rules.intake_from_broken:
        ask.say("utter_promise_instead_help")
        go_on(ask, loan, {"task": Intent.CANNOT_REPAY.value})
        return
    by = day_named(ask) or (date.fromisoformat(data["by"]) if data.get("by") else None)
    if by is None:
        period = ask.first(Entity.PERIOD)
        if isinstance(period, int) and period > 0:
            ask.say("utter_promise_too_late", days=rules.days)
            go_on(ask, loan, {"task": Intent.REQUEST_EXTENSION.value})
            return
        if ask.first(Entity.DATE) is not None:
            ask.say("utter_date_unclear", quote=str(ask.first(Entity.DATE)))
        ask.say("utter_promise_ask_day")
        ask.wait_for("help_promise_day", Intent.PROMISE_TO_PAY, {**data, "loan": loan.loan_id})
        return
    named = ask.first(Entity.AMOUNT)
    cents = int(named) if named is not None else int(data.get("cents") or 0) or promises.owed_for(now, by)
    data = {**data, "loan": loan.loan_id, "cents": cents, "by": by.isoformat()}
    try:
        promises.check(now, cents, by)
    except BadInput as refused:
        _refused(ask, loan, data, refused, by)
        return
    confirm(ask, loan, Wish(Kind.PROMISE, cents=cents, on=by), data)


def _refused(ask: Ask, loan: Loan, data: dict[str, Any], refused: BadInput, by: date) -> None:
    data = {key: value for key, value in data.items() if key not in ("by", "cents")}
    if refused.code == "in_past":
        ask.say("utter_date_past", on=ask.day(by))
        ask.say("utter_promise_ask_day")
        ask.wait_for("help_promise_day", Intent.PROMISE_TO_PAY, data)
    elif refused.code == "too_much":
        limit = int(str(refused.detail["limit"]))
        ask.say("utter_promise_too_much", level=2, limit=ask.yuan(limit), on=ask.day(by))
        confirm(ask, loan, Wish(Kind.PROMISE, cents=limit, on=by), data)
    elif refused.code == "nothing_due":
        ask.stop_waiting()
        due = ask.position(loan).due
        ask.say(
            "utter_promise_nothing_due",
            level=2,
            on=ask.day(by),
            next=ask.word("on_day", cents=ask.yuan(due.owed.total), on=ask.day(due.due_on)) if due else "",
        )
    else:
        ask.say("utter_amount_not_positive")
        ask.wait_for("help_promise_day", Intent.PROMISE_TO_PAY, data)


def confirm(ask: Ask, loan: Loan, wish: Wish, data: dict[str, Any]) -> None:
    """Say back what is promised; later than the policy's days it becomes a colleague's decision."""
    assert wish.on is not None
    policy = ask.services.arrangements.policy(ask.today)
    if (wish.on - ask.today).days > policy.promises.days_agent:
        ask.say("utter_promise_too_late", days=policy.promises.days)
        go_on(ask, loan, {"task": Intent.REQUEST_EXTENSION.value})
        return
    words = [ask.word("promise_yes"), ask.word("promise_no")]
    ask.say(
        "utter_promise_confirm",
        level=2,
        loan_name=loan_name(ask, loan),
        cents=ask.yuan(wish.cents),
        on=ask.day(wish.on),
        penalty=ask.word("promise_penalty" if ask.position(loan).overdue.total else "promise_no_penalty"),
        buttons=[Button(one, one) for one in words],
    )
    ask.wait_for(
        "help_promise",
        Intent.PROMISE_TO_PAY,
        {"task": Intent.PROMISE_TO_PAY.value, "loan": loan.loan_id, "wish": wish.as_json()},
    )


def confirmed(ask: Ask, data: dict[str, Any]) -> None:
    """Yes keeps the promise; a day or an amount changes it; anything else ends it."""
    loan = loan_of(ask, data)
    if loan is None:
        return
    wish = Wish.from_json(data["wish"])
    if ask.intent is not Intent.AFFIRM:
        if ask.first(Entity.DATE) is not None or ask.first(Entity.AMOUNT) is not None:
            kept = {"cents": wish.cents, "by": wish.on.isoformat() if wish.on else None}
            promise(ask, loan, {"task": data["task"], **kept})
            return
        ask.stop_waiting()
        ask.say("utter_promise_not")
        return
    policy = ask.services.arrangements.policy(ask.today)
    answers = ask.services.arrangements.answers(loan.customer_id, ask.turn.now)
    assessed = assess(ask, loan, answers)
    assert wish.on is not None
    try:
        promises.check(ask.position(loan), wish.cents, wish.on)
    except BadInput as refused:
        _refused(ask, loan, data, refused, wish.on)
        return
    ask.stop_waiting()
    standing = assessed.ground.standing
    # A new promise takes the place of the open one: it does not count against itself.
    if needed(wish, loan, replace(standing, open_promises=0), policy, ask.today) is Role.BOT:
        make(ask, loan, wish)
        return
    drawn = ask.services.arrangements.draw(loan, wish, ask.today)
    by = ask.services.service_times(ask.today).answer_by(ask.local(ask.turn.now), "request")
    made = ask.services.arrangements.file(ask.turn, loan, drawn, assessed, answers, by)
    ask.say(
        "utter_help_pending",
        level=2,
        ref=made.ref,
        title=wording.title(ask, wish),
        summary=wording.total(ask, drawn),
        by=ask.moment(by),
    )


def make(ask: Ask, loan: Loan, wish: Wish) -> None:
    """Keep a promise that nobody else must agree to (any more), and say so."""
    assert wish.on is not None
    grace = ask.services.arrangements.policy(ask.today).promises.grace_days
    ref = ask.services.promises.make(ask.turn, loan, wish, replaces=ask.services.promises.open_of(loan.loan_id))
    ask.say(
        "utter_promise_made",
        level=2,
        ref=ref,
        cents=ask.yuan(wish.cents),
        on=ask.day(wish.on),
        grace=ask.day(wish.on + timedelta(days=grace)),
    )


def approved(ask: Ask, loan: Loan, made: Arrangement) -> None:
    """A promise that a colleague agreed to: kept now, if its day and amount still make sense."""
    wish = made.wish
    try:
        promises.check(ask.position(loan), wish.cents, wish.on or ask.today)
    except BadInput:
        ask.services.agreeing.decline(ask.turn, made)
        ask.say("utter_help_no_longer")
        return
    ask.services.agreeing.close(ask.turn, made)
    make(ask, loan, wish)


def day_said(ask: Ask, data: dict[str, Any]) -> None:
    """The answer to "by which day"."""
    loan = loan_of(ask, data)
    if loan is None:
        return
    words = bare_day(ask.text.strip("。.，, "))
    by = read_date(words, ask.today) if words is not None else None
    promise(ask, loan, {**data, **({"by": by.isoformat()} if by is not None else {})})
