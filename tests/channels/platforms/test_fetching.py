"""Files from elsewhere: no way into our own network, no more than what is asked for, over real TLS on loopback."""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.channels.platforms.fetching import Guard, from_platform, public, resolved
from bot.services.channels.model import SendFailed

NAME = "files.example"
INSIDE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "::",
    "::1",
    "::127.0.0.1",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fec0::1",
    "fd00:ec2::254",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "2002:7f00:1::",
    "2001:0:7f00:1::",
    "64:ff9b::7f00:1",
    "not an address",
    "",
]


@pytest.mark.parametrize("address", INSIDE)
def test_no_address_of_our_own_network_is_asked(address: str) -> None:
    assert not public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:2800:220:1:248:1893:25c8:1946"])
def test_public_addresses_may_be_asked(address: str) -> None:
    assert public(address)


def answers(*addresses: str) -> Callable[[str, int], Awaitable[list[str]]]:
    async def resolve(host: str, port: int) -> list[str]:
        return list(addresses)

    return resolve


@pytest.mark.parametrize(
    "url",
    [
        "http://files.example/a",
        "https://user:word@files.example/a",
        "https://files.example:8443/a",
        "https://files.example:99999/a",
        "https:///a",
        "ftp://files.example/a",
        "https://[::1",
        "https://files.example\\@127.0.0.1/",
        "https://files.example/a b",
        "https://files.example/\r\nHost: inside",
        "https://ｆiles.example/",
        "https://" + "a" * 64 + ".example/",
        "https://files.example/" + "a" * 3000,
        "",
    ],
)
async def test_addresses_of_another_form_are_not_asked(url: str) -> None:
    with pytest.raises(SendFailed, match="no_media"):
        await Guard(resolve=answers("93.184.216.34")).from_anywhere(url)


@pytest.mark.parametrize("addresses", [("93.184.216.34", "127.0.0.1"), ("::1",), ("169.254.169.254",), ()])
async def test_one_inner_address_among_several_is_enough_to_refuse(addresses: tuple[str, ...]) -> None:
    with pytest.raises(SendFailed) as failed:
        await Guard(resolve=answers(*addresses)).from_anywhere("https://files.example/a")
    assert (failed.value.reason, failed.value.again) == ("no_media", False)


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f.0.0.1", "127.1", "0177.0.0.1", "[::1]", "localhost"])
async def test_numbers_in_odd_forms_are_seen_through(host: str) -> None:
    found = await resolved(host.strip("[]"), 443)
    assert found
    assert not any(public(one) for one in found)
    with pytest.raises(SendFailed, match="no_media"):
        await Guard().from_anywhere(f"https://{host}/latest/meta-data")


# -- over the wire


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Contexts of a server whose certificate is for NAME, and of a client that trusts it."""
    folder: Path = tmp_path_factory.mktemp("tls")
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.timezone.utc)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), False)
        .add_extension(x509.BasicConstraints(True, None), True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "c.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pem)
    return server, ssl.create_default_context(cafile=str(pem))


@asynccontextmanager
async def serving(tls: ssl.SSLContext, reply: bytes, asked: list[bytes], pause: float = 0.0) -> AsyncIterator[int]:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked.append(await reader.readuntil(b"\r\n\r\n"))
            for part in (reply[:40], reply[40:]):
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(pause)
            writer.close()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass

    server = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def fetched(tls: tuple[ssl.SSLContext, ssl.SSLContext], reply: bytes, host: str = NAME, **how: float) -> bytes:
    asked: list[bytes] = []
    async with serving(tls[0], reply, asked, how.get("pause", 0.0)) as port:
        guard = Guard(
            resolve=answers("127.0.0.1"),
            allows=lambda address: ip_address(address).is_loopback,
            ports=(port,),
            tls=tls[1],
            largest=1000,
            seconds=how.get("seconds", 5.0),
        )
        return await guard.from_anywhere(f"https://{host}:{port}/a?b=1")


async def test_the_connection_goes_to_the_checked_address_under_its_name(
    tls: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    """The name does not exist: only the address that was checked can have been asked, and the certificate is the name's."""
    reply = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"
    assert await fetched(tls, reply) == b"abc"
    with pytest.raises(SendFailed, match="unreachable"):
        await fetched(tls, reply, host="other.example")


@pytest.mark.parametrize(
    ("reply", "reason", "again"),
    [
        (b"HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1/\r\nContent-Length: 0\r\n\r\n", "no_media", False),
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", "gone", False),
        (b"HTTP/1.1 503 Down\r\nContent-Length: 0\r\n\r\n", "busy", True),
        (b"HTTP/1.1 206 Partial Content\r\nContent-Length: 1\r\n\r\na", "no_media", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b"x" * 5000, "no_media", False),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5000, "no_media", False),  # no length at all
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            + b"200\r\n"
            + b"x" * 512
            + b"\r\n200\r\n"
            + b"x" * 512
            + b"\r\n0\r\n\r\n",
            "no_media",
            False,
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nabc", "unreachable", True),  # ends in the middle
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc", "no_media", False),
        (b"not HTTP at all\r\n\r\n", "unreachable", True),
    ],
)
async def test_lies_lead_nowhere(
    tls: tuple[ssl.SSLContext, ssl.SSLContext], reply: bytes, reason: str, again: bool
) -> None:
    with pytest.raises(SendFailed) as failed:
        await fetched(tls, reply)
    assert (failed.value.reason, failed.value.again) == (reason, again)


async def test_a_file_that_drips_is_given_up(tls: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    with pytest.raises(SendFailed) as failed:
        await fetched(tls, b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n" + b"x" * 90, pause=0.4, seconds=0.2)
    assert (failed.value.reason, failed.value.again) == ("unreachable", True)


# -- what a platform points at


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/a",
        "https://files.example.evil.example/a",
        "https://files.example@evil.example/a",
        "https://notcdn.example/a",
        "http://files.example/a",
        "//files.example/a",
        "https://[",
    ],
)
async def test_a_platforms_credentials_are_shown_to_its_own_hosts_alone(url: str) -> None:
    asked: list[httpx.Request] = []
    transport = httpx.MockTransport(lambda request: (asked.append(request), httpx.Response(200))[1])
    async with httpx.AsyncClient(transport=transport) as http:
        with pytest.raises(SendFailed, match="no_media"):
            await from_platform(http, url, {NAME, ".cdn.example"}, headers={"Authorization": "Bearer x"})
    assert not asked


@pytest.mark.parametrize("url", ["https://files.example/a", "https://FILES.example/a", "https://eu.cdn.example/a"])
async def test_a_platforms_own_hosts_are_asked(url: str) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, stream=httpx.ByteStream(b"abc")))
    async with httpx.AsyncClient(transport=transport) as http:
        assert await from_platform(http, url, {NAME, ".cdn.example"}) == b"abc"


async def test_a_platforms_redirect_is_not_followed() -> None:
    moved = httpx.Response(302, headers={"Location": "http://127.0.0.1/"})
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda request: moved), follow_redirects=True) as http:
        with pytest.raises(SendFailed, match="no_media"):
            await from_platform(http, "https://files.example/a", {NAME})
