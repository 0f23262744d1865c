"""The complaints that the model learns from: `examples/*.yml`, written for it, L1/L2 -> urgency -> texts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from bot.complaints.taxonomy import subjects
from bot.errors import ConfigError
from bot.lending.complaint_policy import Level

EXAMPLES = Path(__file__).parent / "examples"


@dataclass(frozen=True)
class Example:
    text: str
    code: str  # COLL/threat
    urgency: Level


def examples(folder: Path = EXAMPLES) -> list[Example]:
    """All of them, in the order of files and lines. Raises ConfigError with file and key."""
    found: list[Example] = []
    seen: set[str] = set()
    for path in sorted(folder.glob("*.yml")):
        for code, by_level in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).items():
            if code not in subjects():
                raise ConfigError(f"{path}: {code} is not in taxonomy.yml")
            for level, texts in by_level.items():
                if level not in {one.value for one in Level}:
                    raise ConfigError(f"{path}: {code}.{level} is no level")
                for text in texts:
                    if not isinstance(text, str) or not text.strip():
                        raise ConfigError(f"{path}: {code}.{level}: {text!r} is no text")
                    if text in seen:
                        raise ConfigError(f"{path}: {code}.{level}: {text!r} stands twice")
                    seen.add(text)
                    found.append(Example(text, code, Level(level)))
    return found
