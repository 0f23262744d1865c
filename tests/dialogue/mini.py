"""A small Rasa project with our components, to be made anywhere: three intents, a slot, answers in two languages."""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

from bot.settings import ROOT

EXAMPLES = {
    "greet": ["你好", "您好", "早上好", "hello", "hi there", "嗨 你好呀", "晚上好", "哈喽"],
    "query_balance": [
        "我还欠多少钱",
        "还剩多少没还",
        "剩余本金是多少",
        "我总共欠你们多少",
        "what do I still owe",
        "欠款多少",
    ],
    "goodbye": ["再见", "拜拜", "下次再聊", "bye bye", "先这样吧 再见", "回头见"],
    "thanks": ["谢谢", "多谢你", "thank you", "太感谢了", "谢谢啦", "感谢帮忙"],
}
RESPONSES = {
    "utter_hello": [{"text": "您好,这是软件助手。"}, {"text": "Hello.", "metadata": {"lang": "en"}}],
    "utter_amount": [
        {"text": "{customer_name}还欠{amount}。", "buttons": [{"title": "还款计划", "payload": "还款计划"}]}
    ],
    "utter_goodbye": [{"text": "再见。"}],
    "utter_ai_notice": [{"text": "我是软件助手。"}],
    "utter_english_notice": [{"text": "I answer in Chinese for now.", "metadata": {"lang": "en"}}],
}
RULES = {
    "greet": ["action_mini_hello"],
    "query_balance": ["action_mini_amount"],
    "goodbye": ["utter_goodbye"],
    "thanks": ["action_mini_hello", "action_mini_amount"],
    "nlu_fallback": ["action_mini_breaks"],
}


def write(folder: Path) -> Path:
    """The project's files under `folder`; gives it back."""
    version = "3.1"
    files = {
        "domain.yml": {
            "version": version,
            "intents": [*EXAMPLES, "nlu_fallback"],
            "slots": {"topic": {"type": "any", "influence_conversation": False, "mappings": [{"type": "custom"}]}},
            "responses": RESPONSES,
            "actions": sorted({name for names in RULES.values() for name in names if name.startswith("action_")}),
        },
        "data/nlu.yml": {
            "version": version,
            "nlu": [
                {"intent": intent, "examples": "".join(f"- {text}\n" for text in texts)}
                for intent, texts in EXAMPLES.items()
            ],
        },
        "data/rules.yml": {
            "version": version,
            "rules": [
                {"rule": intent, "steps": [{"intent": intent}, *({"action": name} for name in names)]}
                for intent, names in RULES.items()
            ],
        },
        "tests/test_stories.yml": {
            "version": version,
            "stories": [
                {
                    "story": "hello and goodbye",
                    "steps": [
                        {"user": "你好", "intent": "greet"},
                        {"action": "action_mini_hello"},
                        {"user": "再见", "intent": "goodbye"},
                        {"action": "utter_goodbye"},
                    ],
                }
            ],
        },
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    shutil.copy(ROOT / "config.yml", folder / "config.yml")
    return folder
