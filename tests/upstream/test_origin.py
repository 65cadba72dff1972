import pytest

from weft.upstream import Origin


@pytest.mark.parametrize(
    ("url", "host", "port", "tls", "prefix", "authority"),
    [
        ("https://h:1/v1", "h", 1, True, "/v1", b"h:1"),
        ("http://127.0.0.1:8000", "127.0.0.1", 8000, False, "", b"127.0.0.1:8000"),
        ("http://Example.ORG/", "example.org", 80, False, "", b"example.org"),
        ("https://example.org/a/b/", "example.org", 443, True, "/a/b", b"example.org"),
        ("http://example.org:443/a%20b", "example.org", 443, False, "/a%20b", b"example.org:443"),
        ("http://[::1]:9000/v1", "::1", 9000, False, "/v1", b"[::1]:9000"),
        ("HTTPS://h", "h", 443, True, "", b"h"),
    ],
)
def test_parse_when_a_server_url_then_origin_and_prefix(
    url: str, host: str, port: int, tls: bool, prefix: str, authority: bytes
) -> None:
    origin, path = Origin.parse(url)
    assert (origin, path) == (Origin(host, port, tls), prefix)
    assert origin.authority == authority
    again, _ = Origin.parse(str(origin))
    assert again == origin


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "http://"),
        ("example.org/v1", "http://"),
        ("ftp://example.org", "http://"),
        ("unix:///run/x", "http://"),
        ("http://", "host"),
        ("http:///v1", "host"),
        ("http://:80", "host"),
        ("http://h:0", "port"),
        ("http://h:65536", "[Pp]ort"),
        ("http://h:-1", "[Pp]ort"),
        ("http://h:x", "[Pp]ort"),
        ("http://user@h", "credentials"),
        ("http://user:secret@h", "credentials"),
        ("http://:secret@h", "credentials"),
        ("http://h/v1?x=1", "query"),
        ("http://h/v1?", "query"),
        ("http://h/v1#x", "fragment"),
        ("http://h\r\nX: y/", "ASCII"),
        ("http://h/a b", "ASCII"),
        ("http://hö/", "ASCII"),
        ("http://h*/", "host"),
        ("http://a..b/", "host"),
        ("http://" + "a" * 64 + ".example/", "host"),
        ("http://[::1/", "IPv6"),
    ],
)
def test_parse_when_nonsense_then_value_error(url: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as caught:
        Origin.parse(url)
    assert "secret" not in str(caught.value)


def test_str_when_a_unix_socket_then_names_it() -> None:
    assert str(Origin("engine", 80, unix_path="/run/e")) == "http://engine (unix socket /run/e)"


def test_tls_context_when_plain_then_none_else_verifies() -> None:
    assert Origin("h", 80).build_tls_context() is None
    context = Origin("h", 443, tls=True).build_tls_context()
    assert context is not None
    assert context.check_hostname
