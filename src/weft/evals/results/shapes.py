"""Wire shapes of `eval_results/query` (Weave trace server API, client 0.54): what is asked, and what is answered."""

from typing import Any, Literal

import msgspec

EVALUATIONS = 100
"""Asked about at once."""
ROWS = 10_000
"""On one page."""
_NULL = msgspec.Raw(b"null")


class FilterWire(msgspec.Struct):
    """Which rows are wanted; `query` speaks of `scores.<name>`, `inputs.<path>`, `outputs.<path>`."""

    query: dict[str, Any]
    evaluation_call_id: str | None = None


class SortWire(msgspec.Struct):
    """By what rows are sorted; `difference` is the spread of a field over the evaluations."""

    field: str
    direction: Literal["asc", "desc"] = "asc"
    evaluation_call_id: str | None = None
    mode: Literal["value", "difference"] = "value"


class ResultsWire(msgspec.Struct):
    """The question."""

    evaluation_call_ids: list[str] | None = None
    evaluation_run_ids: list[str] | None = None
    filter_logic_operator: Literal["and", "or"] = "or"
    filters: list[FilterWire] | None = None
    include_costs: bool = False
    include_predict_and_score_children: bool = True
    include_raw_data_rows: bool = False
    include_rows: bool = True
    include_summary: bool = False
    limit: int | None = None
    offset: int = 0
    require_intersection: bool = False
    resolve_row_refs: bool = False
    sort_by: list[SortWire] | None = None
    summary_require_intersection: bool | None = None

    @property
    def roots(self) -> list[str]:
        """The evaluations that are asked about, each once, in the order of the request."""
        asked = (*(self.evaluation_call_ids or ()), *(self.evaluation_run_ids or ()))
        return list(dict.fromkeys(asked))[:EVALUATIONS]


class TrialAnswer(msgspec.Struct):
    """One try of a model at one row."""

    predict_and_score_call_id: str
    predict_call_id: str | None = None
    model_output: msgspec.Raw = _NULL
    scores: dict[str, Any] = {}
    scorer_call_ids: dict[str, str] = {}
    model_latency_seconds: float | None = None
    total_tokens: int | None = None
    total_cost: float | None = None
    genai_span_ref: Any = None


class EvaluationAnswer(msgspec.Struct):
    """What one evaluation tried with a row."""

    evaluation_call_id: str
    trials: list[TrialAnswer]


class RowAnswer(msgspec.Struct):
    """One row of the dataset."""

    row_digest: str
    raw_data_row: Any
    evaluations: list[EvaluationAnswer]


class ScorerStat(msgspec.Struct):
    """What all trials of an evaluation say in one place of one scorer's answers."""

    scorer_key: str
    path: str | None = None
    """The place in a score that is an object, dots between its keys; None for a score that is one value."""
    value_type: Literal["binary", "continuous", "text"] | None = None
    trial_count: int = 0
    """Of the evaluation, whether or not they have a value here."""
    numeric_count: int = 0
    numeric_mean: float | None = None
    pass_true_count: int = 0
    pass_known_count: int = 0
    pass_rate: float | None = None
    pass_signal_coverage: float | None = None
    """Which share of the trials says yes or no."""


class EvaluationSummary(msgspec.Struct):
    """One evaluation over all its rows."""

    evaluation_call_id: str
    trial_count: int
    scorer_stats: list[ScorerStat]
    evaluation_ref: str | None = None
    model_ref: str | None = None
    display_name: str | None = None
    trace_id: str | None = None
    started_at: str | None = None
    predict_total_tokens: int | None = None
    predict_total_cost: float | None = None


class SummaryAnswer(msgspec.Struct):
    """All evaluations over all rows that count."""

    row_count: int
    evaluations: list[EvaluationSummary]


class ResultsAnswer(msgspec.Struct):
    """The answer."""

    rows: list[RowAnswer]
    total_rows: int
    summary: SummaryAnswer | None
    warnings: list[str]
