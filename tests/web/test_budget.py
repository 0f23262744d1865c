"""What the widget may weigh, gzipped as it is sent. Measured on the built files; fails when one grows beyond its budget."""

from __future__ import annotations

import gzip
import re
import subprocess

import pytest

from bot.settings import ROOT

DIST = ROOT / "bot" / "web" / "dist"
LAUNCHER, WHOLE = 5_000, 40_000  # bytes


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    """From the present sources; quick when nothing changed."""
    ran = subprocess.run([ROOT / "packaging" / "build-pages.sh"], capture_output=True, text=True, timeout=600)
    assert ran.returncode == 0, ran.stderr[-3000:]


def packed(name: str) -> int:
    found = sorted(DIST.glob(name))
    assert len(found) == 1, found
    return len(gzip.compress(found[0].read_bytes(), 9))


def test_launcher_keeps_its_budget() -> None:
    """The script holds its style; browsers without constructable style sheets fetch that once more."""
    script, sheet = packed("widget.js"), packed("assets/launcher.css")
    assert script + sheet <= LAUNCHER, (script, sheet)


def test_whole_widget_keeps_its_budget() -> None:
    """The launcher, the core, and the core's style once more."""
    parts = [packed(name) for name in ("widget.js", "assets/launcher.css", "assets/widget-*.js", "assets/widget.css")]
    assert sum(parts) <= WHOLE, parts


def test_chat_page_loads_nothing_but_the_core_and_its_first_style() -> None:
    for language in ("zh-CN", "zh-TW", "en"):
        page = (DIST / f"chat.{language}.html").read_text(encoding="utf-8")
        named = re.findall(r'(?:src|href)="(/[^"]*)"', page)
        assert len(named) == 2, named
        assert all((DIST / name[1:]).is_file() for name in named)
        assert "<!--greeting-->" in page
        assert "%" not in page
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)


def test_launcher_names_the_core_that_was_built() -> None:
    core = next(iter(DIST.glob("assets/widget-*.js")))
    assert f"assets/{core.name}" in (DIST / "widget.js").read_text(encoding="utf-8")
