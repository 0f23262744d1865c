"""E-mail written: threads, subjects, escaping; settings that cannot work."""

from __future__ import annotations

from email import message_from_bytes, policy
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.platforms.email_write import composed
from bot.errors import ConfigError
from bot.services.channels.model import Outgoing
from tests.channels.cases.email import EmailCase
from tests.channels.platforms.email_hands import (
    OURS,
    USER,
    answer,
    made,
    person,
)
from tests.channels.test_contract import FIGURES, MESSAGES
from tests.fakes import NOON


def test_threading_goes_with_the_answer() -> None:
    [payload] = made(EmailCase().env("")).render(answer(facts=person("gmail_reply").facts))
    assert payload["subject"] == "Re: 还款"
    assert payload["headers"] == {
        "In-Reply-To": "<gm.1@mail.example.test>",
        "References": f"<first.1@example.test> {OURS} <gm.1@mail.example.test>",
    }
    assert payload["auto"] == "auto-replied"


def test_a_message_of_our_own_says_nothing_in_its_subject() -> None:
    [payload] = made(EmailCase().env("")).render(answer())
    assert payload["auto"] == "auto-generated"
    assert payload["unsubscribe"]
    assert not any(word in payload["subject"] for word in ("贷", "款", "还", "¥"))


@given(st.text(max_size=300), st.text(max_size=120), st.text(max_size=120))
@settings(max_examples=80, deadline=None)
def test_no_name_subject_or_id_breaks_out_of_its_header(text: str, subject: str, ids: str) -> None:
    adapter = made({**EmailCase().env(""), "EMAIL_NAME": "x"})
    facts = {
        "mail": "1",
        "subject": f"{subject}\r\nBcc: all@example.test",
        "references": f"{ids}\r\nBcc: all@example.test",
    }
    for payload in adapter.render(answer(text or "x", facts=facts)):
        raw = composed(payload, adapter._from, USER, OURS, NOON)
        mail = message_from_bytes(raw, policy=policy.default)
        assert mail["Bcc"] is None
        assert len(mail.get_all("Subject", [])) == 1
        assert mail["To"] == USER
        assert raw.isascii()
        assert all(len(line) <= 998 for line in raw.split(b"\r\n"))


@given(st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_html_is_escaped(text: str) -> None:
    said = f"<script>alert('{text}')</script>&amp;"
    card = {"kind": "facts", "title": said, "rows": [[said, said]], "links": [{"title": said, "href": 'javascript:"'}]}
    for payload in made(EmailCase().env("")).render(answer(said, card=card)):
        assert "<script" not in payload["html"]
        assert 'href="javascript' not in payload["html"]


@pytest.mark.parametrize(
    "env",
    [
        {"EMAIL_ADDRESS": "no address"},
        {"EMAIL_IMAP_TLS": "none", "EMAIL_IMAP_HOST": "mail.example.com"},
        {"EMAIL_SMTP_TLS": "none", "EMAIL_SMTP_HOST": "10.0.0.1"},
        {"EMAIL_SMTP_TLS": "ssl"},
        {"EMAIL_POLL_SECONDS": "often"},
        {"EMAIL_PER_MINUTE": "0"},
        {"EMAIL_CA": "/nowhere.pem", "EMAIL_IMAP_TLS": "tls"},
    ],
)
def test_settings_that_cannot_work_are_named(env: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match=r"EMAIL_\w+"):
        made({**EmailCase().env(""), **env})


def test_the_password_is_in_no_repr() -> None:
    adapter = made(EmailCase().env(""))
    assert "a-password-of-mail" not in repr(adapter) + repr(adapter._box)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.message_id)
def test_html_and_text_each_hold_every_figure(message: Outgoing) -> None:
    payloads = made(EmailCase().env("")).render(message)
    for form in ("text", "html"):
        said = "".join(payload[form] for payload in payloads)
        for figure in FIGURES.findall(str(message.text) + str(message.card or "")):
            assert figure in said, (form, figure)


CELLS = st.text(alphabet="¥0123456789,.年月日<>&\"' 期", min_size=1, max_size=14).map(str.strip).filter(bool)


@given(st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1, max_size=8), CELLS)
@settings(max_examples=60, deadline=None)
def test_no_cell_of_any_table_is_lost(rows: list[list[str]], note: str) -> None:
    card = {"kind": "table", "title": "x", "columns": ["a"] * 4, "rows": rows, "note": note}
    [payload] = made(EmailCase().env("")).render(answer("x", card=card))
    said = unescape(payload["html"])
    assert all(cell in said for row in rows for cell in (*row, note))
