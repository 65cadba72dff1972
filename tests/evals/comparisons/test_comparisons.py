"""Runs held against each other, read from both kinds of database."""

from typing import Any

import pytest

from evals.written import DATASET_ROW, NOON_US, root, run, trial, write
from weft.evals.comparisons.means import Means
from weft.evals.comparisons.metrics import is_higher_better
from weft.evals.comparisons.read import Ground, NoSuchRun, RunReader
from weft.evals.comparisons.store import list_ids
from weft.evals.comparisons.wire import (
    ComparisonTold,
    Figure,
    MetricTold,
    RowPage,
    RowsAsked,
    RunStatus,
    Verdict,
)
from weft.evals.statistics.intervals import wilson
from weft.evals.statistics.types import Method
from weft.kit.db import Database
from weft.kit.errors import InvalidRequest
from weft.traces.projects import ProjectKeys

OURS = "proj_ours"
ON = Ground(OURS, "loom/cloth")
ROWS = 40
READER = RunReader()


def rows(scores: list[dict[str, Any]], outputs: str = "x") -> list[tuple[str, str, dict[str, Any]]]:
    return [(f"{DATASET_ROW}/r{at:02}", outputs, one) for at, one in enumerate(scores)]


def compare(database: Database, *runs: str, **more: Any) -> ComparisonTold:
    with database.read() as connection:
        key = ProjectKeys().find(connection, OURS)
        assert key is not None
        return READER.compare(connection, key, ON, runs, **more)


def page(database: Database, *runs: str, **more: Any) -> RowPage:
    with database.read() as connection:
        key = ProjectKeys().find(connection, OURS)
        assert key is not None
        return READER.rows(connection, key, ON, RowsAsked(runs=list(runs), **more))


def digests(found: RowPage) -> list[str]:
    return [row.digest for row in found.rows]


def figure(found: ComparisonTold, metric: str, run_id: str) -> Figure:
    return next(one for one in metric_of(found, metric).figures if one.run == run_id)


def metric_of(found: ComparisonTold, id_: str) -> MetricTold:
    return next(one for one in found.metrics if one.id == id_)


@pytest.fixture
def written(database: Database) -> Database:
    """`base` passes 10 of 40 rows, `twin` says the very same, `good` passes 35; `odd` has other rows and scores."""
    READER.lately.clear()
    poor = [{"exact": at < 10, "judge": {"score": at / ROWS}} for at in range(ROWS)]
    good = [{"exact": at < 35, "judge": {"score": at / ROWS}} for at in range(ROWS)]
    write(database, OURS, run("base", rows(poor), tokens=(10, 5)))
    write(database, OURS, run("twin", rows(poor), tokens=(10, 5)))
    write(database, OURS, run("good", rows(good, "y"), tokens=(10, 5)))
    write(database, OURS, run("odd", [("elsewhere", "z", {"length": 3})]))
    return database


def test_comparison_when_one_is_better_then_says_so_and_by_how_much(written: Database) -> None:
    found = compare(written, "base", "twin", "good")
    assert (found.baseline, found.rows, found.shared_rows, found.warnings) == ("base", 40, 40, [])
    good = figure(found, "scores.exact", "good")
    assert good.estimate is not None
    assert good.estimate.interval is not None
    assert (good.estimate.n, good.estimate.mean, good.missing) == (40, 0.875, 0)
    assert 0.7 < good.estimate.interval.low < 0.875 < good.estimate.interval.high < 0.97
    assert good.versus is not None
    assert (good.versus.n, good.versus.difference, good.verdict) == (40, 0.625, Verdict.BETTER)
    assert good.versus.p_value < good.versus.p_corrected < 0.001
    assert (good.rank, good.tied_with_best) == (1, True)
    base, twin = figure(found, "scores.exact", "base"), figure(found, "scores.exact", "twin")
    assert (base.verdict, base.versus, base.rank) == (None, None, 2)
    assert (twin.verdict, twin.rank, twin.tied_with_best) == (Verdict.SAME, 2, False)
    assert twin.versus is not None
    assert (twin.versus.difference, twin.versus.p_value) == (0.0, 1.0)
    turned = compare(written, "base", "good", turned=["scores.exact"])
    assert figure(turned, "scores.exact", "good").verdict is Verdict.WORSE
    other = compare(written, "base", "good", baseline="good")
    assert figure(other, "scores.exact", "base").verdict is Verdict.WORSE


