"""Text of mail, whatever its makers did to it: charsets that lie, headers in raw bytes, HTML. Runs and fetches nothing."""

from __future__ import annotations

import codecs
import re
from email.errors import HeaderParseError
from email.header import decode_header
from html.parser import HTMLParser

LONGEST_HEADER = 4000  # characters looked at
LONGEST_HTML = 1_000_000
# What is meant by a name is what programs write under it: more characters than the standard of that name has.
WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs", "iso8859-1": "cp1252", "ascii": "utf-8"}
KNOWN = re.compile(
    r"utf-(?:7|8|8-sig|16|16-le|16-be|32)|gb18030|big5hkscs|cp\d{3,4}|iso8859-\d+|iso2022_(?:jp|kr)\w*|hz|shift_jis\w*|"
    r"euc_(?:jp|kr)\w*|koi8-\w|mac-\w+|tis-620|johab"
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
SKIPPED = {"script", "style", "head", "title", "template", "noscript", "svg", "object", "iframe", "select", "textarea"}
BLOCKS = {
    *(
        "p",
        "div",
        "tr",
        "table",
        "ul",
        "ol",
        "li",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "pre",
        "section",
        "article",
    ),
    *("blockquote", "header", "footer", "dl", "dt", "dd", "center", "address", "form"),
}
VOID = {"br", "hr", "img", "input", "meta", "link", "wbr", "col", "area", "base", "embed", "source", "track", "param"}
QUOTES = re.compile(
    r"gmail_quote|moz-cite-prefix|yahoo_quoted|protonmail_quote|mailmaster-?quote|isreplycontent|includetail|qmquote",
    re.I,
)
HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])", re.I)


def decode(raw: bytes, charset: str | None) -> str:
    """Bytes as text: by the charset named, else by those that fit, else with gaps. Never raises."""
    named = _codec(charset)
    for codec in filter(None, (named, "utf-8", "gb18030")):
        try:
            return raw.decode(codec)
        except (UnicodeError, ValueError):
            continue
    return raw.decode(named or "utf-8", "replace")


def _codec(charset: str | None) -> str | None:
    """The codec of a charset's name; None for unknown ones and for Python's own that are no charsets (punycode, zlib)."""
    try:
        name = codecs.lookup((charset or "").strip(" \"'")[:40]).name
    except (LookupError, ValueError):
        return None
    name = WIDER.get(name, name)
    return name if KNOWN.fullmatch(name) else None


def header(value: object) -> str:
    """A header as it reads: encoded words and raw bytes decoded, on one line, without control and direction marks."""
    text = str(value)[:LONGEST_HEADER]
    if any("\udc80" <= sign <= "\udcff" for sign in text):
        text = decode(text.encode("utf-8", "surrogateescape"), None)
    if "=?" in text:
        try:
            parts = decode_header(text)
        except (HeaderParseError, ValueError):
            parts = [(text, None)]
        text = "".join(decode(part, of) if isinstance(part, bytes) else part for part, of in parts)
    return " ".join(clean(text).split())


def clean(text: str) -> str:
    """Without what no one means: control characters, direction overrides, zero widths, lone surrogates."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " "))


def plain(html: str, *, quotes: bool = False, indented: bool = False) -> str:
    """What a reader of HTML mail sees, as lines. `quotes`: with what the mail program marked as quoted; `indented`: with what
    is only indented, which some programs do to quote and some people to write."""
    reader = _Reader(quotes, indented)
    reader.feed(html[:LONGEST_HTML])
    reader.close()
    lines = [" ".join(line.split()) for line in "".join(reader.said).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Reader(HTMLParser):
    def __init__(self, quotes: bool, indented: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._quotes, self._indented = quotes, indented
        self._skipping, self._depth = "", 0  # inside an element that is not read: its name, and how often it is open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._skipping:
            self._depth += tag == self._skipping
        elif tag not in VOID and (tag in SKIPPED or self._unread(tag, dict(attrs))):
            self._skipping, self._depth = tag, 1
        elif tag == "br" or tag in BLOCKS:
            self._line(tag == "br")
        elif tag in ("td", "th"):
            self.said.append(" ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self._skipping and (tag == "br" or tag in BLOCKS):
            self._line(tag == "br")

    def handle_endtag(self, tag: str) -> None:
        if self._skipping:
            self._depth -= tag == self._skipping
            if self._depth == 0:
                self._skipping = ""
        elif tag in BLOCKS:
            self._line(tag == "p")

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self.said.append(re.sub(r"\s+", " ", data))

    def _line(self, always: bool) -> None:
        if always or (self.said and self.said[-1] != "\n"):
            self.said.append("\n")

    def _unread(self, tag: str, attributes: dict[str, str | None]) -> bool:
        if "hidden" in attributes or HIDDEN.search(attributes.get("style") or ""):
            return True
        marks = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
        cited = tag == "blockquote" and (not self._indented or (attributes.get("type") or "").lower() == "cite")
        return not self._quotes and (cited or bool(QUOTES.search(marks)))
