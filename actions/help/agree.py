"""Agreeing: the disclosure, the time to read it, consent in so many words, the code, and taking it back."""

from __future__ import annotations

import math
from typing import Any

from actions.ask import Ask
from actions.help import wording
from actions.loans import loan_name
from bot.dialogue import help_answers
from bot.dialogue.turn import Button
from bot.errors import BadInput
from bot.lending.arrangement import Drawn
from bot.lending.loan import Loan
from bot.lending.masking import mask_phone
from bot.lending.wishes import ORDERS
from bot.names import Intent, Slot
from bot.services.arrangement_rows import APPROVED, DISCLOSED, IN_FORCE, OPEN, ORDERED, SIGNING, Arrangement
from bot.services.login_limits import whole_minutes

TASK = Intent.NEGOTIATE_PLAN  # what waits for consent, a code or a withdrawal


def disclose(ask: Ask, made: Arrangement, drawn: Drawn, loan: Loan) -> None:
    """Show everything, keep it as shown, and wait for consent."""
    contents = wording.disclosure(ask, drawn, loan, made.ref)
    ask.services.agreeing.disclose(ask.turn, made, drawn, loan, contents)
    seconds = int(ask.services.arrangements.policy(ask.today).reading.total_seconds())
    yes, no = ask.word("agree"), ask.word("decline")
    ask.say(
        "utter_help_disclosure",
        level=2,
        ref=made.ref,
        loan_name=contents["loan"],
        title=contents["title"],
        rows="\n".join(f"· {label}：{value}" for label, value in contents["rows"]),
        notes="\n".join(contents["notes"]),
        seconds=seconds,
        card={
            "kind": "consent",
            "title": f"{contents['title']} · {made.ref}",
            "rows": contents["rows"],
            "columns": contents["columns"],
            "table": contents["table"],
            "notes": contents["notes"],
            "wait": seconds,
            "agree": ask.word("agree_button"),
            "say_agree": yes,
            "decline": no,
            "say_decline": no,
        },
    )
    ask.wait_for("help_consent", TASK, {"task": TASK.value, "ref": made.ref, "loan": loan.loan_id})


def show(ask: Ask, made: Arrangement, loan: Loan) -> None:
    """An approved or interrupted offer, on today's figures."""
    try:
        drawn = ask.services.arrangements.draw(loan, made.wish, ask.today)
    except BadInput:
        ask.services.agreeing.decline(ask.turn, made)
        ask.say("utter_help_no_longer")
        return
    disclose(ask, made, drawn, loan)


def consented(ask: Ask, data: dict[str, Any]) -> None:
    """The answer to the disclosure; only 「同意」 in so many words is consent."""
    made, loan = _found(ask, data)
    if made is None or loan is None:
        return
    if help_answers.says(ask.text, "decline") and not help_answers.is_only(ask.text, "agree"):
        ask.stop_waiting()
        ask.services.agreeing.decline(ask.turn, made)
        ask.say("utter_help_declined", ref=made.ref)
        return
    if not help_answers.is_only(ask.text, "agree"):
        ask.say("utter_help_say_agree", buttons=[Button(ask.word(k), ask.word(k)) for k in ("agree", "decline")])
        ask.wait_for("help_consent", TASK, data)
        return
    left = ask.services.agreeing.reading_left(made, ask.turn.accepted_at or ask.turn.now, ask.today)
    if left.total_seconds() > 0:
        ask.say("utter_help_too_soon", seconds=math.ceil(left.total_seconds()))
        ask.wait_for("help_consent", TASK, data)
        return
    drawn = _as_shown(ask, made, loan)
    if drawn is not None:
        _send_code(ask, made, drawn, data)


def _send_code(ask: Ask, made: Arrangement, drawn: Drawn, data: dict[str, Any]) -> None:
    signing = ask.services.signing
    phone = signing.phone_of(made.customer_id)
    if phone is None:
        ask.stop_waiting()
        ask.say("utter_help_no_phone")
        return
    refused = signing.refusal(ask.turn, phone)
    if refused is not None:
        ask.say("utter_help_code_wait", minutes=whole_minutes(refused.left))
        ask.wait_for("help_consent", TASK, data)
        return
    minutes = signing.send(ask.turn, made, phone, wording.title(ask, made.wish), wording.amount_of(ask, drawn))
    ask.say("utter_help_code_sent", minutes=minutes, phone=mask_phone(phone), ref=made.ref)
    ask.wait_for("help_sign", TASK, data)


def instead_of_code(ask: Ask, data: dict[str, Any]) -> None:
    """Words where a code was awaited: another code, no, or the question again."""
    made, loan = _found(ask, data)
    if made is None or loan is None:
        return
    if help_answers.says(ask.text, "decline"):
        consented(ask, data)
    elif help_answers.says(ask.text, "resend") or help_answers.is_only(ask.text, "agree"):
        drawn = _as_shown(ask, made, loan)
        if drawn is not None:
            _send_code(ask, made, drawn, data)
    else:
        ask.say("utter_help_code_again")
        ask.wait_for("help_sign", TASK, data)


