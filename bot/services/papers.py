"""The document of an arrangement, as it was shown when it was agreed to: HTML and PDF, masked, behind a link that needs L2.

The link names the session it was given to: it opens only while that session is proven as the arrangement's customer.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from itsdangerous import BadSignature, URLSafeSerializer

from bot.dialogue import format as fmt
from bot.dialogue.lexicon import word
from bot.dialogue.speech import turn
from bot.errors import NotAllowed, NotFound, StoreUnavailable
from bot.lending.masking import mask_name
from bot.settings import ROOT
from bot.store.conversation_rows import Session, session_by_id
from bot.store.database import Database
from bot.store.help_schema import arrangement_papers, arrangements
from bot.store.protocols import LoanStore

FONT = ROOT / "bot" / "web" / "dist" / "fonts" / "NotoSansSC.ttf"
PROVEN = 2
STYLE = (
    "body{font:16px/1.6 system-ui,'PingFang SC','Noto Sans SC',sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;"
    "color:#1d2733}h1{font-size:1.35rem}table{border-collapse:collapse;width:100%;margin:1rem 0}"
    "td,th{border-bottom:1px solid #d8dee6;padding:.4rem;text-align:left;vertical-align:top}"
    "td{white-space:pre-line}td:last-child{text-align:right}.words td{text-align:left}.words th{width:28%;font-weight:500}small{color:#5b6775}"
)


@dataclass(frozen=True)
class Paper:
    """What a document says; all words ready."""

    title: str
    facts: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    table: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...]
    language: str


class Papers:
    """`secret` signs links; `lender` stands on every document."""

    def __init__(self, database: Database, loans: LoanStore, secret: str, lender: str, zone: Any) -> None:
        self._database, self._loans, self._lender, self._zone = database, loans, lender, zone
        self._signer = URLSafeSerializer(secret, salt="daihou documents")

    def link(self, ref: str, session_id: str, kind: str) -> str:
        """The address of a document for one session. `kind`: html or pdf."""
        return f"/documents/{ref}.{kind}?k={self._signer.dumps([ref, session_id])}"

    def paper(self, ref: str, key: str, expired: Callable[[Session], bool]) -> Paper:
        """The document, for whoever shows a link of a session that is proven now.

        Args:
            expired: whether a session's proof has lapsed, although nobody has looked since.

        Raises:
            NotAllowed: forged, of another document, or the session is not proven any more.
            NotFound: nothing was ever signed under that number.
        """
        refused = NotAllowed("open the document again from the conversation, after verifying yourself", code="document")
        try:
            named, session_id = self._signer.loads(key)
        except (BadSignature, UnicodeError, ValueError, TypeError):
            raise refused from None
        with self._database.read() as connection:
            session = session_by_id(connection, str(session_id))
            row = connection.execute(sa.select(arrangements).where(arrangements.c.ref == ref)).mappings().first()
            if named != ref or session is None or session.level < PROVEN or row is None or expired(session):
                raise refused
            if row["customer_id"] != session.customer_id:
                raise refused
            shown = (
                connection.execute(
                    sa.select(arrangement_papers).where(
                        arrangement_papers.c.ref == ref, arrangement_papers.c.version == row["disclosure_hash"]
                    )
                )
                .mappings()
                .first()
            )
        if shown is None or row["signed_at"] is None:
            raise NotFound(f"no document {ref}")
        return self._compose(row, shown)

    def _compose(self, row: Mapping[str, Any], shown: Mapping[str, Any]) -> Paper:
        language, contents = shown["language"], shown["contents"]
        signed: datetime = row["signed_at"].astimezone(self._zone)

        def say(key: str, **values: object) -> str:
            return turn(word(key, language, **values), language)

        name = mask_name(self._loans.customer(row["customer_id"]).name)
        facts = [
            (say("paper_lender"), self._lender),
            (say("paper_borrower"), name),
            (say("paper_loan"), contents["loan"]),
            (say("ref"), row["ref"]),
            (say("paper_signed"), f"{fmt.day(signed.date(), language)} {signed:%H:%M:%S}"),
            (say("paper_version"), f"{row['disclosure_hash'][:16]} · {row['policy_version']}"),
            *((label, value) for label, value in contents["rows"]),
        ]
        return Paper(
            title=f"{say('paper_title')} · {contents['title']}",
            facts=tuple((turn(a, language), turn(b, language)) for a, b in facts),
            columns=tuple(turn(one, language) for one in contents["columns"]),
            table=tuple(tuple(turn(cell, language) for cell in line) for line in contents["table"]),
            notes=(*(turn(one, language) for one in contents["notes"]), say("paper_ai")),
            language=language,
        )


def as_html(paper: Paper) -> str:
    """One page without scripts; every word escaped."""
    cell = html.escape
    facts = "".join(f"<tr><th>{cell(a)}</th><td>{cell(b)}</td></tr>" for a, b in paper.facts)
    head = "".join(f"<th>{cell(one)}</th>" for one in paper.columns)
    body = "".join("<tr>" + "".join(f"<td>{cell(one)}</td>" for one in line) + "</tr>" for line in paper.table)
    notes = "".join(f"<p><small>{cell(one)}</small></p>" for one in paper.notes)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if paper.columns else ""
    return (
        f'<!doctype html><html lang="{cell(paper.language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="generator" content="Daihou AI">'
        f"<title>{cell(paper.title)}</title><style>{STYLE}</style></head><body><h1>{cell(paper.title)}</h1>"
        f"<table{'' if paper.columns else ' class=words'}>{facts}</table>{table}{notes}</body></html>"
    )


def as_pdf(paper: Paper, font: Path = FONT) -> bytes:
    """The same as PDF, with the font embedded (only the signs used).

    Raises:
        StoreUnavailable: the font is not there; `make pages` brings it.
    """
    if not font.is_file():
        raise StoreUnavailable(f"{font} is missing: run `make pages`", code="font_missing")
    from fpdf import FPDF  # here: few processes ever make a PDF, and the import costs memory

    pdf = FPDF(format="A4")
    pdf.set_margin(18)
    pdf.set_auto_page_break(True, 18)
    pdf.set_title(paper.title)
    pdf.set_creator("Daihou AI")
    pdf.set_lang("en" if paper.language == "en" else paper.language)
    pdf.add_font("noto", fname=str(font))
    pdf.add_page()
    pdf.set_font("noto", size=15)
    pdf.multi_cell(0, 9, paper.title, new_x="LMARGIN", new_y="NEXT")
    pdf.ln(2)
    pdf.set_font("noto", size=9.5)
    pdf.set_draw_color(205, 212, 220)
    with pdf.table(
        col_widths=(28, 72), borders_layout="HORIZONTAL_LINES", line_height=6, first_row_as_headings=False
    ) as table:
        for label, value in paper.facts:
            table.row((label, value))
    pdf.ln(4)
    if paper.columns:
        with pdf.table(
            borders_layout="HORIZONTAL_LINES",
            line_height=6,
            text_align=("LEFT", "LEFT", "RIGHT"),
            headings_style=_plain(),
        ) as table:
            table.row(paper.columns)
            for line in paper.table:
                table.row(line)
    pdf.ln(4)
    pdf.set_font("noto", size=8.5)
    for note in paper.notes:
        pdf.multi_cell(0, 5, note, new_x="LMARGIN", new_y="NEXT")
    return bytes(pdf.output())


@lru_cache(maxsize=1)
def _plain() -> Any:
    """Headings in the same font: the embedded one has no bold."""
    from fpdf.fonts import FontFace

    return FontFace(emphasis="", fill_color=(238, 241, 245))
