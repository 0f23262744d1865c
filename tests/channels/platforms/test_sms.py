"""Text messages by three providers: their signatures by their own examples, replies and reports, segments, links, numbers."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sanic.response import raw, redirect

from bot.channels.platforms import sms, sms_aliyun, sms_tencent, sms_twilio
from bot.channels.platforms.setup import Given, configured
from bot.channels.platforms.sms_text import asks, pieces, segments, without_links
from bot.errors import BadInput, ConfigError
from bot.services.channels.model import (
    Choice,
    Hook,
    Inbound,
    Kind,
    Media,
    Outgoing,
    SendFailed,
    SignatureRefused,
    State,
)
from bot.services.channels.numbers import number, of_countries
from bot.simulators.sms import SmsSimulator
from tests.channels import test_contract as contract
from tests.channels.cases.base import NoCursors, NoTokens
from tests.channels.cases.sms import END, HOOK, PROVIDERS, SECRET, SmsCase
from tests.channels.conftest import serving
from tests.fakes import NOON, FakeClock

FIXTURES = Path(__file__).parent.parent / "fixtures" / "sms"
OWN = "https://lender.example"
ALIYUN, TENCENT, TWILIO = PROVIDERS


@pytest.fixture(params=PROVIDERS, ids=lambda case: case.provider)
def case(request: pytest.FixtureRequest) -> SmsCase:
    found: SmsCase = request.param
    return found


@pytest.fixture
def adapter(case: SmsCase, http: httpx.AsyncClient) -> Any:
    return case.adapter("http://127.0.0.1:1", http)


def made(**env: str) -> Any:
    config = configured("sms", sms.SETTINGS, {**ALIYUN.env(""), "SMS_API": "", **env})
    assert config is not None
    return sms.make(Given(config, httpx.AsyncClient(), NoTokens(), FakeClock(), NoCursors()))  # type: ignore[arg-type]


def fixture(case: SmsCase, name: str) -> Hook:
    body = (FIXTURES / f"{case.provider}_{name}.json").read_bytes()
    return TWILIO.form(orjson.loads(body), NOON) if case is TWILIO else case.garbage(body, NOON)


# -- what the contract asks of every adapter, of every provider


@pytest.mark.parametrize(
    "check",
    [
        contract.test_a_repetition_has_the_same_key_and_another_message_another,
        contract.test_what_the_platform_did_not_sign_is_refused,
        contract.test_nobody_there_is_a_fault_that_passes,
    ],
)
async def test_contract_of_an_adapter(check: Any, case: SmsCase, adapter: Any) -> None:
    await check(case, adapter)


@pytest.mark.parametrize("message", contract.MESSAGES, ids=lambda message: message.message_id)
async def test_contract_of_what_goes_out(adapter: Any, message: Outgoing) -> None:
    await contract.test_no_amount_and_no_date_is_lost(adapter, message)
    await contract.test_every_piece_fits(adapter, message)


async def test_contract_over_the_wire(case: SmsCase, http: httpx.AsyncClient) -> None:
    await contract.test_a_message_over_the_wire_reaches_the_phone(case, http)
    for fault in ("error", "busy"):
        await contract.test_a_fault_that_passes_says_so(case, http, fault)


# -- signatures, by the providers' own published examples


def test_aliyuns_example() -> None:
    query = "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai"
    at, nonce = datetime(2023, 10, 26, 10, 22, 32, tzinfo=timezone.utc), "3156853299f313e23d1673dc12e1703d"
    host = "ecs.cn-shanghai.aliyuncs.com"
    headers = sms_aliyun.signed(
        "YourAccessKeyId", "YourAccessKeySecret", host, "RunInstances", "2014-05-26", query, at, nonce
    )
    assert headers["Authorization"] == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;"
        "x-acs-signature-nonce;x-acs-version,Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_tencents_example() -> None:
    body = rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
    secret = "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"
    shown = sms_tencent.authorization("id", secret, "cvm.tencentcloudapi.com", "cvm", body, 1551113065)
    assert shown.endswith("Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168")


def test_twilios_example() -> None:
    form = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675309",
        "Digits": "1234",
        "From": "+14158675309",
        "To": "+18005551212",
    }
    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert sms_twilio.signature("12345", url, form) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_twilio_signs_the_address_as_it_called_it() -> None:
    hook = TWILIO.hook("13800000001", "你好", "1", NOON)
    adapter = TWILIO.adapter("http://127.0.0.1:1", httpx.AsyncClient())
    assert adapter.receive(hook).inbound
    for wrong in (
        replace(hook, url=HOOK + "?x=1"),
        replace(hook, headers={}),
        replace(hook, body=hook.body + b"&To=1"),
    ):
        with pytest.raises(SignatureRefused):
            adapter.receive(wrong)


@pytest.mark.parametrize("part", ["", "x", END + "/", END[:-1], "\ud800"])
def test_the_end_of_the_address_is_the_secret(part: str) -> None:
    for case in (ALIYUN, TENCENT):
        hook = case.hook("13800000001", "你好", "1", NOON)
        with pytest.raises(SignatureRefused):
            case.adapter("", httpx.AsyncClient()).receive(replace(hook, part=part))


# -- in


def test_replies_are_read_in_each_providers_form(case: SmsCase, adapter: Any) -> None:
    found = adapter.receive(fixture(case, "up"))
    first: Inbound = found.inbound[0]
    assert first.channel_user == "+8613800000001"
    if case is TWILIO:
        assert (first.kind, first.text, first.media[0].content_type) == (Kind.IMAGE, "合同 & 流水", "image/jpeg")
        assert (found.body, found.content_type) == (b"<Response/>", "text/xml")
        return
    assert (first.kind, first.text, first.sent_at) == (Kind.TEXT, "本期应还多少", NOON)
    assert orjson.loads(found.body).get("code", orjson.loads(found.body).get("result")) == 0
    if case is ALIYUN:  # 退订, and an advertiser whom nobody could answer
        assert [(one.kind, one.text) for one in found.inbound[1:]] == [(Kind.STOP, "")]


def test_reports_are_read_in_each_providers_form(case: SmsCase, adapter: Any) -> None:
    statuses = adapter.receive(fixture(case, "report")).statuses
    assert [(one.state, one.reason) for one in statuses] == {
        "aliyun": [(State.DELIVERED, ""), (State.FAILED, "unknown_user")],
        "tencent": [(State.DELIVERED, ""), (State.FAILED, "platform")],
        "twilio": [(State.FAILED, "unknown_user")],
    }[case.provider]


@pytest.mark.parametrize("text", ["STOP", "stop", " Stop. ", "退订", "退訂", "TD", "td", "T", "ＴＤ", "unsubscribe"])
def test_the_words_that_end_it(case: SmsCase, adapter: Any, text: str) -> None:
    [found] = adapter.receive(case.hook("13800000001", text, "1", NOON)).inbound
    assert (found.kind, found.text) == (Kind.STOP, "")


@pytest.mark.parametrize("text", ["START", "恢复", "我想退订会员", "stop it please", "Td1", "我的T恤", "cancel", "T+1"])
def test_other_words_open_or_go_on(case: SmsCase, adapter: Any, text: str) -> None:
    [found] = adapter.receive(case.hook("13800000001", text, "1", NOON)).inbound
    assert (found.kind, found.text) == (Kind.TEXT, text)
    assert asks(text, "start") == (text in ("START", "恢复"))


def test_twilios_own_word_for_the_end() -> None:
    form = {"MessageSid": "SM1", "From": "+8613800000001", "Body": "arrêt", "OptOutType": "STOP"}
    [found] = TWILIO.adapter("", httpx.AsyncClient()).receive(TWILIO.form(form, NOON)).inbound
    assert found.kind is Kind.STOP


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
FIELDS = "phone_number send_time content sequence_id biz_id success err_code mobile nationcode text time extend sid report_status"


@settings(max_examples=200, deadline=None)
@given(fields=st.dictionaries(st.sampled_from(FIELDS.split()), ANYTHING, max_size=6), many=st.booleans())
def test_wrong_types_anywhere_are_borne(fields: dict[str, Any], many: bool) -> None:
    try:
        body = orjson.dumps([fields, {}] if many else fields)
    except orjson.JSONEncodeError:
        return
    for case in (ALIYUN, TENCENT):
        with suppress(BadInput):
            case.adapter("", httpx.AsyncClient()).receive(case.garbage(body, NOON))


TWILIOS = ("MessageSid", "From", "Body", "MessageStatus", "ErrorCode", "MediaUrl0", "OptOutType", "NumMedia")
PRINTABLE = st.text(st.characters(blacklist_categories=("Cs",)), max_size=12)


@settings(max_examples=200, deadline=None)
@given(form=st.dictionaries(st.sampled_from(TWILIOS), PRINTABLE, max_size=6))
def test_any_form_is_borne(form: dict[str, str]) -> None:
    with suppress(BadInput, SignatureRefused):
        TWILIO.adapter("", httpx.AsyncClient()).receive(TWILIO.form(form, NOON))


def test_a_form_with_ten_thousand_fields_is_refused() -> None:
    body = urlencode({f"f{at}": "x" for at in range(10_000)}).encode()
    with pytest.raises(BadInput):
        TWILIO.adapter("", httpx.AsyncClient()).receive(Hook("POST", "", {}, {}, body, NOON, HOOK))


# -- segments, links, numbers


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("¥" * 160, 1),
        ("中" * 70, 1),
        ("中" * 71, 2),
        ("中" * 134, 2),
        ("中" * 135, 3),
        ("a" * 70 + "中", 2),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("", 1),
    ],
)
def test_segments_are_counted_as_carriers_do(text: str, count: int) -> None:
    assert segments(text) == count


SIGNS = st.text(st.sampled_from("¥,.0123456789年月日还款期abcé€\n。，😀 "), min_size=1, max_size=400)


@settings(max_examples=200, deadline=None)
@given(text=SIGNS, repeat=st.integers(1, 6), most=st.integers(1, 8), longest=st.integers(100, 500))
def test_no_piece_is_too_long_and_nothing_is_lost(text: str, repeat: int, most: int, longest: int) -> None:
    found = pieces(text * repeat, most, longest, "【示例】")
    assert all(segments("【示例】" + one) <= most and len(one) <= longest for one in found)
    assert "".join("".join(found).split()) == "".join((text * repeat).split())


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("看 https://evil.example/a?b=1，好", "看 X，好"),
        ("https://lender.example/d 好", "https://lender.example/d 好"),
        ("lender.example/d", "lender.example/d"),
        ("https://lender.example.evil.com/", "X"),
        ("https://lender.example@evil.com/", "X"),
        ("https://lender.example\\@evil.com/", "X"),
        ("HTTP://EVIL.CN", "X"),
        ("www.evil.cn。", "X。"),
        ("see evil.com/x now", "see X now"),
        ("Total ¥1,234.56. By 2026-03-15.", "Total ¥1,234.56. By 2026-03-15."),
        ("a.b@mail.com", "a.b@mail.com"),
        ("the loan.The total", "the loan.The total"),
    ],
)
def test_links_of_other_hosts_do_not_go_out(text: str, left: str) -> None:
    assert without_links(text, "lender.example", "X") == left


def test_templates_hold_no_links_at_all(case: SmsCase, adapter: Any) -> None:
    message = Outgoing("m1", case.user, f"文件 {OWN}/d 与 https://evil.example/x", base_url=OWN)
    [payload] = adapter.render(message)
    assert "evil.example" not in payload["text"]
    assert (f"{OWN}/d" in payload["text"]) == (case is TWILIO)
    assert payload["callback"] == f"{OWN}/channels/sms"


def test_choices_are_numbered(adapter: Any) -> None:
    [payload] = adapter.render(
        Outgoing("m1", "+8613800000001", "请选择", (Choice("查询", "查询"), Choice("人工", "人工")))
    )
    assert "1. 查询\n2. 人工" in payload["text"]


@pytest.mark.parametrize(
    ("written", "e164"),
    [
        ("13800000001", "+8613800000001"),
        ("+86 138-0000-0001", "+8613800000001"),
        ("+85251234567", "+85251234567"),
        ("10690000", None),
        ("12345", None),
        ("+999123456789", None),
        ("BANK", None),
        ("١٣٨٠٠٠٠٠٠٠١", None),
        ("+" * 500, None),
        ("", None),
    ],
)
def test_numbers(written: str, e164: str | None) -> None:
    assert number(written, "CN") == e164


@pytest.mark.parametrize("to", ["+447911123456", "+882161234567", "10690000", "x", "+86138"])
async def test_nothing_is_sent_where_it_is_not_served(to: str, case: SmsCase) -> None:
    simulator = case.simulator("http://127.0.0.1:1/none", case.env(""))
    async with serving(simulator) as api, httpx.AsyncClient() as http:
        with pytest.raises(SendFailed) as failed:
            await case.adapter(api, http).send(to, {"text": "你好"}, "m1:0")
        assert (failed.value.reason, failed.value.again, dict(simulator.phones)) == ("unknown_user", False, {})
    assert not of_countries("+447911123456", ["CN", "HK"])


# -- out


@pytest.mark.parametrize(
    ("case", "code", "reason", "again"),
    [
        (ALIYUN, "isv.MOBILE_NUMBER_ILLEGAL", "unknown_user", False),
        (ALIYUN, "isv.BUSINESS_LIMIT_CONTROL|触发天级流控Permits:10", "quota", False),
        (ALIYUN, "isv.BUSINESS_LIMIT_CONTROL|触发分钟级流控Permits:1", "busy", True),
        (ALIYUN, "Throttling.User", "busy", True),
        (ALIYUN, "isv.PARAM_LENGTH_LIMIT", "invalid", False),
        (ALIYUN, "isv.AMOUNT_NOT_ENOUGH", "not_configured", False),
        (TENCENT, "FailedOperation.PhoneNumberInBlacklist", "blocked", False),
        (TENCENT, "InvalidParameterValue.IncorrectPhoneNumber", "unknown_user", False),
        (TENCENT, "LimitExceeded.PhoneNumberThirtySecondLimit", "busy", True),
        (TENCENT, "LimitExceeded.PhoneNumberDailyLimit", "quota", False),
        (TENCENT, "RequestLimitExceeded.UinLimitExceeded", "busy", True),
        (TENCENT, "AuthFailure.SecretIdNotFound", "not_configured", False),
        (TWILIO, "21610", "blocked", False),
        (TWILIO, "21211", "unknown_user", False),
        (TWILIO, "20429", "busy", True),
        (TWILIO, "21617", "invalid", False),
        (TWILIO, "21606", "not_configured", False),
    ],
)
async def test_error_codes(case: SmsCase, code: str, reason: str, again: bool) -> None:
    simulator = case.simulator("http://127.0.0.1:1/none", case.env(""))
    async with serving(simulator) as api, httpx.AsyncClient() as http:
        simulator.refuse = [code]
        with pytest.raises(SendFailed) as failed:
            await case.adapter(api, http).send(case.user, {"text": "你好"}, "m1:0")
    assert (failed.value.reason, failed.value.again) == (reason, again)


async def test_a_wrong_key_and_an_old_call_are_refused(case: SmsCase) -> None:
    simulator = case.simulator("http://127.0.0.1:1/none", {**case.env(""), "SMS_SECRET": "another"})
    async with serving(simulator) as api, httpx.AsyncClient() as http:
        with pytest.raises(SendFailed) as failed:
            await case.adapter(api, http).send(case.user, {"text": "你好"}, "m1:0")
        assert (failed.value.reason, failed.value.again) == ("not_configured", False)
        if case is not TWILIO:
            simulator.config["SMS_SECRET"] = SECRET
            late = FakeClock(NOON.replace(hour=NOON.hour + 1))
            with pytest.raises(SendFailed):
                await case.adapter(api, http, late).send(case.user, {"text": "你好"}, "m1:0")
        assert not simulator.phones


async def test_whatever_is_rendered_is_taken_and_paid_for_as_counted(case: SmsCase) -> None:
    simulator = case.simulator("http://127.0.0.1:1/none", case.env(""))
    async with serving(simulator) as api, httpx.AsyncClient() as http:
        adapter = case.adapter(api, http)
        payloads = adapter.render(Outgoing("m3", case.user, "还款计划如下", card=contract.SCHEDULE, base_url=OWN))
        for part, payload in enumerate(payloads):
            assert await adapter.send(case.user, payload, f"m3:{part}")
        assert simulator.segments == sum(one["segments"] for one in payloads)
        assert all(one["segments"] <= 7 for one in payloads)


async def test_a_picture_on_twilio_is_fetched_from_its_own_hosts() -> None:
    simulator = TWILIO.simulator("http://127.0.0.1:1/none", TWILIO.env(""))

    def media(app: Any) -> None:
        async def moved(request: Any, name: str) -> Any:
            places = {"ok": f"http://{request.host}/file", "evil": "http://evil.example/file", "round": request.path}
            return redirect(places[name])

        async def file(request: Any) -> Any:
            return raw(b"\xff\xd8" if "authorization" not in request.headers else b"told too much")

        app.add_route(moved, "/media/<name:str>")
        app.add_route(file, "/file")

    async with serving(simulator, more=media) as api, httpx.AsyncClient() as http:
        adapter = TWILIO.adapter(api, http)
        assert await adapter.fetch(Media(Kind.IMAGE, f"{api}/media/ok")) == b"\xff\xd8"
        for refused in (f"{api}/media/evil", f"{api}/media/round", "https://evil.example/x"):
            with pytest.raises(SendFailed, match="no_media"):
                await adapter.fetch(Media(Kind.IMAGE, refused))


@pytest.mark.parametrize(
    ("env", "says"),
    [
        ({"SMS_PROVIDER": "pigeon"}, "SMS_PROVIDER"),
        ({"SMS_SIGN": "", "SMS_TEMPLATE": ""}, "SMS_SIGN, SMS_TEMPLATE"),
        ({"SMS_PROVIDER": "tencent", "SMS_APP": ""}, "SMS_APP"),
        ({"SMS_PROVIDER": "twilio", "SMS_FROM": ""}, "SMS_FROM"),
        ({"SMS_COUNTRIES": "CN,ZZ"}, "SMS_COUNTRIES"),
        ({"SMS_SEGMENTS": "0"}, "SMS_SEGMENTS"),
        ({"SMS_LONGEST": "many"}, "SMS_LONGEST"),
    ],
)
def test_what_is_wrong_is_named_at_the_start(env: dict[str, str], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        made(**env)


def test_facts_need_a_proven_number() -> None:
    assert made().traits.proven_only


async def test_the_simulator_sends_what_the_adapter_reads(case: SmsCase) -> None:
    seen: list[Hook] = []

    def hooks(app: Any) -> None:
        async def hook(request: Any, end: str = "") -> Any:
            headers = {key.lower(): value for key, value in request.headers.items()}
            seen.append(Hook("POST", end, {}, headers, request.body, NOON, f"http://{request.host}/hook"))
            return raw(b"")

        app.add_route(hook, "/hook", methods=["POST"], name="plain")
        app.add_route(hook, "/hook/<end:str>", methods=["POST"], name="ended")

    async with serving(more=hooks) as api:
        simulator = SmsSimulator(f"{api}/hook", case.env(api))
        await simulator.say(case.user, "你好")
        simulator.order("bad_signature")
        await simulator.say(case.user, "假的")
        await simulator.say(case.user, "TD")
        await simulator.status("77", "+8613800000001")
        await simulator.close()
    adapter = case.adapter("", httpx.AsyncClient())
    assert [one.text for one in adapter.receive(seen[0]).inbound] == ["你好"]
    with pytest.raises(SignatureRefused):
        adapter.receive(seen[1])
    assert adapter.receive(seen[2]).inbound[0].kind is Kind.STOP
    [status] = adapter.receive(seen[3]).statuses
    assert (status.provider_id, status.state) == ("77", State.DELIVERED)
