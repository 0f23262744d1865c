"""Arrangements in words: titles, rows of cards, tables. Every figure comes from what the engine drew up."""

from __future__ import annotations

from typing import Any

from actions.ask import Ask
from actions.loans import loan_name
from bot.lending.arrangement import Drawn
from bot.lending.help_policy import Role
from bot.lending.loan import Loan
from bot.lending.options import Option
from bot.lending.wishes import ORDERS, Kind, Wish

RATED = (
    Kind.DUE_DAY,
    Kind.GRACE,
    Kind.DEFERRAL,
    Kind.EXTENSION,
    Kind.INTEREST_ONLY,
    Kind.OVERDUE_SPLIT,
    Kind.PERSONAL_PLAN,
    Kind.PREPAYMENT,
)


def title(ask: Ask, wish: Wish) -> str:
    """What it is, in a few words."""
    key = f"help_{wish.kind.value}" if wish.kind is not Kind.DEFERRAL or wish.how is None else f"defer_{wish.how.value}"
    return ask.word(
        key,
        day=wish.day,
        days=wish.days,
        months=wish.months,
        count=wish.count,
        cents=ask.yuan(wish.cents),
        on=ask.day(wish.on) if wish.on else "",
        variant=ask.word(f"variant_{wish.variant}") if wish.variant else "",
    )


def rows(ask: Ask, drawn: Drawn) -> list[list[str]]:
    """Label and value of everything that must be known before choosing."""
    found = []
    if drawn.wish.kind is Kind.PROMISE:
        found.append([ask.word("row_promise"), title(ask, drawn.wish)])
    elif drawn.wish.kind in (Kind.WAIVER, Kind.PENALTY_STOP):
        found.append([ask.word("row_schedule"), ask.word("row_schedule_stays")])
    else:
        found += _payments(ask, drawn)
    if drawn.charged:
        found.append([ask.word("row_fee"), ask.yuan(drawn.charged)])
    if drawn.waived_total:
        found.append([ask.word("row_waived"), ask.yuan(drawn.waived_total)])
    found.append([ask.word("row_total"), total(ask, drawn)])
    if drawn.wish.kind in RATED:
        found.append([ask.word("row_rate"), ask.percent(drawn.rate)])
    if drawn.wish.kind in ORDERS:
        return [*found, [ask.word("row_broken"), ask.word("broken_order")]]
    found.append([ask.word("row_penalty"), penalty(ask, drawn)])
    found.append([ask.word("row_credit"), ask.word("credit_overdue" if _late(drawn) else "credit_current")])
    found.append([ask.word("row_broken"), ask.word("broken_promise" if drawn.wish.kind is Kind.PROMISE else "broken")])
    return found


def _payments(ask: Ask, drawn: Drawn) -> list[list[str]]:
    """The next payment, the usual one, the last one."""
    first, last, found = drawn.next, drawn.last, []
    if first is not None:
        label = "row_today" if drawn.wish.kind in ORDERS else "row_next"
        found.append([ask.word(label), ask.word("on_day", cents=ask.yuan(first[1]), on=ask.day(first[0]))])
    paid = [one for one in drawn.asks if one[1]]
    if len(paid) > 2:
        found.append([ask.word("row_usual"), ask.word("so_many", cents=ask.yuan(drawn.usual), count=len(paid))])
    if last is not None and len(paid) > 1:
        found.append([ask.word("row_last"), ask.word("on_day", cents=ask.yuan(last[1]), on=ask.day(last[0]))])
    return found


def total(ask: Ask, drawn: Drawn) -> str:
    """All that is still to be paid, and the difference to today's plan."""
    more = drawn.total - drawn.today
    key = "total_same" if not more else "total_more" if more > 0 else "total_less"
    return ask.word(key, total=ask.yuan(drawn.total), more=ask.yuan(abs(more)))


def penalty(ask: Ask, drawn: Drawn) -> str:
    """What becomes of penalty, factually."""
    if drawn.stops_penalty:
        return ask.word("penalty_stops")
    if drawn.plan is None and _late(drawn):
        return ask.word("penalty_goes_on")
    if drawn.carried.penalty or drawn.carried.compound:
        return ask.word("penalty_carried", cents=ask.yuan(drawn.carried.penalty + drawn.carried.compound))
    return ask.word("penalty_stays")


def _late(drawn: Drawn) -> bool:
    return bool(drawn.carried.total or (drawn.asks and drawn.asks[0][0] <= drawn.on))


def option_lines(ask: Ask, option: Option, letter: str) -> str:
    """One option for channels without cards."""
    drawn = option.drawn
    first = drawn.next
    parts = [f"{letter}. {title(ask, option.wish)}"]
    if option.wish.kind is not Kind.PROMISE and first is not None:
        parts.append(ask.word("line_next", cents=ask.yuan(first[1]), on=ask.day(first[0]), usual=ask.yuan(drawn.usual)))
    parts.append(ask.word("line_total", total=total(ask, drawn)))
    if option.wish.kind in RATED:
        parts.append(ask.word("line_rate", rate=ask.percent(drawn.rate)))
    parts.append(ask.word("line_you" if option.role is Role.BOT else "line_colleague"))
    return "".join(parts[:1]) + "\n" + ask.word("line_join").join(parts[1:])


def compare_card(ask: Ask, found: tuple[Option, ...], loan: Loan) -> dict[str, Any]:
    """The comparison for the widget."""
    options = []
    for index, option in enumerate(found):
        letter = "ABC"[index]
        options.append(
            {
                "title": f"{letter}. {title(ask, option.wish)}",
                "badge": ask.word("badge_you" if option.role is Role.BOT else "badge_colleague"),
                "rows": rows(ask, option.drawn),
                "note": ask.word("note_papers") if option.papers else "",
                "say": ask.word("choose_say", letter=letter),
                "choose": ask.word("choose", letter=letter),
            }
        )
    return {
        "kind": "compare",
        "title": loan_name(ask, loan),
        "options": options,
        "others": {"title": ask.word("none_fits"), "say": ask.word("none_fits")},
    }


def disclosure(ask: Ask, drawn: Drawn, loan: Loan, ref: str) -> dict[str, Any]:
    """The whole cost disclosure, as it is shown and kept: what, cost table, every payment, no other charges, withdrawal."""
    policy = ask.services.arrangements.policy(ask.today)
    table = [[str(n), ask.day(day), ask.yuan(cents)] for n, (day, cents) in enumerate(drawn.asks, start=1)]
    return {
        "title": title(ask, drawn.wish),
        "ref": ref,
        "wording": policy.wording,
        "loan": loan_name(ask, loan),
        "on": ask.day(drawn.on),
        "rows": [
            [ask.word("row_owed"), ask.yuan(drawn.owed)],
            *rows(ask, drawn),
        ],
        "columns": [ask.word(key) for key in ("number", "due_on", "to_pay")],
        "table": table,
        "notes": [
            ask.word("note_no_other_charges"),
            *([ask.word("note_rate")] if drawn.wish.kind in RATED else []),
            ask.word("note_order")
            if drawn.wish.kind in ORDERS
            else ask.word("note_withdraw", days=policy.withdrawal_days),
        ],
    }


def amount_of(ask: Ask, drawn: Drawn) -> str:
    """The amount that the signing message names: the next payment, or what is given up or promised."""
    if drawn.wish.kind is Kind.WAIVER:
        return ask.yuan(drawn.waived_total)
    return ask.yuan(drawn.next[1] if drawn.next is not None else drawn.total)
