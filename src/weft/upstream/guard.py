"""Which addresses may be reached by URLs that users write: a server that goes where it is told can be told to go home.

Owns the judgement and the look-up that it rests on. The address that was judged is the one to connect to (give it to
`Origin.host`, and the name to `Origin.server_name`): a name that is looked up twice may lead elsewhere the second time.
Every address of a name has to be good, however it is written: `127.1`, `0x7f000001` and `2130706433` are looked up
like names, and become what they mean. Redirects are the caller's: follow none.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

__all__ = ["AddressRefused", "Guard", "is_public"]

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
_NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
"""IPv4 addresses by way of a translator: RFC 6052 and 8215."""
_COMPATIBLE = ipaddress.IPv6Network("::/96")
"""IPv4 addresses in a form that is out of use: RFC 4291, 2.5.5.1."""
_METADATA = frozenset({ipaddress.IPv4Address("168.63.129.16")})
"""Public by their number, and a cloud's own service to the machines in it: Azure's."""


class AddressRefused(Exception):
    """A name leads to an address that may not be reached."""

    def __init__(self, host: str, address: str) -> None:
        super().__init__(f"{host} is {address}, which is no public address")
        self.host = host
        self.address = address


@dataclass(frozen=True, slots=True)
class Guard:
    """Lets public addresses through, and what it was told to let through besides."""

    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()
    hosts: frozenset[tuple[str, int | None]] = frozenset()
    """Names that may lead anywhere, each at one port or at all of them (None)."""
    is_open: bool = False
    """Whether everything is let through."""

    @classmethod
    def of(cls, entries: Sequence[str]) -> Self:
        """One that lets `entries` through: networks, addresses, names, `name:port`.

        Raises:
            ValueError: an entry is none of these.
        """
        networks: list[ipaddress.IPv4Network | ipaddress.IPv6Network] = []
        hosts: set[tuple[str, int | None]] = set()
        for entry in entries:
            try:
                networks.append(ipaddress.ip_network(entry.strip("[]")))
            except ValueError:
                hosts.add(_host(entry))
        return cls(tuple(networks), frozenset(hosts))

    async def resolve(self, host: str, port: int) -> str:
        """The address to connect to for `host`, judged. The caller bounds the time.

        Raises:
            AddressRefused: it may not be reached.
            OSError: there is no such name.
        """
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [str(place[0]).partition("%")[0] for *_, place in found]
        for address in addresses:
            if not self.allows(host, port, address):
                raise AddressRefused(host, address)
        return addresses[0]

    def allows(self, host: str, port: int, address: str) -> bool:
        """Whether `address`, which `host` leads to, may be reached."""
        if self.is_open or is_public(address):
            return True
        name = host.lower().rstrip(".")
        if (name, port) in self.hosts or (name, None) in self.hosts:
            return True
        parsed = ipaddress.ip_address(address)
        forms = {parsed, _inner(parsed) or parsed}
        return any(form in network for form in forms for network in self.networks)


def is_public(address: str) -> bool:
    """Whether an address can be reached from everywhere, whatever form it is written in."""
    parsed = ipaddress.ip_address(address)
    judged = _inner(parsed) or parsed
    return judged.is_global and not judged.is_multicast and judged not in _METADATA


def _inner(address: IpAddress) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for, if it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
    if inner is None and any(address in network for network in (*_NAT64, _COMPATIBLE)):
        inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return inner


def _host(entry: str) -> tuple[str, int | None]:
    name, colon, port = entry.rpartition(":")
    if not colon:
        name, port = entry, ""
    if not name or "/" in name or ":" in name.strip("[]") or (port and not port.isdigit()):
        raise ValueError(f"neither a network nor a name: {entry!r}")
    return name.strip("[]").lower().rstrip("."), int(port) if port else None
