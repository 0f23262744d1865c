"""WeChat and WeCom: callbacks and pages of the documented shape, and menus that lose nothing. Names and words are made up."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.platforms import wechat, wecom
from bot.channels.platforms.wechat_menu import identifier, said
from bot.channels.platforms.wecom_read import read
from bot.services.channels.model import Choice, Inbound, Kind, Outgoing, State, Status
from tests.channels.cases.wechat import CASE
from tests.channels.cases.wecom import CASE as WECOM
from tests.fakes import NOON

FIXTURES = Path(__file__).parents[1] / "fixtures"
USER = "oT9xL5kQn1fBvXq7cHw2mZrY4uEs"
WECHAT_MESSAGES = [
    ("text", Kind.TEXT, "这个月要还多少😀 <b>&amp;", "24417590316627001", ""),
    ("text_without_id", Kind.TEXT, "人工", f"{USER}1773806395", ""),
    ("menu_line", Kind.TEXT, "方案1", "24417590316627002", ""),
    ("menu_line_of_another", Kind.TEXT, "满意", "24417590316627003", ""),
    ("voice", Kind.VOICE, "我想提前还款。", "24417590316627004", "vQ7_ex-voice-01"),
    ("voice_unheard", Kind.VOICE, "", "24417590316627005", "vQ7_ex-voice-02"),
    ("image", Kind.IMAGE, "", "24417590316627006", "vQ7_ex-image-01"),
    ("video", Kind.VIDEO, "", "24417590316627007", "vQ7_ex-video-01"),
    ("shortvideo", Kind.VIDEO, "", "24417590316627008", "vQ7_ex-video-02"),
    ("location", Kind.LOCATION, "", "24417590316627009", ""),
    ("link", Kind.CARD, "", "24417590316627010", ""),
    ("unknown_kind", Kind.UNSUPPORTED, "", "24417590316627011", ""),
    ("click", Kind.TEXT, "还款计划", f"{USER}1773806395click", ""),
    ("unsubscribe", Kind.STOP, "", f"{USER}1773806395unsubscribe", ""),
]
QUIET = ["view", "subscribe", "scan", "unknown_event"]


def recorded(name: str) -> Any:
    adapter = CASE.adapter("http://127.0.0.1:1", httpx.AsyncClient())
    return adapter.receive(CASE.garbage((FIXTURES / f"wechat/{name}.xml").read_bytes(), NOON))


@pytest.mark.parametrize(("name", "kind", "text", "key", "ref"), WECHAT_MESSAGES, ids=lambda one: str(one)[:20])
def test_a_recorded_callback_is_read(name: str, kind: Kind, text: str, key: str, ref: str) -> None:
    [found] = recorded(name).inbound
    assert (found.kind, found.text, found.message_id, found.channel_user) == (kind, text, key, USER)
    assert [one.ref for one in found.media] == ([ref] if ref else [])
    assert found.sent_at == NOON - timedelta(seconds=5)


@pytest.mark.parametrize("name", QUIET)
def test_a_recorded_event_that_asks_nothing_is_acknowledged(name: str) -> None:
    assert (recorded(name).inbound, recorded(name).body, recorded(name).wait) == ((), b"success", 0.0)


def test_every_recorded_callback_is_looked_at() -> None:
    assert {one.stem for one in (FIXTURES / "wechat").iterdir()} == {one[0] for one in WECHAT_MESSAGES} | set(QUIET)


def test_a_recorded_page_is_read() -> None:
    page = orjson.loads((FIXTURES / "wecom/page.json").read_bytes())["msg_list"]
    found = [read(one) for one in page]
    said_ = [(one.kind, one.text, one.message_id) for one in found if isinstance(one, Inbound)]
    assert said_ == [
        (Kind.TEXT, "这个月要还多少", "ex_text_01"),
        (Kind.TEXT, "方案1", "ex_menu_01"),
        (Kind.IMAGE, "", "ex_image_01"),
        (Kind.VOICE, "", "ex_voice_01"),
        (Kind.VIDEO, "", "ex_video_01"),
        (Kind.FILE, "", "ex_file_01"),
        (Kind.LOCATION, "", "ex_place_01"),
        (Kind.CARD, "", "ex_link_01"),
        (Kind.CARD, "", "ex_mini_01"),
        (Kind.UNSUPPORTED, "", "ex_new_01"),
        (Kind.DELETED, "", "ex_recall"),
    ]
    link = next(one for one in found if isinstance(one, Inbound) and one.message_id == "ex_link_01")
    assert (link.channel_user, link.facts["kfid"]) == ("wmExWang", "wkEx2")
    told = [(one.provider_id, one.state, one.reason) for one in found if isinstance(one, Status)]
    assert told == [
        ("ours-1", State.FAILED, "blocked"),
        ("ours-2", State.FAILED, "window_closed"),
        ("ours-3", State.FAILED, "invalid"),
    ]
    assert found.count(None) == 3  # a colleague's words, entering, a session handed over


WORDS = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=60)
AMOUNT = re.compile(r"¥[\d,]+\.\d\d")


@given(
    paragraphs=st.lists(st.integers(0, 99_999_999), min_size=1, max_size=200),
    picks=st.lists(st.tuples(WORDS, WORDS), max_size=12),
)
def test_no_amount_is_lost_in_pieces_and_menus_and_all_fit(paragraphs: list[int], picks: list[tuple[str, str]]) -> None:
    text = "\n".join(f"应还¥{one / 100:,.2f}，请按时还款。" for one in paragraphs)
    message = Outgoing("m", "u", text, tuple(Choice(title, say) for title, say in picks))
    for adapter in (CASE.adapter("http://x", httpx.AsyncClient()), WECOM.adapter("http://x", httpx.AsyncClient())):
        payloads = list(adapter.render(message))
        shown = "".join(_words(one) for one in payloads)
        assert AMOUNT.findall(shown)[: len(paragraphs)] == AMOUNT.findall(text)
        for one in payloads:
            if one["msgtype"] == "text":
                assert 0 < len(one["text"]["content"].encode()) <= 2048
                continue
            lines = [line.get("click", line) for line in one["msgmenu"]["list"]]
            assert len(one["msgmenu"]["head_content"].encode()) <= 1024
            assert 0 < len(lines) <= 10
            for line in lines:
                assert 0 < len(line["content"].encode()) <= 128
                assert 0 < len(line["id"].encode()) <= 64


@given(say=WORDS, title=WORDS)
def test_a_line_that_has_an_id_says_exactly_what_it_stands_for(say: str, title: str) -> None:
    id_ = identifier(say)
    if id_ is not None:
        assert said(id_, title) == say


@given(id_=st.text(max_size=70) | st.none() | st.integers(), title=WORDS)
def test_an_id_of_anybody_is_harmless(id_: Any, title: str) -> None:
    assert isinstance(said(id_, title), str)


def _words(payload: dict[str, Any]) -> str:
    return str(payload["text"]["content"] if payload["msgtype"] == "text" else payload["msgmenu"]["head_content"])


def test_both_name_the_published_window_and_quota() -> None:
    for one in (wechat.WeChat.traits, wecom.WeCom.traits):
        assert (one.window, one.quota, one.longest_bytes) == (timedelta(hours=48), 5, 2048)
