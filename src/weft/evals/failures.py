"""What kind of failure an exception is, by what it says of itself: its type, a status in its message, its words. Pure.

The kinds are those that people watch for in calls of models. Of several that fit, the most specific counts: a refusal
for its size is no plain bad request, and one for its rate no bad response.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec

from weft.evals.values import object_in, text_in

REASON_CHARS = 300
_WORDS_CHARS = 4_000
"""Of a message that words are looked for in."""


class Failure(StrEnum):
    """A kind of failure; the most specific first."""

    RATE_LIMITED = "rate_limited"
    REQUEST_TOO_LARGE = "request_too_large"
    NETWORK_ERROR = "network_error"
    BAD_REQUEST = "bad_request"
    BAD_RESPONSE = "bad_response"
    BUG = "bug"


_BUGS = frozenset(
    {
        *("ArithmeticError", "AssertionError", "AttributeError", "ImportError", "IndexError"),
        *("KeyError", "LookupError", "ModuleNotFoundError", "NameError", "NotImplementedError"),
        *("RecursionError", "SyntaxError", "TypeError", "UnboundLocalError", "ValueError"),
        *("ZeroDivisionError", "ReferenceError", "RangeError"),
    }
)
"""Of Python, and of JavaScript: the program itself is wrong, whatever the message quotes."""
_TYPES = {
    Failure.RATE_LIMITED: re.compile(
        r"ratelimit|toomanyrequests|throttl|quotaexceeded", re.IGNORECASE
    ),
    Failure.REQUEST_TOO_LARGE: re.compile(r"toolarge|contextwindow|contextlength", re.IGNORECASE),
    Failure.NETWORK_ERROR: re.compile(
        r"connect|timeout|timedout|brokenpipe|gaierror|ssl|proxyerror|protocolerror|networkerror"
        r"|urlerror|readerror|writeerror|disconnected",
        re.IGNORECASE,
    ),
    Failure.BAD_RESPONSE: re.compile(
        r"internalserver|serviceunavailable|badgateway|overloaded|jsondecode|responsevalidation"
        r"|outputparser|badresponse|contentdecoding",
        re.IGNORECASE,
    ),
    Failure.BAD_REQUEST: re.compile(
        r"badrequest|invalidrequest|authentication|permissiondenied|unprocessable"
        r"|(?<!file)(?<!module)notfounderror",
        re.IGNORECASE,
    ),
}
_WORDS = {
    Failure.RATE_LIMITED: re.compile(
        r"rate.?limit|too many requests|quota exceeded", re.IGNORECASE
    ),
    Failure.REQUEST_TOO_LARGE: re.compile(
        r"context.?(?:length|window)|maximum context|too many (?:input )?tokens|prompt is too long"
        r"|(?:payload|request|entity) too large",
        re.IGNORECASE,
    ),
    Failure.NETWORK_ERROR: re.compile(
        r"connection (?:refused|reset|aborted|error|closed)|timed out|name or service not known"
        r"|name resolution|network is unreachable|no route to host",
        re.IGNORECASE,
    ),
}
_STATUS = re.compile(
    r"\b(?:error code|status(?:[ _]code)?|http(?:/[\d.]+)?)[\s:='\"]{1,4}([45]\d\d)\b",
    re.IGNORECASE,
)
_SPECIAL = {408: Failure.NETWORK_ERROR, 413: Failure.REQUEST_TOO_LARGE, 429: Failure.RATE_LIMITED}


def failure_of(exception: str | None) -> Failure | None:
    """The kind of failure of an exception as clients write one into a call; None for none, and for one of no kind."""
    type_, message = _told(exception)
    name = type_.rpartition(".")[2]
    if not name and not message:
        return None
    if name in _BUGS:
        return Failure.BUG
    words = message[:_WORDS_CHARS]
    found = {kind for kind, pattern in _TYPES.items() if pattern.search(name)}
    found |= {kind for kind, pattern in _WORDS.items() if pattern.search(words)}
    found |= {_of_status(int(code)) for code in _STATUS.findall(words)}
    return next((kind for kind in Failure if kind in found), None)


def judged(exception: str | None) -> Mapping[str, Any]:
    """Every kind with whether it is one, whether the call failed at all, and what that rests on."""
    kind = failure_of(exception)
    type_, message = _told(exception)
    told = ": ".join(part for part in (type_, message) if part)
    return {
        **{one.value: one is kind for one in Failure},
        "failed": bool(told),
        "reason": told[:REASON_CHARS],
    }


def _of_status(code: int) -> Failure:
    return _SPECIAL.get(code, Failure.BAD_RESPONSE if code >= 500 else Failure.BAD_REQUEST)


def _told(exception: str | None) -> tuple[str, str]:
    """The type and the message; a text that is no JSON is all message."""
    if not exception:
        return "", ""
    try:
        fields = object_in(msgspec.json.decode(exception))
    except msgspec.DecodeError:
        return "", exception
    return text_in(fields.get("type")) or "", text_in(fields.get("message")) or ""
