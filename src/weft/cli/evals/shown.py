"""Estimates, progress and results of evaluations as people read them. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from weft.cli.table import Column, table

_CENTS = 10_000_000
_LEAST_BAR = 8


def dollars(nusd: object) -> str:
    """Money as people read it: four figures that count."""
    amount = int(str(nusd))
    if amount >= 100 * _CENTS:
        return f"${amount / 1e9:,.2f}"
    if not amount:
        return "$0"
    digits = max(10 - len(str(amount)) + 3, 0)
    return f"${round(amount / 1e9, min(digits, 9)):.{min(digits, 9)}f}"


def estimate(told: Mapping[str, Any]) -> str:
    """An estimate: a line for each model and judge, and what it rests on."""
    rows = [
        [
            one["name"],
            f"{one['questions']:,}",
            f"{one['input_tokens']:,}",
            f"{one['output_tokens']:,}",
            "unknown" if one["model"] in told["unpriced_models"] else dollars(one["cost_nusd"]),
        ]
        for one in (*told["models"], *told["judges"])
    ]
    columns = [
        Column("asked", shrinks=True),
        Column("questions", right=True),
        Column("input tokens", right=True),
        Column("output tokens", right=True),
        Column("cost", right=True),
    ]
    likely = (
        f"Likely {dollars(told['cost_nusd'])}, between {dollars(told['low_nusd'])} and"
        f" {dollars(told['high_nusd'])}; at the very worst {dollars(told['most_nusd'])}."
    )
    lines = [table(columns, rows), "", likely, told["basis"]]
    if told["budget_nusd"] is not None:
        fits = "" if told["fits"] else " It is not going to be enough for all of it."
        lines.append(f"Budget {dollars(told['budget_nusd'])}, which is never passed.{fits}")
    return "\n".join(lines)


def progress(batch: Mapping[str, Any], width: int) -> str:
    """One line of at most `width` characters: rows, and what was spent of the budget."""
    done = sum(run["rows_done"] for run in batch["runs"])
    total = sum(run["rows_total"] for run in batch["runs"])
    left = [run["seconds_left"] for run in batch["runs"] if run["seconds_left"] is not None]
    spent = dollars(batch["spent_nusd"])
    if batch["budget_nusd"] is not None:
        spent += f" of {dollars(batch['budget_nusd'])}"
    figures = f"{done}/{total} rows  {spent}"
    if left:
        figures += f"  {round(max(left))} s left"
    bar = width - len(figures) - 4
    if bar < _LEAST_BAR:
        return figures[:width]
    full = round(done / total * bar) if total else bar
    return f"[{'#' * full}{'-' * (bar - full)}]  {figures}"


def result(batch: Mapping[str, Any], compared: Mapping[str, Any] | None) -> str:
    """How a batch ended: a line for each model and metric."""
    rows: list[list[str]] = []
    for run in batch["runs"]:
        took = f"{seconds(run):.1f} s" if run["ended_at"] else ""
        rows.append([run["model"], "", "", "", dollars(run["cost_nusd"]), took])
        rows += [["", *figure] for figure in _figures(run["call_id"], compared)]
    columns = [
        Column("model", shrinks=True),
        Column("metric", shrinks=True),
        Column("mean, 95 % interval"),
        Column("n", right=True),
        Column("cost", right=True),
        Column("time", right=True),
    ]
    return table(columns, rows)


def seconds(run: Mapping[str, Any]) -> float:
    """How long a run took, from start to end."""
    begun, ended = (datetime.fromisoformat(run[key]) for key in ("started_at", "ended_at"))
    return (ended - begun).total_seconds()


def _figures(call_id: str, compared: Mapping[str, Any] | None) -> list[list[str]]:
    lines: list[list[str]] = []
    for metric in compared["metrics"] if compared else ():
        found = next((one for one in metric["figures"] if one["run"] == call_id), None)
        if found is None or found["estimate"] is None:
            continue
        told = found["estimate"]
        between = told["interval"]
        mean = f"{told['mean']:.4g}"
        if between:
            mean += f"  [{between['low']:.4g}, {between['high']:.4g}]"
        lines.append([metric["label"], mean, str(told["n"]), "", ""])
    return lines


def listing(batches: list[dict[str, Any]]) -> str:
    """Batches, a line each."""
    rows = [
        [
            one["id"],
            one["name"],
            one["state"].replace("_", " "),
            f"{sum(r['rows_done'] for r in one['runs'])}/{sum(r['rows_total'] for r in one['runs'])}",
            dollars(one["spent_nusd"]),
            dollars(one["budget_nusd"]) if one["budget_nusd"] else "",
            one["created_at"][:16].replace("T", " "),
        ]
        for one in batches
    ]
    columns = [
        Column("id"),
        Column("name", shrinks=True),
        Column("state"),
        Column("rows", right=True),
        Column("spent", right=True),
        Column("budget", right=True),
        Column("started"),
    ]
    return table(columns, rows)
