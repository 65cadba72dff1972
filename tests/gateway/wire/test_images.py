import base64

import pytest

from weft.gateway.wire.bounds import Bounds
from weft.gateway.wire.images import check_image_url
from weft.kit.errors import InvalidRequest, PayloadTooLarge

PNG = b"\x89PNG\r\n\x1a\n"
WHERE = "messages[0].content[0].image_url.url"
BOUNDS = Bounds(max_image_bytes=64)


def data_url(image: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{base64.b64encode(image).decode()}"


def check(url: str) -> None:
    check_image_url(url, param=WHERE, bounds=BOUNDS)


@pytest.mark.parametrize(
    "url",
    [
        data_url(PNG),
        data_url(PNG + b"x"),
        data_url(PNG + b"xx"),
        data_url(b"\xff\xd8\xff\xe0", "image/jpeg"),
        data_url(b"\xff\xd8\xff\xe0", "image/jpg"),
        data_url(b"GIF89a", "image/gif"),
        data_url(b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        data_url(PNG + b"x" * 56),
        data_url(b"\xff\xd8\xff\xe0", "image/png"),
        data_url(PNG, "IMAGE/PNG").replace("data", "DATA").replace("base64", "BASE64"),
    ],
)
def test_check_when_the_url_holds_a_picture_then_takes_it(url: str) -> None:
    check(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/a.png",
        "HTTP://169.254.169.254/latest/meta-data",
    ],
)
def test_check_when_the_url_is_an_address_then_says_why_it_is_not_fetched(url: str) -> None:
    with pytest.raises(InvalidRequest, match="this server fetches nothing") as caught:
        check(url)
    assert caught.value.code == "invalid_image_url"
    assert caught.value.param == WHERE
    assert "data:image/png;base64" in str(caught.value.metadata["remedy"])


@pytest.mark.parametrize(
    ("url", "code", "text"),
    [
        ("", "invalid_image_url", "must be a data URL: data:image/png;base64,..."),
        ("file:///etc/passwd", "invalid_image_url", "must be a data URL"),
        ("data:image/png", "invalid_image_url", "must be a data URL"),
        ("data:" + "x" * 200 + ",", "invalid_image_url", "must be a data URL"),
        ("data:image/png,abc", "invalid_image_url", "must be encoded in base64"),
        ("data:image/png;charset=x;base64,abcd", "invalid_image_url", "must be encoded in base64"),
        (data_url(PNG, "image/svg+xml"), "invalid_image_format", 'its type is "image/svg+xml"'),
        (data_url(PNG, ""), "invalid_image_format", 'its type is ""'),
        ("data:image/png;base64,", "invalid_image_format", "does not hold a PNG, JPEG"),
        (data_url(b"plain text"), "invalid_image_format", "does not hold a PNG, JPEG"),
        (data_url(b"RIFF\x00\x00\x00\x00WAVE"), "invalid_image_format", "does not hold a PNG"),
        (data_url(PNG)[:-1], "invalid_image_url", "is not valid base64"),
        (data_url(PNG) + "\n\n\n\n", "invalid_image_url", "is not valid base64"),
        (data_url(PNG)[:-4] + "=AAA", "invalid_image_url", "is not valid base64"),
        (data_url(PNG)[:-4] + "A===", "invalid_image_url", "is not valid base64"),
        (
            data_url(PNG)[:-4] + "\u00e4\u00e4\u00e4\u00e4",
            "invalid_image_url",
            "is not valid base64",
        ),
    ],
)
def test_check_when_the_url_holds_no_picture_then_says_what_is_wrong(
    url: str, code: str, text: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        check(url)
    assert (caught.value.code, caught.value.param) == (code, WHERE)
    assert text in caught.value.message


@pytest.mark.parametrize("size_bytes", [65, 66, 67, 1000])
def test_check_when_the_picture_is_too_large_then_tells_its_decoded_size(size_bytes: int) -> None:
    with pytest.raises(PayloadTooLarge) as caught:
        check(data_url(PNG + b"x" * (size_bytes - len(PNG))))
    assert f"has {size_bytes} bytes; at most 64 are allowed" in caught.value.message
    assert caught.value.param == WHERE
