"""The document of an arrangement, as it was shown when it was agreed to: HTML here and PDF in `paper_pdf`, masked, behind a link that needs L2.

The link names the session it was given to: it opens only while that session is proven as the arrangement's customer.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from itsdangerous import BadSignature, URLSafeSerializer

from bot.dialogue import format as fmt
from bot.dialogue.lexicon import word
from bot.dialogue.speech import turn
from bot.errors import NotAllowed, NotFound
from bot.lending.masking import mask_name
from bot.store.conversation_rows import Session, session_by_id
from bot.store.database import Database
from bot.store.help_schema import arrangement_papers, arrangements
from bot.store.protocols import LoanStore

PROVEN = 2
STYLE = (
    "body{font:16px/1.6 system-ui,'PingFang SC','Noto Sans SC',sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;"
    "color:#1d2733}h1{font-size:1.35rem}table{border-collapse:collapse;width:100%;margin:1rem 0}"
    "td,th{border-bottom:1px solid #d8dee6;padding:.4rem;text-align:left;vertical-align:top}"
    "td{white-space:pre-line}td:last-child{text-align:right}.words td{text-align:left}.words th{width:28%;font-weight:500}small{color:#5b6775}"
    "b{font-weight:inherit;white-space:nowrap}"
)
_NUMBER = re.compile(
    r"(?<![\w-])(?:[A-Z]{2}-)?\d+(?:-\d+)+(?![\w-])"
)  # of a case or a phone: never torn at its hyphens


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

    def cell(words: str) -> str:
        return _NUMBER.sub(r"<b>\g<0></b>", html.escape(words))

    facts = "".join(f"<tr><th>{cell(a)}</th><td>{cell(b)}</td></tr>" for a, b in paper.facts)
    head = "".join(f"<th>{cell(one)}</th>" for one in paper.columns)
    body = "".join("<tr>" + "".join(f"<td>{cell(one)}</td>" for one in line) + "</tr>" for line in paper.table)
    notes = "".join(f"<p><small>{cell(one)}</small></p>" for one in paper.notes)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>" if paper.columns else ""
    return (
        f'<!doctype html><html lang="{html.escape(paper.language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="generator" content="Daihou AI">'
        f"<title>{html.escape(paper.title)}</title><style>{STYLE}</style></head><body><h1>{cell(paper.title)}</h1>"
        f"<table{'' if paper.columns else ' class=words'}>{facts}</table>{table}{notes}</body></html>"
    )
