"""E-mail read: fixtures of what mail programs, providers and robots write."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.platforms import email_read
from bot.channels.platforms.email_box import Raw
from bot.services.channels.model import (
    Inbound,
    Kind,
    State,
    Status,
)
from tests.channels.cases.email import EmailCase
from tests.channels.platforms.email_hands import (
    OURS,
    USER,
    fixture,
    made,
    person,
    read,
)
from tests.fakes import NOON

WORDS = {
    "gmail_reply": "本期应还多少？",
    "qq_reply": "我想提前还清，要多少钱？",
    "netease_reply": "28号还2000可以吗",
    "outlook_reply": "请给我还款计划",
    "iphone_reply": "我被裁员了还不上",
    "foxmail_traditional": "還款計劃，謝謝",
    "separator_163": "为什么是这个金额",
    "lying_charset": "还款\n镕基路的分期，本期应还多少",
    "html_only": "还款\n本期应还多少？\n金额 1 < 2 & 3\n贷款 LN1002",
    "attachments": "材料请查收",
    "injection": "本期应还多少",
}


@pytest.mark.parametrize("name", WORDS)
def test_only_the_writers_own_words_are_read(name: str) -> None:
    found = person(name)
    assert found.text.endswith(WORDS[name])
    assert "9,999.99" not in found.text
    assert found.kind is Kind.TEXT


def test_answers_below_and_between_quotations_are_kept_and_lists_are_no_signature() -> None:
    assert person("bottom_posted").text == ("March, please.\n\n\n- 500 now\nThanks, and how much if I repay early?")


def test_the_subject_of_a_first_mail_is_a_part_of_it() -> None:
    assert person("html_only").text == WORDS["html_only"]
    assert person("gmail_reply").text == WORDS["gmail_reply"]  # a reply repeats its subject
    only = b"From: a@example.test\r\nSubject: how much do I owe\r\nMessage-ID: <s@x>\r\n\r\n\r\n"
    alone = read(only)
    assert isinstance(alone, Inbound)
    assert alone.text == "how much do I owe"


@pytest.mark.parametrize(
    "text",
    [
        "客服在3月18日写道：要还钱",
        "> 大于号开头的一行",
        "发件人: 我\n收件人: 你们\n主题: 还款",
        "我从手机银行还款失败",
        "-500",
        "On Monday I wrote:\nI will pay",
    ],
)
def test_a_first_mail_loses_no_word(text: str) -> None:
    raw = (
        f"From: {USER}\nSubject: hello\nMessage-ID: <1@x>\nContent-Type: text/plain; charset=utf-8\n\n{text}\n".encode()
    )
    found = read(raw)
    assert isinstance(found, Inbound)
    assert found.text == text


@given(
    st.text(alphabet=st.characters(blacklist_categories=("Cs", "Cc", "Cf", "Zs", "Zl", "Zp")), min_size=1, max_size=60)
)
@settings(max_examples=80, deadline=None)
def test_any_text_in_any_charset_comes_as_it_was_typed(text: str) -> None:
    for charset in ("utf-8", "gb18030", "big5hkscs", "utf-16"):
        try:
            body = text.encode(charset)
        except UnicodeEncodeError:
            continue
        found = email_read.read(
            b"From: a@b.test\nSubject: hi\nContent-Type: text/plain; charset="
            + charset.encode()
            + b"\nContent-Transfer-Encoding: base64\n\n"
            + base64.b64encode(body)
        )
        assert found.words == text or text.strip() == "--"


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("<p>a</p><blockquote type=cite>old</blockquote><p>b</p>", "a\nb"),
        ("<blockquote>written indented</blockquote>", "written indented"),
        ("<blockquote type=cite>old</blockquote>", ""),
        ("<div class=gmail_quote>On Monday 12:00 X wrote:<blockquote>old</blockquote></div>", ""),
        ("<style>a <p>text", ""),
        ("1 &lt; 2<br>3<p style='font-size:0'>hidden</p>", "1 < 2\n3"),
    ],
)
def test_html_of_a_reply_is_read_without_its_quotations(page: str, words: str) -> None:
    raw = f"From: a@b.test\nSubject: Re: x\nContent-Type: text/html; charset=utf-8\n\n{page}".encode()
    assert email_read.read(raw).words == words


def test_flowed_lines_are_joined() -> None:
    raw = b"From: a@b.test\nSubject: hi\nContent-Type: text/plain; format=flowed\n\nhow much \ndo I owe\n"
    assert email_read.read(raw).words == "how much do I owe"


@pytest.mark.parametrize(
    ("name", "kind"),
    [("forwarded", Kind.CARD), ("invitation", Kind.CARD), ("encrypted", Kind.UNSUPPORTED), ("unsubscribe", Kind.STOP)],
)
def test_mail_without_own_words_is_named_for_what_it_is(name: str, kind: Kind) -> None:
    assert person(name).kind is kind


def test_files_are_listed_without_logos_and_signatures() -> None:
    media = person("attachments").media
    assert [(one.kind, one.name, one.ref) for one in media] == [
        (Kind.IMAGE, "shot.png", "3/7/1"),
        (Kind.FILE, "收入证明.pdf", "3/7/3"),
    ]
    assert (email_read.file_of(fixture("attachments"), 3) or b"").startswith(b"%PDF-1.4")


def test_a_picture_alone_is_a_picture() -> None:
    raw = (
        b"From: a@b.test\nSubject:\nMIME-Version: 1.0\nContent-Type: image/jpeg; name=x.jpg\n"
        b"Content-Transfer-Encoding: base64\n\n" + b"/9j/" * 2000
    )
    found = read(raw)
    assert isinstance(found, Inbound)
    assert (found.kind, found.text, len(found.media)) == (Kind.IMAGE, "", 1)


def test_the_key_is_the_message_id_and_without_one_a_mark_of_what_stays() -> None:
    assert person("gmail_reply").message_id == "<gm.1@mail.example.test>"
    bare = fixture("lying_charset")
    again = b"Received: from elsewhere\r\nX-Spam: no\r\n" + bare
    first, second = read(bare), read(again, uid=8)
    assert isinstance(first, Inbound)
    assert isinstance(second, Inbound)
    assert first.message_id == second.message_id
    other = read(bare + b"!\r\n")
    assert isinstance(other, Inbound)
    assert other.message_id != first.message_id
    assert len(first.message_id) <= 128


def test_the_sender_is_from_and_nothing_else() -> None:
    assert person("injection").channel_user == "evil@example.test"  # neither its name nor Reply-To
    assert person("lying_charset").channel_user == "wang@example.test"


@pytest.mark.parametrize(
    "name",
    [
        *("vacation", "qq_vacation", "exchange_vacation", "mailing_list", "bulk", "own", "looped", "no_reply"),
        *("bounce_others", "bounce_delayed"),
    ],
)
def test_robots_are_never_answered(name: str) -> None:
    assert read(fixture(name)) == ()


def test_forged_mail_is_dropped_where_our_server_says_so() -> None:
    assert isinstance(read(fixture("forged")), Inbound)
    assert read(fixture("forged"), EMAIL_AUTHSERV="mx.lender.example") == ()
    assert isinstance(read(fixture("forged"), EMAIL_AUTHSERV="mx.other.example"), Inbound)


@pytest.mark.parametrize("name", ["bounce_postfix", "bounce_qq"])
def test_a_bounce_is_a_failure_of_our_mail(name: str) -> None:
    assert read(fixture(name)) == (Status(OURS, State.FAILED, NOON, "unknown_user"),)


def test_a_read_receipt_is_told() -> None:
    assert read(fixture("read_receipt")) == (Status(OURS, State.READ, NOON),)


def test_a_person_cannot_fail_a_mail_by_words() -> None:
    raw = f"From: {USER}\nSubject: x\nIn-Reply-To: {OURS}\nMessage-ID: <1@x>\n\n550 5.1.1 failed\n".encode()
    assert isinstance(read(raw), Inbound)


def test_two_robots_that_know_no_header_end() -> None:
    adapter = made(EmailCase().env(""))
    raw = f"From: {USER}\nSubject: Re: x\nIn-Reply-To: {OURS}\nMessage-ID: <%d@x>\n\nI got your mail\n"
    answered = [adapter._read(Raw(1, at, NOON, (raw % at).encode(), True)) for at in range(30)]
    assert 0 < sum(isinstance(one, Inbound) for one in answered) <= 10
    questions = [
        adapter._read(Raw(1, at, NOON, (raw % at).replace("I got", f"question {at}").encode(), True))
        for at in range(100, 130)
    ]
    assert all(isinstance(one, Inbound) for one in questions)
