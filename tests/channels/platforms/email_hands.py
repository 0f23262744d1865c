"""What the tests of e-mail share: fixtures, an adapter, a mail provider on loopback."""

from __future__ import annotations

import datetime
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.channels.platforms import email
from bot.channels.platforms.email_box import Raw
from bot.channels.platforms.setup import Given, configured
from bot.services.channels.model import (
    Inbound,
    Outgoing,
    Status,
)
from bot.simulators.email import EmailSimulator
from tests.channels.cases.base import NoCursors, NoTokens
from tests.channels.cases.email import EmailCase
from tests.fakes import NOON, FakeClock

FIXTURES = Path(__file__).parents[1] / "fixtures" / "email"
HTTP = httpx.AsyncClient()  # e-mail calls nobody over HTTP
OURS = "<daihou.0123456789abcdef0123456789abcdef01234567@lender.example>"
USER = "wang@example.test"


def fixture(name: str) -> bytes:
    return (FIXTURES / f"{name}.eml").read_bytes()


def made(env: dict[str, str], cursors: NoCursors | None = None, clock: FakeClock | None = None) -> email.Email:
    config = configured("email", email.SETTINGS, env)
    assert config is not None
    return email.Email(
        Given(config, HTTP, NoTokens(), clock or FakeClock(), cursors or NoCursors())  # type: ignore[arg-type]
    )


def read(raw: bytes, *, uid: int = 7, whole: bool = True, **env: str) -> Inbound | tuple[Status, ...]:
    return made({**EmailCase().env(""), **env})._read(Raw(3, uid, NOON, raw, whole))


def person(name: str) -> Inbound:
    found = read(fixture(name))
    assert isinstance(found, Inbound)
    return found


def answer(text: str = "本期应还¥2,423.14", **more: Any) -> Outgoing:
    return Outgoing("m1", USER, text, **more)


@asynccontextmanager
async def provider(**how: Any) -> AsyncIterator[tuple[EmailSimulator, dict[str, str]]]:
    env = {**EmailCase().env(""), "EMAIL_SMTP_PORT": "0", "EMAIL_IMAP_PORT": "0"}
    simulator = EmailSimulator("", env, **how)
    await simulator.start()
    ports = {"EMAIL_SMTP_PORT": str(simulator.smtp_port), "EMAIL_IMAP_PORT": str(simulator.imap_port)}
    try:
        yield simulator, {**env, **ports}
    finally:
        await simulator.close()


async def pulled(adapter: email.Email) -> list[str]:
    """All that waits, each page stored before the next."""
    texts: list[str] = []
    while True:
        reception = await adapter.pull()
        texts += [one.text for one in reception.inbound]
        await adapter.pulled()
        if not reception.pull:
            return texts


def certificate(folder: Path) -> tuple[Any, Path]:
    """A server's context with a fresh certificate of 127.0.0.1, and the file to trust."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.simulated")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made_of = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, secret = folder / "cert.pem", folder / "key.pem"
    public.write_bytes(made_of.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, secret)
    return context, public