def test_comparison_when_shown_then_has_what_the_models_took(written: Database) -> None:
    found = compare(written, "base", "good")
    took = metric_of(found, "model_latency_seconds")
    assert (took.kind, took.higher_is_better) == ("seconds", False)
    assert [one.estimate.mean for one in took.figures if one.estimate] == [2.0, 2.0]
    assert found.runs[0].model_tokens == 40 * 15
    assert found.runs[0].run.status is RunStatus.DONE
    assert not is_higher_better("scores.judge.errorRate")
    assert is_higher_better("scores.exact.correct")


def test_comparison_when_rows_or_scores_differ_then_warns(written: Database) -> None:
    found = compare(written, "base", "odd")
    assert [one.title for one in found.warnings[:2]] == [
        "Dataset inconsistency detected",
        "Scoring inconsistency detected",
    ]
    assert (found.rows, found.shared_rows) == (41, 0)
    assert figure(found, "model_latency_seconds", "odd").verdict is Verdict.NOT_COMPARABLE
    assert figure(found, "scores.length", "base").estimate is None


def test_comparison_when_rows_have_trials_then_they_are_averaged_first(database: Database) -> None:
    READER.lately.clear()
    parts = [root("tried")]
    for at in range(10):
        for try_ in range(3):
            told = {"exact": (at + try_) % 3 == 0}
            parts += trial("tried", f"{DATASET_ROW}/r{at:02}", "x", told, at=at * 3 + try_)
    write(database, OURS, parts)
    write(database, OURS, run("once", rows([{"exact": True}] * 10)))
    found = compare(database, "tried", "once")
    told = figure(found, "scores.exact", "tried").estimate
    assert told is not None
    assert (told.n, told.mean, told.interval) == (10, pytest.approx(1 / 3), None)
    assert metric_of(found, "scores.exact").kind == "passes"
    assert figure(found, "scores.exact", "once").verdict is Verdict.BETTER
    assert [one.about for one in found.warnings] == ["trials"]
    assert found.runs[0].trials == 30
    [row] = page(database, "tried", limit=1).rows
    assert len(row.runs[0].trials) == 3
    assert row.runs[0].values["scores.exact"] == pytest.approx(1 / 3)


def test_rows_when_filtered_then_those_that_are_meant(written: Database) -> None:
    both = ("base", "good")
    assert page(written, *both).total == 40
    assert page(written, *both, show="disagree", metric="scores.exact").total == 25
    assert page(written, *both, show="better", metric="scores.exact").total == 25
    assert page(written, *both, show="worse", metric="scores.exact").total == 0
    assert page(written, *both, show="worse", metric="scores.exact", lower=True).total == 25
    assert page(written, "good", "base", show="baseline_only", metric="scores.exact").total == 25
    assert page(written, *both, show="outputs").total == 40
    assert page(written, "base", "twin", show="outputs").total == 0
    assert page(written, "base", "odd", show="missing").total == 41
    assert page(written, *both, show="failed").total == 0
    near = {"metric": "scores.judge.score", "run": "base", "at_least": 0.5, "at_most": 0.6}
    assert digests(page(written, *both, within=[near])) == ["r20", "r21", "r22", "r23", "r24"]


