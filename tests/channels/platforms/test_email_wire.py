"""E-mail over real SMTP and IMAP, with faults."""

from __future__ import annotations

import asyncio
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from bot.services.channels.model import (
    Kind,
    Media,
    SendFailed,
    State,
)
from tests.channels.cases.base import NoCursors
from tests.channels.platforms.email_hands import (
    USER,
    answer,
    certificate,
    fixture,
    made,
    provider,
    pulled,
)
from tests.fakes import NOON


async def test_mail_in_and_an_answer_in_its_thread() -> None:
    async with provider() as (simulator, env):
        adapter = made(env)
        first = await simulator.say(USER, "本期应还多少", subject="还款")
        [found] = (await adapter.pull()).inbound
        assert (found.channel_user, found.text, found.message_id) == (USER, "还款\n本期应还多少", first)
        await adapter.pulled()
        [payload] = adapter.render(answer(facts=found.facts))
        own = await adapter.send(USER, payload, "m1:0")
        sent = message_from_bytes(simulator.taken[0], policy=policy.default)
        assert (sent["Subject"], sent["In-Reply-To"], sent["Message-ID"]) == ("Re: 还款", first, own)
        assert sent["Auto-Submitted"] == "auto-replied"
        assert sent["X-Auto-Response-Suppress"] == "All"
        assert "¥2,423.14" in sent.get_body(("html",)).get_content()
        await simulator.say(USER, "为什么是这个金额")
        [again] = (await adapter.pull()).inbound
        assert again.facts["references"].startswith(f"{first} {own} <")
        assert again.facts["subject"] == "Re: 还款"


async def test_the_cursor_moves_only_when_all_is_stored() -> None:
    async with provider() as (simulator, env):
        cursors = NoCursors()
        adapter = made(env, cursors)
        await simulator.say(USER, "一", fresh=True)
        assert [one.text for one in (await adapter.pull()).inbound] == ["一"]
        assert [one.text for one in (await made(env, cursors).pull()).inbound] == ["一"]  # killed before `pulled`
        assert await pulled(adapter) == ["一"]
        assert await pulled(made(env, cursors)) == []  # UID 9:* would give the last one again
        await simulator.say(USER, "二", fresh=True)
        assert await pulled(made(env, cursors)) == ["二"]


async def test_many_come_page_by_page_in_order() -> None:
    async with provider() as (simulator, env):
        for at in range(45):
            await simulator.say(USER, f"第{at}", fresh=True)
        adapter = made(env)
        assert (await adapter.pull()).pull
        assert await pulled(adapter) == [f"第{at}" for at in range(45)]


async def test_old_and_read_mail_is_left_alone_at_the_first_start() -> None:
    async with provider() as (simulator, env):
        simulator.deliver(fixture("gmail_reply"), NOON.replace(year=2025))
        simulator.deliver(fixture("netease_reply"), NOON, seen=True)
        simulator.deliver(fixture("qq_reply"), NOON)
        assert await pulled(made(env)) == ["我想提前还清，要多少钱？"]


async def test_a_renumbered_mailbox_is_read_again_with_the_same_keys() -> None:
    async with provider() as (simulator, env):
        cursors = NoCursors()
        adapter = made(env, cursors)
        for name in ("gmail_reply", "qq_reply"):
            simulator.deliver(fixture(name), NOON)
        first = await adapter.pull()
        await adapter.pulled()
        simulator.mailbox.remove(1)
        simulator.mailbox.renumber()
        again = await adapter.pull()
        assert [one.message_id for one in again.inbound] == [first.inbound[1].message_id]
        await adapter.pulled()
        assert await pulled(adapter) == []


async def test_duplicates_share_a_key_and_late_mail_is_not_lost() -> None:
    async with provider() as (simulator, env):
        adapter = made(env)
        simulator.order("duplicate")
        await simulator.say(USER, "一", fresh=True)
        assert len({one.message_id for one in (await adapter.pull()).inbound}) == 1
        await adapter.pulled()
        simulator.order("out_of_order")
        await simulator.say(USER, "二", fresh=True)
        await simulator.say(USER, "三", fresh=True)
        assert sorted(await pulled(adapter)) == ["三", "二"]


@pytest.mark.parametrize("fault", ["error", "busy", "expired_token", "partial_upload"])
async def test_a_fault_while_fetching_passes_and_loses_nothing(fault: str) -> None:
    async with provider() as (simulator, env):
        adapter = made(env)
        await simulator.say(USER, "一", fresh=True)
        simulator.order(fault)
        with pytest.raises(SendFailed) as failed:
            await adapter.pull()
        assert failed.value.again
        assert await pulled(adapter) == ["一"]


async def test_a_wrong_password_passes_when_it_is_mended() -> None:
    async with provider() as (_, env):
        wrong = made({**env, "EMAIL_PASSWORD": "another"})
        for call in (wrong.pull(), wrong.send(USER, wrong.render(answer())[0], "m1:0")):
            with pytest.raises(SendFailed) as failed:
                await call
            assert (failed.value.reason, failed.value.again) == ("expired_token", True)
            assert "another" not in repr(failed.value.__cause__)


