"""Evaluations of several models under one budget, on a real server with the fake engine."""

from typing import Any

import pytest

from evals.batches.conftest import Evals, dataset, wanted
from evals.conftest import Client
from evals.test_runs import ended, results

ROWS: list[dict[str, Any]] = [
    {"user_input": "alpha 7", "expected": "alpha", "number": 7},
    {"user_input": "beta 1,000.5", "expected": "BETA", "number": 1000},
    {"user_input": '{"word": "gamma"}', "expected": "delta", "number": 3},
]
SCORERS: list[dict[str, Any]] = [
    {"kind": "exact", "name": "same", "target_field": "user_input"},
    {"kind": "contains", "name": "has", "case_insensitive": True},
    {"kind": "regex", "name": "digits", "pattern": r"\d+$"},
    {"kind": "json_schema", "name": "shape", "json_schema": {"required": ["word"]}},
    {"kind": "numeric", "name": "near", "target_field": "number", "tolerance": {"relative": 0.01}},
    {
        "kind": "judge",
        "name": "verdict",
        "judge": {"model": "test/echo", "template": "{{output}} {{target}} reason=so"},
    },
]
SAID = {
    "alpha 7": (True, True, True, {"json_valid": False, "fits": False}, True),
    "beta 1,000.5": (True, True, True, {"json_valid": False, "fits": False}, True),
    '{"word": "gamma"}': (True, False, False, {"json_valid": True, "fits": True}, False),
}


def charged(client: Client) -> int:
    """What the project was charged so far, by the usage report."""
    answer = client.http.get(f"{client.weft.console_url}api/usage")
    return int(answer.json()["total"]["cost_nusd"])


def test_batch_when_run_then_results_read_it_like_the_clients_own(client: Client) -> None:
    evals, before = Evals(client), charged(client)
    models = [
        {"model": "test/echo", "name": "parrot", "params": {"max_tokens": 64}},
        {"model": "weft/tiny-chat", "name": "tiny", "params": {"max_tokens": 8}},
    ]
    body = wanted(dataset(client, ROWS), models=models, scorers=SCORERS, budget_nusd="50000000")
    batch = evals.ended(evals.start(body)["id"])
    assert (batch["state"], batch["held_nusd"]) == ("done", "0"), batch
    assert batch["questions_done"] == batch["questions_total"] == 2 * len(ROWS) * 2
    assert [(run["state"], run["rows_done"], run["errors"]) for run in batch["runs"]] == [
        ("done", 3, 0),
        ("done", 3, 0),
    ]
    spent = sum(int(run["cost_nusd"]) for run in batch["runs"])
    assert spent == int(batch["spent_nusd"]) == charged(client) - before > 0

    parrot, tiny = (run["call_id"] for run in batch["runs"])
    told = results(client, parrot, tiny)
    for row in told["rows"]:
        [trial] = row["evaluations"][0]["trials"]
        scores = trial["scores"]
        same, has, digits, shape, near = SAID[row["raw_data_row"]["user_input"]]
        assert (scores["same"], scores["has"], scores["digits"]) == (same, has, digits)
        assert (scores["shape"], scores["near"]["within"]) == (shape, near)
        assert scores["verdict"] == {"passed": True, "reason": "so"}
        assert set(trial["scorer_call_ids"]) == set(scores)
        assert trial["predict_call_id"]
    assert len(told["summary"]["evaluations"]) == 2
    status = client.ok("/evaluations/status", {"call_id": parrot})["status"]
    assert status["output"]["has"] == {"true_count": 2, "true_fraction": pytest.approx(2 / 3)}
    assert evals.ask("POST", f"/batches/{batch['id']}/resume", {}).status_code == 409


def test_scorers_of_a_batch_when_published_then_evaluate_model_runs_them(client: Client) -> None:
    evals = Evals(client)
    body = wanted(dataset(client, ROWS), scorers=SCORERS)
    batch = evals.ended(evals.start(body)["id"])
    ask = {"evaluation_ref": batch["evaluation_ref"], "model_ref": batch["runs"][0]["model_ref"]}
    call_id = client.ok("/evaluations/evaluate_model", ask)["call_id"]
    status = ended(client, call_id)
    assert status["code"] == "complete", status
    ours = client.ok("/evaluations/status", {"call_id": batch["runs"][0]["call_id"]})["status"]
    theirs = {key: value for key, value in status["output"].items() if key != "model_latency"}
    assert theirs == {k: v for k, v in ours["output"].items() if k != "model_latency"}
