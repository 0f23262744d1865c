"""Text messages by Aliyun, Tencent Cloud or Twilio: one channel, three providers. See docs/channels/sms.md.

A number is not a person: nothing of a loan goes to one that the session has not proven (`proven_only`; the delivery hides it), and
no text holds a link to another host than the lender's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from bot.channels.platforms.setup import Given, Setting
from bot.channels.platforms.sms_aliyun import Aliyun
from bot.channels.platforms.sms_provider import Provider, Said
from bot.channels.platforms.sms_tencent import Tencent
from bot.channels.platforms.sms_text import asks, pieces, segments, without_links
from bot.channels.platforms.sms_twilio import Twilio
from bot.errors import ConfigError
from bot.services.channels.model import (
    Adapter,
    Hook,
    Inbound,
    Kind,
    Media,
    Outgoing,
    Payload,
    Reception,
    SendFailed,
    Traits,
)
from bot.services.channels.numbers import is_region, number, of_countries
from bot.services.channels.wording import in_words, word

NAME = "sms"
SETTINGS = {
    "SMS_PROVIDER": Setting("aliyun, tencent or twilio"),
    "SMS_KEY": Setting("access key id, SecretId, or Twilio's account SID"),
    "SMS_SECRET": Setting("its secret, or Twilio's auth token", secret=True),
    "SMS_SIGN": Setting("the approved signature without its brackets (Aliyun, Tencent)", ""),
    "SMS_TEMPLATE": Setting("the approved template with one variable (Aliyun, Tencent)", ""),
    "SMS_VARIABLE": Setting("the name of that variable (Aliyun)", "content"),
    "SMS_LONGEST": Setting("characters that the variable takes (Aliyun, Tencent)", "400"),
    "SMS_APP": Setting("SmsSdkAppId (Tencent)", ""),
    "SMS_REGION": Setting("region of the API (Tencent)", "ap-guangzhou"),
    "SMS_FROM": Setting("the sending number or messaging service (Twilio)", ""),
    "SMS_HOOK_SECRET": Setting("ends the callback's address (Aliyun, Tencent, which sign nothing)", "", secret=True),
    "SMS_COUNTRIES": Setting("where numbers may be, the lender's own first", "CN,HK,MO,TW"),
    "SMS_SEGMENTS": Setting("segments of one text at most", "7"),
    "SMS_API": Setting("another address of the provider's API", ""),
}
PROVIDERS: dict[str, type[Provider]] = {"aliyun": Aliyun, "tencent": Tencent, "twilio": Twilio}
MOST_SEGMENTS = 10
SHORTEST = 100  # characters of a variable: a row of a schedule must fit in one text


def make(given: Given) -> Adapter:
    """Raises ConfigError naming what is wrong or missing for the provider."""
    config = given.config
    if config["SMS_PROVIDER"] not in PROVIDERS:
        raise ConfigError(f"SMS_PROVIDER must be one of {', '.join(PROVIDERS)}")
    return Sms(given, PROVIDERS[config["SMS_PROVIDER"]](given))


class Sms(Adapter):
    """`channel_user` is the number in E.164."""

    name = NAME

    def __init__(self, given: Given, provider: Provider) -> None:
        self._provider = provider
        self._regions = [one.strip().upper() for one in given.config["SMS_COUNTRIES"].split(",") if one.strip()]
        if not self._regions or not all(is_region(one) for one in self._regions):
            raise ConfigError("SMS_COUNTRIES must be codes of countries by comma, such as CN,HK")
        self._segments = _between(given, "SMS_SEGMENTS", 1, MOST_SEGMENTS)
        whole = provider.longest - len(provider.around)
        self._longest = min(whole, _between(given, "SMS_LONGEST", SHORTEST, 500) if provider.around else whole)
        self.traits = Traits(longest=self._longest, per_second=provider.per_second, receipts=True, proven_only=True)

    # -- in

    def receive(self, hook: Hook) -> Reception:
        came = self._provider.read(hook)
        inbound = [one for one in map(self._inbound, came.said) if one is not None]
        return Reception(tuple(inbound), came.statuses, came.body, came.content_type)

    def _inbound(self, said: Said) -> Inbound | None:
        """None for what no number has said (short codes, names): nobody could be answered."""
        user = number(said.sender, self._regions[0])
        if user is None or not said.key:
            return None
        if said.stops or asks(said.text, "stop"):
            return Inbound(user, said.key, Kind.STOP, sent_at=said.at)
        if said.media:
            return Inbound(user, said.key, said.media[0].kind, said.text, said.media, said.at)
        kind = Kind.TEXT if said.text.strip() else Kind.UNSUPPORTED
        return Inbound(user, said.key, kind, said.text if kind is Kind.TEXT else "", (), said.at)

    # -- out

    def render(self, message: Outgoing) -> Sequence[Payload]:
        own = urlsplit(message.base_url)
        host = (own.hostname or "").lower() if self._provider.links else ""
        text = without_links(in_words(message), host, word("link_left_out", message.language))
        callback = f"{message.base_url}/channels/{NAME}" if own.scheme == "https" else ""
        around = self._provider.around
        return [
            {"text": piece, "segments": segments(around + piece), "callback": callback}
            for piece in pieces(text, self._segments, self._longest, around)
        ]

    async def send(self, to: str, payload: Payload, key: str) -> str:
        """Raises SendFailed: `unknown_user` for what is no number, or one of a country that is not served."""
        found = number(to, self._regions[0])
        if found is None or not of_countries(found, self._regions):
            raise SendFailed("unknown_user")
        return await self._provider.send(found, payload, key)

    async def fetch(self, media: Media) -> bytes:
        return await self._provider.fetch(media)


def _between(given: Given, name: str, least: int, most: int) -> int:
    told = given.config[name]
    if not told.isascii() or not told.isdigit() or not least <= int(told[:9]) <= most:
        raise ConfigError(f"{name} must be a number from {least} to {most}")
    return int(told)