def test_rows_when_sorted_then_in_order_and_paged(written: Database) -> None:
    sort: dict[str, Any] = {"metric": "scores.judge.score", "run": "base"}
    first = page(written, "base", "good", sort=sort, limit=2)
    assert (digests(first), first.total, first.all_rows) == (["r39", "r38"], 40, 40)
    assert digests(page(written, "base", sort=sort, limit=1, offset=39)) == ["r00"]
    by_difference = {"metric": "scores.exact", "by": "difference"}
    assert digests(page(written, "base", "good", sort=by_difference, limit=1)) == ["r10"]
    change = {"metric": "scores.exact", "by": "change", "run": "good", "descending": False}
    assert digests(page(written, "base", "good", sort=change, limit=1)) == ["r00"]
    [row] = page(written, "base", "good", limit=1).rows
    assert [one.trials[0].output.value for one in row.runs] == ["x", "y"]
    assert row.row.value == f"{DATASET_ROW}/r00"


def test_rows_when_question_makes_no_sense_then_refused(written: Database) -> None:
    with pytest.raises(NoSuchRun):
        compare(written, "base", "none")
    with pytest.raises(InvalidRequest):
        compare(written, "base", baseline="good")
    for wrong in (
        {"sort": {"metric": "scores.none"}},
        {"within": [{"metric": "scores.exact", "run": "none"}]},
    ):
        with pytest.raises(InvalidRequest):
            page(written, "base", **wrong)


def test_runs_when_listed_then_newest_first_with_their_own_means(database: Database) -> None:
    later: dict[str, Any] = {"started_at_us": NOON_US + 60_000_000, "ended_at_us": None}
    summary = {
        "exact": {"true_count": 3, "true_fraction": 0.75},
        "judge": {"score": {"mean": 0.5}},
        "own": {"f1": 0.9},
        "model_latency": {"mean": 1.5},
        "output": {"mean": 3},
    }
    write(database, OURS, [root("old", output=summary), root("new", **later)])
    with database.read() as connection:
        key = ProjectKeys().find(connection, OURS)
        assert key is not None
        found = READER.runs(connection, key, ON, 10)
        assert READER.runs(connection, key, ON, 1).total == 2
    new, old = found.runs
    assert (new.id, new.status, new.trials_done, new.trials_total) == ("new", "running", 0, None)
    assert old.means == {"scores.exact": 0.75, "scores.judge.score": 0.5, "scores.own.f1": 0.9}
    assert (old.latency_s, old.status, old.name) == (1.5, "done", "run old")
    assert old.model is not None
    assert (old.model.name, old.model.version) == ("Parrot", None)


def test_means_when_runs_have_many_trials_then_read_a_part_at_a_time_and_kept(
    written: Database,
) -> None:
    means = Means()
    with written.read() as connection:
        key = ProjectKeys().find(connection, OURS)
        assert key is not None
        ids = list_ids(connection, key, 10)
        assert set(ids) == {"base", "twin", "good", "odd"}
        asked = ("good", "base", "twin", "none")
        first, left = means.of(connection, key, OURS, asked, most=ROWS)
        assert (set(first), left) == ({"good", "none"}, 2)
        again, left = means.of(connection, key, OURS, asked, most=2 * ROWS)
        assert (set(again), left) == (set(asked), 0)
    assert again["none"] == {}
    passes, graded = again["good"]["scores.exact"], again["good"]["scores.judge.score"]
    assert (passes.n, passes.mean) == (ROWS, 35 / ROWS)
    assert passes.interval == wilson(35, ROWS)
    assert graded.interval is not None
    assert graded.interval.method is Method.STUDENT
    assert graded.interval.low < 0.4875 < graded.interval.high
    write(written, OURS, trial("good", f"{DATASET_ROW}/late", "x", {"exact": True}, at=99))
    with written.read() as connection:
        key = ProjectKeys().find(connection, OURS)
        assert key is not None
        found = READER.estimates(connection, key, ON, 10).means["good"]["scores.exact"]
        later, _left = means.of(connection, key, OURS, asked, most=1)
    assert found.n == later["good"]["scores.exact"].n == ROWS + 1


def test_comparison_when_a_run_goes_on_then_what_was_kept_of_it_is_read_anew(
    written: Database,
) -> None:
    assert compare(written, "base").rows == 40
    write(written, OURS, trial("base", f"{DATASET_ROW}/late", "x", {"exact": True}, at=99))
    assert compare(written, "base").rows == 41
