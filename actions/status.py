"""申请进度: what was recorded, with its number and time."""

from __future__ import annotations

from actions.ask import Ask
from bot.names import Intent, Slot


def request_status(ask: Ask) -> None:
    """The open records of this conversation (of the customer once known); numbers and kinds, no amounts."""
    requests = ask.services.requests.open_for(ask.turn)
    ask.remember(Slot.TOPIC, ask.intent.value)
    if ask.intent is Intent.COMPLAINT_STATUS:
        requests = tuple(r for r in requests if r.ref.startswith("TS-")) or requests
    if not requests:
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
    columns = [ask.word(key) for key in ("ref", "kind", "recorded_on", "by")]
    ask.say(
        "utter_request_status",
        level=1 if ask.turn.speaker.customer_id else 0,
        count=len(rows),
        card={"kind": "table", "title": "", "columns": columns, "rows": rows},
    )
