"""What the signature of a webhook is."""

from weft.billing.alerts.hook import key_of, sign


def test_sign_when_done_then_as_the_specification_says() -> None:
    # The example of the Standard Webhooks specification's own libraries.
    key = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    wanted = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body) == wanted


def test_key_when_it_is_no_base64_then_taken_as_it_is() -> None:
    assert key_of("whsec_not base64!") == b"whsec_not base64!"
    assert key_of("plain") == b"plain"
