"""What the routes of runs and comparisons take and tell.

Figures are estimates, so those of money are dollars as floats; amounts that were spent are nano-dollars as text.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from weft.evals.comparisons.metrics import Kind
from weft.evals.statistics.types import Method

RUNS = 20
"""Compared at once."""
PAGE = 50
MAX_PAGE = 500
_Id = Annotated[str, Field(min_length=1, max_length=300)]
_MetricId = Annotated[str, Field(min_length=1, max_length=1000)]


class RunStatus(StrEnum):
    """What became of a run."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    LOST = "lost"
    """Its server stopped while it ran."""


class Named(BaseModel):
    """A version of an object."""

    ref: str
    name: str
    version: int | None
    """From 0; null where the object is not (or no longer) there."""


class RunTold(BaseModel):
    """One run of an evaluation."""

    id: str
    name: str
    status: RunStatus
    exception: str | None
    model: Named | None
    evaluation: Named | None
    dataset: Named | None
    scorers: list[str]
    started_at: datetime
    ended_at: datetime | None
    user: str | None
    trials_done: int
    trials_total: int | None
    """Null where nobody told beforehand."""
    errors: int
    """Calls of the run that raised an exception, as its end tells."""
    means: dict[str, float]
    """By metric, as the run's own summary tells them; empty until it ends."""
    latency_s: float | None
    tokens: int | None
    """Of all models in it, judges too."""
    cost_nusd: str | None
    """Of all models in it, judges too, by the prices known here."""
    unpriced_models: list[str]
    """Of those in it that no price is known of: what they cost is in no figure."""


class RunList(BaseModel):
    """Runs of a project, the newest first."""

    runs: list[RunTold]
    total: int


class IntervalTold(BaseModel):
    """Where the true mean lies, with 95 % confidence."""

    low: float
    high: float
    method: Method


class EstimateTold(BaseModel):
    """A mean over rows."""

    n: int
    mean: float
    interval: IntervalTold | None
    """Null where the rows say nothing about it: fewer than two, or all the same number."""


class RunMeans(BaseModel):
    """What runs come to over their rows, beside what their own summaries tell."""

    means: dict[str, dict[str, EstimateTold]]
    """By run and metric; every interval is of closed form."""
    left: int
    """Runs that are told when it is asked again: so many rows are read at a time."""


class Verdict(StrEnum):
    """What may be said of a run beside the baseline."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "no_significant_difference"
    NOT_COMPARABLE = "not_comparable"


class Versus(BaseModel):
    """A run beside the baseline, on the rows that both have."""

    n: int
    difference: float
    p_value: float
    """Two-sided, of this pair alone."""
    p_corrected: float
    """The same, corrected for how many runs are held against the baseline (Holm 1979); the verdict goes by it."""
    method: Method
    verdict: Verdict


class Figure(BaseModel):
    """What a run comes to by a metric."""

    run: str
    estimate: EstimateTold | None
    missing: int
    """Rows of the run without a value."""
    versus: Versus | None
    """Null for the baseline itself, and where no row has both."""
    verdict: Verdict | None
    """Null for the baseline itself."""
    rank: int | None
    """1 + how many runs are significantly better; runs of one rank are a group without significant difference."""
    tied_with_best: bool


class MetricTold(BaseModel):
    """One metric of all runs, in their order."""

    id: str
    label: str
    kind: Kind
    scorer: str | None
    path: str | None
    higher_is_better: bool
    figures: list[Figure]


class RunCompared(BaseModel):
    """One run of a comparison."""

    run: RunTold
    rows: int
    trials: int
    failed_rows: int
    model_tokens: int | None
    """Of the model alone."""
    model_cost_nusd: str | None
    properties: dict[str, JsonValue]
    """The model's settings, one line each, by their place."""


class Warned(BaseModel):
    """What is not as one would think."""

    about: Literal["dataset", "scoring", "trials", "running", "failed"]
    title: str
    text: str


class ComparisonTold(BaseModel):
    """Runs held against each other."""

    baseline: str
    runs: list[RunCompared]
    metrics: list[MetricTold]
    rows: int
    """Different rows of all runs."""
    shared_rows: int
    """Those that every run has."""
    warnings: list[Warned]


class Within(BaseModel):
    """Rows whose value of a metric lies between two ends, both included."""

    model_config = ConfigDict(extra="forbid")

    metric: _MetricId
    run: _Id | None = None
    """Whose value; any run's if not given."""
    at_least: float | None = None
    at_most: float | None = None


class RowSort(BaseModel):
    """By what rows are sorted; those without a value come last."""

    model_config = ConfigDict(extra="forbid")

    metric: _MetricId
    by: Literal["value", "difference", "change"] = "value"
    """`value` is a run's, `difference` the spread over all runs, `change` a run's beyond the baseline's."""
    run: _Id | None = None
    descending: bool = True


Show = Literal[
    "all", "disagree", "outputs", "baseline_only", "better", "worse", "failed", "missing"
]
"""`disagree`: values of the metric are not all the same; `outputs`: what the models said is not; `baseline_only`: the
baseline is better than every other run; `better` and `worse`: some run is, than the baseline; `failed`: something
raised an exception; `missing`: not every run has the row."""


class RowsAsked(BaseModel):
    """Which rows of runs are wanted."""

    model_config = ConfigDict(extra="forbid")

    runs: list[_Id] = Field(min_length=1, max_length=RUNS)
    baseline: _Id | None = None
    metric: _MetricId | None = None
    """What `show` goes by; the first one if not given."""
    lower: bool | None = None
    """Whether less of the metric is better; by its name if not given."""
    show: Show = "all"
    within: list[Within] = Field(default=[], max_length=20)
    sort: RowSort | None = None
    offset: int = Field(default=0, ge=0, le=10_000_000)
    limit: int = Field(default=PAGE, ge=1, le=MAX_PAGE)


class Shown(BaseModel):
    """A value for reading."""

    value: JsonValue
    cut: bool
    """Whether it is only the beginning, as text: all of it is in the trace."""


class TrialTold(BaseModel):
    """One try of a model at a row."""

    call_id: str
    """Of the call that asked and scored."""
    predict_call_id: str | None
    output: Shown
    scores: dict[str, JsonValue]
    latency_s: float | None
    tokens: int | None
    cost_usd: float | None
    failed: bool


class RunTrials(BaseModel):
    """What a run did with a row."""

    run: str
    trials: list[TrialTold]
    values: dict[str, float]
    """By metric, the mean of the trials."""


class RowTold(BaseModel):
    """One row of the dataset, and what each run made of it."""

    digest: str
    row: Shown
    runs: list[RunTrials]


class RowPage(BaseModel):
    """Rows, as asked."""

    rows: list[RowTold]
    total: int
    """Rows that match."""
    all_rows: int
