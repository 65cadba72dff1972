import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.identity.headers import (
    InvalidKey,
    InvalidProject,
    MissingKey,
    NamedProject,
    credentials_of,
    read_key,
    read_project,
)

KEY = b"weft_" + b"Ab1" * 11 + b"xy"


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ([], (b"", b"")),
        ([(b"host", b"x"), (b"authorization", b"a")], (b"a", b"")),
        ([(b"openai-project", b"t/p"), (b"authorization", b"a")], (b"a", b"t/p")),
        ([(b"authorization", b"a"), (b"authorization", b"a")], (b"a", b"")),
    ],
)
def test_credentials_when_sent_then_are_found(
    headers: list[tuple[bytes, bytes]], found: tuple[bytes, bytes]
) -> None:
    assert credentials_of(headers) == found


@pytest.mark.parametrize(
    ("name", "error"), [(b"authorization", InvalidKey), (b"openai-project", InvalidProject)]
)
def test_credentials_when_two_differ_then_neither_is_taken(
    name: bytes, error: type[InvalidKey | InvalidProject]
) -> None:
    with pytest.raises(error) as caught:
        credentials_of([(name, b"one"), (b"host", b"x"), (name, b"two")])
    assert caught.value.status == 401
    assert b"one" not in caught.value.envelope().replace(b"once", b"")


def basic(text: bytes) -> bytes:
    return b"Basic " + base64.b64encode(text)


@pytest.mark.parametrize(
    "header",
    [
        b"Bearer " + KEY,
        b"bearer " + KEY,
        b"BEARER   " + KEY + b"  ",
        basic(b"api:" + KEY),
        b"basic " + base64.b64encode(b"user:" + KEY),
    ],
)
def test_key_when_sent_as_clients_do_then_is_read(header: bytes) -> None:
    assert read_key(header) == KEY


@pytest.mark.parametrize(
    "header", [b"", b"   ", b"Bearer", b"Bearer ", basic(b":"), basic(b"api:")]
)
def test_key_when_there_is_none_then_is_called_missing(header: bytes) -> None:
    with pytest.raises(MissingKey) as caught:
        read_key(header)
    assert caught.value.message == "Missing bearer authentication in header"
    assert caught.value.code == "invalid_api_key"
    assert caught.value.metadata["remedy"]


@pytest.mark.parametrize(
    "header",
    [
        KEY,
        b"Token " + KEY,
        b"Bearer *",
        b"Bearer " + KEY + b"x",
        b"Bearer " + KEY[:-1],
        b"Bearer " + KEY + b" " + KEY,
        b"Bearer ' OR 1=1 --",
        "Bearer weft_ключ".encode(),
        b"Bearer " + b"a" * 10_240,
        b"Basic ***",
        b"Basic " + KEY,
        basic(b"\xff\xfe:\xff"),
        basic(KEY),
        b"\0\xff",
    ],
)
def test_key_when_malformed_then_is_401_and_not_repeated(header: bytes) -> None:
    with pytest.raises((InvalidKey, MissingKey)) as caught:
        read_key(header)
    assert caught.value.status == 401
    sent = header.split(b" ", 1)[-1][:20]
    assert sent not in caught.value.envelope()


@given(st.binary(max_size=2000))
def test_key_when_any_bytes_are_sent_then_is_a_key_or_a_401(header: bytes) -> None:
    try:
        key = read_key(header)
    except (InvalidKey, MissingKey):
        return
    assert key.startswith(b"weft_")


@given(st.binary(max_size=100))
def test_key_when_any_bytes_follow_a_scheme_then_is_a_key_or_a_401(rest: bytes) -> None:
    for header in (b"Bearer " + rest, basic(rest), basic(b"api:" + rest)):
        try:
            key = read_key(header)
        except (InvalidKey, MissingKey):
            continue
        assert len(key) == 40


def test_project_when_absent_then_is_none() -> None:
    assert read_project(b"") is None


def test_project_when_named_then_is_split() -> None:
    assert read_project(b"my-team/proj.1") == NamedProject("my-team", "proj.1")
    longest = b"t" * 128 + b"/" + b"p" * 128
    assert read_project(longest) == NamedProject("t" * 128, "p" * 128)


@pytest.mark.parametrize(
    "header",
    [
        b"team",
        b"/",
        b"team/",
        b"/project",
        b"a/b/c",
        b"../x",
        b"team/pro ject",
        b"team/\n",
        b"team/p\0",
        "täm/p".encode(),
        b"t" * 129 + b"/p",
        b"x" * 301,
        b"' OR 1=1 --/x",
        b" ",
    ],
)
def test_project_when_malformed_then_is_401(header: bytes) -> None:
    with pytest.raises(InvalidProject) as caught:
        read_project(header)
    assert caught.value.status == 401
    assert caught.value.code == "invalid_project"
    assert caught.value.param == "OpenAI-Project"
    assert caught.value.message == "Invalid Authentication"


@given(st.binary(max_size=400))
def test_project_when_any_bytes_are_sent_then_is_two_names_or_a_401(header: bytes) -> None:
    try:
        named = read_project(header)
    except InvalidProject:
        return
    assert named is None or (named.team.isascii() and named.project.isascii())
