"""Which addresses users' URLs may lead to."""

import asyncio
import socket

import pytest

from weft.upstream.guard import AddressRefused, Guard, is_public


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0"),
        *("100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1"),
        *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "2002:7f00:1::", "ff02::1"),
        *("64:ff9b::7f00:1", "64:ff9b:1::a00:1", "::127.0.0.1", "168.63.129.16", "fd00:ec2::254"),
        "2001:0:7f00:1::80ff:fffe",
    ],
)
def test_address_when_it_is_not_everybodys_then_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111"])
def test_address_when_it_is_everybodys_then_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0"),
        *("::1", "::ffff:127.0.0.1", "::ffff:7f00:1", "169.254.169.254", "2852039166"),
    ],
)
async def test_host_when_it_is_this_machine_in_any_form_then_refused(host: str) -> None:
    with pytest.raises(AddressRefused):
        await Guard().resolve(host, 80)


async def test_host_when_one_of_its_addresses_is_private_then_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def two(*_args: object, **_kwargs: object) -> list[object]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 80))
            for address in ("93.184.216.34", "10.0.0.1")
        ]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", two)
    with pytest.raises(AddressRefused, match=r"10\.0\.0\.1"):
        await Guard().resolve("rebound.example", 80)


@pytest.mark.parametrize(
    ("entry", "host", "port", "address", "allowed"),
    [
        ("127.0.0.1/32", "localhost", 80, "127.0.0.1", True),
        ("127.0.0.1", "anything.example", 80, "127.0.0.1", True),
        ("127.0.0.1/32", "localhost", 80, "127.0.0.2", False),
        ("127.0.0.1/32", "mapped.example", 80, "::ffff:127.0.0.1", True),
        ("10.0.0.0/8", "x", 80, "169.254.169.254", False),
        ("localhost:11434", "LOCALHOST.", 11434, "::1", True),
        ("localhost:11434", "localhost", 80, "127.0.0.1", False),
        ("localhost:11434", "other.example", 11434, "127.0.0.1", False),
        ("gpu1.lan", "gpu1.lan", 8000, "10.1.2.3", True),
        ("fd00::/8", "x", 80, "fd12::1", True),
    ],
)
def test_allow_list_when_it_names_a_place_then_that_one_is_open(
    entry: str, host: str, port: int, address: str, *, allowed: bool
) -> None:
    assert Guard.of([entry]).allows(host, port, address) is allowed


@pytest.mark.parametrize("entry", ["", "http://localhost", "a/b", ":80", "localhost:port"])
def test_entry_when_it_is_no_place_then_refused(entry: str) -> None:
    with pytest.raises(ValueError, match="neither"):
        Guard.of([entry])
