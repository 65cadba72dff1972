from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.limits.country.address import (
    MAX_HOPS,
    MAX_LIST_CHARS,
    find_client,
    list_of,
    read_address,
    read_hops,
)

PROXIES = (ip_network("10.0.0.0/8"), ip_network("2001:db8:ffff::/48"))
PROXY = ip_address("10.0.0.1")
XFF, FORWARDED = b"x-forwarded-for", b"forwarded"


def client_by(value: str, header: bytes = XFF) -> str | None:
    """The caller behind a trusted proxy that sent this header."""
    hops = read_hops(value.encode("latin-1"), header)
    client = None if hops is None else find_client(PROXY, hops, PROXIES)
    return None if client is None else str(client)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("203.0.113.7", "203.0.113.7"),
        (" 203.0.113.7 ", "203.0.113.7"),
        ("203.0.113.7:4711", "203.0.113.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("[2001:DB8::7]:443", "2001:db8::7"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("::ffff:cb00:7107", "203.0.113.7"),
        ("[::ffff:203.0.113.7]:80", "203.0.113.7"),
        ("64:ff9b::203.0.113.7", "203.0.113.7"),
    ],
)
def test_read_address_when_it_is_one_in_any_form_then_it_is_that(text: str, address: str) -> None:
    assert read_address(text) == ip_address(address)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "unknown",
        "_hidden",
        "203.0.113",
        "203.0.113.7.1",
        "203.0.113.007",
        "1.2.3.4:x",
        "[::1",
        "3405803783",
        "::g",
    ],
)
def test_read_address_when_it_is_none_then_there_is_none(text: str) -> None:
    assert read_address(text) is None


@pytest.mark.parametrize(
    ("value", "client"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("10.0.0.9, 203.0.113.7", "203.0.113.7"),
        ("203.0.113.7, 10.0.0.9", "203.0.113.7"),
        ("1.1.1.1,203.0.113.7 , 10.0.0.9,10.0.0.8", "203.0.113.7"),
        ("rubbish, 203.0.113.7", "203.0.113.7"),
        ("203.0.113.7:80, [2001:db8:ffff::1]:9", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("10.0.0.9", "10.0.0.9"),
        ("", "10.0.0.1"),
        ("203.0.113.7, unknown", None),
        ("203.0.113.7,,10.0.0.9", None),
        ("203.0.113.7, rubbish, 10.0.0.9", None),
    ],
)
def test_client_when_proxies_told_then_it_is_the_last_that_is_no_proxy(
    value: str, client: str | None
) -> None:
    assert client_by(value) == client


@pytest.mark.parametrize(
    ("value", "client"),
    [
        ("for=203.0.113.7", "203.0.113.7"),
        ('For="[2001:db8:cafe::17]:4711"', "2001:db8:cafe::17"),
        ("for=192.0.2.43, for=203.0.113.7", "203.0.113.7"),
        ("for=203.0.113.7;proto=https;by=10.0.0.1, for=10.0.0.9;host=h", "203.0.113.7"),
        ("by=10.0.0.1 ; for=203.0.113.7", "203.0.113.7"),
        (r'for="203\.0.113.7"', "203.0.113.7"),
        ('secret="a, for=1.2.3.4";for=203.0.113.7', "203.0.113.7"),
        ("for=203.0.113.7, for=_hidden", None),
        ("for=203.0.113.7, proto=https", None),
        ('for="1.2.3.4, for=203.0.113.7', None),
        ('for="x, for="[2001:db8::7]:80"', None),
        ("for=1.2.3.4;for=203.0.113.7", None),
        ("for=1.2.3.4 for=203.0.113.7", None),
        ("for=1.2.3.4 203.0.113.7", None),
        ("203.0.113.7", None),
    ],
)
def test_client_when_forwarded_told_then_it_is_read_as_the_rfc_writes_it(
    value: str, client: str | None
) -> None:
    assert client_by(value, FORWARDED) == client


def test_hops_when_a_header_comes_in_several_lines_then_they_are_one_list() -> None:
    headers = [(XFF, b"1.2.3.4"), (FORWARDED, b"for=9.9.9.9"), (XFF, b"203.0.113.7, 10.0.0.9")]
    assert read_hops(list_of(headers, XFF), XFF) == ["1.2.3.4", "203.0.113.7", " 10.0.0.9"]


def test_client_when_the_list_is_endless_then_there_is_none() -> None:
    assert client_by(", ".join(["10.0.0.9"] * (MAX_HOPS + 1))) is None
    assert client_by("x" * MAX_LIST_CHARS + ", 203.0.113.7") is None
    assert client_by(", ".join(["10.0.0.9"] * MAX_HOPS)) == "10.0.0.9"


ADDRESSES = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))
OUTSIDE = ADDRESSES.filter(
    lambda address: not any(read_address(str(address)) in network for network in PROXIES)
)
INSIDE = st.sampled_from(["10.0.0.2", "10.9.9.9", "2001:db8:ffff::2"])


def written(address: IPv4Address | IPv6Address) -> str:
    return f'"[{address}]"' if address.version == 6 else str(address)


@given(
    lie=st.text(st.characters(codec="latin-1"), max_size=60),
    client=OUTSIDE,
    via=st.lists(INSIDE, max_size=4),
)
def test_client_when_a_caller_writes_anything_before_it_then_that_is_not_believed(
    lie: str, client: IPv4Address | IPv6Address, via: list[str]
) -> None:
    assert client_by(", ".join([lie, str(client), *via])) == str(read_address(str(client)))


@given(
    lie=st.text(st.sampled_from(list('for="\\;, 1.2:[]x=')), max_size=40),
    client=OUTSIDE,
    via=st.lists(INSIDE, max_size=3),
)
def test_client_when_a_caller_writes_anything_into_forwarded_then_at_most_nobody_is_found(
    lie: str, client: IPv4Address | IPv6Address, via: list[str]
) -> None:
    told = [
        f"for={written(client)};proto=https",
        *(f"for={written(ip_address(one))}" for one in via),
    ]
    assert client_by(", ".join([lie, *told]), FORWARDED) in {None, str(read_address(str(client)))}
    honest = client_by(", ".join(told), FORWARDED)
    assert honest == str(read_address(str(client)))
