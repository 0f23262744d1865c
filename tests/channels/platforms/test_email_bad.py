"""E-mail that is broken, huge, or meant to break something."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.services.channels.model import (
    Hook,
    Inbound,
    Outgoing,
    SignatureRefused,
)
from tests.channels.cases.email import EmailCase
from tests.channels.platforms.email_hands import (
    OURS,
    made,
    read,
)
from tests.fakes import NOON


@given(st.binary(max_size=600))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_a_mail_or_nothing(raw: bytes) -> None:
    found = read(raw)
    assert isinstance(found, (Inbound, tuple))


HEADS = st.sampled_from(
    [
        "From: =?utf-8?B?!!!!?= <a@b.test>",
        "From: a@b.test, c@d.test",
        "From: \udcff <a@b.test>",
        "Subject: =?gb2312?Q?=D6?=",
        "Subject: =?punycode?B?AAAA?=",
        "Content-Type: multipart/mixed; boundary=x",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=x",
        "Content-Type: text/plain; charset*=utf-8''%ff; format=flowed",
        "Content-Type: text/html; charset=zlib",
        "Content-Type: message/rfc822",
        "Content-Type: ;;;",
        "Content-Disposition: attachment; filename*=utf-16''%00",
        "Content-Transfer-Encoding: base64",
        "Content-Transfer-Encoding: x-uuencode",
        "References: <<>> <a@b",
        f"In-Reply-To: {OURS}",
        "Message-ID: <a b>",
        "Content-ID: <x>",
        "",
        "--x",
        "--x--",
        "<div><p hidden><script>",
        "begin 644 x",
        "Action: failed",
    ]
)


@given(st.lists(HEADS | st.text(max_size=30), max_size=25))
@settings(max_examples=300, deadline=None)
def test_broken_mail_is_a_mail_or_nothing(lines: list[str]) -> None:
    raw = "\n".join(["From: a@b.test", *lines]).encode("utf-8", "replace")
    found = read(raw)
    assert isinstance(found, (Inbound, tuple))
    if isinstance(found, Inbound):
        made(EmailCase().env("")).render(Outgoing("m", "a@b.test", "x", facts=found.facts))


BODIES = {
    "one line": b"x" * 10_000_000,
    "quotation": b"> " * 3_000_000,
    "attribution": b"On " * 3_000_000,
    "empty lines": b"\n" * 5_000_000,
    "open elements": b"<div>" * 1_000_000,
    "heads": b"From: a\n" * 500_000,
    "disclaimers": b"Warning: mail" * 500_000,
    "list": b"- " * 1_000_000,
}


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("kind", ["plain", "html"])
def test_ten_megabytes_end_in_time(body: str, kind: str) -> None:
    started = time.process_time()
    raw = f"From: a@b.test\nSubject: Re: x\nMessage-ID: <1@x>\nContent-Type: text/{kind}\n\n".encode() + BODIES[body]
    found = read(raw)
    assert isinstance(found, Inbound)
    assert len(found.text) <= 30_000
    assert time.process_time() - started < 8


def test_parts_within_parts_without_an_end() -> None:
    lines = [b"From: a@b.test", b"Subject: x"]
    for at in range(3000):
        lines += [b"Content-Type: multipart/mixed; boundary=b%d" % at, b"", b"--b%d" % at]
    assert isinstance(read(b"\n".join(lines)), (Inbound, tuple))
    many = (
        b"From: a@b.test\nContent-Type: multipart/mixed; boundary=x\n\n"
        + b"--x\nContent-Type: image/png\n\nx\n" * 50_000
    )
    found = read(many)
    assert isinstance(found, Inbound)
    assert len(found.media) <= 10


def test_a_call_of_the_hook_is_refused() -> None:
    with pytest.raises(SignatureRefused):
        made(EmailCase().env("")).receive(Hook("POST", "", {}, {}, b"x", NOON))
