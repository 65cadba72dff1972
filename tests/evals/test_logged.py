"""Runs, predictions and scores by plain HTTP, and what results make of them; and other tenants, who find nothing."""

from typing import Any

import pytest

from evals.conftest import Client
from evals.test_runs import publish, results

MODEL = "weave:///loom/cloth/object/Parrot:m1"
SCORER = "weave:///loom/cloth/object/Exact:s1"


def ok(response: Any) -> Any:
    assert response.status_code == 200, response.text
    return response.json()


@pytest.fixture(scope="module")
def v2(client: Client) -> str:
    return f"/v2/{client.name}"


def log_run(client: Client, v2: str) -> tuple[str, list[str], list[str]]:
    """A finished run of two predictions; its id, theirs, and those of their scores."""
    evaluation = publish(client, "Logged", {"_class_name": "Evaluation", "name": "Logged"})
    body = {"evaluation": evaluation, "model": MODEL}
    run_id = ok(client.post(f"{v2}/evaluation_runs", body))["evaluation_run_id"]
    predictions: list[str] = []
    scores: list[str] = []
    for word, value in (("a", 1.0), ("b", 0.0)):
        prediction = {"model": MODEL, "inputs": {"q": word}, "output": word.upper()}
        in_run = {"evaluation_run_id": run_id}
        id_ = ok(client.post(f"{v2}/predictions", {**prediction, **in_run}))["prediction_id"]
        score = {"prediction_id": id_, "scorer": SCORER, "value": value, **in_run}
        scores.append(ok(client.post(f"{v2}/scores", score))["score_id"])
        assert ok(client.post(f"{v2}/predictions/{id_}/finish", {})) == {"success": True}
        predictions.append(id_)
    finish = {"summary": {"note": "done"}}
    assert ok(client.post(f"{v2}/evaluation_runs/{run_id}/finish", finish)) == {"success": True}
    return run_id, predictions, scores


def test_run_when_logged_then_reads_as_it_was_written(client: Client, v2: str) -> None:
    run_id, predictions, scores = log_run(client, v2)
    run = ok(client.get(f"{v2}/evaluation_runs/{run_id}"))
    assert (run["model"], run["status"]) == (MODEL, "success")
    assert run["finished_at"] >= run["started_at"]
    assert run["summary"]["note"] == "done"
    prediction = ok(client.get(f"{v2}/predictions/{predictions[0]}"))
    assert (prediction["inputs"], prediction["output"]) == ({"q": "a"}, "A")
    assert prediction["evaluation_run_id"] == run_id
    score = ok(client.get(f"{v2}/scores/{scores[0]}"))
    assert (score["scorer"], score["value"]) == (SCORER, 1.0)
    listed = client.lines(f"{v2}/predictions", evaluation_run_id=run_id)
    assert [one["prediction_id"] for one in listed] == predictions
    listed = client.lines(f"{v2}/scores", evaluation_run_id=run_id, limit=1, offset=1)
    assert [one["score_id"] for one in listed] == scores[1:]
    runs = client.lines(f"{v2}/evaluation_runs", models=[MODEL], evaluation_run_ids=[run_id])
    assert [one["evaluation_run_id"] for one in runs] == [run_id]
    assert client.lines(f"{v2}/evaluation_runs", models=["none"]) == []


def test_run_when_logged_then_results_show_its_rows(client: Client, v2: str) -> None:
    run_id, predictions, scores = log_run(client, v2)
    told = results(client, run_id)
    trials = [row["evaluations"][0]["trials"][0] for row in told["rows"]]
    assert sorted(one["predict_call_id"] for one in trials) == sorted(predictions)
    assert sorted(one["scores"]["Exact"] for one in trials) == [0.0, 1.0]
    assert {one["scorer_call_ids"]["Exact"] for one in trials} == set(scores)
    [summary] = told["summary"]["evaluations"]
    [stat] = summary["scorer_stats"]
    assert (stat["numeric_mean"], stat["trial_count"]) == (0.5, 2)
    status = client.ok("/evaluations/status", {"call_id": run_id})["status"]
    assert status["output"]["Exact"] == {"mean": 0.5}


def test_score_when_it_comes_late_then_trial_has_it_too(client: Client, v2: str) -> None:
    run_id, predictions, _scores = log_run(client, v2)
    late = {
        "prediction_id": predictions[0],
        "scorer": SCORER.replace("Exact", "Late"),
        "value": {"pass": True},
        "evaluation_run_id": run_id,
    }
    ok(client.post(f"{v2}/scores", late))
    trials = [row["evaluations"][0]["trials"][0] for row in results(client, run_id)["rows"]]
    assert [one["scores"].get("Late") for one in trials if "Late" in one["scores"]] == [
        {"pass": True}
    ]


def test_score_when_prediction_is_of_no_run_then_listed_with_the_run_it_names(
    client: Client, v2: str
) -> None:
    run_id, _predictions, scores = log_run(client, v2)
    body = {"model": MODEL, "inputs": {"q": 1}, "output": 1}
    alone = ok(client.post(f"{v2}/predictions", body))["prediction_id"]
    score = {"prediction_id": alone, "scorer": SCORER, "value": 1, "evaluation_run_id": run_id}
    id_ = ok(client.post(f"{v2}/scores", score))["score_id"]
    listed = client.lines(f"{v2}/scores", evaluation_run_id=run_id)
    assert [one["score_id"] for one in listed] == [*scores, id_]


