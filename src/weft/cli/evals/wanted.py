"""What `weft eval run` is to ask for: of a TOML file, of flags, or of both, the flags going first."""

import json
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from weft.kit.errors import InvalidRequest
from weft.kit.money import parse_usd

JUDGEMENT = """\
Does the answer say what is expected?

Question: {{input}}
Answer: {{output}}
Expected: {{target}}"""
"""The template of a judge that was given none."""
SCORERS = "exact, contains, regex, json_schema, numeric, judge"


class BadWish(InvalidRequest):
    """What is wanted makes no sense."""

    remedy = "see `weft eval run --help`"


@dataclass(slots=True)
class Wish:
    """What the flags say."""

    name: str = ""
    dataset: str = ""
    models: list[str] = field(default_factory=list[str])
    scorers: list[str] = field(default_factory=list[str])
    system: str = ""
    field: str = ""
    max_tokens: int | None = None
    temperature: float | None = None
    budget: str = ""
    trials: int | None = None
    concurrency: int | None = None
    pilot: int | None = None


def wanted(file: Path | None, wish: Wish) -> dict[str, Any]:
    """The body of an estimate or a start; `dataset` in it is a file's path or a reference, still to be resolved.

    Raises:
        BadWish: a part is missing, or cannot be read.
    """
    body = _file(file) if file is not None else {}
    if wish.models:
        body["models"] = [_model(one, wish) for one in wish.models]
    if wish.scorers:
        body["scorers"] = [scorer_of(one) for one in wish.scorers]
    if wish.field:
        body["input"] = {"field": wish.field}
    budget = wish.budget or body.pop("budget", "")
    body.pop("budget", None)
    if budget:
        body["budget_nusd"] = read_budget(str(budget))
    for name, value in (
        ("dataset", wish.dataset),
        ("trials", wish.trials),
        ("concurrency", wish.concurrency),
        ("pilot_rows", wish.pilot),
        ("name", wish.name),
    ):
        if value:
            body[name] = value
    if not body.get("dataset") and not body.get("dataset_ref"):
        raise BadWish("which dataset? say --dataset FILE")
    if not body.get("models"):
        raise BadWish("which model? say --model ID")
    where = str(body.get("dataset") or "evaluation")
    body.setdefault("name", f"{Path(where).stem}-eval" if "://" not in where else "evaluation")
    return body


def scorer_of(text: str) -> dict[str, Any]:
    """A scorer of a flag: `exact:expected`, `numeric:total:5%`, `regex:^yes`, `json_schema:FILE`, `judge:MODEL`.

    Raises:
        BadWish: it is none.
    """
    if text.startswith("weave:///"):
        return {"ref": text}
    kind, _, rest = text.partition(":")
    match kind:
        case "exact" | "contains":
            return {"kind": kind, "name": kind, **({"target_field": rest} if rest else {})}
        case "numeric":
            name, _, tolerance = rest.partition(":")
            return {
                "kind": kind,
                "name": kind,
                **({"target_field": name} if name else {}),
                "tolerance": _tolerance(tolerance),
            }
        case "regex":
            return {"kind": kind, "name": kind, **({"pattern": rest} if rest else {})}
        case "json_schema":
            return {"kind": kind, "name": kind, **({"json_schema": _schema(rest)} if rest else {})}
        case "judge" if rest:
            judge = {"model": rest, "template": JUDGEMENT}
            return {"kind": kind, "name": "judge", "judge": judge}
        case _:
            raise BadWish(f"{text[:100]!r} is no scorer; there are {SCORERS}")


def _model(text: str, wish: Wish) -> dict[str, Any]:
    if text.startswith("weave:///"):
        return {"ref": text}
    params: dict[str, Any] = {}
    if wish.max_tokens is not None:
        params["max_tokens"] = wish.max_tokens
    if wish.temperature is not None:
        params["temperature"] = wish.temperature
    return {"model": text, "system": wish.system, "params": params}


def _file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadWish(f"cannot read {path}: {error}") from error


def _schema(path: str) -> Any:
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadWish(f"cannot read the schema {path}: {error}") from error


def _tolerance(text: str) -> dict[str, float]:
    try:
        if text.endswith("%"):
            return {"relative": float(text[:-1]) / 100}
        return {"absolute": float(text)} if text else {}
    except ValueError as error:
        raise BadWish(f"{text[:40]!r} is no tolerance; write 0.5 or 5%") from error


def read_budget(text: str) -> str:
    """Dollars as the nano-dollars of a body.

    Raises:
        BadWish: they are none, or nothing.
    """
    try:
        amount = parse_usd(text.removeprefix("$"))
    except ValueError as error:
        raise BadWish(str(error)) from error
    if amount <= 0:
        raise BadWish("a budget is more than nothing")
    return str(amount)
