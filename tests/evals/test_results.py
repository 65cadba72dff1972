"""Results of evaluations, on both kinds of database."""

from typing import Any

import msgspec
import pytest

from evals.written import DATASET_ROW, MODEL, call, root, run, trial, write
from weft.evals.results.query import find_results
from weft.evals.results.shapes import FilterWire, ResultsAnswer, ResultsWire, SortWire
from weft.kit.db import Database
from weft.kit.errors import InvalidRequest
from weft.traces.projects import ProjectKeys

OURS, THEIRS = "proj_ours", "proj_theirs"


def ref(digest: str) -> str:
    return f"{DATASET_ROW}/{digest}"


def ask(database: Database, project_id: str = OURS, **wire: Any) -> Any:
    """The answer as a client would decode it."""
    with database.read() as connection:
        key = ProjectKeys().find(connection, project_id)
        assert key is not None
        found: ResultsAnswer = find_results(
            connection,
            key,
            ResultsWire(**wire),
            resolve=lambda _connection, _key, refs: {one: {"q": one[-1]} for one in refs},
        )
    return msgspec.json.decode(msgspec.json.encode(found))


@pytest.fixture
def compared(database: Database) -> Database:
    """Two evaluations over the rows a, b, c; the second has no c and another scorer."""
    write(
        database,
        OURS,
        run(
            "one",
            [
                (ref("a"), {"text": "x"}, {"exact": True, "judge": {"score": 0.5, "why": "meh"}}),
                (ref("b"), {"text": "y"}, {"exact": False, "judge": {"score": 1, "why": "good"}}),
                (ref("c"), {"text": "z"}, {"exact": True, "judge": {"score": 0.25}}),
            ],
            tokens=(10, 5),
        ),
    )
    write(
        database,
        OURS,
        run(
            "two",
            [(ref("a"), "x", {"exact": True}), (ref("b"), "n", {"exact": True, "len": 3})],
        ),
    )
    return database


def digests(answer: Any) -> list[str]:
    return [row["row_digest"] for row in answer["rows"]]


def test_results_when_asked_then_rows_hold_trials_of_every_evaluation(compared: Database) -> None:
    answer = ask(compared, evaluation_call_ids=["one", "two"], include_raw_data_rows=True)
    assert digests(answer) == ["a", "b", "c"]
    assert answer["total_rows"] == 3
    first = answer["rows"][0]
    assert first["raw_data_row"] == ref("a")
    assert [one["evaluation_call_id"] for one in first["evaluations"]] == ["one", "two"]
    [tried] = first["evaluations"][0]["trials"]
    assert tried["model_output"] == {"text": "x"}
    assert tried["scores"]["judge"] == {"score": 0.5, "why": "meh"}
    assert tried["model_latency_seconds"] == 2.0
    assert tried["total_tokens"] == 15
    assert tried["predict_call_id"] == f"{tried['predict_and_score_call_id']}-p"
    assert tried["scorer_call_ids"]["exact"].endswith("-s-exact")


def test_results_when_summary_asked_then_each_place_of_scores_has_its_figures(
    compared: Database,
) -> None:
    summary = ask(compared, evaluation_run_ids=["one"], include_rows=False, include_summary=True)[
        "summary"
    ]
    [told] = summary["evaluations"]
    assert (summary["row_count"], told["trial_count"], told["model_ref"]) == (3, 3, MODEL)
    assert told["predict_total_tokens"] == 45
    stats = {(one["scorer_key"], one["path"]): one for one in told["scorer_stats"]}
    exact = stats["exact", None]
    assert exact["value_type"] == "binary"
    assert exact["pass_rate"] == pytest.approx(2 / 3)
    assert exact["pass_signal_coverage"] == 1.0
    score = stats["judge", "score"]
    assert (score["value_type"], score["numeric_count"]) == ("continuous", 3)
    assert score["numeric_mean"] == pytest.approx(1.75 / 3)
    assert stats["judge", "why"]["value_type"] == "text"


def test_results_when_evaluations_differ_then_warns_of_rows_and_scores(compared: Database) -> None:
    warnings = ask(compared, evaluation_call_ids=["one", "two", "none"])["warnings"]
    assert any(told.startswith("Dataset inconsistency") for told in warnings)
    assert any(told.startswith("Scoring inconsistency") and "len" in told for told in warnings)
    assert any("none" in told for told in warnings)


def test_results_when_intersection_required_then_only_shared_rows(compared: Database) -> None:
    answer = ask(
        compared,
        evaluation_call_ids=["one", "two"],
        require_intersection=True,
        include_summary=True,
    )
    assert digests(answer) == ["a", "b"]
    assert answer["summary"]["row_count"] == 2


def test_results_when_paged_then_total_stays(compared: Database) -> None:
    answer = ask(compared, evaluation_call_ids=["one"], limit=1, offset=1)
    assert (digests(answer), answer["total_rows"]) == (["b"], 3)


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (SortWire("scores.judge.score", "desc"), ["b", "a", "c"]),
        (SortWire("scores.judge.score", "asc"), ["c", "a", "b"]),
        (SortWire("scores.len", "asc"), ["b", "a", "c"]),
        (SortWire("scores.exact", "desc", mode="difference"), ["b", "a", "c"]),
        (SortWire("scores.exact", "asc", evaluation_call_id="one"), ["b", "a", "c"]),
        (SortWire("outputs.text", "desc", evaluation_call_id="one"), ["c", "b", "a"]),
        (SortWire("inputs.q", "desc"), ["c", "b", "a"]),
        (SortWire("model_latency_seconds", "desc"), ["a", "b", "c"]),
    ],
)
def test_results_when_sorted_then_missing_values_come_last(
    compared: Database, sort: SortWire, expected: list[str]
) -> None:
    answer = ask(compared, evaluation_call_ids=["one", "two"], sort_by=[sort])
    assert digests(answer) == expected


