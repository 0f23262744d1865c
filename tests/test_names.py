"""Names live once: `bot.names` and `domain.yml` agree both ways, and every response that code says exists."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest
import yaml

from bot.dialogue.lexicon import _words
from bot.dialogue.speech import load_responses
from bot.names import Action, Entity, Intent, Slot
from bot.settings import ROOT

DOMAIN = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
RESPONSES = load_responses(ROOT)
PYTHON = [path for folder in ("actions", "bot") for path in (ROOT / folder).rglob("*.py")]


@pytest.mark.parametrize(
    ("kind", "key"), [(Intent, "intents"), (Entity, "entities"), (Slot, "slots"), (Action, "actions")]
)
def test_names_and_domain_agree(kind: type, key: str) -> None:
    assert {name.value for name in kind} == set(DOMAIN[key])  # type: ignore[attr-defined]


def test_every_intent_has_exactly_one_rule() -> None:
    rules: dict[str, str] = {}
    for path in (ROOT / "data").rglob("rules.yml"):
        for rule in yaml.safe_load(path.read_text(encoding="utf-8"))["rules"]:
            intent, action = rule["steps"]
            assert intent["intent"] not in rules, f"{path}: a second rule for {intent['intent']}"
            rules[intent["intent"]] = action["action"]
    assert set(rules) == {intent.value for intent in Intent}
    assert set(rules.values()) == {action.value for action in Action}


def test_every_response_said_by_code_exists() -> None:
    for path in PYTHON:
        for name in re.findall(r'"(utter_[a-z_]+)"', path.read_text(encoding="utf-8")):
            assert name in RESPONSES or name.endswith("_"), f"{path.relative_to(ROOT)}: {name}"


def test_every_response_has_chinese_and_english_with_the_same_variables() -> None:
    for name, variations in RESPONSES.items():
        if name == "utter_english_notice":
            continue
        english = [v for v in variations if v.get("metadata", {}).get("lang") == "en"]
        chinese = [v for v in variations if v.get("metadata", {}).get("lang") != "en"]
        assert len(english) == len(chinese) == 1, name
        said = [{field for _, field, _, _ in Formatter().parse(v["text"]) if field} for v in (*english, *chinese)]
        assert said[0] <= said[1], f"{name}: English uses {said[0] - said[1]}"


def test_words_have_chinese_and_english() -> None:
    for key, forms in _words().items():
        assert len(forms) == 2, key
        assert all(isinstance(form, str) for form in forms), key


def test_no_chinese_sentence_in_python() -> None:
    """Words live in catalogues; comments and docstrings may quote what borrowers say."""
    import io
    import tokenize

    han = re.compile("[\u4e00-\u9fff]{5,}")
    numerals = re.compile("[零〇○一二三四五六七八九幺壹贰叁肆伍陆柒捌玖貳參陸]")  # signs, not words
    for path in PYTHON:
        if path.name == "settings.py":
            continue  # the demo lender has a name
        source = path.read_text(encoding="utf-8")
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.STRING and not token.string.lstrip("rfb").startswith('"""'):
                assert not han.search(numerals.sub("", token.string)), (
                    f"{path.relative_to(ROOT)}:{token.start[0]}: {token.string}"
                )


FORBIDDEN = ("老赖", "立即", "后果自负", "通知单位", "通知家人", "!!", "！！")


def test_no_threatening_word_in_any_response() -> None:
    for name, variations in RESPONSES.items():
        for variation in variations:
            for word in FORBIDDEN:
                assert word not in variation["text"], f"{name}: {word}"


def test_docs_name_every_setting() -> None:
    from bot.settings import Settings

    text = Path(ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    for name in Settings.__dataclass_fields__:
        assert f"`{name.upper()}`" in text, name
