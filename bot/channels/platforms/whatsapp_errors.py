"""What WhatsApp's error codes mean for a message. The numbers are those of Meta's page "Error codes"; its titles may change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.services.channels.model import SendFailed

WINDOW, TOKEN = 131047, 190
REASONS = {
    WINDOW: "window_closed",
    131026: "unknown_user",  # not on WhatsApp, too old an app, or terms not accepted
    131021: "invalid",  # to the sender itself
    131050: "blocked",  # the person wants no more
    130472: "blocked",
    130497: "blocked",  # not allowed in that country
    131049: "quota",  # Meta's own limit of what a person gets
    131053: "no_media",
    131052: "no_media",
    100: "invalid",
    131008: "invalid",
    131009: "invalid",
    131051: "invalid",
}
NOT_CONFIGURED = {
    *(3, 10, 368, 131005, 131031, 131037, 131042, 131044, 131045, 133010, 134011),  # rights, account, payment, number
    *range(200, 300),
    *range(132000, 132100),  # templates
}
PASSING = {1, 2, 131000, 131016, 131057, 133004}  # Meta's own trouble
SLOWER = {  # seconds that the whole channel rests
    4: 60.0,
    80007: 60.0,  # the account's limit
    131048: 600.0,  # too much was called spam
    133016: 60.0,
    130429: 2.0,  # the number's throughput
}
PAIR = 131056  # too many to this person: only they wait, by the usual pauses
TOKEN_PAUSE = 60.0  # seconds: somebody has to put a new one


def reason(code: object) -> str:
    """The fixed word of a final failure."""
    if isinstance(code, int) and code in NOT_CONFIGURED:
        return "not_configured"
    return REASONS.get(code, "invalid") if isinstance(code, int) else "invalid"


def failure(status: int, error: Mapping[str, Any]) -> SendFailed:
    """Of a refused call. `error` is Meta's object of that name; its words are left out of what is raised."""
    found = error.get("code")
    code = found if isinstance(found, int) else 0
    if code == TOKEN or (status == 401 and code not in REASONS):
        return SendFailed("expired_token", again=True, after=TOKEN_PAUSE)
    if code in SLOWER:
        return SendFailed("busy", again=True, after=SLOWER[code])
    if code == PAIR or code in PASSING:
        return SendFailed("busy", again=True)
    if status == 403 and code not in REASONS:
        return SendFailed("not_configured")
    return SendFailed(reason(code))
