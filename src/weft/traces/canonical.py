"""The digests of JSON that clients send: the same whether a client computes them itself or has us do it.

Clients that compute digests themselves (`WEAVE_ENABLE_CLIENT_SIDE_DIGESTS`) do so over the value with its references to
their own project written with that project's inner id, which `/service/projects_info` told them; so we do the same,
always. References to other projects stay as they are: no client computes a digest over those.
Source: `weave/trace/trace_server_converter.py` and `serialization/digest.py` of the client 0.54.
"""

import json
from dataclasses import dataclass
from typing import Any

import msgspec

from weft.traces.digests import text_digest
from weft.traces.json_text import MAX_DEPTH, BadJson
from weft.traces.refs import PREFIX

INNER_PREFIX = "weave-trace-internal:///"
_MAX_TEXTS = 8
"""Of JSON in strings of JSON: as deep as the client looks."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The project that a value is sent to."""

    project: str
    """As clients name it: `team/project`."""
    project_id: str


@dataclass(frozen=True, slots=True)
class Digested:
    """A value with its digests."""

    value: Any
    digest: str
    plain: str
    """Over the value as it was sent: what a client refers to that knew no inner id. Mostly the same."""


def digested(text: str, scope: Scope) -> Digested:
    """The value of `text`, which is JSON, and its digests.

    Raises:
        BadJson: it is nested too deep.
    """
    value = parsed(text)
    digest = plain = text_digest(dumped(value))
    if PREFIX in text:
        inner = _Inner(scope).value(value)
        if inner is not value:
            digest = text_digest(dumped(inner))
    return Digested(value, digest, plain)


def text_of(raw: msgspec.Raw) -> str:
    """JSON that was not looked into yet, as text.

    Raises:
        BadJson: it is no UTF-8.
    """
    try:
        return bytes(raw).decode()
    except UnicodeDecodeError as error:
        raise BadJson(f"the body is no UTF-8: {error}") from error


def parsed(text: str) -> Any:
    """What `text` says, integers of any size and all.

    Raises:
        BadJson: it is nested too deep.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadJson(f"the value cannot be read: {error}") from error


def dumped(value: Any) -> str:
    """A value as digests see it."""
    return json.dumps(value, sort_keys=True)


class _Inner:
    """Rewrites references to one project, without a change to what it is given."""

    def __init__(self, scope: Scope) -> None:
        self._own = f"{PREFIX}{scope.project}/"
        self._inner = f"{INNER_PREFIX}{scope.project_id}/"
        self._texts = 0

    def value(self, value: Any, depth: int = 0) -> Any:
        """`value` rewritten; the same object where there is nothing to rewrite."""
        if isinstance(value, str):
            return self._text(value, depth) if PREFIX in value else value
        if depth > MAX_DEPTH:
            return value  # no client rewrites so deep, and publishing must not fail for it
        if isinstance(value, list):
            parts = [self.value(part, depth + 1) for part in value]  # pyright: ignore[reportUnknownVariableType]
            return parts if any(a is not b for a, b in zip(parts, value, strict=True)) else value  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        if isinstance(value, dict):
            pairs = {key: self.value(part, depth + 1) for key, part in value.items()}  # pyright: ignore[reportUnknownVariableType]
            return pairs if any(pairs[key] is not value[key] for key in pairs) else value  # pyright: ignore[reportUnknownVariableType]
        return value

    def _text(self, text: str, depth: int) -> str:
        if text.startswith(PREFIX):
            return self._inner + text[len(self._own) :] if text.startswith(self._own) else text
        if self._texts >= _MAX_TEXTS:
            return text
        try:
            held = json.loads(text)
        except (ValueError, RecursionError):
            return text
        self._texts += 1
        try:
            inner = self.value(held, depth)
        finally:
            self._texts -= 1
        return text if inner is held else json.dumps(inner)
