"""The public pages about complaints: plain HTML that works without JavaScript, with labels, in three scripts. No route here."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path

import yaml
from sanic.response import HTTPResponse

from bot.dialogue.speech import ENGLISH, TRADITIONAL, turn

SIMPLIFIED = "zh-Hans"
LANGUAGES = (SIMPLIFIED, TRADITIONAL, ENGLISH)
NAMES = {SIMPLIFIED: "\u7b80\u4f53", TRADITIONAL: "\u7e41\u9ad4", ENGLISH: "English"}
CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "img-src 'none'"
)
STYLE = (
    "body{font:17px/1.65 system-ui,'PingFang SC','Noto Sans SC',sans-serif;max-width:40rem;margin:1.5rem auto;padding:0 1rem;"
    "color:#1d2733;background:#fff}h1{font-size:1.45rem}h2{font-size:1.1rem;margin-top:1.6rem}label{display:block;margin:.9rem 0 .25rem;font-weight:600}"
    "textarea,input,select{font:inherit;width:100%;box-sizing:border-box;padding:.55rem;border:1px solid #8793a1;border-radius:6px;background:#fff;color:inherit}"
    "input[type=file]{border:0;padding:.3rem 0}button{font:inherit;margin-top:1.1rem;padding:.6rem 1.4rem;border:0;border-radius:6px;background:#14508c;color:#fff;cursor:pointer}"
    "button.plain{background:#e6ebf1;color:#1d2733}:focus-visible{outline:3px solid #f0a500;outline-offset:2px}"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.45rem 1.2rem;margin:1rem 0}dt{color:#56616e}dd{margin:0;overflow-wrap:anywhere}"
    ".bad{color:#a3201d;font-weight:600}.note{color:#56616e;font-size:.93rem}.said{white-space:pre-line;border-left:3px solid #cfd7e0;padding-left:.8rem}"
    "nav a{margin-right:1rem}@media (max-width:30rem){dl{grid-template-columns:1fr}}"
)


@lru_cache(maxsize=1)
def _words() -> dict[str, list[str]]:
    words: dict[str, list[str]] = yaml.safe_load(
        (Path(__file__).parent / "complaint_page.yml").read_text(encoding="utf-8")
    )
    return words


def word(key: str, language: str, **values: object) -> str:
    """A word of the pages, not yet escaped."""
    chinese, english = _words()[key]
    return (english if language == ENGLISH else turn(chinese, language)).format(**values)


def known(key: str) -> bool:
    return key in _words()


def language_of(asked: str | None, accepted: str) -> str:
    """The language named, else the browser's first one, else Simplified."""
    if asked in LANGUAGES:
        return str(asked)
    first = accepted.split(",")[0].strip().lower()
    if first.startswith("en"):
        return ENGLISH
    return TRADITIONAL if first.startswith(("zh-tw", "zh-hk", "zh-hant", "zh-mo")) else SIMPLIFIED


def page(title: str, inside: str, language: str, status: int = 200, switch: str | None = None) -> HTTPResponse:
    """A whole page. `switch`: the address that the links to other languages extend."""
    others = ""
    if switch is not None:
        links = "".join(
            f'<a href="{html.escape(switch)}lang={one}" lang="{one}">{NAMES[one]}</a>'
            for one in LANGUAGES
            if one != language
        )
        others = f"<nav>{links}</nav>"
    body = (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex">'
        f"<title>{html.escape(title)}</title><style>{STYLE}</style></head><body><main>{others}<h1>{html.escape(title)}</h1>{inside}</main></body></html>"
    )
    headers = {"Content-Security-Policy": CSP, "Cache-Control": "no-store"}
    return HTTPResponse(body, status=status, content_type="text/html; charset=utf-8", headers=headers)


def text(words: str, kind: str = "") -> str:
    return f"<p{f' class={kind}' if kind else ''}>{html.escape(words)}</p>"


def said(words: str) -> str:
    return f'<p class="said">{html.escape(words)}</p>'


def heading(words: str) -> str:
    return f"<h2>{html.escape(words)}</h2>"


def pairs(rows: Iterable[tuple[str, str]]) -> str:
    return "<dl>" + "".join(f"<dt>{html.escape(a)}</dt><dd>{html.escape(b)}</dd>" for a, b in rows if b) + "</dl>"


def link(address: str, words: str) -> str:
    return f'<p><a href="{html.escape(address)}">{html.escape(words)}</a></p>'


def field(name: str, label: str, value: str = "", *, kind: str = "text", more: str = "") -> str:
    """A labelled field. `kind`: text, tel, email, textarea, file."""
    key, shown = html.escape(name), html.escape(value)
    if kind == "textarea":
        inside = f'<textarea id="{key}" name="{key}" rows="7" {more}>{shown}</textarea>'
    else:
        inside = f'<input id="{key}" name="{key}" type="{kind}" value="{shown}" {more}>'
        inside = inside.replace(' value=""', "") if kind == "file" else inside
    return f'<label for="{key}">{html.escape(label)}</label>{inside}'


def choice(name: str, label: str, options: Mapping[str, str], chosen: str) -> str:
    key = html.escape(name)
    made = "".join(
        f'<option value="{html.escape(value)}"{" selected" if value == chosen else ""}>{html.escape(shown)}</option>'
        for value, shown in options.items()
    )
    return f'<label for="{key}">{html.escape(label)}</label><select id="{key}" name="{key}">{made}</select>'


def form(
    action: str, inside: str, button: str, hidden: Mapping[str, str], *, files: bool = False, plain: bool = False
) -> str:
    """A form that is sent by its one button."""
    kept = "".join(f'<input type="hidden" name="{html.escape(k)}" value="{html.escape(v)}">' for k, v in hidden.items())
    kind = ' enctype="multipart/form-data"' if files else ""
    look = ' class="plain"' if plain else ""
    return f'<form method="post" action="{html.escape(action)}"{kind}>{kept}{inside}<button{look}>{html.escape(button)}</button></form>'
