"""Networks: which an address is in, and which ones belong to no country."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

PRIVATE = tuple(
    ip_network(text)
    for text in (
        "10.0.0.0/8",  # RFC 1918
        "172.16.0.0/12",
        "192.168.0.0/16",
        "127.0.0.0/8",  # loopback, RFC 1122
        "169.254.0.0/16",  # link-local, RFC 3927
        "::1/128",
        "fc00::/7",  # unique local, RFC 4193
        "fe80::/10",  # link-local, RFC 4291
    )
)
LOOPBACK = tuple(ip_network(text) for text in ("127.0.0.0/8", "::1/128"))


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """The networks of a setting, which has checked their form."""
    return tuple(ip_network(text) for text in texts)


def find_network(address: Address, among: Iterable[Network]) -> Network | None:
    """The first of the networks that holds `address`."""
    return next((network for network in among if address in network), None)
