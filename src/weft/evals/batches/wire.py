"""What the routes of batches take and tell. Money is nano-dollars as text, times are seconds."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, model_validator

from weft.evals.playground.wire import NAME_CHARS, SavedParams

MAX_MODELS = 16
MAX_SCORERS = 20
MAX_TRIALS = 100
MAX_PARALLEL = 64
MAX_PILOT = 200
TEMPLATE_CHARS = 100_000
PATTERN_CHARS = 1000

Nusd = Annotated[str, Field(pattern=r"^\d{1,18}$")]
Name = Annotated[str, Field(min_length=1, max_length=NAME_CHARS, pattern=r"^[^\x00-\x1f\x7f]+$")]
Ref = Annotated[str, Field(pattern=r"^weave:///", max_length=1000)]
RowField = Annotated[str, Field(min_length=1, max_length=200)]
Tolerance = Annotated[float, Field(ge=0, allow_inf_nan=False)]

ScorerKind = Literal["exact", "contains", "regex", "json_schema", "numeric", "judge"]
BatchState = Literal["running", "stopped", "done", "out_of_budget", "failed"]
RunState = Literal["waiting", "running", "stopped", "done", "out_of_budget", "failed"]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class EvalModel(_Asked):
    """A model to be evaluated: a saved one by `ref`, or a new one by `model`."""

    ref: Ref | None = None
    model: str | None = Field(default=None, min_length=1, max_length=512)
    """As chats name it."""
    name: Name | None = None
    """Under what name it is saved; the model's own if none is given."""
    system: str = Field(default="", max_length=TEMPLATE_CHARS)
    """What goes before the question."""
    params: SavedParams = SavedParams()

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.ref is None) == (self.model is None):
            msg = "a model is named by ref or by model, and by one of them only"
            raise ValueError(msg)
        return self


class EvalTolerance(_Asked):
    """How far a number may be off: by so much, or by that share of the expected one; either is enough."""

    absolute: Tolerance = 0
    relative: Tolerance = 0


class EvalJudge(_Asked):
    """A model that judges an answer."""

    model: str = Field(min_length=1, max_length=512)
    """As chats name it; a custom provider's, too."""
    template: str = Field(min_length=1, max_length=TEMPLATE_CHARS)
    """With `{{input}}`, `{{output}}`, `{{target}}` and `{{field of the row}}` as places to be filled."""
    answer: Literal["pass_fail", "score"] = "pass_fail"
    """`pass_fail`: `{"passed": true or false}`; `score`: `{"score": 0 to 1}`; each with a `reason`."""
    system: str = Field(default="", max_length=TEMPLATE_CHARS)
    params: SavedParams = SavedParams()


class EvalScorer(_Asked):
    """A scorer: one that is published by `ref`, or a new one by `kind` with the options of that kind."""

    ref: Ref | None = None
    kind: ScorerKind | None = None
    name: Name | None = None
    target_field: RowField = "expected"
    """The field of a row that holds what is expected; not for `regex` with a pattern, and `json_schema`."""
    case_insensitive: bool = False
    """Of `exact`, `contains` and `regex`."""
    pattern: str | None = Field(default=None, min_length=1, max_length=PATTERN_CHARS)
    """Of `regex`; without one the target field holds it."""
    json_schema: dict[str, JsonValue] | None = None
    """Of `json_schema`; without one any JSON will do."""
    tolerance: EvalTolerance = EvalTolerance()
    """Of `numeric`."""
    judge: EvalJudge | None = None
    """Of `judge`."""

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if (self.ref is None) == (self.kind is None):
            msg = "a scorer is named by ref or by kind, and by one of them only"
            raise ValueError(msg)
        if (self.kind == "judge") != (self.judge is not None):
            msg = "a scorer of kind judge, and no other, has judge"
            raise ValueError(msg)
        return self


class EvalInput(_Asked):
    """What a model is asked about a row: one of its fields, or a template over them."""

    field: RowField | None = None
    template: str | None = Field(default=None, min_length=1, max_length=TEMPLATE_CHARS)
    """With `{{field}}` as places to be filled."""

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if self.field is not None and self.template is not None:
            msg = "the input is a field or a template, not both"
            raise ValueError(msg)
        return self


