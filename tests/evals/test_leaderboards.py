"""Leaderboards, on both kinds of database."""

from typing import Any

import pytest

from evals.written import PREFIX, root, run, write
from weft.evals.leaderboards.results import (
    Column,
    NoLeaderboard,
    columns_of,
    leaderboard_results,
    metric,
)
from weft.kit.db import Database
from weft.traces.calls.parts import CallPart
from weft.traces.json_text import dump
from weft.traces.projects import ProjectKeys

OURS, THEIRS = "proj_ours", "proj_theirs"
EVAL = f"{PREFIX}/object/Eval"


def ask(database: Database, project_id: str, columns: list[Column], **how: bool) -> Any:
    with database.read() as connection:
        key = ProjectKeys().find(connection, project_id)
        assert key is not None
        lines = leaderboard_results(connection, key, columns, **how)
    return {
        line.model_ref.rpartition("/")[2]: [
            [(one.value, one.n) for one in some] for some in line.scores
        ]
        for line in lines
    }


def done(part: CallPart, output: Any) -> CallPart:
    part.output = dump(output)
    return part


def column(version: str, scorer: str = "exact", path: str = "mean") -> Column:
    return Column(f"{EVAL}:{version}", scorer, path, None)


@pytest.fixture
def ranked(database: Database) -> Database:
    """Three runs of two versions of an evaluation, with two models; one has not ended."""
    parrot, crow = f"{PREFIX}/object/Parrot:m1", f"{PREFIX}/object/Crow:m2"
    rows = [({"q": 1}, "a", {"exact": 1}), ({"q": 2}, "b", {"exact": 0})]
    first, *below = run("one", rows)
    write(database, OURS, [done(first, {"exact": {"mean": 0.5, "all": [1, 0]}}), *below])
    second = root("two", model=crow, started_at_us=first.started_at_us + 1)
    write(database, OURS, [done(second, {"exact": {"mean": 0.75}})])
    write(database, OURS, [root("three", model=crow, started_at_us=first.started_at_us + 2)])
    newer = root("four", model=parrot, evaluation="Eval:e2", started_at_us=first.started_at_us + 3)
    write(database, OURS, [done(newer, {"exact": {"mean": 1.0}})])
    return database


def test_leaderboard_when_runs_are_there_then_values_by_model_with_counts(ranked: Database) -> None:
    columns = [column("e1"), column("e1", path="all.1"), column("e2"), column("e1", "none")]
    assert ask(ranked, OURS, columns) == {
        "Parrot:m1": [[(0.5, 2)], [(0, 2)], [(1.0, 0)], [(None, 2)]],
        "Crow:m2": [[(0.75, 0)], [(None, 0)], [], [(None, 0)]],
    }


def test_leaderboard_when_versions_do_not_matter_then_all_runs_count(ranked: Database) -> None:
    assert ask(ranked, OURS, [column("e1")], any_version=True) == {
        "Parrot:m1": [[(0.5, 2), (1.0, 0)]],
        "Crow:m2": [[(0.75, 0)]],
    }


def test_leaderboard_when_runs_are_another_projects_then_empty(ranked: Database) -> None:
    write(ranked, THEIRS, [root("other", evaluation="Else:e1")])
    assert ask(ranked, THEIRS, [column("e1")]) == {}


@pytest.mark.parametrize(
    ("summary", "path", "expected"),
    [
        ({"a": {"b": 2}}, "a.b", 2),
        ({"a": [1, {"b": 3}]}, "a.1.b", 3),
        (0.5, "mean", 0.5),
        ({"a": [1]}, "a.7", None),
        (None, "a", None),
    ],
)
def test_metric_when_path_is_walked_then_as_the_client_does(
    summary: Any, path: str, expected: Any
) -> None:
    assert metric(summary, path) == expected


def test_columns_when_object_is_something_else_then_refused() -> None:
    with pytest.raises(NoLeaderboard):
        columns_of({"_class_name": "Dataset"})
