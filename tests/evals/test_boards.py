"""Leaderboards with ranks: what counts, what is tied, what is missing; on both kinds of database."""

from collections.abc import Sequence
from typing import Any

import pytest

from evals.conftest import NAME, Client
from evals.written import PREFIX, root, trial, write
from weft.evals.leaderboards.board import Sources, gather, work_out
from weft.evals.leaderboards.kept import Memory
from weft.evals.leaderboards.pages.answers import answer_of
from weft.evals.leaderboards.pages.shapes import BoardAnswer, CellAnswer
from weft.evals.leaderboards.saved import object_name, read_spec, value_of
from weft.evals.leaderboards.types import ColumnSpec, Dynamic, DynamicColumn, Spec
from weft.kit.db import Database
from weft.traces.costs.book import PriceBook
from weft.traces.json_text import dump
from weft.traces.projects import ProjectKeys

OURS = "proj_ours"
EVAL = f"{PREFIX}/object/Eval"
PARROT, CROW, MAGPIE, OWL = (
    f"{PREFIX}/object/{name}" for name in ("Parrot:m1", "Crow:m2", "Magpie:m3", "Owl:m4")
)
ROWS = 40
EXACT = ColumnSpec(f"{EVAL}:e1", "exact", "true_fraction")


def a_run(
    database: Database,
    id_: str,
    model: str,
    passes: Sequence[bool],
    *,
    summary: Any = None,
    evaluation: str = "Eval:e1",
    at: int = 0,
) -> None:
    """A run over `len(passes)` rows with the score `exact`, and a summary as the client makes one."""
    first = root(id_, model=model, evaluation=evaluation)
    first.started_at_us += at
    first.output = dump(
        summary
        or {
            "exact": {
                "true_count": sum(passes),
                "true_fraction": sum(passes) / len(passes),
            },
            "model_latency": {"mean": 0.25},
        }
    )
    parts = [first]
    for row, passed in enumerate(passes):
        parts += trial(
            id_, {"q": row}, "a", {"exact": passed}, at=row, tokens=(100, 10), model=model
        )
    write(database, OURS, parts)


def ask(database: Database, spec: Spec, *, every_version: bool = False) -> BoardAnswer:
    memory = Memory()
    with database.read() as connection:
        key = ProjectKeys().find(connection, OURS)
        assert key is not None
        sources = Sources(memory, PriceBook(), NAME)
        gathered = gather(connection, key, spec, sources, every_version=every_version)
    first = answer_of(work_out(gathered, memory), None, NAME)
    assert answer_of(work_out(gathered, memory), None, NAME) == first, "what is kept says the same"
    return first


def column_of(board: BoardAnswer, place: int = 0) -> dict[str, CellAnswer | None]:
    return {model.name: model.cells[place] for model in board.models}


@pytest.fixture
def raced(database: Database) -> Database:
    """A good model twice, the same answers under two names, and one that is far behind."""
    good = [row % 10 != 0 for row in range(ROWS)]
    poor = [row % 10 == 1 for row in range(ROWS)]
    a_run(database, "old", PARROT, poor)
    a_run(database, "one", PARROT, good, at=10)
    a_run(database, "two", CROW, good, at=20)
    a_run(database, "three", MAGPIE, poor, at=30)
    going = root("going", model=OWL)
    going.ended_at_us = None
    write(database, OURS, [going])
    return database


def test_board_when_runs_differ_then_newest_counts_ties_stay_ties_and_missing_is_missing(
    raced: Database,
) -> None:
    other = ColumnSpec(f"{EVAL}:e9", "exact", "true_fraction")
    board = ask(raced, Spec("b", None, [EXACT, other]))
    cells = column_of(board)
    told = {name: (c.rank, c.is_tied, c.is_best, c.value, c.n) for name, c in cells.items() if c}
    assert told == {
        "Parrot": (1, True, True, 0.9, ROWS),
        "Crow": (1, True, True, 0.9, ROWS),
        "Magpie": (3, False, False, 0.1, ROWS),
        "Owl": (None, False, False, None, None),
    }
    parrot, owl = cells["Parrot"], cells["Owl"]
    assert parrot is not None
    assert owl is not None
    assert (parrot.run_id, parrot.runs, parrot.method) == ("one", 2, "wilson")
    assert parrot.low is not None
    assert parrot.high is not None
    assert parrot.low < 0.9 < parrot.high
    assert owl.state == "running"
    assert set(column_of(board, 1).values()) == {None}
    line = next(model for model in board.models if model.name == "Parrot")
    assert line.seconds_per_row == 2.0, "of the model's own call, not of the whole trial"
    assert line.cost_per_row_nusd is None, "the model has no price"
    assert board.columns[0].label == "exact"
    assert board.columns[0].is_share


def test_board_when_less_is_better_then_order_turns(raced: Database) -> None:
    spec = ColumnSpec(EXACT.evaluation_ref, "exact", "true_fraction", should_minimize=True)
    cells = column_of(ask(raced, Spec("b", None, [spec])))
    ranks = {name: cell.rank for name, cell in cells.items() if cell}
    assert ranks == {"Parrot": 2, "Crow": 2, "Magpie": 1, "Owl": None}


