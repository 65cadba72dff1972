"""What is sent to log one of them (`/v2/{entity}/{project}/...`, Weave trace server API, client 0.54)."""

from typing import Any

import msgspec


class RunWire(msgspec.Struct):
    """A run begins: an evaluation's and a model's reference."""

    evaluation: str
    model: str
    source_evaluation_run_id: str | None = None


class FinishWire(msgspec.Struct):
    """A run is over."""

    summary: dict[str, Any] | None = None


class PredictionWire(msgspec.Struct):
    """What a model said to some inputs."""

    model: str
    inputs: dict[str, Any]
    output: Any = None
    evaluation_run_id: str | None = None
    genai_span_ref: Any = None


class ScoreWire(msgspec.Struct):
    """What a scorer said of a prediction."""

    prediction_id: str
    scorer: str
    value: Any = None
    evaluation_run_id: str | None = None
