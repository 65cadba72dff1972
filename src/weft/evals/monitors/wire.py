"""`/api/monitors` and `/api/guardrails` in words: what is asked and what is told. Money is text of nano-dollars."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from weft.evals.monitors.series import Bucket, Figure, Verdict
from weft.evals.monitors.types import NAME_CHARS, RULES, WINDOW_MOST_MINUTES, Measure, Pause, Rule
from weft.kit.clock import from_us

NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$"
OPS = 100
SCORERS = 10
_MONEY = Annotated[str, Field(pattern=r"^\d{1,15}$")]
_Text = Annotated[str, Field(max_length=2000)]
_Minutes = Annotated[int, Field(ge=1, le=WINDOW_MOST_MINUTES)]


class MonitorState(StrEnum):
    """How a monitor is."""

    RUNNING = "running"
    OFF = "off"
    PAUSED = "paused"
    STARTING = "starting"
    """Nobody has looked at it yet: within seconds."""


class MonitorScorerWanted(BaseModel):
    """A scorer that is there already, or one to be published."""

    model_config = ConfigDict(extra="forbid")

    ref: Annotated[str, Field(max_length=1000)] = ""
    kind: Annotated[str, Field(max_length=NAME_CHARS)] = ""
    """The class of the one to be published, such as `LLMAsAJudgeScorer`."""
    name: Annotated[str, Field(max_length=NAME_CHARS)] = ""
    settings: dict[str, Any] = Field(default_factory=dict[str, Any])
    """Its other fields, as its class has them."""


class MonitorRule(BaseModel):
    """Tells the team's admins, and the webhook, when a figure goes past a threshold."""

    model_config = ConfigDict(extra="forbid")

    id: Annotated[str, Field(max_length=64, pattern=r"^[A-Za-z0-9_-]*$")] = ""
    """Empty: a new one."""
    measure: Measure
    scorer: Annotated[str, Field(max_length=NAME_CHARS)] = ""
    field: Annotated[str, Field(max_length=300)] = ""
    is_above: bool = True
    threshold: Annotated[float, Field(ge=-1e12, le=1e12)]
    window_minutes: _Minutes = 60
    least_n: Annotated[int, Field(ge=1, le=100_000)] = 1
    every_minutes: _Minutes = 60
    told_at: datetime | None = None
    """When it was told last; not to be sent."""

    def rule(self, id_: str) -> Rule:
        """As it is kept."""
        return Rule(
            id=id_,
            measure=self.measure,
            scorer=self.scorer,
            field=self.field,
            is_above=self.is_above,
            threshold=self.threshold,
            window_minutes=self.window_minutes,
            least_n=self.least_n,
            every_minutes=self.every_minutes,
        )


class MonitorWanted(BaseModel):
    """A monitor, as it is to be."""

    model_config = ConfigDict(extra="forbid")

    description: _Text = ""
    active: bool = True
    sampling_rate: Annotated[float, Field(ge=0, le=1)] = 1.0
    op_names: Annotated[list[Annotated[str, Field(max_length=1000)]], Field(max_length=OPS)] = (
        Field(default_factory=list[str])
    )
    """Names of ops, or references; none: calls of every op."""
    query: dict[str, Any] | None = None
    """Which of their calls, in the language of queries."""
    scorers: Annotated[list[MonitorScorerWanted], Field(min_length=1, max_length=SCORERS)]
    budget_nusd: _MONEY = "0"
    """For one day in UTC; what asks no model needs none."""
    rules: Annotated[list[MonitorRule], Field(max_length=RULES)] = Field(
        default_factory=list[MonitorRule]
    )


class MonitorSwitch(BaseModel):
    """Switches a monitor on."""

    model_config = ConfigDict(extra="forbid")

    budget_nusd: _MONEY | None = None
    """A new budget for one day in UTC; nothing: the one it has."""


