"""The URL that a browser on this machine can go to, whatever the server listens on."""

import pytest

from weft.kit.setting_groups.server import local_url


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8080"),
        ("0.0.0.0", "http://127.0.0.1:8080"),
        ("::", "http://[::1]:8080"),
        ("::1", "http://[::1]:8080"),
        ("weft.example", "http://weft.example:8080"),
    ],
)
def test_local_url_when_made_then_can_be_gone_to(host: str, url: str) -> None:
    assert local_url(host, 8080) == url
