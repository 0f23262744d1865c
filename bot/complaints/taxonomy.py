"""The L1 and L2 codes and the reading rules, loaded and checked: a mistake names file and key.

Read by `classify`, by the case base and by reports; the desk shows the names. Nothing is opened at import.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.errors import ConfigError
from bot.lending.complaint_policy import Level

HERE = Path(__file__).parent
TAXONOMY = HERE / "taxonomy.yml"
RULES = HERE / "rules.yml"
LANGUAGES = ("zh", "zh-Hant", "en")


@dataclass(frozen=True)
class Subject:
    """One L2: its code `COLL/threat`, names by language, and the least urgency of such a complaint."""

    l1: str
    l2: str
    names: Mapping[str, str]
    least: Level

    @property
    def code(self) -> str:
        return f"{self.l1}/{self.l2}"


@dataclass(frozen=True)
class Rules:
    """Compiled patterns, all on normalised text with `idioms` taken out."""

    idioms: re.Pattern[str]
    urgency: Mapping[str, tuple[Level, re.Pattern[str]]]  # by name of the rule, the most urgent first
    flags: Mapping[str, tuple[frozenset[str], re.Pattern[str] | None]]  # urgency rules that raise it, or a pattern
    subjects: Mapping[str, re.Pattern[str]]  # by code, those with signs
    apart: tuple[re.Pattern[str], ...]  # kinds of words that tell two complaints apart


@lru_cache(maxsize=4)
def subjects(path: Path = TAXONOMY) -> Mapping[str, Subject]:
    """Every L2 by its code, in the file's order. Raises ConfigError with file and key."""
    found: dict[str, Subject] = {}
    for l1, entry in _read(path).items():
        _names(path, l1, entry)
        if not isinstance(entry.get("l2"), dict) or not entry["l2"]:
            raise ConfigError(f"{path}: {l1}.l2 must name at least one code")
        for l2, one in entry["l2"].items():
            names = _names(path, f"{l1}.l2.{l2}", one)
            try:
                least = Level(one.get("urgency"))
            except ValueError:
                raise ConfigError(f"{path}: {l1}.l2.{l2}.urgency must be P0, P1, P2 or P3") from None
            subject = Subject(str(l1), str(l2), names, least)
            found[subject.code] = subject
    return found


@lru_cache(maxsize=4)
def names_of_l1(path: Path = TAXONOMY) -> Mapping[str, Mapping[str, str]]:
    """L1 to its names by language."""
    return {str(l1): _names(path, l1, entry) for l1, entry in _read(path).items()}


@lru_cache(maxsize=4)
def rules(path: Path = RULES) -> Rules:
    """The reading rules, compiled once. Raises ConfigError with file and key."""
    contents = _read(path)
    missing = {"idioms", "urgency", "flags", "subjects", "apart"} - set(contents)
    if missing:
        raise ConfigError(f"{path}: {', '.join(sorted(missing))} missing")
    urgency: dict[str, tuple[Level, re.Pattern[str]]] = {}
    for level, named in contents["urgency"].items():
        if level not in {one.value for one in Level}:
            raise ConfigError(f"{path}: urgency.{level} is no level")
        for name, patterns in named.items():
            urgency[name] = (Level(level), _compiled(path, f"urgency.{level}.{name}", patterns))
    flags: dict[str, tuple[frozenset[str], re.Pattern[str] | None]] = {}
    for flag, entries in contents["flags"].items():
        by_rule = frozenset(one for one in entries if one in urgency)
        patterns = [one for one in entries if one not in urgency]
        flags[flag] = (by_rule, _compiled(path, f"flags.{flag}", patterns) if patterns else None)
    known = subjects()
    apart = tuple(_compiled(path, f"apart[{at}]", [one]) for at, one in enumerate(contents["apart"]))
    signs = {}
    for code, patterns in contents["subjects"].items():
        if code not in known:
            raise ConfigError(f"{path}: subjects.{code} is not in taxonomy.yml")
        if patterns:
            signs[code] = _compiled(path, f"subjects.{code}", patterns)
    return Rules(_compiled(path, "idioms", contents["idioms"]), urgency, flags, signs, apart)


def _compiled(path: Path, key: str, patterns: Any) -> re.Pattern[str]:
    if not isinstance(patterns, list) or not all(isinstance(one, str) and one for one in patterns):
        raise ConfigError(f"{path}: {key} must be a list of patterns")
    for one in patterns:
        try:
            if re.compile(one).search(""):
                raise ConfigError(f"{path}: {key}: {one[:40]!r} matches everything")
        except re.error as error:
            raise ConfigError(f"{path}: {key}: {one[:40]!r}: {error}") from None
    return re.compile("|".join(f"(?:{one})" for one in patterns))


def _names(path: Path, key: str, entry: Any) -> Mapping[str, str]:
    if not isinstance(entry, dict):
        raise ConfigError(f"{path}: {key} must hold names")
    for language in LANGUAGES:
        if not isinstance(entry.get(language), str) or not entry[language].strip():
            raise ConfigError(f"{path}: {key}.{language} is missing")
    return {language: entry[language] for language in LANGUAGES}


def _read(path: Path) -> dict[str, Any]:
    try:
        loaded = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise ConfigError(f"{path}: {error}") from None
    if not isinstance(loaded, dict) or not loaded:
        raise ConfigError(f"{path}: must be a mapping")
    return loaded
