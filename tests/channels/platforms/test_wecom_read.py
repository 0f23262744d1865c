"""What is in a page of WeCom customer service: every kind of entry, events, and whatever else may stand there."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channels.platforms.reading import tables
from bot.channels.platforms.wechat_menu import identifier
from bot.channels.platforms.wecom_read import read
from bot.services.channels.model import Inbound, Kind, State, Status
from tests.channels.cases.wecom import CASE

USER = CASE.user


def entry(kind: str, **more: Any) -> dict[str, Any]:
    return {
        "msgid": "m1",
        "open_kfid": "wk",
        "external_userid": USER,
        "send_time": 1,
        "origin": 3,
        "msgtype": kind,
    } | more


@pytest.mark.parametrize(
    ("kind", "content", "wanted"),
    [
        ("text", {"content": "你好"}, (Kind.TEXT, "你好", "")),
        ("text", {"content": "改为12期", "menu_id": identifier("方案2")}, (Kind.TEXT, "方案2", "")),
        ("text", {"content": "是", "menu_id": "101"}, (Kind.TEXT, "是", "")),
        ("image", {"media_id": "i"}, (Kind.IMAGE, "", "i")),
        ("voice", {"media_id": "v"}, (Kind.VOICE, "", "v")),
        ("video", {"media_id": "w"}, (Kind.VIDEO, "", "w")),
        ("file", {"media_id": "f"}, (Kind.FILE, "", "f")),
        ("location", {"latitude": 1.0}, (Kind.LOCATION, "", "")),
        ("link", {"url": "http://x"}, (Kind.CARD, "", "")),
        ("business_card", {"userid": "z"}, (Kind.CARD, "", "")),
        ("miniprogram", {"appid": "z"}, (Kind.CARD, "", "")),
        ("msgmenu", {"head_content": "z"}, (Kind.CARD, "", "")),
        ("hologram", {}, (Kind.UNSUPPORTED, "", "")),
        ("image", "not an object", (Kind.IMAGE, "", "")),
    ],
)
def test_every_kind_is_read(kind: str, content: Any, wanted: tuple[Kind, str, str]) -> None:
    found = read(entry(kind, **{kind: content}))
    assert isinstance(found, Inbound)
    assert (found.kind, found.text, found.media[0].ref if found.media else "") == wanted
    assert (found.channel_user, found.message_id, found.facts) == (USER, "m1", {"kfid": "wk"})


@pytest.mark.parametrize("origin", [4, 5, None, "3"])
def test_what_no_customer_said_is_not_read(origin: Any) -> None:
    assert read(entry("text", origin=origin, text={"content": "x"})) is None


@pytest.mark.parametrize(
    ("type_", "reason"), [(4, "window_closed"), (6, "quota"), (10, "blocked"), (8, "not_configured"), (99, "invalid")]
)
def test_what_did_not_arrive_is_told(type_: int, reason: str) -> None:
    event = {"event_type": "msg_send_fail", "fail_msgid": "ours", "fail_type": type_}
    found = read(entry("event", origin=4, event=event))
    assert isinstance(found, Status)
    assert (found.provider_id, found.state, found.reason) == ("ours", State.FAILED, reason)


def test_a_message_taken_back_and_events_that_ask_nothing() -> None:
    event = {"event_type": "user_recall_msg", "recall_msgid": "m0", "external_userid": USER}
    found = read(entry("event", origin=4, event=event))
    assert isinstance(found, Inbound)
    assert (found.kind, found.refers_to, found.channel_user) == (Kind.DELETED, "m0", USER)
    for what in ("enter_session", "session_status_change", "servicer_status_change", "msg_send_fail", None):
        assert read(entry("event", origin=4, event={"event_type": what})) is None


VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.lists(st.integers(), max_size=2)
NAMES = st.sampled_from(
    ["msgtype", "origin", "msgid", "external_userid", "send_time", "text", "image", "event", "open_kfid"]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    page=st.lists(st.dictionaries(NAMES, VALUES | st.dictionaries(st.text(max_size=6), VALUES, max_size=3)) | VALUES)
)
def test_no_entry_stops_those_behind_it(page: list[Any]) -> None:
    good = entry("text", text={"content": "本期应还多少"})
    assert isinstance([read(one) for one in tables([*page, good])][-1], Inbound)