async def test_files_are_fetched_again_by_their_refs() -> None:
    async with provider() as (simulator, env):
        adapter = made(env)
        content = b"%PDF-1.4\n" + bytes(range(256)) * 4
        await simulator.say(USER, "材料", fresh=True, files=[("证明.pdf", "application/pdf", content)])
        [found] = (await adapter.pull()).inbound
        [media] = found.media
        assert media.name == "证明.pdf"
        simulator.order("partial_upload")
        with pytest.raises(SendFailed) as failed:
            await adapter.fetch(media)
        assert failed.value.again
        assert await adapter.fetch(media) == content
        for ref in ("2/1/1", "1/99/1", "1/1/99", "../../etc/passwd", "1/1/", "", "1/1/-1"):
            with pytest.raises(SendFailed) as gone:
                await adapter.fetch(Media(Kind.FILE, ref))
            assert (gone.value.reason, gone.value.again) == ("gone", False)
        simulator.order("gone")
        with pytest.raises(SendFailed, match="gone"):
            await adapter.fetch(media)


async def test_a_mail_too_large_is_read_by_its_start() -> None:
    async with provider() as (simulator, env):
        files = [("film.mp4", "video/mp4", b"x" * 13_000_000)]
        await simulator.say(USER, "请看附件", fresh=True, files=files)
        [found] = (await made(env).pull()).inbound
        assert (found.text, found.media) == ("请看附件", ())


async def test_what_the_sending_server_says_is_understood() -> None:
    async with provider() as (simulator, env):
        adapter = made(env)
        payload = adapter.render(answer())[0]
        simulator.unknown, simulator.full, simulator.refusing = {"no@x.test"}, {"full@x.test"}, {"spam@x.test"}
        wanted = {
            "no@x.test": ("unknown_user", False),
            "full@x.test": ("busy", True),
            "spam@x.test": ("blocked", False),
        }
        for to, (reason, again) in {**wanted, "no address": ("unknown_user", False)}.items():
            with pytest.raises(SendFailed) as failed:
                await adapter.send(to, payload, "m1:0")
            assert (failed.value.reason, failed.value.again) == (reason, again)
        other = made({**env, "EMAIL_ADDRESS": "other@lender.example", "EMAIL_USER": "service@lender.example"})
        with pytest.raises(SendFailed) as failed:
            await other.send(USER, payload, "m1:0")
        assert (failed.value.reason, failed.value.again) == ("not_configured", False)
        assert simulator.taken == []


async def test_a_lost_answer_is_sent_again_under_the_same_id() -> None:
    async with provider() as (simulator, env):
        adapter = made(env)
        payload = adapter.render(answer())[0]
        simulator.order("lost_answer")
        with pytest.raises(SendFailed) as failed:
            await adapter.send(USER, payload, "m1:0")
        assert failed.value.again
        own = await adapter.send(USER, payload, "m1:0")
        assert [message_from_bytes(one)["Message-ID"] for one in simulator.taken] == [own, own]
        assert await adapter.send(USER, payload, "m1:1") != own


async def test_a_bounce_and_a_read_receipt_come_back() -> None:
    async with provider() as (simulator, env):
        adapter = made(env)
        simulator.bouncing = {"left@x.test"}
        own = await adapter.send("left@x.test", adapter.render(answer())[0], "m1:0")
        reception = await adapter.pull()
        assert [(one.provider_id, one.state) for one in reception.statuses] == [(own, State.FAILED)]
        assert reception.inbound == ()
        await adapter.pulled()
        seen = await adapter.send(USER, adapter.render(answer())[0], "m2:0")
        simulator.receipt(USER, seen)
        assert [(one.provider_id, one.state) for one in (await adapter.pull()).statuses] == [(seen, State.READ)]


async def test_a_colleagues_mail_is_not_called_automatic() -> None:
    async with provider() as (simulator, env):
        adapter = made(env)
        await adapter.send(USER, adapter.render(answer(sender="agent"))[0], "m1:0")
        assert message_from_bytes(simulator.taken[0])["Auto-Submitted"] is None


@pytest.mark.parametrize("way", ["starttls", "tls"])
async def test_over_tls_with_the_lenders_own_certificate(way: str, tmp_path: Path) -> None:
    server, authority = certificate(tmp_path)
    how = {"tls": server} if way == "tls" else {"starttls": server}
    async with provider(**how) as (simulator, env):
        tls = {"EMAIL_SMTP_TLS": way, "EMAIL_IMAP_TLS": "tls" if way == "tls" else "none", "EMAIL_CA": str(authority)}
        adapter = made({**env, **tls})
        await adapter.send(USER, adapter.render(answer())[0], "m1:0")
        await simulator.say(USER, "一", fresh=True)
        assert await pulled(adapter) == ["一"]
        stranger = made({**env, **tls, "EMAIL_CA": ""})
        with pytest.raises(SendFailed) as failed:
            await stranger.send(USER, adapter.render(answer())[0], "m2:0")
        assert failed.value.again
        assert len(simulator.taken) == 1


async def test_the_loop_goes_on_while_a_slow_server_is_read() -> None:
    async with provider() as (simulator, env):
        adapter = made(env)
        simulator.imap.slow = 0.3
        simulator.order("slow")
        job = asyncio.create_task(adapter.pull())
        ticks = 0
        while not job.done():
            await asyncio.sleep(0.02)
            ticks += 1
        await job
        assert ticks > 5