def test_prediction_when_it_stands_alone_then_is_kept(client: Client, v2: str) -> None:
    body = {"model": MODEL, "inputs": {"q": 1}, "output": {"a": [1]}}
    id_ = ok(client.post(f"{v2}/predictions", body))["prediction_id"]
    assert ok(client.post(f"{v2}/predictions/{id_}/finish", {})) == {"success": True}
    told = ok(client.get(f"{v2}/predictions/{id_}"))
    assert (told["output"], told["evaluation_run_id"]) == ({"a": [1]}, None)
    assert ok(client.delete(f"{v2}/predictions", prediction_ids=[id_])) == {"num_deleted": 1}
    assert client.get(f"{v2}/predictions/{id_}").status_code == 404


def test_run_when_deleted_then_nothing_is_left_of_it(client: Client, v2: str) -> None:
    run_id, predictions, scores = log_run(client, v2)
    gone = ok(client.delete(f"{v2}/evaluation_runs", evaluation_run_ids=[run_id, "none"]))
    assert gone["num_deleted"] >= 7
    assert client.get(f"{v2}/evaluation_runs/{run_id}").status_code == 404
    assert client.get(f"{v2}/predictions/{predictions[0]}").status_code == 404
    assert client.get(f"{v2}/scores/{scores[0]}").status_code == 404
    assert client.delete(f"{v2}/scores").status_code == 422


@pytest.fixture(scope="module")
def stranger(client: Client) -> Client:
    """A member of another team, with a project of the same name."""
    client.weft.cli("user", "create", "mel")
    client.weft.cli("team", "create", "mill", "--admin", "mel")
    client.weft.cli("project", "create", "mill/cloth")
    return client.as_key(client.weft.key("--user", "mel"))


def test_stranger_when_asking_by_anothers_ids_then_finds_nothing(
    client: Client, stranger: Client, v2: str
) -> None:
    run_id, predictions, scores = log_run(client, v2)
    theirs = "/v2/mill/cloth"
    paths = {
        f"evaluation_runs/{run_id}",
        f"predictions/{predictions[0]}",
        f"scores/{scores[0]}",
        "evaluations/Logged/versions/latest",
    }
    for path in paths:
        assert stranger.get(f"{theirs}/{path}").status_code == 404, path
        assert stranger.get(f"{v2}/{path}").status_code == 404, path
    for noun, key, ids in (
        ("evaluation_runs", "evaluation_run_ids", [run_id]),
        ("predictions", "prediction_ids", predictions),
        ("scores", "score_ids", scores),
    ):
        assert ok(stranger.delete(f"{theirs}/{noun}", **{key: ids})) == {"num_deleted": 0}
        assert stranger.delete(f"{v2}/{noun}", **{key: ids}).status_code == 404
        assert stranger.lines(f"{theirs}/{noun}") == []
    query = {"evaluation_call_ids": [run_id], "include_summary": True}
    told = ok(stranger.post(f"{theirs}/eval_results/query", query))
    assert (told["rows"], told["summary"]["evaluations"]) == ([], [])
    assert stranger.post(f"{v2}/eval_results/query", query).status_code == 404
    status = {"project_id": "mill/cloth", "call_id": run_id}
    assert ok(stranger.post("/evaluations/status", status))["status"] == {"code": "not_found"}
    rescore: dict[str, Any] = {
        "project_id": "mill/cloth",
        "source_evaluation_run_id": run_id,
        "scorer_refs": [],
    }
    assert stranger.post("/evaluations/rescore", rescore).status_code == 404
    evaluate = {
        "project_id": "mill/cloth",
        "evaluation_ref": "weave:///loom/cloth/object/Logged:latest",
        "model_ref": MODEL,
    }
    assert stranger.post("/evaluations/evaluate_model", evaluate).status_code == 404
    finish = stranger.post(f"{theirs}/evaluation_runs/{run_id}/finish", {})
    assert finish.status_code == 404
    assert ok(client.get(f"{v2}/evaluation_runs/{run_id}"))["status"] == "success"


def test_viewer_when_writing_then_refused(client: Client, v2: str) -> None:
    client.weft.cli("user", "create", "vic")
    client.weft.cli("team", "add", "loom", "vic", "--role", "viewer")
    viewer = client.as_key(client.weft.key("--user", "vic"))
    run = {"evaluation": "e", "model": "m"}
    assert viewer.post(f"{v2}/evaluation_runs", run).status_code == 403
    assert viewer.post(f"{v2}/ops", {"name": "x"}).status_code == 403
    assert viewer.delete(f"{v2}/scores", score_ids=["x"]).status_code == 403
    assert viewer.lines(f"{v2}/scores", limit=0) == []
    inputs: dict[str, Any] = {"model": "test/echo", "messages": []}
    body = {"project_id": client.name, "inputs": inputs}
    assert viewer.post("/completions/create", body).status_code == 403
