"""The fields of results that filters and sorting may name, and how their values are found.

    scores.<scorer>[.<path>]     inputs.<path>     outputs[.<path>]  (also output)
    model_latency_seconds        total_tokens      total_cost

The last three are ours. Keys that hold dots themselves are found too, shorter ones first.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from weft.evals.results.types import Trial
from weft.kit.errors import InvalidRequest

SCORES, INPUTS, OUTPUTS = "scores.", "inputs.", ("outputs", "output")
MEASURES = ("model_latency_seconds", "total_tokens", "total_cost")
NUMERIC = (SCORES, *MEASURES)


class BadField(InvalidRequest):
    """There is no such field in results."""

    code = "invalid_field"

    def __init__(self, field: str, why: str = "") -> None:
        super().__init__(
            f"results have no field {field[:200]}{why}",
            remedy="Name scores.<scorer>, inputs.<path> or outputs.<path>.",
        )


def check_field(field: str) -> None:
    """Raise `BadField` if results have no such field."""
    is_output = any(field == name or field.startswith(f"{name}.") for name in OUTPUTS)
    if not (field.startswith((SCORES, INPUTS)) or field in MEASURES or is_output):
        raise BadField(field)


class Picker:
    """Takes the parts of rows and outputs that are asked for, so that the whole need not be kept."""

    def __init__(self, fields: Iterable[str]) -> None:
        named = set(fields)
        self.inputs = [field for field in named if field.startswith(INPUTS)]
        self.outputs = [
            field
            for field in named
            if not field.startswith((SCORES, INPUTS)) and field not in MEASURES
        ]

    @property
    def is_needed(self) -> bool:
        """Whether anything beyond scores is asked for."""
        return bool(self.inputs or self.outputs)

    def pick(self, example: msgspec.Raw, output: msgspec.Raw) -> dict[str, Any]:
        """The values of the fields in one trial; a row that is a reference has none yet."""
        values: dict[str, Any] = {}
        if self.inputs:
            values.update(self.of_row(msgspec.json.decode(example)))
        if self.outputs:
            told = msgspec.json.decode(output)
            for field in self.outputs:
                values[field] = dig(told, field.partition(".")[2])
        return values

    def of_row(self, row: Any) -> dict[str, Any]:
        """The values of the fields in a row."""
        return {field: dig(row, field.removeprefix(INPUTS)) for field in self.inputs}


def field_of(trial: Trial, field: str) -> Any:
    """A field's value in one trial; None where there is none."""
    if field.startswith(SCORES):
        return dig(trial.scores, field.removeprefix(SCORES))
    if field in MEASURES:
        measures = (trial.latency_s, trial.tokens, trial.cost)
        return measures[MEASURES.index(field)]
    return trial.values.get(field)


def dig(value: Any, path: str) -> Any:
    """The value at a dotted path; None where it leads nowhere."""
    if not path:
        return value
    if isinstance(value, list):
        head, _, rest = path.partition(".")
        is_index = head.isdecimal() and int(head) < len(value)  # pyright: ignore[reportUnknownArgumentType]
        return dig(value[int(head)], rest) if is_index else None
    if not isinstance(value, dict):
        return None
    at = -1
    while True:
        at = path.find(".", at + 1)
        key = path if at < 0 else path[:at]
        if key in value:
            found = dig(value[key], "" if at < 0 else path[at + 1 :])
            if found is not None:
                return found
        if at < 0:
            return None
