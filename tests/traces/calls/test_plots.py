"""Figures of all calls in bins: each call counts, groups are the largest, and what has no figure is left out."""

import json
from typing import Any

import numpy as np
import pytest

from traces.calls.test_orders import AT_US, CHEAP, DEAR, write
from traces.doors import OURS, Door
from weft.traces.calls.plots.draw import GROUPS_SHOWN, drawn, gathered
from weft.traces.calls.plots.shapes import Plot


def latencies(*rows: tuple[float | None, str | None]) -> Any:
    """Columns of calls by latency in ms and op."""
    return gathered([rows], ["latency"], ["op"])


def test_bins_when_summed_up_then_percentiles_are_of_the_nearest_rank_and_nothing_is_null() -> None:
    columns = latencies((1_000, "a"), (3_000, "a"), (2_000, "b"), (None, "b"), (9_000, None))
    every = ("count", "sum", "average", "min", "max", "p50", "p95")
    plot = drawn(columns, Plot("op", "latency", aggregates=every))
    assert [bin_.group for bin_ in plot.bins] == ["a", "", "b"]
    assert plot.bins[0].values == [2, 4.0, 2.0, 1.0, 3.0, 1.0, 3.0]
    assert plot.bins[2].values == [1, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0]
    even = drawn(columns, Plot("latency", "latency", group="op", aggregates=("count",), bins=4))
    assert [(bin_.low, bin_.high) for bin_ in even.bins] == [(1, 3), (3, 5), (5, 7), (7, 9)]
    assert even.groups == ["a", "", "b"]
    assert [bin_.values for bin_ in even.bins] == [[1, 0, 1], [1, 0, 0], [0, 0, 0], [0, 1, 0]]
    middle = drawn(columns, Plot("latency", "latency", aggregates=("average",), bins=4))
    assert [bin_.values for bin_ in middle.bins] == [[1.5], [3.0], [None], [9.0]]


def test_groups_when_there_are_many_then_the_last_is_all_the_others() -> None:
    rows = [(1_000.0, f"op{number:02}") for number in range(20) for _ in range(number + 1)]
    plot = drawn(latencies(*rows), Plot("op", "latency", aggregates=("count",)))
    assert [bin_.group for bin_ in plot.bins][:2] == ["op19", "op18"]
    assert plot.bins[-1].group is None
    assert len(plot.bins) == GROUPS_SHOWN
    assert sum(bin_.values[0] or 0 for bin_ in plot.bins) == len(rows)


def test_bins_when_there_is_one_value_or_none_then_there_is_one_bin_or_none() -> None:
    plot = Plot("latency", "latency", aggregates=("count",))
    assert drawn(latencies(), plot).bins == []
    assert drawn(latencies((None, "a")), plot).bins == []
    assert [bin_.values for bin_ in drawn(latencies((5.0, "a"), (5.0, "b")), plot).bins] == [[2]]


def test_bins_when_calls_come_in_pieces_then_they_are_one() -> None:
    rng = np.random.default_rng(7)
    rows = [(float(value), "ab"[value % 2]) for value in rng.integers(1, 1_000, 5_000)]
    plot = Plot("latency", "latency", group="op", aggregates=("p95", "sum"))
    pieces = [rows[start : start + 700] for start in range(0, len(rows), 700)]
    assert drawn(gathered(pieces, ["latency"], ["op"]), plot) == drawn(latencies(*rows), plot)


async def test_plots_when_asked_then_all_calls_of_the_question_are_in_them(door: Door) -> None:
    await write(
        door,
        none={},
        both={CHEAP: (10, 10), DEAR: (1_000, 1_000)},
        cheap={CHEAP: (3_000, 2)},
        dear={DEAR: (2, 2_000)},
    )
    plots = [
        {"x": "started_at", "y": "total_tokens", "aggregates": ["sum", "count"], "bins": 3},
        {"x": "model", "y": "latency", "aggregates": ["count"]},
        {"x": "status", "y": "cost", "aggregates": ["sum"]},
    ]
    asked: dict[str, Any] = {"project_id": OURS, "plots": plots}
    found = await door.get("/calls/plots", asked)
    assert found["calls"] == 4
    tokens, models, costs = found["plots"]
    assert [bin_["values"] for bin_ in tokens["bins"]] == [[2_020, 1], [3_002, 1], [2_002, 1]]
    assert tokens["bins"][0]["low"] == AT_US / 1_000 + 1_000, "the first that used a model"
    assert sorted(bin_["group"] for bin_ in models["bins"]) == sorted(["", CHEAP, DEAR])
    listed = {"project_id": OURS, "include_costs": True}
    lines = (await door.ask("/calls/stream_query", listed)).text.splitlines()
    each = [json.loads(line)["summary"]["weave"].get("costs", {}) for line in lines]
    parts = ("prompt_tokens_total_cost", "completion_tokens_total_cost")
    total = sum(model[part] for call in each for model in call.values() for part in parts)
    assert costs["bins"][0]["values"] == [pytest.approx(total)]
    few = {"$expr": {"$gt": [{"$getField": "inputs.n"}, {"$literal": 2}]}}
    narrowed = await door.get("/calls/plots", {**asked, "query": few})
    assert narrowed["calls"] == 1
    assert narrowed["plots"][0]["bins"][0]["values"] == [2_002, 1]


async def test_plots_when_they_cannot_be_drawn_then_it_says_why(quiet_door: Door) -> None:
    plain: dict[str, Any] = {"x": "op", "y": "latency"}
    refused: list[list[dict[str, Any]]] = [
        [],
        [plain] * 13,
        [{"x": "op", "y": "inputs.n"}],
        [{"x": "color", "y": "latency"}],
        [{**plain, "group": "color"}],
        [{**plain, "bins": 0}],
        [{**plain, "aggregates": []}],
    ]
    for plots in refused:
        answer = await quiet_door.ask("/calls/plots", {"project_id": OURS, "plots": plots})
        assert answer.status_code == 400, plots
        assert "invalid_plots" in answer.text
    nothing = await quiet_door.get("/calls/plots", {"project_id": OURS, "plots": [plain]})
    assert nothing == {"calls": 0, "plots": [{"groups": [], "bins": []}]}
