"""Every simulated platform: each module of this folder with a `NAME`, its demo variables and its class."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from types import ModuleType

from bot.simulators.base import Simulator


def modules() -> dict[str, ModuleType]:
    """Modules by platform. Each has `NAME`, `demo(api)` (variables that point at the simulator) and `make(webhook, config)`."""
    names = sorted(one.name for one in pkgutil.iter_modules([str(Path(__file__).parent)]) if one.name != "__main__")
    found = [importlib.import_module(f"bot.simulators.{name}") for name in names]
    return {module.NAME: module for module in found if hasattr(module, "NAME")}


def config(api: str) -> dict[str, str]:
    """The variables of all channels. `api` is the simulators' server."""
    return {key: value for module in modules().values() for key, value in module.demo(api).items()}


def everyone(channels: str, env: dict[str, str]) -> dict[str, Simulator]:
    """All of them. `channels` is where Daihou's hooks are (http://…/channels)."""
    return {name: module.make(f"{channels}/{name}", env) for name, module in modules().items()}