class MonitorScorer(BaseModel):
    """One scorer of a monitor."""

    ref: str
    name: str
    """Under which its results stand."""
    kind: str
    model: str
    """The model that a judge asks; empty: it asks none."""
    settings: dict[str, Any]
    problem: str
    """Why it cannot run here; empty: it can."""


class ScoreBucket(BaseModel):
    """One stretch of time."""

    at: datetime
    n: int
    mean: float
    low: float | None
    high: float | None
    """The 95 % interval; null where the values say nothing about it."""


class ScoreFigure(BaseModel):
    """One field of one scorer."""

    scorer: str
    field: str
    """Empty where the scorer's answer is the value itself."""
    is_share: bool
    """Whether it is true or false: its mean is the share that is true."""
    n: int
    mean: float
    low: float | None
    high: float | None
    buckets: list[ScoreBucket]


class ScoreSeries(BaseModel):
    """Figures over time."""

    start: datetime
    end: datetime
    step_s: int
    figures: list[ScoreFigure]


class ScoreResult(BaseModel):
    """One scorer's word on one call."""

    id: str
    scorer: str
    at: datetime
    call_id: str
    score_call: str
    """The id of the call that the scorer itself was; empty where there is none."""
    values: dict[str, bool | float]
    reason: str
    output: Any


class ScoreResults(BaseModel):
    """The newest results, the newest first."""

    results: list[ScoreResult]
    next: str | None
    """What `before` has to be for more."""


class MonitorInfo(BaseModel):
    """One monitor, and how it is."""

    name: str
    digest: str
    description: str
    active: bool
    state: MonitorState
    pause: Pause
    reason: str
    """Why it is paused, in words."""
    paused_at: datetime | None
    sampling_rate: float
    op_names: list[str]
    query: dict[str, Any] | None
    scorers: list[MonitorScorer]
    asks_models: bool
    budget_nusd: str
    is_granted: bool
    """Whether the budget is for this version."""
    spent_today_nusd: str
    """Includes the worst case of what is being asked right now."""
    granted_by: str
    published_by: str
    published_at: datetime
    seen: int
    """Calls of its ops since it was first switched on."""
    judged: int
    failed: int
    skipped: int
    """In the sample, and passed over for want of room, or because it was paused."""
    waiting: int
    last_error: str
    last_error_at: datetime | None
    rules: list[MonitorRule]
    recent: list[ScoreFigure]
    """The last 24 hours as a whole, without buckets."""


class MonitorList(BaseModel):
    """The project's monitors, by name."""

    monitors: list[MonitorInfo]
    max_budget_nusd: str
    """The most that one may be given for a day."""


class MonitorForecast(BaseModel):
    """What a monitor would do and cost a day, by the traffic of the last days."""

    days: float
    calls_per_day: float
    judged_per_day: float
    likely_nusd_per_day: str
    worst_nusd_per_day: str
    """If every answer were as long as it may be."""
    sampled: int
    """Newest calls that prompts were made of, to see how long they are."""
    problem: str
    """Why nothing can be said; empty: something can."""


def figure_info(figure: Figure, *, with_buckets: bool = True) -> ScoreFigure:
    """A figure as it is told."""
    return ScoreFigure(
        scorer=figure.scorer,
        field=figure.field,
        is_share=figure.is_share,
        n=figure.n,
        mean=figure.mean,
        low=figure.low,
        high=figure.high,
        buckets=[_bucket(one) for one in figure.buckets] if with_buckets else [],
    )


def result_info(verdict: Verdict) -> ScoreResult:
    """A verdict as it is told."""
    return ScoreResult(
        id=verdict.id,
        scorer=verdict.scorer,
        at=from_us(verdict.at_us),
        call_id=verdict.call_id,
        score_call=verdict.score_call.rpartition("/")[2],
        values=dict(verdict.values),
        reason=verdict.reason,
        output=verdict.output,
    )


def _bucket(one: Bucket) -> ScoreBucket:
    return ScoreBucket(at=from_us(one.at_us), n=one.n, mean=one.mean, low=one.low, high=one.high)
