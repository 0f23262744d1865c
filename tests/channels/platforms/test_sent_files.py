"""Files that go out: by the platform itself where it takes them, else as a link; the content as it was kept."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from bot.errors import NotFound
from bot.services.channels.model import Outgoing, SendFailed
from tests.channels.cases.base import Case
from tests.channels.cases.telegram import CASE as TELEGRAM
from tests.channels.cases.whatsapp import CASE as WHATSAPP
from tests.channels.conftest import CASES, serving

PDF = b"%PDF-1.4 x %%EOF"
REF = "0123456789abcdef" * 2


def message(content_type: str = "application/pdf", size: int = len(PDF), name: str = "还款说明.pdf") -> Outgoing:
    file = {"ref": REF, "name": name, "content_type": content_type, "size": size}
    links = [{"title": "打开文件", "href": "/documents/sent/token"}]
    card = {"kind": "document", "title": name, "lines": ["1 KB"], "links": links, "file": file}
    return Outgoing("m1", "10001", f"[文件] {name}", card=card, sender="agent", base_url="https://lender.example")


def with_files(adapter: Any, **files: bytes) -> Any:
    def read(ref: str) -> bytes:
        if ref not in files:
            raise NotFound("no such file")
        return files[ref]

    object.__setattr__(adapter._given, "files", read)
    return adapter


@pytest.mark.parametrize("case", [TELEGRAM, WHATSAPP], ids=lambda case: case.name)
@pytest.mark.parametrize("kind", ["application/pdf", "image/jpeg"])
async def test_the_file_itself_reaches_the_phone(case: Case, http: httpx.AsyncClient, kind: str) -> None:
    simulator: Any = case.simulator("http://127.0.0.1:1/none", case.env(""))
    getattr(simulator, "opened", lambda user: None)(case.user)
    async with serving(simulator) as api:
        adapter = with_files(case.adapter(api, http), **{REF: PDF})
        [payload] = adapter.render(message(kind))
        assert await adapter.send(case.user, payload, "m1:0")
        [said] = simulator.phones[case.user]
        kept = simulator.sent_files if case is TELEGRAM else simulator.files
        assert list(kept.values()) == [PDF]
        assert "还款说明.pdf" in said.text or kind != "application/pdf"
        gone = with_files(case.adapter(api, http))
        with pytest.raises(SendFailed) as failed:
            await gone.send(case.user, payload, "m2:0")
        assert (failed.value.reason, failed.value.again) == ("no_media", False)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_file_too_large_for_a_platform_or_for_one_that_takes_none_is_a_link(
    case: Case, http: httpx.AsyncClient
) -> None:
    payloads = str(case.adapter("http://127.0.0.1:1", http).render(message(size=200_000_000)))
    assert "还款说明.pdf" in payloads
    assert ("/documents/sent/token" in payloads) != (case.name == "sms")  # Aliyun takes no link: its name alone