def test_board_when_summary_is_not_the_rows_mean_then_has_value_and_no_rank(
    database: Database,
) -> None:
    a_run(database, "own", PARROT, [True, False], summary={"exact": {"true_fraction": 0.9}})
    a_run(database, "text", CROW, [True], summary={"exact": {"true_fraction": "good"}})
    cells = column_of(ask(database, Spec("b", None, [EXACT])))
    own, text = cells["Parrot"], cells["Crow"]
    assert own is not None
    assert text is not None
    assert (own.value, own.rank, own.n, own.low) == (0.9, None, None, None)
    assert (text.value, text.text) == (None, "good")


def test_board_when_versions_do_not_matter_then_says_what_differs(database: Database) -> None:
    a_run(database, "one", PARROT, [True, False, True])
    a_run(database, "two", CROW, [True, True], evaluation="Eval:e2")
    exact = ask(database, Spec("b", None, [EXACT]))
    assert [model.name for model in exact.models] == ["Parrot"]
    assert exact.columns[0].other_version_runs == 1
    board = ask(database, Spec("b", None, [EXACT]), every_version=True)
    assert [model.name for model in board.models] == ["Parrot", "Crow"]
    assert board.columns[0].warnings == [
        "Models ran 2 versions of the evaluation.",
        "2 of 3 rows are in all runs; two models are compared on the rows that both have.",
    ]


def test_dynamic_when_new_runs_come_then_shows_them_less_what_is_hidden(raced: Database) -> None:
    board = ask(raced, Spec("d", None, dynamic=Dynamic()))
    assert [(one.scorer, one.path) for one in board.columns] == [("exact", "true_fraction")]
    assert {model.name for model in board.models} == {"Parrot", "Crow", "Magpie", "Owl"}
    a_run(raced, "next", f"{PREFIX}/object/Parrot:m9", [True] * ROWS, evaluation="Eval:e2", at=90)
    dynamic = Dynamic(
        hidden_models=["Crow"],
        model_labels={"Parrot": "Polly"},
        columns=[
            DynamicColumn("Eval", "exact", "true_fraction", "Right"),
            DynamicColumn("Eval", "model_latency", "mean", hidden=False),
        ],
        newest_versions=True,
    )
    board = ask(raced, Spec("d", None, dynamic=dynamic))
    assert [one.label for one in board.columns] == ["Right", "model_latency"]
    assert board.columns[1].should_minimize
    assert {(one.label, one.ref.rpartition(":")[2]) for one in board.models} == {
        ("Polly", "m9"),
        ("Magpie", "m3"),
        ("Owl", "m4"),
    }
    assert board.found is not None
    assert "Crow" in board.found.models
    assert len(board.found.columns) == 3
    none = ask(raced, Spec("d", None, dynamic=Dynamic(evaluations=["Else"])))
    assert (none.columns, none.models) == ([], [])


def test_definition_when_kept_as_the_clients_object_then_reads_back() -> None:
    dynamic = Dynamic(
        ["Eval"],
        ["Crow"],
        ["Words"],
        ["exact"],
        {"Parrot": "Polly"},
        [DynamicColumn("Eval", "exact", "mean", "Right", should_minimize=True, hidden=False)],
        newest_versions=True,
    )
    for spec in (Spec("My board", "words", [EXACT]), Spec("Mine", None, dynamic=dynamic)):
        assert read_spec(value_of(spec, "loom/cloth"), "x") == spec
    assert read_spec({"_class_name": "Dataset"}, "x") is None
    assert object_name("Inference Leaderboard!") == "Inference-Leaderboard"
    assert object_name("new") == "new-leaderboard"
    assert object_name("  ") == "leaderboard"


def test_leaderboards_when_made_over_http_then_are_objects_that_change_and_go(
    client: Client,
) -> None:
    base = f"{client.weft.console_url}api/evals/{NAME}/leaderboards"
    ref = f"weave:///{NAME}/object/Eval:e1"
    column = {
        "evaluation_object_ref": ref,
        "scorer_name": "exact",
        "summary_metric_path": "mean",
    }
    wanted = {"title": "Over HTTP", "description": "**who**", "columns": [column]}
    made = client.http.post(base, json=wanted).json()
    assert made["name"] == "Over-HTTP"
    again = client.http.post(base, json=wanted)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "leaderboard_exists")
    obj = client.ok("/obj/read", {"object_id": "Over-HTTP", "digest": "latest"})["obj"]
    assert obj["base_object_class"] == "Leaderboard"
    assert obj["val"]["columns"][0]["evaluation_object_ref"] == ref
    shown = client.http.get(f"{base}/Over-HTTP").json()
    assert shown["definition"]["description"] == "**who**"
    assert (shown["models"], shown["version"]) == ([], 0)
    client.http.put(f"{base}/Over-HTTP", json={**wanted, "title": "Renamed"}).raise_for_status()
    listed = client.http.get(base).json()["leaderboards"]
    mine = next(one for one in listed if one["name"] == "Over-HTTP")
    assert (mine["title"], mine["version"], mine["evaluations"]) == ("Renamed", 1, ["Eval"])
    bad = client.http.post(base, json={**wanted, "columns": [{**column, "scorer_name": ""}]})
    assert bad.status_code == 400
    assert client.http.delete(f"{base}/Over-HTTP").status_code == 204
    gone = client.http.get(f"{base}/Over-HTTP")
    assert (gone.status_code, gone.json()["error"]["code"]) == (404, "leaderboard_not_found")
    assert client.http.put(f"{base}/Over-HTTP", json=wanted).status_code == 404
