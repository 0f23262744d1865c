"""Words in the borrower's script; what persons and systems named stays untouched."""

from __future__ import annotations

import pytest

from bot.dialogue.speech import NEVER, Speech, load_responses, turn
from bot.dialogue.turn import Button
from bot.settings import ROOT

CATALOGUE = Speech(
    {
        "utter_due": [
            {
                "text": "{customer_name},{product}本期应还{amount}。",
                "buttons": [{"title": "为什么", "payload": "为什么是这个金额"}],
            },
            {"text": "{amount} is due.", "metadata": {"lang": "en"}, "buttons": [{"title": "Why", "payload": "why"}]},
        ],
        "utter_chinese_only": [{"text": "已登记,编号{ref}。\n"}],
    }
)
FIGURES = {"customer_name": "范丽云", "product": "消费贷款", "amount": "¥1,234.56"}


def test_simplified_is_the_catalogue_as_written() -> None:
    assert CATALOGUE.say("utter_due", "zh-Hans", FIGURES).text == "范丽云,消费贷款本期应还¥1,234.56。"


def test_traditional_turns_sentences_and_words_and_leaves_names() -> None:
    said = CATALOGUE.say("utter_due", "zh-Hant", FIGURES)
    assert said.text == "范丽云,消費貸款本期應還¥1,234.56。"
    assert said.buttons == (Button("為什麼", "為什麼是這個金額"),)


def test_english_where_there_is_one_else_chinese_and_the_caller_can_know() -> None:
    assert CATALOGUE.say("utter_due", "en", FIGURES).text == "¥1,234.56 is due."
    assert CATALOGUE.say("utter_due", "en", FIGURES).buttons == (Button("Why", "why"),)
    assert CATALOGUE.say("utter_chinese_only", "en", {"ref": "SQ-1"}).text == "已登记,编号SQ-1。"
    assert CATALOGUE.speaks_english("utter_due")
    assert not CATALOGUE.speaks_english("utter_chinese_only")


@pytest.mark.parametrize("name", sorted(NEVER))
def test_what_somebody_named_is_never_converted(name: str) -> None:
    speech = Speech({"utter_x": [{"text": "{" + name + "}"}]})
    assert speech.say("utter_x", "zh-Hant", {name: "云发里后"}).text == "云发里后"


def test_buttons_of_an_action_replace_those_of_the_catalogue() -> None:
    own = [Button("第二笔", "第二笔")]
    assert CATALOGUE.say("utter_due", "zh-Hant", FIGURES, buttons=own).buttons == (Button("第二筆", "第二筆"),)


def test_card_is_converted_except_kind_names_and_numbers() -> None:
    card = {
        "kind": "table",
        "title": "还款计划",
        "customer_name": "范丽云",
        "rows": [["第1期", "应还"], ("利息", 7)],
        "options": [{"title": "这笔", "loan_no": "云1", "lines": ["还剩"]}],
    }
    said = CATALOGUE.say("utter_chinese_only", "zh-Hant", {"ref": "1"}, card=card)
    assert said.card == {
        "kind": "table",
        "title": "還款計劃",
        "customer_name": "范丽云",
        "rows": [["第1期", "應還"], ["利息", 7]],
        "options": [{"title": "這筆", "loan_no": "云1", "lines": ["還剩"]}],
    }
    assert CATALOGUE.say("utter_chinese_only", "zh-Hans", {"ref": "1"}, card=card).card == card


def test_braces_in_a_value_are_only_words() -> None:
    said = CATALOGUE.say("utter_due", "zh-Hans", {**FIGURES, "customer_name": "{amount}{0}"})
    assert said.text.startswith("{amount}{0},")


def test_missing_response_and_missing_figure_are_mistakes() -> None:
    with pytest.raises(KeyError):
        CATALOGUE.say("utter_nothing", "zh-Hans")
    with pytest.raises(KeyError):
        CATALOGUE.say("utter_due", "zh-Hans", {"amount": "¥1.00"})


@pytest.mark.parametrize(
    ("simplified", "wanted"),
    [
        ("账户", "帳戶"),
        ("账单", "帳單"),
        ("转账", "轉帳"),
        ("信息", "資訊"),
        ("短信", "簡訊"),
        ("", ""),
        ("abc", "abc"),
    ],
)
def test_taiwan_words_and_their_corrections(simplified: str, wanted: str) -> None:
    assert turn(simplified, "zh-Hant") == wanted


def test_converting_twice_changes_nothing_more_in_the_whole_catalogue() -> None:
    for name, variations in load_responses(ROOT).items():
        once = turn(variations[0]["text"], "zh-Hant")
        assert turn(once, "zh-Hans") == once, name
        assert once.count("{") == variations[0]["text"].count("{"), name


def test_everything_that_is_said_can_be_said_in_english() -> None:
    speech = Speech(load_responses(ROOT))
    assert [name for name in load_responses(ROOT) if not speech.speaks_english(name)] == []
