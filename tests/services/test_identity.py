"""The level belongs to the session: tokens, chat login, its limits, and every way an identity ends."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest

from bot.store.conversation_schema import (
    channel_sessions,
    conversations,
    events,
    identity_tokens,
    inbox,
    login_codes,
    messages,
    notifications,
    requests,
)
from tests.services.conftest import Talk

PHONE, TAIL = "13800000001", "0011"


async def log_in(talk: Talk, user: str, phone: str = PHONE, tail: str = TAIL) -> list[str]:
    await talk.say(user, "验证身份")
    await talk.say(user, phone)
    await talk.say(user, tail)
    return await talk.responses(user, await talk.code(phone) or "000000")


# -- the lender's token


async def test_token_binds_the_session_at_its_level(talk: Talk) -> None:
    assert await talk.say("u1", "余额", token=talk.token(acr="2")) == ["balance of C1001"]
    assert await talk.level("u1") == 2
    await talk.say("u2", "你好", token=talk.token(acr="1"))
    assert await talk.level("u2") == 1


async def test_token_is_fine_again_in_its_session_and_reused_elsewhere(talk: Talk) -> None:
    token = talk.token()
    await talk.say("u1", "余额", token=token)
    assert await talk.say("u1", "余额", token=token) == ["balance of C1001"]
    none, reused = await talk.say("u3", "余额"), await talk.say("u2", "余额", token=token)
    assert reused == none
    assert await talk.level("u2") == 0
    assert await talk.level("u1") == 2


@pytest.mark.parametrize(
    "bad",
    [
        lambda t: "not.a.token",
        lambda t: t.token(secret="x" * 40),
        lambda t: t.token(exp=t.clock.now() - timedelta(seconds=1)),
        lambda t: t.token(acr="3"),
        lambda t: t.token(acr=2),
        lambda t: t.token(customer="C9999"),
        lambda t: t.token(jti=""),
        lambda t: t.token(customer=""),
        lambda t: t.token(jti="j" * 300),
    ],
)
async def test_bad_token_raises_nothing_lowers_nothing_and_says_what_no_token_says(talk: Talk, bad: object) -> None:
    token = bad(talk)  # type: ignore[operator]
    assert await talk.say("u1", "余额", token=token) == await talk.say("u2", "余额")
    await talk.say("u3", "你好", token=talk.token())
    assert await talk.say("u3", "余额", token=token) == ["balance of C1001"]


async def test_token_signed_with_none_is_refused(talk: Talk) -> None:
    import jwt

    token = jwt.encode({"sub": "C1001", "acr": "2", "jti": "j", "exp": 4102444800}, "", algorithm="none")
    await talk.say("u1", "余额", token=token)
    assert await talk.level("u1") == 0


async def test_token_with_a_lower_acr_does_not_lower_the_session(talk: Talk) -> None:
    await talk.say("u1", "你好", token=talk.token(acr="2"))
    await talk.say("u1", "你好", token=talk.token(acr="1"))
    assert await talk.level("u1") == 2


async def test_token_of_another_customer_ends_the_present_identity(talk: Talk) -> None:
    await talk.say("u1", "余额", token=talk.token("C1001"))
    assert await talk.say("u1", "余额", token=talk.token("C1002", acr="1")) != ["balance of C1001"]
    assert await talk.level("u1") == 1
    view = await talk.view("u1")
    assert not any("C1001" in message["text"] for message in view)
    [session] = await talk.rows(channel_sessions)
    assert session["customer_id"] == "C1002"


async def test_reused_token_of_another_customer_ends_nothing(talk: Talk) -> None:
    stolen = talk.token("C1002")
    await talk.say("owner", "你好", token=stolen)
    await talk.say("u1", "你好", token=talk.token("C1001"))
    assert await talk.say("u1", "余额", token=stolen) == ["balance of C1001"]


async def test_token_shown_by_the_page_answers_what_waited_for_it(talk: Talk) -> None:
    await talk.say("w1", "余额", channel="web")
    await talk.service.bind("web", "w1", talk.token())
    for _ in range(50):
        await asyncio.sleep(0.05)
        if any(message["text"] == "balance of C1001" for message in await talk.view("w1", channel="web")):
            return
    pytest.fail("no answer after the login")


async def test_first_use_of_one_token_in_two_sessions_at_once_binds_one(talk: Talk) -> None:
    token = talk.token()
    await asyncio.gather(*(talk.say(f"u{n}", "你好", token=token) for n in range(8)))
    levels = [await talk.level(f"u{n}") for n in range(8)]
    assert sorted(levels) == [0] * 7 + [2]


# -- sessions of one customer


async def test_second_session_at_level_0_sees_nothing_of_the_first(talk: Talk) -> None:
    await talk.say("u1", "余额", token=talk.token())
    assert await talk.say("u2", "余额") != ["balance of C1001"]
    assert "balance" not in json.dumps(await talk.view("u2"))
    assert await talk.view("stranger") == []


async def test_second_session_at_level_1_joins_and_sees_higher_messages_hidden(talk: Talk) -> None:
    await talk.say("u1", "余额", token=talk.token(acr="2"))
    await talk.say("u2", "先说一句")
    await talk.say("u2", "你好", token=talk.token(acr="1"))
    view = await talk.view("u2")
    hidden = [message for message in view if message["hidden"]]
    assert [message["text"] for message in hidden] == ["hidden", "hidden"]
    assert all(message["card"] is None and message["buttons"] == [] for message in hidden)
    assert "先说一句" in [message["text"] for message in view]
    assert len({row["conversation_id"] for row in await talk.rows(channel_sessions)}) == 1


async def test_reply_goes_only_to_the_session_that_asked(talk: Talk) -> None:
    await talk.say("u1", "你好", token=talk.token())
    await talk.say("u2", "你好", token=talk.token())
    seen = (await talk.view("u2"))[-1]["seq"]
    await talk.say("u1", "余额")
    assert await talk.view("u2", after=seen) == []
    assert [message["text"] for message in await talk.view("u2")][-1] == "balance of C1001"


async def test_anonymous_messages_join_only_when_their_own_session_is_proven(talk: Talk) -> None:
    await talk.say("u1", "你好", token=talk.token())
    await talk.say("u2", "匿名的话")
    assert "匿名的话" not in json.dumps(await talk.view("u1"), ensure_ascii=False)
    await talk.say("u2", "你好", token=talk.token())
    assert "匿名的话" in json.dumps(await talk.view("u1"), ensure_ascii=False)
    seqs = [message["seq"] for message in await talk.view("u1")]
    assert seqs == sorted(set(seqs))


async def test_withheld_message_above_the_level_becomes_a_login(talk: Talk) -> None:
    assert await talk.responses("u1", "泄露") == ["utter_login_needed"]
    assert "secret" not in repr(await talk.rows(messages))
    assert len(await talk.rows(events, events.c.kind == "withheld")) == 1


# -- proving it in chat


async def test_login_in_chat_answers_what_was_asked_before(talk: Talk) -> None:
    assert await talk.responses("u1", "余额") == ["utter_login_needed"]
    assert await talk.responses("u1", PHONE) == ["utter_login_id_tail"]
    assert await talk.responses("u1", TAIL) == ["utter_login_code_sent"]
    code = await talk.code(PHONE)
    assert await talk.responses("u1", code or "") == ["utter_login_done", "utter_balance"]
    assert await talk.level("u1") == 2


@pytest.mark.parametrize(
    "phone, tail",
    [
        ("１３８００００００01", "０011"),
        ("我的手机号是138-0000-0001", "尾号0011"),
        ("+86 138 0000 0001", "000000199001010011"),
    ],
)
async def test_login_reads_what_people_type(talk: Talk, phone: str, tail: str) -> None:
    assert (await log_in(talk, "u1", phone, tail))[0] in ("utter_login_done", "utter_login_code_wrong")
    await talk.say("u2", "登录")
    assert await talk.responses("u2", phone) == ["utter_login_id_tail"]
    assert await talk.responses("u2", tail) == ["utter_login_code_sent"]
    assert await talk.responses("u2", f"验证码是 {await talk.code(PHONE)}") == ["utter_login_done"]


async def test_login_leaves_no_trace_of_code_phone_or_id(talk: Talk) -> None:
    await log_in(talk, "u1")
    code = await talk.code(PHONE)
    assert code is not None
    for table in (messages, inbox, events, channel_sessions, conversations, login_codes, identity_tokens):
        stored = repr(await talk.rows(table))
        assert code not in stored, table.name
        assert PHONE not in stored, table.name
        assert f"'{TAIL}'" not in stored, table.name
    assert "●●●●●●" in [row["text"] for row in await talk.rows(messages)]
    assert code not in "".join(talk.brain.heard)


async def test_login_with_an_unknown_pair_gets_the_same_words_and_no_code(talk: Talk) -> None:
    async def words(user: str, phone: str, tail: str) -> list[list[str]]:
        return [await talk.say(user, text) for text in ("验证身份", phone, tail, "123456", "重新发送")]

    known = await words("u1", "13800000002", "9999")
    unknown = await words("u2", "13900000000", "0011")
    real = [await talk.say("u3", text) for text in ("验证身份", "13800000003", "0033", "999999", "重新发送")]
    assert known == unknown
    assert real[:3] == known[:3]
    assert real[3:] == known[3:] or await talk.code("13800000003") == "999999"
    assert await talk.code("13800000002") is None
    assert await talk.code("13900000000") is None


@pytest.mark.parametrize("phone, tail", [("13800000001", "0011"), ("13900000000", "0011"), ("13800000001", "9999")])
async def test_login_locks_a_phone_after_five_wrong_codes_over_all_sessions(talk: Talk, phone: str, tail: str) -> None:
    said = []
    for number in range(5):
        user = f"u{number}"
        await talk.say(user, "验证身份")
        await talk.say(user, phone)
        talk.clock.forward(seconds=61)
        await talk.say(user, tail)
        code = await talk.code(phone)
        wrong = "000000" if code != "000000" else "000001"
        said += await talk.responses(user, wrong)
    assert said == ["utter_login_code_wrong"] * 4 + ["utter_login_locked"]
    code = await talk.code(phone) or "123456"
    assert await talk.responses("u3", code) == ["utter_login_locked"]
    assert await talk.responses("u4", "余额") == ["utter_login_locked"]
    assert await talk.responses("u4", "123456") == ["utter_login_locked"]
    await talk.say("u9", "验证身份")
    await talk.say("u9", phone)
    assert await talk.responses("u9", tail) == ["utter_login_locked"]
    talk.clock.forward(minutes=31)
    await talk.say("u10", "验证身份")
    await talk.say("u10", phone)
    assert await talk.responses("u10", tail) == ["utter_login_code_sent"]


async def test_login_code_is_void_after_five_minutes(talk: Talk) -> None:
    for text in ("验证身份", PHONE, TAIL):
        await talk.say("u1", text)
    code = await talk.code(PHONE)
    talk.clock.forward(minutes=5, seconds=1)
    assert await talk.responses("u1", code or "") == ["utter_login_code_wrong"]
    assert await talk.level("u1") == 0


async def test_login_code_of_another_session_is_not_accepted(talk: Talk) -> None:
    for user in ("u1", "u2"):
        for text in ("验证身份", PHONE, TAIL):
            await talk.say(user, text)
        if user == "u1":
            first = await talk.code(PHONE)
    second = await talk.code(PHONE)
    assert first != second
    assert await talk.responses("u1", second or "") == ["utter_login_code_wrong"]


async def test_login_code_typed_twice_is_not_kept_as_words(talk: Talk) -> None:
    await log_in(talk, "u1")
    code = await talk.code(PHONE)
    assert await talk.responses("u1", code or "") == ["utter_login_already"]
    assert code not in repr(await talk.rows(messages)) + repr(await talk.rows(inbox)) + "".join(talk.brain.heard)


async def test_login_codes_are_limited_per_phone(talk: Talk) -> None:
    said = []
    for text in ("验证身份", PHONE, TAIL):
        await talk.say("u1", text)
    for _ in range(3):
        said += await talk.responses("u1", "重新发送")
    assert said == ["utter_login_code_sent", "utter_login_code_wait", "utter_login_code_wait"]
    for _ in range(4):
        talk.clock.forward(seconds=61)
        said += await talk.responses("u1", "重新发送")
    assert said[3:] == ["utter_login_code_sent"] * 3 + ["utter_login_too_many"]
    assert len(await talk.rows(notifications, notifications.c.recipient == PHONE)) == 5


async def test_login_can_be_interrupted_and_resumed(talk: Talk) -> None:
    await talk.say("u1", "余额")
    await talk.say("u1", PHONE)
    assert await talk.responses("u1", "利率是多少") == ["utter_chitchat"]
    assert await talk.responses("u1", "余额") == ["utter_login_id_tail"]
    assert await talk.responses("u1", TAIL) == ["utter_login_code_sent"]
    assert await talk.responses("u1", "人工") == ["utter_chitchat"]
    assert talk.brain.turns[-1].understanding.intent == "talk_to_human"
    assert await talk.responses("u1", await talk.code(PHONE) or "") == ["utter_login_done", "utter_balance"]


async def test_login_can_be_cancelled(talk: Talk) -> None:
    await talk.say("u1", "余额")
    assert await talk.responses("u1", "取消") == ["utter_login_cancelled"]
    assert await talk.responses("u1", PHONE) == ["utter_chitchat"]


@pytest.mark.parametrize(
    "text, response", [("138000", "utter_login_phone_unclear"), ("1380000000111", "utter_login_phone_unclear")]
)
async def test_login_with_a_mistyped_phone_asks_again(talk: Talk, text: str, response: str) -> None:
    await talk.say("u1", "验证身份")
    assert await talk.responses("u1", text) == [response]
    assert text not in repr(await talk.rows(messages))


async def test_login_with_the_wrong_phone_starts_again_with_another(talk: Talk) -> None:
    for text in ("验证身份", "13900000000", "0011"):
        await talk.say("u1", text)
    assert await talk.responses("u1", PHONE) == ["utter_login_id_tail"]
    assert await talk.responses("u1", TAIL) == ["utter_login_code_sent"]
    assert await talk.responses("u1", await talk.code(PHONE) or "") == ["utter_login_done"]


async def test_session_at_level_1_only_needs_the_code(talk: Talk) -> None:
    said = await talk.say("u1", "余额", token=talk.token(acr="1"))
    assert "138****0001" in said[-1]
    assert await talk.responses("u1", await talk.code(PHONE) or "") == ["utter_login_done", "utter_balance"]


async def test_requests_made_before_the_login_belong_to_the_customer_after_it(talk: Talk) -> None:
    await talk.say("u1", "你好")
    turn = talk.brain.turns[-1]
    turn.writes.clear()
    talk.service.services.requests.record(turn, kind="refund", prefix="SQ", by=talk.clock.now(), words="x")
    talk.service.services.preferences.stop_contact(turn)
    await talk.service.work.write(lambda c: [write(c) for write in turn.writes])
    await log_in(talk, "u1")
    [row] = await talk.rows(requests)
    assert row["customer_id"] == "C1001"
    assert talk.service.services.preferences.contact("C1001").stopped_at == talk.clock.now()


# -- its end


async def test_identity_ends_with_inactivity_and_history_is_hidden(talk: Talk) -> None:
    token = talk.token(exp=talk.clock.now() + timedelta(hours=5))
    await talk.say("u1", "余额", token=token)
    talk.clock.forward(minutes=31)
    view = await talk.view("u1")
    assert [(message["text"], message["hidden"]) for message in view[:2]] == [("hidden", True), ("hidden", True)]
    assert (view[2]["from"], view[2]["hidden"]) == ("system", False)
    assert await talk.level("u1") == 0
    assert await talk.responses("u1", "余额") == ["utter_login_needed"]
    assert await talk.say("u1", "余额", token=token) == ["balance of C1001"]
    assert [message["text"] for message in await talk.view("u1")].count("balance of C1001") == 2


async def test_identity_stays_while_the_borrower_talks(talk: Talk) -> None:
    await talk.say("u1", "余额", token=talk.token())
    for _ in range(4):
        talk.clock.forward(minutes=20)
        assert await talk.say("u1", "余额") == ["balance of C1001"]


@pytest.mark.parametrize(
    "words, response",
    [
        ("退出登录", "utter_logged_out"),
        ("不是我", "utter_not_me"),
        ("不是我！", "utter_not_me"),
        ("Log out", "utter_logged_out"),
        ("not me", "utter_not_me"),
    ],
)
async def test_identity_ends_on_request_and_its_token_is_spent(talk: Talk, words: str, response: str) -> None:
    token = talk.token()
    await talk.say("u1", "余额", token=token)
    assert await talk.responses("u1", words, token=token) == [response]
    assert await talk.level("u1") == 0
    assert await talk.responses("u1", "余额", token=token) == ["utter_login_needed"]
    assert "balance" not in json.dumps(await talk.view("u1"))
    again = talk.token()
    assert await talk.say("u1", "余额", token=again) == ["balance of C1001"]


async def test_not_me_leaves_nothing_in_view(talk: Talk) -> None:
    await talk.say("u1", "余额", token=talk.token())
    await talk.say("u1", "不是我")
    assert (await talk.view("u1"))[0]["text"] == "不是我"


async def test_messages_after_the_end_stay_out_of_the_customers_conversation(talk: Talk) -> None:
    await talk.say("u1", "余额", token=talk.token())
    await talk.say("u1", "退出登录")
    await talk.say("u1", "匿名的话")
    await talk.say("u2", "你好", token=talk.token())
    assert "匿名的话" not in json.dumps(await talk.view("u2"), ensure_ascii=False)


async def test_repeated_message_is_hidden_once_the_identity_has_ended(talk: Talk) -> None:
    await talk.say("u1", "余额", "m1", token=talk.token())
    await talk.say("u1", "退出登录")
    [row] = await talk.rows(messages, messages.c.text == "balance of C1001")
    assert row["level"] == 2
    assert await talk.level("u1") == 0
