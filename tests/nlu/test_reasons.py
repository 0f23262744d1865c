"""Why a borrower cannot pay, in people's words."""

from __future__ import annotations

import pytest

from bot.nlu.entities import extract
from bot.nlu.normalise import normalise


@pytest.mark.parametrize(
    ("words", "code"),
    [("上个月被裁员了", "JOB_LOSS"), ("我失業了", "JOB_LOSS"), ("i got laid off", "JOB_LOSS"), ("公司降薪了", "INCOME_CUT"),
     ("店关门了亏了好多", "BUSINESS_DOWN"), ("我做了手术在住院", "ILLNESS_INJURY"), ("我妈得了癌症", "CARE_FAMILY"),
     ("父亲上周去世了", "BEREAVEMENT"), ("刚离婚", "DIVORCE_VIOLENCE"), ("家里发大水淹了", "DISASTER"), ("老婆怀孕生孩子了", "MATERNITY"),
     ("孩子学费要交", "EDUCATION_MILITARY"), ("欠了好几家网贷", "OVERINDEBTED"), ("被人骗了十万", "FRAUD_VICTIM"),
     ("工资还没发", "ADMIN_ERROR_CASHFLOW"), ("赌博输光了", "GAMBLING"), ("my mother is in hospital", "CARE_FAMILY"), ("my salary is late", "ADMIN_ERROR_CASHFLOW")],
)  # fmt: skip
def test_reason_in_words(words: str, code: str) -> None:
    assert code in [found.value for kind, found in extract(normalise(words)) if kind == "reason"]


@pytest.mark.parametrize(
    "words", ["这个月要还多少", "我想提前还款", "第二个贷款是多少", "怎么换还款卡", "转人工", "how much is due"]
)
def test_no_reason_where_none_is_given(words: str) -> None:
    assert [found for kind, found in extract(normalise(words)) if kind == "reason"] == []
