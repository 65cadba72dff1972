"""Which addresses a webhook may lead to, and what its signature is."""

import pytest

from weft.billing.alerts.hook import is_public, key_of, sign


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0"),
        *("100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1"),
        *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "2002:7f00:1::", "ff02::1"),
        "64:ff9b::7f00:1",
    ],
)
def test_address_when_it_is_not_everybodys_then_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111"])
def test_address_when_it_is_everybodys_then_public(address: str) -> None:
    assert is_public(address)


def test_sign_when_done_then_as_the_specification_says() -> None:
    # The example of the Standard Webhooks specification's own libraries.
    key = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    wanted = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body) == wanted


def test_key_when_it_is_no_base64_then_taken_as_it_is() -> None:
    assert key_of("whsec_not base64!") == b"whsec_not base64!"
    assert key_of("plain") == b"plain"
