"""The `daihou` command. One module a subcommand in `bot.commands`, found by name."""

from __future__ import annotations

import argparse
import importlib
import os
import pkgutil
import sys
import warnings

# Before anything imports Rasa: warnings of pinned libraries are not the operator's business, and some of those
# libraries turn them on again by themselves. PYTHONWARNINGS shows them.
os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
if not sys.warnoptions:
    warnings.showwarning = lambda *args, **kwargs: None

import bot.commands
from bot.errors import DaihouError
from bot.settings import Settings


def main(argv: list[str] | None = None) -> int:
    """Run one subcommand; 0 = done, 1 = refused with a reason, 2 = wrong words."""
    parser = argparse.ArgumentParser(prog="daihou", description="Daihou: an assistant for post-loan service.")
    subparsers = parser.add_subparsers(dest="command", required=True)
    for module in pkgutil.iter_modules(bot.commands.__path__):
        importlib.import_module(f"bot.commands.{module.name}").add(subparsers)
    args = parser.parse_args(argv)
    try:
        return int(args.run(args, Settings.from_env(os.environ)) or 0)
    except DaihouError as error:
        sys.stderr.write(f"daihou: {error}\n")
        return 1


if __name__ == "__main__":
    raise SystemExit(main())