def expression(operator: str, field: str, value: Any) -> dict[str, Any]:
    return {"$expr": {operator: [{"$getField": field}, {"$literal": value}]}}


@pytest.mark.parametrize(
    ("filters", "operator", "expected"),
    [
        ([FilterWire(expression("$gt", "scores.judge.score", 0.3))], "or", ["a", "b"]),
        ([FilterWire(expression("$eq", "scores.exact", value=False), "one")], "or", ["b"]),
        ([FilterWire(expression("$eq", "scores.exact", value=True))], "or", ["a", "b", "c"]),
        ([FilterWire(expression("$eq", "scores.exact", value=True))], "and", ["a"]),
        (
            [
                FilterWire(expression("$eq", "scores.exact", value=False), "one"),
                FilterWire(expression("$eq", "scores.exact", value=True), "two"),
            ],
            "and",
            ["b"],
        ),
        ([FilterWire(expression("$eq", "inputs.q", "c"))], "or", ["c"]),
        ([FilterWire(expression("$eq", "scores.len", None), "two")], "or", ["a"]),
        (
            [
                FilterWire(
                    {
                        "$expr": {
                            "$contains": {
                                "input": {"$getField": "output"},
                                "substr": {"$literal": "N"},
                                "case_insensitive": True,
                            }
                        }
                    },
                    "two",
                )
            ],
            "or",
            ["b"],
        ),
    ],
)
def test_results_when_filtered_then_only_what_matches(
    compared: Database, filters: list[FilterWire], operator: str, expected: list[str]
) -> None:
    answer = ask(
        compared,
        evaluation_call_ids=["one", "two"],
        filters=filters,
        filter_logic_operator=operator,
    )
    assert digests(answer) == expected
    assert answer["total_rows"] == len(expected)


@pytest.mark.parametrize(
    "wire",
    [
        {"sort_by": [SortWire("secrets.a")]},
        {"sort_by": [SortWire("inputs.a", mode="difference")]},
        {
            "filters": [
                FilterWire({"$expr": {"$eq": [{"$getField": "secrets.a"}, {"$literal": 1}]}})
            ]
        },
        {"filters": [FilterWire({"$expr": {"$explode": []}})]},
        {"filters": [FilterWire({"expr": 1})]},
    ],
)
def test_results_when_question_makes_no_sense_then_refused(
    compared: Database, wire: dict[str, Any]
) -> None:
    with pytest.raises(InvalidRequest):
        ask(compared, evaluation_call_ids=["one"], **wire)


def test_results_when_row_refs_resolved_then_rows_themselves(compared: Database) -> None:
    answer = ask(
        compared, evaluation_call_ids=["one"], include_raw_data_rows=True, resolve_row_refs=True
    )
    assert [row["raw_data_row"] for row in answer["rows"]] == [{"q": "a"}, {"q": "b"}, {"q": "c"}]


def test_results_when_rows_are_inline_and_tried_twice_then_trials_of_one_row(
    database: Database,
) -> None:
    example = {"q": "inline", "n": 1}
    same = {"n": 1, "q": "inline"}
    write(database, OURS, run("one", [(example, "1", {"s": 1}), (same, "2", {"s": 0})]))
    [row] = ask(database, evaluation_call_ids=["one"], include_raw_data_rows=True)["rows"]
    assert row["raw_data_row"] == example
    [told] = row["evaluations"]
    assert [one["model_output"] for one in told["trials"]] == ["1", "2"]


def test_results_when_output_is_long_then_whole(database: Database) -> None:
    long = "lang " * 40_000
    write(database, OURS, run("one", [({"q": long}, long, {"s": 1})]))
    [row] = ask(database, evaluation_call_ids=["one"], include_raw_data_rows=True)["rows"]
    assert row["raw_data_row"] == {"q": long}
    assert row["evaluations"][0]["trials"][0]["model_output"] == long


def test_results_when_children_left_out_then_latency_of_the_trial(compared: Database) -> None:
    answer = ask(compared, evaluation_call_ids=["one"], include_predict_and_score_children=False)
    [tried] = answer["rows"][0]["evaluations"][0]["trials"]
    assert (tried["model_latency_seconds"], tried["predict_call_id"]) == (0.25, None)


def test_results_when_model_is_a_plain_op_then_its_call_is_the_prediction(
    database: Database,
) -> None:
    model = "weave:///loom/cloth/op/answer:1a"
    parts = [root("one", model=model), *trial("one", ref("a"), "x", {"exact": True}, model=model)]
    [trial_id] = [part.id for part in parts if "predict_and_score" in part.op_name]
    parts = [part for part in parts if not part.id.endswith("-p")]
    parts.append(call("the-answer", "answer", trial_id, output="x"))
    write(database, OURS, parts)
    [row] = ask(database, evaluation_call_ids=["one"])["rows"]
    assert row["evaluations"][0]["trials"][0]["predict_call_id"] == "the-answer"


def test_results_when_evaluation_is_another_projects_then_nothing(compared: Database) -> None:
    write(compared, THEIRS, [root("theirs")])
    answer = ask(compared, THEIRS, evaluation_call_ids=["one", "two"], include_summary=True)
    assert (answer["rows"], answer["total_rows"]) == ([], 0)
    assert answer["summary"]["evaluations"] == []
