"""Some keys of a run's history, as `history(keys=...)` and `scan_history(keys=...)` of the wandb client 0.31 want it.

Each spec names keys and how many rows are wanted: the rows that have all of the keys, evenly spread with the first and
the last, and nothing of them but the keys. A key is found as it is written, or else by its dotted path.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection

from weft.kit.errors import InvalidRequest
from weft.traces.json_text import load
from weft.traces.types import ProjectKey
from weft.wandb.runs.history import SAMPLES_LIMIT, Span, all_steps

SPECS_LIMIT = 10
KEYS_LIMIT = 200
T = TypeVar("T")
_MISSING = object()


class Spec(msgspec.Struct, frozen=True, rename="camel"):
    """What is wanted; without keys, whole rows. Both steps count as wanted, unlike those of `history`."""

    keys: list[str] = []
    samples: int = 500
    min_step: int = 0
    max_step: int | None = None

    @property
    def span(self) -> Span:
        """The steps that are looked at."""
        return Span(self.min_step, None if self.max_step is None else self.max_step + 1)


def read_specs(texts: Sequence[str]) -> list[Spec]:
    """The specs of `sampledHistory`, each of them JSON.

    Raises:
        InvalidRequest: one is none, or asks for too much.
    """
    try:
        specs = [msgspec.json.decode(text, type=Spec) for text in texts]
    except (msgspec.DecodeError, RecursionError) as error:
        raise InvalidRequest(f"a spec of a sampled history: {error}", param="specs") from error
    if len(specs) > SPECS_LIMIT or any(len(spec.keys) > KEYS_LIMIT for spec in specs):
        raise InvalidRequest(
            f"at most {SPECS_LIMIT} specs of {KEYS_LIMIT} keys each", param="specs"
        )
    return specs


def read_sampled(
    connection: Connection, project: ProjectKey, run: str, specs: Sequence[Spec]
) -> list[list[dict[str, Any]]]:
    """The rows of each spec, in their order."""
    found: list[list[dict[str, Any]]] = []
    for spec in specs:
        rows = partial(_rows, connection, project, run, spec)
        found.append(_sampled(rows, spec.samples))
    return found


def _rows(
    connection: Connection, project: ProjectKey, run: str, spec: Spec
) -> Iterator[dict[str, Any]]:
    for text in all_steps(connection, project, run, spec.span):
        row = _picked(load(text), spec.keys)
        if row is not None:
            yield row


def _sampled(rows: Callable[[], Iterator[T]], most: int) -> list[T]:
    """At most so many, evenly spread, with the first and the last. All may be too many to hold: they are read twice."""
    most = max(1, min(most, SAMPLES_LIMIT))
    last = sum(1 for _ in rows()) - 1
    wanted = range(last + 1)
    if last >= most:
        wanted = {number * last // (most - 1) for number in range(most)} if most > 1 else {last}
    return [row for number, row in enumerate(rows()) if number in wanted]


def _picked(step: dict[str, Any], keys: Sequence[str]) -> dict[str, Any] | None:
    """A step's keys; None where it lacks one."""
    if not keys:
        return step
    row = {key: _value(step, key) for key in keys}
    return None if _MISSING in row.values() else row


def _value(step: dict[str, Any], key: str) -> Any:
    if key in step:
        return step[key]
    value: Any = step
    for part in key.split("."):
        if not isinstance(value, dict) or part not in value:
            return _MISSING
        value = value[part]  # pyright: ignore[reportUnknownVariableType]  # JSON
    return value  # pyright: ignore[reportUnknownVariableType]