def signed(ask: Ask, ref: str) -> None:
    """The right code came: in force now, unless a single figure is another than was shown."""
    customer_id = ask.turn.speaker.customer_id or ""
    made = ask.services.arrangements.find(ref, customer_id)
    loan = next((one for one in ask.loans if made is not None and one.loan_id == made.loan_id), None)
    if made is None or loan is None or made.status != SIGNING or made.signed_at is None:
        ask.say("utter_help_no_longer")
        return
    drawn = _as_shown(ask, made, loan)
    if drawn is None:
        return
    ask.stop_waiting()
    if made.wish.kind in ORDERS:
        ask.services.agreeing.place_order(ask.turn, made, drawn)
        ask.say("utter_help_ordered", level=2, ref=ref, cents=ask.yuan(drawn.asks[0][1]), on=ask.day(drawn.on))
        return
    until = ask.services.agreeing.put_in_force(ask.turn, made, drawn)
    ask.remember(Slot.TOPIC, Intent.NEGOTIATE_PLAN.value)
    first, session_id = drawn.next, ask.turn.speaker.session_id
    ask.say(
        "utter_help_in_force",
        level=2,
        ref=ref,
        title=wording.title(ask, made.wish),
        next=ask.word("on_day", cents=ask.yuan(first[1]), on=ask.day(first[0])) if first else ask.word("nothing_next"),
        until=ask.day(until),
        card={
            "kind": "document",
            "title": wording.title(ask, made.wish),
            "lines": [ref, loan_name(ask, loan)],
            "links": [
                {"title": ask.word(f"paper_{kind}"), "href": ask.services.papers.link(ref, session_id, kind)}
                for kind in ("html", "pdf")
            ],
        },
    )


def _as_shown(ask: Ask, made: Arrangement, loan: Loan) -> Drawn | None:
    """What was disclosed, drawn up again; None when it is another offer now, which is then shown instead."""
    try:
        drawn: Drawn = ask.services.arrangements.draw(loan, made.wish, ask.today)
    except BadInput:
        ask.stop_waiting()
        ask.services.agreeing.decline(ask.turn, made)
        ask.say("utter_help_no_longer")
        return None
    version = ask.services.arrangements.policy(ask.today).version
    if drawn.digest == made.digest and made.policy_version == version:
        return drawn
    ask.say("utter_help_requoted")
    disclose(ask, made, drawn, loan)
    return None


# -- taking back


def withdraw(ask: Ask) -> bool:
    """「撤回方案」: ask once more for one that can be taken back; False when there is nothing to take back."""
    if not ask.may("amount"):
        if not ask.says_help("withdraw") or ask.says("withdraw"):
            return False  # a request of this session, not an arrangement
        ask.ask_to_log_in()
        return True
    mine = ask.services.arrangements.of_customer(ask.turn.speaker.customer_id, (IN_FORCE,))
    if not mine:
        return drop_offer(ask)
    made = mine[0]
    loan = next((one for one in ask.loans if one.loan_id == made.loan_id), None)
    may = ask.services.agreeing.may_withdraw(made, loan, ask.today) if loan is not None else "too_late"
    if may != "yes":
        until = ask.day(made.withdraw_until) if made.withdraw_until else ""
        ask.say("utter_help_withdraw_late", level=2, ref=made.ref, until=until)
        return True
    words = [ask.word("withdraw_yes"), ask.word("withdraw_no")]
    ask.say(
        "utter_help_withdraw_ask",
        level=2,
        ref=made.ref,
        title=wording.title(ask, made.wish),
        buttons=[Button(one, one) for one in words],
    )
    ask.wait_for("help_withdraw", TASK, {"task": TASK.value, "ref": made.ref, "loan": made.loan_id})
    return True


def drop_offer(ask: Ask) -> bool:
    """An offer that was chosen and not yet agreed to."""
    waiting = ask.services.arrangements.of_customer(ask.turn.speaker.customer_id, (*OPEN, ORDERED))
    if not waiting:
        return False
    ask.services.agreeing.decline(ask.turn, waiting[0])
    ask.stop_waiting()
    ask.say("utter_help_declined", ref=waiting[0].ref)
    return True


def withdrawal_answered(ask: Ask, data: dict[str, Any]) -> None:
    """Yes or no to taking an arrangement back."""
    ask.stop_waiting()
    if ask.intent is not Intent.AFFIRM and not help_answers.says(ask.text, "withdraw"):
        ask.say("utter_help_withdraw_not")
        return
    made, loan = _found(ask, data, IN_FORCE)
    if made is None or loan is None:
        return
    if ask.services.agreeing.may_withdraw(made, loan, ask.today) != "yes":
        until = ask.day(made.withdraw_until) if made.withdraw_until else ""
        ask.say("utter_help_withdraw_late", level=2, ref=made.ref, until=until)
        return
    ask.services.agreeing.withdraw(ask.turn, made)
    ask.say("utter_help_withdrawn", level=2, ref=made.ref)


# -- small things


def _found(ask: Ask, data: dict[str, Any], *statuses: str) -> tuple[Arrangement | None, Loan | None]:
    """The arrangement of a running question; said when it is not open any more."""
    if not ask.may("amount"):
        ask.ask_to_log_in()
        return None, None
    made = ask.services.arrangements.find(str(data.get("ref")), ask.turn.speaker.customer_id or "")
    loan = next((one for one in ask.loans if made is not None and one.loan_id == made.loan_id), None)
    if made is None or loan is None or made.status not in (statuses or (DISCLOSED, SIGNING, APPROVED)):
        ask.stop_waiting()
        ask.say("utter_help_no_longer")
        return None, None
    return made, loan
