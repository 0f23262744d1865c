"""Regular expressions and word tables kept as data beside the code (`*.yml`), since Python holds no Chinese words.

A file has `parts` (pieces, written `{name}` in patterns), `patterns`, and whatever tables its module wants.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent


@lru_cache(maxsize=16)
def table(name: str) -> dict[str, Any]:
    """The contents of `<name>.yml`."""
    loaded: dict[str, Any] = yaml.safe_load((HERE / f"{name}.yml").read_text(encoding="utf-8"))
    return loaded


@lru_cache(maxsize=128)
def pattern(file: str, name: str) -> re.Pattern[str]:
    """One compiled pattern of `<file>.yml`, its parts filled in (parts may use parts that stand before them)."""
    contents = table(file)
    written = str(contents["patterns"][name])
    for key, part in reversed(list(contents["parts"].items())):
        written = written.replace("{" + key + "}", f"(?:{part})")
    return re.compile(written, re.VERBOSE if contents.get("verbose") else 0)
