import pytest

from weft.upstream import HeadTemplate, request_head

HEADERS = ((b"Authorization", b"Bearer k"), (b"X-Empty", b""), (b"X-Any", b"a\tb \xff!"))


def test_head_when_valid_then_exact_bytes() -> None:
    assert request_head("POST", "/v1/x?a=b", HEADERS, host=b"h:1", content_length=12) == (
        b"POST /v1/x?a=b HTTP/1.1\r\nHost: h:1\r\nAuthorization: Bearer k\r\nX-Empty: \r\n"
        b"X-Any: a\tb \xff!\r\nContent-Length: 12\r\n\r\n"
    )


def test_head_when_no_body_then_no_length() -> None:
    expected = b"GET / HTTP/1.1\r\nHost: [::1]\r\n\r\n"
    assert request_head("GET", "/", (), host=b"[::1]", content_length=None) == expected


def test_template_when_rendered_with_extra_then_appended_and_checked() -> None:
    template = HeadTemplate("POST", "/x", host=b"h", headers=((b"A", b"1"),))
    lines = b"POST /x HTTP/1.1\r\nHost: h\r\nA: 1\r\n"
    assert template.render(0) == lines + b"Content-Length: 0\r\n\r\n"
    extra = ((b"X-Request-Id", b"r"),)
    assert template.render(None, extra) == lines + b"X-Request-Id: r\r\n\r\n"
    assert template.render(0) == lines + b"Content-Length: 0\r\n\r\n"
    with pytest.raises(ValueError, match="value"):
        template.render(1, ((b"X-Request-Id", b"r\r\nEvil: 1"),))
    with pytest.raises(ValueError, match="length"):
        template.render(-1)


@pytest.mark.parametrize("method", ["", "GE T", "GET\r\n", "GÉT", "CONNECT", "GET\0"])
def test_head_when_method_is_not_one_then_value_error(method: str) -> None:
    with pytest.raises(ValueError, match="method"):
        request_head(method, "/", (), host=b"h", content_length=None)


@pytest.mark.parametrize(
    "path", ["", "x", "http://h/", "*", "/a b", "/a\r\nX: y", "/é", "/\0", "/#"]
)
def test_head_when_path_is_not_one_then_value_error(path: str) -> None:
    with pytest.raises(ValueError, match="path"):
        request_head("GET", path, (), host=b"h", content_length=None)


@pytest.mark.parametrize("host", [b"", b"h\r\nX: y", b"h h", b"u@h", b"h/"])
def test_head_when_host_is_not_one_then_value_error(host: bytes) -> None:
    with pytest.raises(ValueError, match="host"):
        request_head("GET", "/", (), host=host, content_length=None)


@pytest.mark.parametrize(
    "name",
    [
        b"",
        b"A b",
        b"A:",
        b"A\r\n",
        b"\xff",
        b"Host",
        b"content-length",
        b"Transfer-Encoding",
        b"Accept-Encoding",
        b"Upgrade",
        b"Expect",
        b"TE",
        b"Trailer",
    ],
)
def test_head_when_header_may_not_be_sent_then_value_error(name: bytes) -> None:
    with pytest.raises(ValueError, match="header"):
        request_head("GET", "/", ((name, b"v"),), host=b"h", content_length=None)


@pytest.mark.parametrize("value", [b"a\r\nb", b"\r", b"\n", b"\0", b"\x7f", b"\x1b"])
def test_head_when_value_would_inject_then_value_error_without_the_value(value: bytes) -> None:
    with pytest.raises(ValueError, match="value of header b'X-Key'") as caught:
        request_head(
            "GET", "/", ((b"X-Key", b"secret" + value + b"s"),), host=b"h", content_length=1
        )
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("value", [b" a", b"a ", b"\ta", b" "])
def test_head_when_value_has_outer_blanks_then_value_error(value: bytes) -> None:
    with pytest.raises(ValueError, match="value"):
        request_head("GET", "/", ((b"X", value),), host=b"h", content_length=None)
