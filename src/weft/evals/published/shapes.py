"""What is sent to publish one of them (`/v2/{entity}/{project}/...`, Weave trace server API, client 0.54)."""

from typing import Any

import msgspec


class OpWire(msgspec.Struct):
    """An op: code that clients run, never this server."""

    name: str | None = None
    source_code: str | None = None


class DatasetWire(msgspec.Struct):
    """A dataset with all of its rows."""

    rows: list[msgspec.Raw]
    name: str | None = None
    description: str | None = None


class ScorerWire(msgspec.Struct):
    """A scorer, by the code of its `score`."""

    name: str
    op_source_code: str
    description: str | None = None


class EvaluationWire(msgspec.Struct):
    """An evaluation: a dataset's reference and those of scorers."""

    name: str
    dataset: str
    description: str | None = None
    eval_attributes: dict[str, Any] | None = None
    evaluation_name: str | None = None
    scorers: list[str] | None = None
    trials: int = 1


class ModelWire(msgspec.Struct):
    """A model, by its code and attributes."""

    name: str
    source_code: str
    attributes: dict[str, Any] | None = None
    description: str | None = None
