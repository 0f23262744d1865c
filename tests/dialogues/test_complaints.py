"""Complaints through the trained model: lodged in one turn, added to, followed, decided on, withdrawn; in three scripts."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa

from bot.services.watch import Bells
from bot.services.worker import Worker
from bot.store.complaint_schema import complaint_contacts, complaint_people, complaints
from tests.dialogues.conftest import Demo
from tests.services.complaining import AGENT, BOSS, BOSS2, CLOSING, LEAD, Hands

pytestmark = pytest.mark.slow
REF = re.compile(r"TS-\d{8}-\d{4}")


@pytest.fixture
def hands(demo: Demo) -> Hands:
    made = Hands(demo.services, demo.clock)
    made.staff()
    return made


def cases(hands: Hands) -> list[Any]:
    return hands.read(sa.select(complaints).order_by(complaints.c.ref))


async def run_due(demo: Demo) -> None:
    worker = Worker(demo.services, demo.service.work, Bells())
    while await worker.once():
        pass


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            "我要投诉，催收天天打我单位电话",
            ("编号 TS-", "12378", "暂停催收", "/complaint/follow?k=", "投诉进度", "法定期限"),
        ),
        ("我要投訴，催收天天打我公司電話", ("編號 TS-", "12378", "暫停催收", "/complaint/follow?k=", "法定期限")),
        (
            "I want to complain, your collectors keep calling my office",
            ("accepted as TS-", "12378", "paused", "/complaint/follow?k=", "legal limit"),
        ),
    ],
)
async def test_lodged_in_one_turn_with_all_that_must_be_said(
    demo: Demo, hands: Hands, words: str, said: tuple[str, ...]
) -> None:
    wang = demo.borrower("C1001")
    answer = await wang.say(words)
    for needed in said:
        assert needed in answer, answer
    assert "name" in answer  # who looks at it
    row = cases(hands)[0]
    assert (row["l1"], row["customer_id"], row["complainant"]) == ("COLL", "C1001", "borrower")
    assert "?" not in answer.replace("?k=", "")  # nothing is asked that is known


@pytest.mark.parametrize(
    ("first", "second"),
    [("投诉", "罚息算错了，请重新核对"), ("我要投訴", "你們重複扣款了"), ("complaint", "your collector insulted me")],
)
async def test_one_word_then_the_story_is_one_case(demo: Demo, hands: Hands, first: str, second: str) -> None:
    wang = demo.borrower("C1001")
    ref = REF.search(await wang.say(first))
    assert ref is not None
    assert ref.group() in await wang.say(second)
    assert len(cases(hands)) == 1
    assert len(hands.contacts(ref.group())) == 2


async def test_a_story_that_no_model_knows_is_added_not_misunderstood(demo: Demo, hands: Hands) -> None:
    wang = demo.borrower("C1001")
    await wang.say("我要投诉")
    answer = await wang.say("柜台前面排队的人很多，叫号机坏了，材料递进去没有回音")
    assert "已补充" in answer
    assert "没听懂" not in answer


async def test_an_anonymous_complaint_is_linked_after_login_and_a_phone_is_kept(demo: Demo, hands: Hands) -> None:
    stranger = demo.borrower()
    answer = await stranger.say("我要投诉你们催收骂人")
    assert "TS-" in answer
    assert "您的借款" not in answer
    row = cases(hands)[0]
    assert (row["customer_id"], row["complainant"]) == (None, "unknown")
    await stranger.say("我的电话是13900001111")
    kept = hands.read(sa.select(complaint_people))
    assert [one["phone"] for one in kept] == ["13900001111"]
    words = hands.read(sa.select(complaint_contacts.c.words))
    assert not any("13900001111" in one["words"] for one in words)


async def test_a_third_party_is_heard_and_told_nothing(demo: Demo, hands: Hands) -> None:
    relative = demo.borrower()
    answer = await relative.say("我不是借款人，你们一直打电话骚扰我，我要投诉")
    assert "TS-" in answer
    assert "不能透露、也不能确认" in answer
    assert "¥" not in answer
    assert cases(hands)[0]["complainant"] == "third_party"


async def test_danger_names_help_first_and_alerts(demo: Demo, hands: Hands) -> None:
    wang = demo.borrower("C1001")
    answer = await wang.say("催收的人堵在我家门口要打人，我要投诉")
    assert "110" in answer
    assert cases(hands)[0]["urgency"] == "P0"
    assert any("P0" in text for text in hands.sent())


async def test_somebody_else_s_number_says_nothing(demo: Demo, hands: Hands) -> None:
    wang = demo.borrower("C1001")
    ref = REF.search(await wang.say("我要投诉催收骂人"))
    assert ref is not None
    other = demo.borrower("C1002")
    await other.say("你好")
    answer = await other.say(f"{ref.group()} 到哪一步了")
    assert "没有找到属于您的" in answer
    missing = await other.say("TS-20200101-0001 到哪一步了")
    assert answer.replace(ref.group(), "X") == missing.replace("TS-20200101-0001", "X")


@pytest.mark.parametrize(
    ("ask", "said"), [("投诉进度", "您的投诉"), ("投訴進度", "您的投訴"), ("complaint status", "Your complaint")]
)
async def test_followed_by_its_number_or_without(demo: Demo, hands: Hands, ask: str, said: str) -> None:
    wang = demo.borrower("C1001")
    ref = REF.search(await wang.say("我要投诉催收骂人"))
    assert ref is not None
    assert said in await wang.say(ask)
    assert ref.group() in await wang.say(ref.group())


async def test_withdrawn_only_when_confirmed(demo: Demo, hands: Hands) -> None:
    wang = demo.borrower("C1001")
    ref = REF.search(await wang.say("我要投诉催收骂人"))
    assert ref is not None
    assert "确认撤回" in await wang.say("撤回投诉")
    assert cases(hands)[0]["state"] != "withdrawn"
    answer = await wang.say(f"确认撤回 {ref.group()}")
    assert "2026年11月24日" in answer  # contact may begin again tomorrow
    assert cases(hands)[0]["state"] == "withdrawn"
    assert "已撤回" in await wang.say("投诉进度")


async def test_from_decision_to_dispute_review_closing_and_survey(demo: Demo, hands: Hands) -> None:
    wang = demo.borrower("C1001")
    found = REF.search(await wang.say("我要投诉，催收天天打我单位电话"))
    assert found is not None
    ref = found.group()
    hands.notified(ref, AGENT, BOSS, "not_upheld")
    await run_due(demo)
    status = await wang.say("投诉进度")
    assert "已答复" in status
    letter = await wang.say("查看处理结果")
    assert f"/complaint/letter/{ref}.html?k=" in letter
    low = demo.borrower("C1001", acr="1")
    assert "/complaint/letter/" not in await low.say("查看处理结果")
    disputed = await wang.say("不接受处理结果")
    assert "复核" in disputed
    assert hands.case(ref)["state"] == "disputed"
    hands.do(LEAD, ref, "review")
    hands.do(LEAD, ref, "propose", findings="复听录音，属实。", merit="upheld", grounds="规范第七条。")
    hands.do(BOSS2, ref, "decide")
    hands.do(LEAD, ref, "notify", letter_id=hands.letter(ref)["letter_id"])
    await run_due(demo)
    assert "最终意见" in await wang.say("申请复核")
    accepted = await wang.say("接受处理结果")
    assert "谢谢" in accepted
    hands.do(LEAD, ref, "close", **CLOSING)
    demo.clock.forward(hours=25)
    await run_due(demo)
    assert "谢谢您的评价" in await wang.say("投诉评价 4 处理得还行")
    assert "已办结" in await wang.say("投诉进度")


async def test_insults_after_a_complaint_stay_with_it(demo: Demo, hands: Hands) -> None:
    wang = demo.borrower("C1001")
    await wang.say("我要投诉")
    await wang.say("你们这群骗子，不要脸")
    assert len(cases(hands)) == 1


async def test_a_person_is_still_one_word_away(demo: Demo, hands: Hands) -> None:
    wang = demo.borrower("C1001")
    await wang.say("我要投诉")
    assert "RG-" in await wang.say("人工")


async def test_a_case_that_moves_while_the_borrower_answers_is_looked_at_again(
    demo: Demo, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the turn was composed for is not there any more when it is stored: it is composed again, and nothing breaks."""
    wang = demo.borrower("C1001")
    found = REF.search(await wang.say("我要投诉催收骂人"))
    assert found is not None
    ref = found.group()
    hands.notified(ref, AGENT, BOSS)
    borrower = demo.services.complaints.borrower
    original, moved = type(borrower).accept, []

    def slowly(self: Any, connection: Any, row: Any, now: Any) -> Any:
        if not moved:
            moved.append(True)
            from bot.services.complaints.rows import case

            original(self, connection, case(connection, ref), now)  # somebody else was quicker
        return original(self, connection, row, now)

    monkeypatch.setattr(type(borrower), "accept", slowly)
    assert "谢谢" in await wang.say("接受处理结果")
    assert hands.case(ref)["state"] == "accepted"
    assert moved


async def test_twenty_pages_are_a_complaint_and_kept_whole(demo: Demo, hands: Hands) -> None:
    wang = demo.borrower("C1001")
    story = "我要投诉。" + "三月七日上午他们打到我单位，电话13912345678，说了很多难听的话。" * 400
    answer = await wang.say(story)
    assert "TS-" in answer
    kept = cases(hands)[0]["words"]
    assert len(kept) == len(story)
    assert "13912345678" not in kept
    assert "分几条发" in await wang.say("今天天气怎么样" * 1000)


async def test_two_words_for_a_complaint_are_one_wish(demo: Demo) -> None:
    borrower = demo.borrower("C1002")
    await borrower.say("我要投诉，催收打电话给我妈")
    said = await borrower.say("算了不投诉了")
    assert "确认撤回" in said
    assert "现在接着办吗" not in said
