"""The widget's own unit tests (bot/web/test), so that one command runs everything."""

from __future__ import annotations

import subprocess

from bot.settings import ROOT


def test_widget_types_and_unit_tests() -> None:
    ran = subprocess.run([ROOT / "packaging" / "build-pages.sh", "test"], capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-2000:]
