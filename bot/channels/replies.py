"""From errors to answers a client can show: one table of statuses, one form of body."""

from __future__ import annotations

from typing import Any

import orjson
from sanic.response import HTTPResponse

from bot.errors import BadInput, Conflict, DaihouError, Forbidden, NotAllowed, NotFound, StoreUnavailable
from bot.services.conversation import ConversationService
from bot.services.inbound import Stopping, TooManyWaiting

STATUS: tuple[tuple[type[DaihouError], int], ...] = (
    (BadInput, 400),
    (Forbidden, 403),
    (NotAllowed, 401),
    (NotFound, 404),
    (Conflict, 409),
    (TooManyWaiting, 429),
    (Stopping, 503),
    (StoreUnavailable, 503),
)
WORDS = {  # said to the borrower instead of the operator's message
    Stopping: "utter_stopping",
    StoreUnavailable: "utter_store_down",
    TooManyWaiting: "utter_too_many_waiting",
    Conflict: "utter_repeated_id",
}
RETRY_SECONDS = {429: "1", 503: "5"}


# Rows of the store name their columns by a kind of str, figures of statistics are numpy's: both are plain JSON.
LENIENT = orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY


def as_json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> HTTPResponse:
    return HTTPResponse(
        orjson.dumps(body, option=LENIENT), status=status, headers=headers, content_type="application/json"
    )


def words(talk: ConversationService, error: DaihouError, language: str = "zh-Hans") -> str:
    """What a person may read about a refusal."""
    for kind, response in WORDS.items():
        if isinstance(error, kind):
            return talk.compose.say(response, language).text
    return str(error)


def refusal(talk: ConversationService, error: DaihouError) -> HTTPResponse:
    """The JSON answer {code, message} of an error of ours."""
    status = next((status for kind, status in STATUS if isinstance(error, kind)), 500)
    talk.measures.refused.labels(error.code).inc()
    headers = {"Retry-After": RETRY_SECONDS[status]} if status in RETRY_SECONDS else {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return as_json({"code": error.code, "message": words(talk, error)}, status, headers)
