"""What the typed routes of leaderboards take and tell."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

MAX_COLUMNS = 100
MAX_NAMES = 1000
_Name = Annotated[str, Field(max_length=512)]
_Names = Annotated[list[_Name], Field(max_length=MAX_NAMES)]
_Ref = Annotated[str, Field(max_length=2048, pattern=r"^weave:///.+")]
State = Literal["done", "running", "failed"]


class _Wire(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ColumnWire(_Wire):
    """A column, in the words of the client's `LeaderboardColumn`."""

    evaluation_object_ref: _Ref
    scorer_name: str = Field(min_length=1, max_length=512)
    summary_metric_path: str = Field(max_length=1024)
    """Dots between its parts: `mean`, `right.true_fraction`."""
    should_minimize: bool | None = None


class DynamicColumnWire(_Wire):
    """What is said of one column of a dynamic leaderboard."""

    evaluation: _Name
    """An evaluation's name, whichever version."""
    scorer: _Name
    path: Annotated[str, Field(max_length=1024)]
    label: _Name | None = None
    should_minimize: bool | None = None
    hidden: bool | None = None
    """Null: as it is by itself, which hides counts and latencies."""


class DynamicWire(_Wire):
    """A leaderboard of whatever runs there are, less what is hidden."""

    evaluations: _Names = []
    """Names; none: of all."""
    hidden_models: _Names = []
    hidden_datasets: _Names = []
    hidden_scorers: _Names = []
    model_labels: Annotated[dict[_Name, _Name], Field(max_length=MAX_NAMES)] = {}
    """What models are called here, by their name."""
    columns: list[DynamicColumnWire] = Field(default=[], max_length=MAX_NAMES)
    newest_versions: bool = False
    """Only the version of each model that ran last."""


class BoardWire(_Wire):
    """A definition: columns, or what makes it dynamic."""

    title: str = Field(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]+$")
    description: str | None = Field(default=None, max_length=10_000)
    """Markdown."""
    columns: list[ColumnWire] = Field(default=[], max_length=MAX_COLUMNS)
    dynamic: DynamicWire | None = None


class BoardHead(BaseModel):
    """A leaderboard in a list."""

    name: str
    """Its object's."""
    title: str
    description: str | None
    is_dynamic: bool
    column_count: int | None
    """None: as many as runs have."""
    evaluations: list[str]
    version: int
    digest: str
    created_at: datetime


class BoardList(BaseModel):
    """The leaderboards of a project, the newest first."""

    leaderboards: list[BoardHead]


class CellAnswer(BaseModel):
    """A model in a column; of its runs the newest counts."""

    run_id: str
    runs: int
    state: State
    started_at: datetime
    value: float | None
    text: str | None
    """What stands there in place of a number."""
    n: int | None
    """Rows behind the value; null, like all below, where the scorer's summary is not the mean of its rows."""
    low: float | None
    """Of the interval of 95 %; null also where the rows say nothing about it."""
    high: float | None
    method: str | None
    rank: int | None
    """1 + how many models are significantly better."""
    is_tied: bool
    """No significant difference to at least one other of this rank."""
    is_best: bool
    """Best, or not significantly worse than the best."""


class ColumnAnswer(BaseModel):
    """A column."""

    key: str
    """Of this place in this board."""
    label: str
    evaluation: str
    evaluation_ref: str
    dataset: str | None
    scorer: str
    path: str
    should_minimize: bool
    is_share: bool
    """Values are shares of rows that passed."""
    rows: int | None
    shared_rows: int | None
    """Rows that all ranked models have."""
    other_version_runs: int
    """Runs of other versions of the evaluation; `versions=any` counts them."""
    warnings: list[str]


class ModelAnswer(BaseModel):
    """A line: one version of a model."""

    ref: str
    name: str
    version: str
    label: str
    detail: str | None
    seconds_per_row: float | None
    """Of the model's own calls, over the runs that count."""
    cost_per_row_nusd: str | None
    """Rounded to whole nano-dollars; what judges cost is not in it."""
    cells: list[CellAnswer | None]
    """By column; null: no run."""


class FoundColumn(BaseModel):
    """A column that a dynamic leaderboard could show."""

    column: DynamicColumnWire
    is_shown: bool


class FoundAnswer(BaseModel):
    """All that a dynamic leaderboard could show."""

    evaluations: list[str]
    models: list[str]
    datasets: list[str]
    scorers: list[str]
    columns: list[FoundColumn]


class BoardAnswer(BaseModel):
    """A leaderboard, worked out; models in the order of their first runs."""

    name: str | None
    """Null for one that is not saved."""
    version: int | None
    ref: str | None
    created_at: datetime | None
    definition: BoardWire
    columns: list[ColumnAnswer]
    models: list[ModelAnswer]
    found: FoundAnswer | None
    """Of a dynamic one."""
    warnings: list[str]


class SavedAnswer(BaseModel):
    """Where a leaderboard was saved."""

    name: str
    ref: str


class MetricChoice(BaseModel):
    """A number in the summaries of an evaluation."""

    scorer: str
    path: str


class VersionChoice(BaseModel):
    """A version of an evaluation that has runs."""

    ref: str
    digest: str
    version: str
    runs: int
    last_run_at: datetime


class EvaluationChoice(BaseModel):
    """An evaluation that has runs."""

    name: str
    dataset: str | None
    versions: list[VersionChoice]
    """The one that ran last first."""
    metrics: list[MetricChoice]


class ChoicesAnswer(BaseModel):
    """Of what columns can be made."""

    evaluations: list[EvaluationChoice]
