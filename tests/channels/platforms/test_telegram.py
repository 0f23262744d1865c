"""Telegram's updates: each kind of them as the Bot API documents it, and nothing that is in one breaks the reading."""

from __future__ import annotations

import contextlib
from typing import Any

import httpx
import orjson
import pytest

from bot.errors import BadInput
from bot.services.channels.model import Adapter, Inbound, Kind
from tests.channels.cases.telegram import CASE
from tests.fakes import NOON

CHAT = {"id": 10001, "type": "private"}
ODD: tuple[Any, ...] = (
    None,
    0,
    -1,
    1.5,
    True,
    "",
    "x",
    "\x00",
    [],
    [[]],
    [None],
    {},
    {"id": None},
    {"id": []},
    10**18,
)


@pytest.fixture
def adapter(http: httpx.AsyncClient) -> Adapter:
    return CASE.adapter("http://127.0.0.1:1", http)


def read(adapter: Adapter, **update: Any) -> Inbound | None:
    found = adapter.receive(CASE.garbage(orjson.dumps({"update_id": 7, **update}), NOON)).inbound
    return found[0] if found else None


def message(**more: Any) -> dict[str, Any]:
    return {"message_id": 5, "date": 1_773_806_400, "chat": CHAT, "from": {"id": 10001, "language_code": "en"}, **more}


def test_a_message_and_its_correction_name_each_other(adapter: Adapter) -> None:
    said = read(adapter, message=message(text="hello"))
    assert said is not None
    assert (said.channel_user, said.message_id, said.text, said.language) == (
        "10001",
        "m5",
        "hello",
        "en",
    )
    changed = read(adapter, edited_message=message(text="hallo", edit_date=1_773_806_500))
    assert changed is not None
    assert (changed.kind, changed.refers_to, changed.text) == (Kind.EDITED, "m5", "hallo")
    assert changed.message_id == "m5e1773806500"


def test_the_largest_size_of_a_photo_is_fetched_and_its_caption_is_its_words(adapter: Adapter) -> None:
    sizes = [{"file_id": "small"}, {"file_id": "large"}]
    said = read(adapter, message=message(photo=sizes, caption="收据"))
    assert said is not None
    assert (said.kind, said.text, said.media[0].ref) == (Kind.IMAGE, "收据", "large")


def test_a_button_says_its_data_and_a_marked_one_its_title(adapter: Adapter) -> None:
    rows = [[{"text": "看看还款计划", "callback_data": "#12"}]]
    sent = {**message(), "reply_markup": {"inline_keyboard": rows}}
    for data, says in (("查账单", "查账单"), ("#12", "看看还款计划"), ("#13", "#13")):
        pressed = {"id": "9", "from": {"id": 10001}, "message": sent, "data": data}
        said = read(adapter, callback_query=pressed)
        assert said is not None
        assert (said.channel_user, said.message_id, said.text) == ("10001", "cb9", says)


def test_nothing_said_in_a_group_is_read(adapter: Adapter) -> None:
    said = read(adapter, message=message(chat={"id": -5, "type": "supergroup"}, text="我欠多少"))
    assert said is not None
    assert (said.kind, said.text, said.channel_user) == (Kind.GROUP, "", "-5")


def test_a_blocked_bot_is_a_stop_and_a_channel_post_is_nothing(adapter: Adapter) -> None:
    member = {"chat": CHAT, "new_chat_member": {"status": "kicked"}}
    stopped = read(adapter, my_chat_member=member)
    assert stopped is not None
    assert (stopped.kind, stopped.channel_user) == (Kind.STOP, "10001")
    assert read(adapter, channel_post=message(text="x")) is None


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: str(odd)[:12])
def test_whatever_stands_in_a_field_breaks_nothing(adapter: Adapter, odd: Any) -> None:
    whole = message(text="x", photo=[{"file_id": "a"}], caption="x")
    updates: list[dict[str, Any]] = [
        {field: odd} for field in ("message", "edited_message", "callback_query", "my_chat_member")
    ]
    updates += [{kind: {**whole, field: odd}} for kind in ("message", "edited_message") for field in whole]
    pressed = {"id": "9", "from": {"id": 1}, "message": whole, "data": "#1"}
    updates += [{"callback_query": {**pressed, field: odd}} for field in pressed]
    updates += [{"callback_query": {**pressed, "message": {**whole, "reply_markup": {"inline_keyboard": odd}}}}]
    updates += [{"my_chat_member": {"chat": odd, "new_chat_member": odd}}]
    for update in updates:
        with contextlib.suppress(BadInput):
            read(adapter, **update)
