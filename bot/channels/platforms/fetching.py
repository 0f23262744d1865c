"""Files from elsewhere. Two ways, both with a cap on size and time, neither following redirects by itself.

`from_platform`: an address that a platform gave, only on hosts that are its own.
`from_anywhere`: an address that somebody else chose. A server must not be talked into calling its own network (SSRF), so the
name is resolved once, every address it has must be a public one, and the connection goes to the address that was checked: a
name that means something else a moment later (DNS rebinding) changes nothing.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from bot.services.channels.model import SendFailed
from bot.services.uploads import LARGEST

SECONDS = 30.0  # a whole file, however slowly it drips
LONGEST_URL = 2048
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
EMBEDDING = (  # networks whose addresses hold an IPv4 address that may be anyone's
    ipaddress.ip_network("::/96"),  # IPv4-compatible
    ipaddress.ip_network("::ffff:0:0/96"),  # IPv4-mapped
    ipaddress.ip_network("64:ff9b::/96"),  # NAT64
    ipaddress.ip_network("64:ff9b:1::/48"),  # NAT64, local use
    ipaddress.ip_network("2001::/32"),  # Teredo
    ipaddress.ip_network("2002::/16"),  # 6to4
)


def public(address: str) -> bool:
    """Whether an address is one of the open internet: not private, loopback, link-local (metadata), CGNAT, multicast or reserved."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and (found.is_site_local or any(found in one for one in EMBEDDING)):
        return False
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified)


async def resolved(host: str, port: int) -> Sequence[str]:
    """Every address of a name, as the system knows it (also the odd forms of numbers: 0x7f.1, 2130706433)."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


@dataclass(frozen=True)
class Guard:
    """How addresses of strangers are fetched. The defaults are what production uses; tests give their own network."""

    resolve: Resolve = resolved
    allows: Callable[[str], bool] = public
    ports: Collection[int] = (443,)
    tls: ssl.SSLContext = field(default_factory=lambda: httpx.create_ssl_context(trust_env=False))
    largest: int = LARGEST
    seconds: float = SECONDS

    async def from_anywhere(self, url: str) -> bytes:
        """The content of an https address.

        Raises:
            SendFailed: `no_media` for an address that is not fetched at all, a redirect, or too much; `gone`; `unreachable` (again).
        """
        host, port, path = self._parts(url)
        try:
            return await asyncio.wait_for(self._fetch(host, port, path), self.seconds)
        except asyncio.TimeoutError as error:
            raise SendFailed("unreachable", again=True) from error

    def _parts(self, url: str) -> tuple[str, int, str]:
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").rstrip("."), parts.port or 443
            host.encode("idna")
        except (ValueError, UnicodeError) as error:
            raise SendFailed("no_media") from error
        odd = len(url) > LONGEST_URL or not url.isascii() or "\\" in url or any(sign <= " " for sign in url)
        if odd or parts.scheme != "https" or not host or "@" in parts.netloc or port not in self.ports:
            raise SendFailed("no_media")
        return host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")

    async def _fetch(self, host: str, port: int, path: str) -> bytes:
        try:
            addresses = await self.resolve(host, port)
        except OSError as error:
            raise SendFailed("unreachable", again=True) from error
        if not addresses or not all(self.allows(one) for one in addresses):
            raise SendFailed("no_media")
        pinned = f"[{addresses[0]}]" if ":" in addresses[0] else addresses[0]
        named = f"[{host}]" if ":" in host else host
        # The certificate is checked against the name, the connection goes to the address. No proxy of the environment.
        async with httpx.AsyncClient(verify=self.tls, trust_env=False, follow_redirects=False) as http:
            request = http.build_request(
                "GET",
                f"https://{pinned}:{port}{path}",
                headers={"Host": named if port == 443 else f"{named}:{port}", "Accept-Encoding": "identity"},
                extensions={"sni_hostname": host},
                timeout=self.seconds,
            )
            return await _read(http, request, self.largest)


async def from_platform(
    http: httpx.AsyncClient,
    url: str,
    hosts: Collection[str],
    *,
    headers: Mapping[str, str] | None = None,
    plain: bool = False,
    moved: bool = False,
    largest: int = LARGEST,
    seconds: float = SECONDS,
) -> bytes:
    """The content of an address that a platform gave, if it is on one of its `hosts` (`example.com`, or `.example.com` for
    every name below it).

    Args:
        headers: credentials; they are shown to `hosts` alone.
        plain: http as well, for a platform on loopback.
        moved: follow one redirect, without credentials and to `hosts` alone.

    Raises:
        SendFailed: as `Guard.from_anywhere`.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").rstrip(".").lower()
    except ValueError as error:
        raise SendFailed("no_media") from error
    own = any(host == one or (one.startswith(".") and host.endswith(one)) for one in hosts)
    if not own or parts.scheme not in (("https", "http") if plain else ("https",)) or "@" in parts.netloc:
        raise SendFailed("no_media")
    try:
        request = http.build_request("GET", url, headers={**(headers or {}), "Accept-Encoding": "identity"})
        return await asyncio.wait_for(_read(http, request, largest), seconds)
    except Moved as elsewhere:
        if not moved:
            raise
        return await from_platform(http, elsewhere.to, hosts, plain=plain, largest=largest, seconds=seconds)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise SendFailed("no_media") from error
    except asyncio.TimeoutError as error:
        raise SendFailed("unreachable", again=True) from error


class Moved(SendFailed):
    """A redirect: not followed, unless a platform says where its own file lies."""

    def __init__(self, to: str) -> None:
        super().__init__("no_media")
        self.to = to


async def _read(http: httpx.AsyncClient, request: httpx.Request, largest: int) -> bytes:
    """The body as it comes: never unpacked (a small file may unpack to a huge one), never more than `largest`."""
    try:
        answer = await http.send(request, stream=True, follow_redirects=False)
        try:
            _judge(answer, largest)
            content = bytearray()
            async for part in answer.aiter_bytes():
                content += part
                if len(content) > largest:  # whatever its header said
                    raise SendFailed("no_media")
            return bytes(content)
        finally:
            await answer.aclose()
    except httpx.HTTPError as error:  # no connection, a bad certificate, or a body shorter than its header said
        raise SendFailed("unreachable", again=True) from error


def _judge(answer: httpx.Response, largest: int) -> None:
    if answer.status_code in (404, 410):
        raise SendFailed("gone")
    if answer.status_code in (408, 425, 429) or answer.status_code >= 500:
        raise SendFailed("busy", again=True)
    if 300 <= answer.status_code < 400:
        raise Moved(answer.headers.get("location", ""))
    said = answer.headers.get("content-length", "0")
    packed = answer.headers.get("content-encoding", "identity") != "identity"
    if answer.status_code != 200 or packed or not said.isdigit() or int(said) > largest:
        raise SendFailed("no_media")
