"""The nouns of a leaderboard: what it asks for, and what it says."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from weft.evals.leaderboards.effort import Effort
from weft.evals.leaderboards.ranking import Ranking, Standing
from weft.evals.leaderboards.runs import Run
from weft.evals.leaderboards.scores import LATENCY


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One column that is asked for."""

    evaluation_ref: str
    """A version of an evaluation; the digest `*` is every one."""
    scorer: str
    path: str
    should_minimize: bool | None = None
    label: str | None = None

    @property
    def minimizes(self) -> bool:
        """Whether less is better: as told, else for latencies only."""
        return self.scorer == LATENCY if self.should_minimize is None else self.should_minimize


@dataclass(frozen=True, slots=True)
class DynamicColumn:
    """What was said of one column of a dynamic leaderboard."""

    evaluation: str
    """The evaluation's name."""
    scorer: str
    path: str
    label: str | None = None
    should_minimize: bool | None = None
    hidden: bool | None = None
    """None: as it is by itself, which hides counts and latencies."""


@dataclass(frozen=True, slots=True)
class Dynamic:
    """A leaderboard of whatever runs there are, less what is hidden."""

    evaluations: Sequence[str] = ()
    """Names; empty: of all."""
    hidden_models: Sequence[str] = ()
    hidden_datasets: Sequence[str] = ()
    hidden_scorers: Sequence[str] = ()
    model_labels: dict[str, str] = field(default_factory=dict[str, str])
    """What models are called here, by their name."""
    columns: Sequence[DynamicColumn] = ()
    """Those of which something was said; others come as runs have them."""
    newest_versions: bool = False
    """Only the version of each model that ran last."""


@dataclass(frozen=True, slots=True)
class Spec:
    """A leaderboard's definition: columns, or the filters of a dynamic one."""

    title: str
    description: str | None
    columns: Sequence[ColumnSpec] = ()
    dynamic: Dynamic | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """A model in a column."""

    run: Run
    runs: int
    """How many there are; the newest counts."""
    value: float | None
    text: str | None
    """What is there instead, where it is no number."""
    standing: Standing | None
    """None where the summary's value is not the mean of its rows."""


@dataclass(frozen=True, slots=True)
class BoardColumn:
    """A column with what it came to."""

    spec: ColumnSpec
    cells: dict[str, Cell]
    """By the reference of a model."""
    ranking: Ranking | None
    warnings: Sequence[str]
    dataset: str | None
    other_version_runs: int
    """Runs of other versions of the evaluation, which do not count here."""


@dataclass(frozen=True, slots=True)
class BoardModel:
    """A line: one version of a model."""

    ref: str
    name: str
    version: str
    """`v3`, or the beginning of its digest."""
    label: str
    detail: str | None
    """Which language model it asks, if it says so."""
    efforts: Sequence[Effort]
    """Of the runs that count."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a dynamic leaderboard could show, hidden or not: for its configuration."""

    evaluations: Sequence[str]
    models: Sequence[str]
    datasets: Sequence[str]
    scorers: Sequence[str]
    columns: Sequence[tuple[DynamicColumn, bool]]
    """Each with whether it is shown."""


@dataclass(frozen=True, slots=True)
class Board:
    """A leaderboard, worked out."""

    spec: Spec
    columns: Sequence[BoardColumn]
    models: Sequence[BoardModel]
    found: Found | None
    warnings: Sequence[str]
