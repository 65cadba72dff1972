"""Who called: the address of the TCP peer, or the one that trusted proxies tell of.

A header is worth as much as the one who wrote it. Each proxy appends the address that it was called from, so the list
is read from its right end: as long as the one who wrote an entry is trusted, the entry is true. The first address that
is not a trusted proxy's is the caller's; what stands left of it was sent by that caller and is not believed. Invariant:
as long as each trusted proxy adds its entry, nothing that a caller writes leads to another address than the caller's;
it may lead to none. X-Forwarded-For as proxies write it, `Forwarded` by RFC 7239.
"""

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from weft.limits.country.networks import Address, Network

MAX_HOPS = 32
MAX_LIST_CHARS = 4096
Headers = Sequence[tuple[bytes, bytes]]
"""Names in lower case."""

_V4_WITH_PORT = re.compile(r"([0-9.]{7,15}):\d{1,5}")
_V6_IN_BRACKETS = re.compile(r"\[([0-9A-Fa-f:.]{2,45})\](?::\d{1,5})?")
_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_PAIR = re.compile(rf"({_WORD})=({_WORD}|{_QUOTED})")
_ELEMENT = re.compile(rf"[ \t]*({_WORD}={_QUOTED}|{_WORD}={_WORD}|[;, \t])", re.ASCII)
_NAT64 = ip_network("64:ff9b::/96")


def read_address(text: str) -> Address | None:
    """The address in `1.2.3.4`, `1.2.3.4:80`, `2001:db8::1`, `[2001:db8::1]:80`; None if it is none.

    An IPv4 address that comes as IPv6 (`::ffff:1.2.3.4`, or through NAT64) is the IPv4 address that it stands for.
    """
    text = text.strip()
    match = _V4_WITH_PORT.fullmatch(text) or _V6_IN_BRACKETS.fullmatch(text)
    try:
        address = ip_address(match[1] if match else text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def find_client(peer: Address, hops: Sequence[str], trusted: Sequence[Network]) -> Address | None:
    """The caller behind `peer`, a trusted proxy, by the list that it sent, in the order of writing.

    None if a trusted proxy names no address (`unknown`, a secret name), or the list is longer than any honest one.
    """
    current = peer
    for hop in reversed(hops[-MAX_HOPS:]):
        told = read_address(hop)
        if told is None:
            return None
        if not any(told in network for network in trusted):
            return told
        current = told
    return current if len(hops) <= MAX_HOPS else None


def list_of(headers: Headers, name: bytes) -> bytes:
    """What proxies told in the header of this name, all its lines together."""
    return b",".join([value for key, value in headers if key == name])


def read_hops(told: bytes, name: bytes) -> list[str] | None:
    """What `list_of` found in the header of this name, hop by hop; None if it cannot be read."""
    text = told.decode("latin-1")
    if not text.strip():
        return []
    if len(text) > MAX_LIST_CHARS:
        return None
    if name == b"forwarded":
        return _forwarded(text)
    return text.split(",")


def _forwarded(text: str) -> list[str] | None:
    """The `for=` of each element, empty where it has none; None where the text has not the form of RFC 7239."""
    hops: list[str] = [""]
    seen: set[str] = set()
    at, after_pair = 0, False
    while at < len(text):
        match = _ELEMENT.match(text, at)
        if match is None:
            return None
        at, piece = match.end(), match[1]
        pair = _PAIR.fullmatch(piece)
        if pair is None:
            after_pair = after_pair and piece in " \t"
            if piece == ",":
                hops.append("")
                seen.clear()
            continue
        name = pair[1].lower()
        if (
            after_pair or name in seen
        ):  # two pairs without a mark between them, or one of them twice
            return None
        seen.add(name)
        after_pair = True
        if name == "for":
            hops[-1] = re.sub(r"\\(.)", r"\1", pair[2][1:-1]) if pair[2][0] == '"' else pair[2]
    return hops
