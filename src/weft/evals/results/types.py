"""The nouns of results, as they are gathered: a row has trials of several evaluations."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Trial:
    """One `predict_and_score` call, and what it says besides the output itself."""

    id: str
    root: str
    started_at_us: int
    scores: dict[str, Any]
    latency_s: float | None
    values: dict[str, Any] = field(default_factory=dict[str, Any])
    """Parts of inputs and output that filters and sorting ask for, by their path."""
    predict_id: str | None = None
    predict_started_at_us: int = 0
    scorer_ids: dict[str, str] = field(default_factory=dict[str, str])
    tokens: int | None = None
    cost: float | None = None
    status: str = ""
    """Of the call, as lists of calls tell it."""


@dataclass(slots=True)
class ResultRow:
    """One row of a dataset, with its trials by evaluation."""

    digest: str
    ref: str | None
    """The reference that named the row in the first trial seen; None where the row itself came."""
    trials: dict[str, list[Trial]] = field(default_factory=dict[str, list[Trial]])

    @property
    def first(self) -> Trial:
        """The trial that told of the row first."""
        return next(iter(self.trials.values()))[0]

    def is_in_all(self, roots: list[str]) -> bool:
        """Whether every one of these evaluations tried it."""
        return all(root in self.trials for root in roots)


@dataclass(frozen=True, slots=True)
class Root:
    """An evaluation's own call."""

    id: str
    trace_id: str
    display_name: str | None
    started_at_us: int
    evaluation_ref: str | None
    model_ref: str | None
