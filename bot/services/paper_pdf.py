"""A document as PDF: the same words as its page, set line by line (`paper_lines`)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from bot.errors import StoreUnavailable
from bot.services.paper_lines import wrapped
from bot.services.papers import Paper
from bot.settings import ROOT

FONT = ROOT / "bot" / "web" / "dist" / "fonts" / "NotoSansSC.ttf"
SHARES = (26, 74)  # of the width: labels, and what they name
PADDING = (1.2, 1)  # millimetres above and below, left and right
TALLEST = 4  # lines of a row: the library breaks none over pages, so that a longer text becomes several
SLACK = 0.2  # millimetres: rounding must not break a line once more


def as_pdf(paper: Paper, font: Path = FONT) -> bytes:
    """The same as PDF, with the font embedded (only the signs used).

    Raises:
        StoreUnavailable: the font is not there; `make pages` brings it.
    """
    if not font.is_file():
        raise StoreUnavailable(f"{font} is missing: run `make pages`", code="font_missing")
    from fpdf import FPDF  # both here: few processes ever make a PDF, and the import costs memory
    from fpdf.enums import CellBordersLayout

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
    widths = [pdf.epw * share / sum(SHARES) - 2 * PADDING[1] - SLACK for share in SHARES]
    with pdf.table(
        col_widths=SHARES,
        borders_layout="NONE",
        line_height=6,
        first_row_as_headings=False,
        text_align="LEFT",
        v_align="TOP",
    ) as table:
        for cells in paper.facts:
            label, value = (wrapped(*given, pdf.get_string_width) for given in zip(cells, widths, strict=True))
            for first in range(0, len(value), TALLEST):
                row, last = table.row(), first + TALLEST >= len(value)
                for text in ("" if first else "\n".join(label), "\n".join(value[first : first + TALLEST])):
                    row.cell(
                        text,
                        border=CellBordersLayout.BOTTOM if last else CellBordersLayout.NONE,
                        padding=(0 if first else PADDING[0], PADDING[1], PADDING[0] if last else 0),
                    )
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
        lines = wrapped(note, pdf.epw - 2 * pdf.c_margin - SLACK, pdf.get_string_width)
        pdf.multi_cell(0, 5, "\n".join(lines), align="LEFT", new_x="LMARGIN", new_y="NEXT")
    return bytes(pdf.output())


@lru_cache(maxsize=1)
def _plain() -> Any:
    """Headings in the same font: the embedded one has no bold."""
    from fpdf.fonts import FontFace

    return FontFace(emphasis="", fill_color=(238, 241, 245))
