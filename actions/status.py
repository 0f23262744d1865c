"""申请进度: what was recorded, with its number and time."""

from __future__ import annotations

from actions import complaint_following
from actions.ask import Ask
from actions.help.wording import title
from bot.names import Intent, Slot


def request_status(ask: Ask) -> None:
    """The open records of this conversation (of the customer once known); numbers and kinds, no amounts."""
    if ask.intent is Intent.COMPLAINT_STATUS and complaint_following.follow(ask):
        return
    requests = ask.services.requests.open_for(ask.turn)
    ask.remember(Slot.TOPIC, ask.intent.value)
    helped = _help_rows(ask) if ask.intent is Intent.REQUEST_STATUS else []
    if not requests and not helped:
        ask.say("utter_request_status_none")
        return
    zone = ask.services.settings.timezone
    rows = []
    for request in requests:
        by = request.by.astimezone(zone)
        rows.append(
            [
                request.ref,
                ask.word(f"kind_{request.kind}"),
                ask.day(request.recorded_at.astimezone(zone).date()),
                f"{ask.day(by.date())} {by:%H:%M}",
            ]
        )
    rows = helped + rows
    columns = [ask.word(key) for key in ("ref", "kind", "recorded_on", "by")]
    ask.say(
        "utter_request_status",
        level=2 if helped else 1 if ask.turn.speaker.customer_id else 0,
        count=len(rows),
        card={"kind": "table", "title": "", "columns": columns, "rows": rows},
    )


def _help_rows(ask: Ask) -> list[list[str]]:
    """Arrangements and promises: number, what it is and where it stands, when, and until when."""
    if not ask.may("amount"):
        return []
    customer, zone = ask.turn.speaker.customer_id, ask.services.settings.timezone
    found = []
    for made in ask.services.arrangements.of_customer(customer):
        end = made.answer_by.astimezone(zone) if made.answer_by is not None else None
        by = f"{ask.day(end.date())} {end:%H:%M}" if end and made.status == "pending" else ask.word("no_deadline")
        state = ask.word(f"state_{made.status}")
        on = ask.day(made.made_at.astimezone(zone).date())
        found.append([made.ref, f"{title(ask, made.wish)} · {state}", on, by])
    for one in ask.services.promises.of_customer(customer):
        what = ask.word("help_promise", on=ask.day(one.by_day), cents=ask.yuan(one.cents))
        on = ask.day(one.made_at.astimezone(zone).date())
        found.append([one.ref, f"{what} · {ask.word('state_promised')}", on, ask.day(one.by_day)])
    return found