class EvalWanted(_Asked):
    """An evaluation of one or more models on a dataset."""

    name: Name
    description: str | None = Field(default=None, max_length=10_000)
    dataset_ref: Ref
    models: list[EvalModel] = Field(min_length=1, max_length=MAX_MODELS)
    scorers: list[EvalScorer] = Field(default=[], max_length=MAX_SCORERS)
    input: EvalInput = EvalInput()
    """Without field and template: `user_input` where the dataset has it, else `input`, `question` or `prompt`."""
    trials: int = Field(default=1, ge=1, le=MAX_TRIALS)
    budget_nusd: Nusd | None = None
    """What models and judges may cost together, at most; null: no bound but the account's own. What custom providers
    charge is unknown, and not bounded."""
    concurrency: int = Field(default=8, ge=1, le=MAX_PARALLEL)
    """Questions of the batch that are asked at a time."""
    pilot_rows: int = Field(default=0, ge=0, le=MAX_PILOT)
    """Of an estimate: so many rows are asked, judged and paid first, and the rest is worked out from them. The answers
    are kept: the estimate's `pilot.batch_id` is resumed to ask the rest, and nothing is paid twice."""


class EvalModelEstimate(BaseModel):
    """What one model's answers are going to cost, without judges."""

    name: str
    model: str
    questions: int
    input_tokens: int
    output_tokens: int
    cost_nusd: str
    low_nusd: str
    high_nusd: str
    output_tokens_each: float
    """How long an answer is taken to be, on average."""
    basis: str
    """What that rests on, in words."""


class EvalJudgeEstimate(BaseModel):
    """What one judge is going to cost over all models."""

    name: str
    model: str
    questions: int
    input_tokens: int
    output_tokens: int
    cost_nusd: str
    basis: str


class EvalPilot(BaseModel):
    """What was asked to make the estimate."""

    batch_id: str
    """Resume it to ask the rest."""
    rows: int
    cost_nusd: str


class EvalEstimate(BaseModel):
    """What a batch is going to cost, most likely and at most."""

    questions: int
    """To models and judges."""
    input_tokens: int
    output_tokens: int
    cost_nusd: str
    low_nusd: str
    """With `high_nusd`: where the cost is with a probability of some 90 percent."""
    high_nusd: str
    most_nusd: str
    """What it can cost at the very worst, each answer being as long as it may be."""
    keeps_nusd: str
    """What has to be free of the budget for one more question: the worst case of the dearest one."""
    seconds: float | None
    """How long it takes; null where nothing like it was ever asked."""
    models: list[EvalModelEstimate]
    judges: list[EvalJudgeEstimate]
    judge_cost_nusd: str
    basis: str
    """What the figures rest on, in words."""
    is_measured: bool
    """Whether answers of this very sort were seen; if not, the figures are a guess."""
    unpriced_models: list[str]
    """Ids of the models and judges' models whose cost is unknown: custom providers charge their own prices. No figure
    here has it."""
    budget_nusd: str | None
    fits: bool
    """Whether the likely cost fits the budget."""
    pilot: EvalPilot | None


class EvalRun(BaseModel):
    """One evaluation run of a batch: one model."""

    call_id: str
    model: str
    """Its name in the results."""
    model_id: str
    """As requests name it."""
    model_ref: str
    state: RunState
    rows_done: int
    rows_total: int
    """Rows times trials."""
    errors: int
    cost_nusd: str
    """Of its answers and their judgements."""
    seconds_left: float | None
    started_at: datetime | None
    ended_at: datetime | None


class EvalBatch(BaseModel):
    """Evaluation runs under one budget."""

    id: str
    name: str
    description: str | None
    evaluation_ref: str
    budget_nusd: str | None
    spent_nusd: str
    """What the ledger charged for it so far."""
    held_nusd: str
    """Kept back for the questions that are being asked."""
    state: BatchState
    reason: str
    """Why it is in this state, where that needs words."""
    remedy: str
    """What to do about it."""
    is_resumable: bool
    unpriced_models: list[str]
    """As in an estimate: what these cost is in no figure here, and not bounded by the budget."""
    questions_done: int
    questions_total: int
    runs: list[EvalRun]
    created_at: datetime
    ended_at: datetime | None
    by: str
    """The user who started it."""


class EvalBatches(BaseModel):
    """Batches, newest first."""

    batches: list[EvalBatch]
    next_cursor: str | None
    """What to send as `cursor` for the next page; null when there is none."""


class EvalResume(_Asked):
    """How to go on."""

    budget_nusd: Nusd | None = None
    """Another budget over the whole batch, what was spent included; null: as before."""
