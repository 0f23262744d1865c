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
     ("车间撤了人都散了", "JOB_LOSS"), ("期满不续签了", "JOB_LOSS"), ("公司劝退了我", "JOB_LOSS"),
     ("they let me go in march", "JOB_LOSS"), ("my contract was not renewed", "JOB_LOSS"), ("这个月只发生活费", "INCOME_CUT"),
     ("工资打了对折", "INCOME_CUT"), ("they cut our shifts", "INCOME_CUT"), ("老娘偏瘫在床", "CARE_FAMILY"), ("我婆婆失智了离不开人", "CARE_FAMILY"),
     ("被男人打了跑出来", "DIVORCE_VIOLENCE"), ("跟老公过不下去了", "DIVORCE_VIOLENCE"), ("my husband walked out", "DIVORCE_VIOLENCE"),
     ("辞了职去当兵", "EDUCATION_MILITARY"), ("脱产读书没有进项", "EDUCATION_MILITARY"), ("借新还旧窟窿太大", "OVERINDEBTED"),
     ("月供比挣的还多", "OVERINDEBTED"), ("i am juggling nine apps", "OVERINDEBTED"), ("客户的尾款拖着不给", "ADMIN_ERROR_CASHFLOW"),
     ("our client hasn't paid", "ADMIN_ERROR_CASHFLOW"), ("打麻将输了", "GAMBLING"), ("彩票把家底败光了", "GAMBLING"),
     ("工资还没发", "ADMIN_ERROR_CASHFLOW"), ("赌博输光了", "GAMBLING"), ("my mother is in hospital", "CARE_FAMILY"), ("my salary is late", "ADMIN_ERROR_CASHFLOW")],
)  # fmt: skip
def test_reason_in_words(words: str, code: str) -> None:
    assert code in [found.value for kind, found in extract(normalise(words)) if kind == "reason"]


@pytest.mark.parametrize(
    "words",
    [
        "这个月要还多少",
        "我想提前还款",
        "第二个贷款是多少",
        "怎么换还款卡",
        "转人工",
        "how much is due",
        "还款卡换一张",
        "合同在哪里看",
        "怎么解约",
        "提前结清多少钱",
        "分期款怎么还",
        "两个人一起还可以吗",
        "借款记录",
    ],
)
def test_no_reason_where_none_is_given(words: str) -> None:
    assert [found for kind, found in extract(normalise(words)) if kind == "reason"] == []
