"""The error tree: what it draws is what there is, and each error reads as OpenAI's clients expect."""

import re
from collections.abc import Iterator

import msgspec
import pytest

from weft.kit import errors
from weft.kit.errors import CannotStart, InvalidRequest, NotFound, Overloaded, Refused, WeftError


def tree(kind: type[WeftError]) -> Iterator[type[WeftError]]:
    yield kind
    for child in kind.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from tree(child)


ALL = list(tree(WeftError))
SENT = [kind for kind in ALL if kind is not CannotStart]


def test_tree_when_drawn_then_every_class_stands_in_it_with_its_status() -> None:
    drawn = dict(re.findall(r"── (\w+) +(\d{3}|never)", errors.__doc__ or ""))
    assert drawn.pop("CannotStart") == "never"
    assert drawn == {kind.__name__: str(kind.status) for kind in SENT if kind is not WeftError}


@pytest.mark.parametrize("kind", SENT)
def test_error_when_sent_then_the_envelope_is_openais(kind: type[WeftError]) -> None:
    body = msgspec.json.decode(kind("it broke").envelope())
    assert body == {
        "error": {
            "message": "it broke",
            "type": kind.type,
            "param": None,
            "code": kind.code,
            "metadata": {"remedy": kind.remedy},
        }
    }
    assert 400 <= kind.status <= 599


def test_error_when_it_says_what_to_do_then_metadata_does() -> None:
    error = Overloaded("full", remedy="try later", metadata={"queue": 3}, retry_after_s=2)
    assert msgspec.json.decode(error.envelope())["error"]["metadata"] == {
        "queue": 3,
        "remedy": "try later",
        "retry_after_s": 2,
    }
    assert error.headers() == [(b"retry-after", b"2")]


@pytest.mark.parametrize("kind", ALL)
def test_error_when_it_does_not_say_what_to_do_then_its_class_does(kind: type[WeftError]) -> None:
    assert kind("it broke").metadata["remedy"] == kind.remedy
    assert kind("it broke", remedy="mend it").metadata["remedy"] == "mend it"
    assert kind("it broke", metadata={"remedy": "this"}).metadata["remedy"] == "this"
    assert kind is WeftError or "remedy" in vars(kind)


def test_error_when_it_is_about_a_parameter_then_it_names_it() -> None:
    error = InvalidRequest("too hot", param="temperature")
    assert msgspec.json.decode(error.envelope())["error"]["param"] == "temperature"
    assert error.headers() == []


def test_error_when_metadata_is_handed_in_then_it_is_not_shared() -> None:
    metadata: dict[str, errors.Json] = {"limit": 1}
    Refused("no", metadata=metadata, remedy="wait")
    assert metadata == {"limit": 1}


def test_error_when_printed_then_it_is_its_message() -> None:
    assert str(NotFound("no such model")) == "no such model"
