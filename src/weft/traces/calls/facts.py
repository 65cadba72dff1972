"""What is lifted out of a call's texts when it is written, so that lists and sums never open them."""

from typing import Any

import msgspec

from weft.traces.calls.parts import CallPart
from weft.traces.json_text import dump

RUNNING, SUCCESS, ERROR, DESCENDANT_ERROR = "running", "success", "error", "descendant_error"
MODELS = 64
"""In one call's usage; more are dropped from sums, never from the text."""
_MOST = 10**12
"""No count of tokens is larger; what says so is nonsense, and millions of such would not fit into a sum."""


class Usage(msgspec.Struct, frozen=True):
    """What one model was used for in a call and all below it."""

    requests: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0

    @property
    def fresh_input_tokens(self) -> int:
        """Input that no cache had. Most clients count cached tokens as input too; if they are more, they are apart."""
        cached = self.cache_read_tokens + self.cache_write_tokens
        return self.input_tokens - cached if cached <= self.input_tokens else self.input_tokens


class _Details(msgspec.Struct):
    cached_tokens: int | None = None


class _Counts(msgspec.Struct):
    """What clients tell of one model, in the words of either API."""

    requests: int | None = None
    prompt_tokens: int | None = None
    input_tokens: int | None = None
    completion_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    prompt_tokens_details: _Details | None = None

    def usage(self) -> Usage:
        """The same in our words."""
        details = self.prompt_tokens_details
        return Usage(
            _sane(self.requests),
            _sane(self.prompt_tokens) or _sane(self.input_tokens),
            _sane(self.completion_tokens) or _sane(self.output_tokens),
            _sane(self.cache_read_input_tokens) or _sane(details and details.cached_tokens),
            _sane(self.cache_creation_input_tokens),
        )


def _sane(count: int | None) -> int:
    return min(count, _MOST) if count and count > 0 else 0


class _Plain(msgspec.Struct):
    """A summary as clients nearly always send it; read in one go, without making what nobody asks for."""

    usage: dict[str, _Counts] = {}
    status_counts: dict[str, int] = {}


_decode_plain = msgspec.json.Decoder(_Plain).decode


class Facts(msgspec.Struct, frozen=True):
    """The narrow columns that follow from a call's texts."""

    op: str
    status: str
    summary: str | None
    """As sent, without what the server derives itself: of `weave`, only the views are the client's own."""
    usage: dict[str, Usage]

    @property
    def model(self) -> str | None:
        """The model that most of the work went to."""
        if not self.usage:
            return None
        return max(self.usage, key=lambda name: self.usage[name].output_tokens)

    @property
    def input_tokens(self) -> int:
        """Over all models."""
        return sum(one.input_tokens for one in self.usage.values())

    @property
    def output_tokens(self) -> int:
        """Over all models."""
        return sum(one.output_tokens for one in self.usage.values())


def facts_of(part: CallPart) -> Facts:
    """What a part says; that of an end says nothing of the op."""
    summary, usage, failed_below = _read_summary(part.summary)
    status = RUNNING
    if part.ended_at_us is not None:
        status = SUCCESS
        if part.exception is not None:
            status = ERROR
        elif failed_below:
            status = DESCENDANT_ERROR
    return Facts(op_of(part.op_name), status, summary, usage)


def op_of(op_name: str) -> str:
    """The name of an op without project and version: `weave:///a/b/op/predict:3f...` is `predict`."""
    if not op_name.startswith(("weave:///", "weave-trace-internal:///")):
        return op_name
    return op_name.rpartition("/op/")[2].rpartition(":")[0] or op_name


def unversioned(op_name: str) -> str:
    """An op by its project and name, whichever version: `weave:///a/b/op/predict:3f...` without `:3f...`."""
    if op_of(op_name) == op_name:
        return op_name
    return op_name.rpartition(":")[0]


def usage_of(summary: str | None) -> dict[str, Usage]:
    """The usage that a kept summary tells, by model."""
    return _read_summary(summary)[1]


def _read_summary(text: str | None) -> tuple[str | None, dict[str, Usage], bool]:
    if text is None or text == "{}":
        return text, {}, False
    if '"weave"' not in text:
        try:
            plain = _decode_plain(text)
        except msgspec.ValidationError:
            pass
        else:
            usage = {_name(model): counts.usage() for model, counts in plain.usage.items()}
            return text, _bounded(usage), plain.status_counts.get("error", 0) > 0
    return _read_any(text)


def _read_any(text: str) -> tuple[str, dict[str, Usage], bool]:
    """A summary of whatever form."""
    summary: Any = msgspec.json.decode(text)
    usage: dict[str, Usage] = {}
    told = summary.get("usage")
    if isinstance(told, dict):
        for model, counts in told.items():  # pyright: ignore[reportUnknownVariableType]
            if isinstance(counts, dict):
                usage[_name(str(model))] = _usage(counts)  # pyright: ignore[reportUnknownArgumentType]
    counted = summary.get("status_counts")
    failed = isinstance(counted, dict) and _count(counted, "error") > 0  # pyright: ignore[reportUnknownArgumentType]
    if "weave" in summary:
        own = summary.pop("weave")
        views = own.get("views") if isinstance(own, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        if isinstance(views, dict):
            summary["weave"] = {"views": views}
        text = dump(summary)
    return text, _bounded(usage), failed


def _name(model: str) -> str:
    return model.replace("\0", "\ufffd")[:256]


def _bounded(usage: dict[str, Usage]) -> dict[str, Usage]:
    return usage if len(usage) <= MODELS else dict(list(usage.items())[:MODELS])


def _usage(counts: dict[str, Any]) -> Usage:
    return Usage(
        _count(counts, "requests"),
        _count(counts, "prompt_tokens", "input_tokens"),
        _count(counts, "completion_tokens", "output_tokens"),
        _count(counts, "cache_read_input_tokens") or _cached(counts),
        _count(counts, "cache_creation_input_tokens"),
    )


def _cached(counts: dict[str, Any]) -> int:
    details = counts.get("prompt_tokens_details")
    return _count(details, "cached_tokens") if isinstance(details, dict) else 0  # pyright: ignore[reportUnknownArgumentType]


def _count(counts: dict[str, Any], *names: str) -> int:
    for name in names:
        value = counts.get(name)
        if isinstance(value, int | float) and value == value and value > 0:  # noqa: PLR0124 - not a NaN
            return min(int(value), _MOST)
    return 0
