"""Kinds of failures, by what exceptions say of themselves."""

import pytest

from weft.evals.failures import Failure, failure_of, judged
from weft.traces.json_text import dump

TOLD: list[tuple[str, str, Failure | None]] = [
    ("RateLimitError", "Error code: 429 - {'error': 'slow down'}", Failure.RATE_LIMITED),
    ("APIStatusError", "HTTP 429: quota", Failure.RATE_LIMITED),
    (
        "openai.BadRequestError",
        "Error code: 400 - context_length_exceeded",
        Failure.REQUEST_TOO_LARGE,
    ),
    ("HTTPStatusError", "status code 413", Failure.REQUEST_TOO_LARGE),
    ("openai.APIConnectionError", "Connection error.", Failure.NETWORK_ERROR),
    ("httpx.ConnectTimeout", "", Failure.NETWORK_ERROR),
    ("OSError", "[Errno 101] Network is unreachable", Failure.NETWORK_ERROR),
    ("AuthenticationError", "no such key", Failure.BAD_REQUEST),
    ("Exception", "HTTP/1.1 422 Unprocessable", Failure.BAD_REQUEST),
    ("InternalServerError", "Error code: 500", Failure.BAD_RESPONSE),
    ("json.decoder.JSONDecodeError", "Expecting value", Failure.BAD_RESPONSE),
    ("KeyError", "'choices: connection refused'", Failure.BUG),
    ("builtins.ZeroDivisionError", "division by zero", Failure.BUG),
    ("MyOwnError", "I gave up on chapter 500", None),
    ("FileNotFoundError", "no such file", None),
]


@pytest.mark.parametrize(("type_", "message", "kind"), TOLD)
def test_failure_when_its_exception_is_known_then_the_most_specific_kind(
    type_: str, message: str, kind: Failure | None
) -> None:
    assert failure_of(dump({"type": type_, "message": message, "traceback": []})) == kind


def test_failure_when_there_is_none_or_it_is_only_a_text_then_told_so() -> None:
    assert failure_of(None) is failure_of("") is failure_of("{}") is None
    assert failure_of("the connection was closed: timed out") is Failure.NETWORK_ERROR
    fine, failed = judged(None), judged(dump({"type": "TypeError", "message": "x" * 1000}))
    assert not any(fine.values())
    assert [name for name, value in failed.items() if value is True] == ["bug", "failed"]
    assert failed["reason"].startswith("TypeError: xxx")
    assert len(failed["reason"]) == 300
