"""Every intent of the taxonomy has one designed outcome: what a proven borrower gets for a plain wording of it."""

from __future__ import annotations

import pytest

from bot.names import Intent
from tests.dialogues.conftest import Demo

pytestmark = pytest.mark.slow

# intent -> (words, what the answer must hold)
OUTCOMES: dict[str, tuple[str, str]] = {
    "query_balance": ("我还欠多少钱", "¥72,084.47"),
    "query_due": ("本期应还多少", "¥5,383.60"),
    "query_bill_detail": ("为什么是这个金额", "利息"),
    "query_schedule": ("还款计划", "24 期"),
    "query_payment_history": ("还款记录", "¥53,836.00"),
    "query_loan_info": ("我的借款信息", "借款信息"),
    "query_limit": ("我的额度是多少", "额度"),
    "query_rate_fee": ("利息怎么算", "7.20%"),
    "query_offers": ("有没有优惠券", "App"),
    "how_to_repay": ("怎么还款", "App"),
    "minimum_payment": ("最低还款是多少", "没有「最低还款额」"),
    "payment_failed": ("还款失败", "SQ-"),
    "payment_not_reflected": ("我已经还了怎么还显示欠款", "SQ-"),
    "autopay": ("自动扣款开了吗", "0001"),
    "change_bank_card": ("我要换银行卡", "SQ-"),
    "early_repayment": ("提前结清要多少钱", "¥73,064.81"),
    "early_repayment_fee": ("提前还款有违约金吗", "1.00%"),
    "refund": ("我多还了钱能退吗", "SQ-"),
    "change_due_date": ("我想改还款日", "几号"),
    "change_repayment_method": ("能不能换还款方式", "SQ-"),
    "request_instalment": ("我要申请分期", "跳过"),
    "request_extension": ("可以延期一个月吗", "跳过"),
    "cannot_repay": ("我失业了还不上", "跳过"),
    "negotiate_plan": ("我想协商还款", "跳过"),
    "request_waiver": ("罚息能减免吗", "没有可以减免"),
    "promise_to_pay": ("我明天就还", "没有要还的"),
    "overdue_status": ("我逾期了吗", "没有逾期"),
    "overdue_consequence": ("逾期会怎么样", "10.80%"),
    "credit_report": ("会上征信吗", "5 年"),
    "account_frozen": ("我的账户被冻结了", "SQ-"),
    "settlement_certificate": ("我要开结清证明", "SQ-"),
    "contract_copy": ("我要借款合同", "SQ-"),
    "change_contact_info": ("我要换手机号", "SQ-"),
    "close_account": ("我要注销账户", "SQ-"),
    "not_my_loan": ("这不是我借的", "SQ-"),
    "verify_contact": ("这个电话是你们的吗", "官方热线"),
    "dispute_charge": ("你们重复扣款了", "TS-"),
    "collections_complaint": ("催收骚扰我家人", "TS-"),
    "stop_contact": ("别再给我打电话了", "SQ-"),
    "third_party": ("你们打错了，我不认识这个人", "不能透露"),
    "complaint": ("我要投诉", "TS-"),
    "complaint_status": ("投诉进度", "没有您的投诉"),
    "request_status": ("我的申请进度", "登记"),
    "talk_to_human": ("转人工", "RG-"),
    "request_callback": ("给我回个电话", "RG-"),
    "feedback": ("我提个建议", "SQ-"),
    "privacy_request": ("删除我的个人信息", "SQ-"),
    "money_guidance": ("我想学学怎么管钱", "收入"),
    "new_loan": ("我想再借一笔钱", "App"),
    "inform": ("30000", "30000"),
    "greet": ("你好", "AI 助手"),
    "goodbye": ("再见", "再见"),
    "thank": ("谢谢", "不客气"),
    "affirm": ("好的", "好的"),
    "deny": ("不是", "更改"),
    "cancel": ("取消", "更改"),
    "repeat": ("没听懂", "想查什么"),
    "ask_capabilities": ("你能做什么", "提前结清"),
    "bot_challenge": ("你是真人吗", "不是真人"),
    "chitchat": ("讲个笑话", "闲聊"),
    "abuse": ("垃圾平台", "抱歉"),
    "self_harm": ("我不想活了", "12356"),
    "out_of_scope": ("帮我订机票", "不在我能查的范围"),
    "nlu_fallback": ("呜啦呼噜咕叽", "没有把握"),
}


def test_every_intent_has_an_outcome() -> None:
    assert set(OUTCOMES) == {intent.value for intent in Intent}


@pytest.mark.parametrize("intent", sorted(OUTCOMES))
async def test_outcome(demo: Demo, intent: str) -> None:
    words, held = OUTCOMES[intent]
    assert held in await demo.borrower("C1001").say(words)


@pytest.mark.parametrize("intent", sorted(OUTCOMES))
async def test_outcome_without_identity_shows_no_account_fact(demo: Demo, intent: str) -> None:
    said = await demo.borrower().say(OUTCOMES[intent][0])
    assert said
    assert "¥" not in said.replace("¥10,000", "")
