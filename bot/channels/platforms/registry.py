"""The platforms that this installation speaks to: every module below whose variables are set."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path
from types import ModuleType

import httpx

from bot.channels.platforms.setup import Given, Setting, configured, no_files
from bot.services.channels.cursors import Cursors
from bot.services.channels.model import Adapter
from bot.services.channels.tokens import Tokens
from bot.store.clock import Clock


@lru_cache(maxsize=1)
def modules() -> dict[str, ModuleType]:
    """Every platform by its channel's name: each module of this folder that has a `NAME`."""
    folder = str(Path(__file__).parent)
    names = sorted(one.name for one in pkgutil.iter_modules([folder]))
    found = [importlib.import_module(f"bot.channels.platforms.{name}") for name in names if name != "registry"]
    return {module.NAME: module for module in found if hasattr(module, "NAME")}


def settings() -> dict[str, dict[str, Setting]]:
    """The environment variables of every platform."""
    return {name: module.SETTINGS for name, module in modules().items()}


def adapters(
    env: Mapping[str, str],
    http: httpx.AsyncClient,
    tokens: Tokens,
    clock: Clock,
    cursors: Cursors,
    files: Callable[[str], bytes] = no_files,
) -> dict[str, Adapter]:
    """Those that are configured.

    Raises:
        ConfigError: a platform is configured in part.
    """
    made: dict[str, Adapter] = {}
    for name, module in modules().items():
        config = configured(name, module.SETTINGS, env)
        if config is not None:
            made[name] = module.make(Given(config, http, tokens, clock, cursors, files))
    return made
