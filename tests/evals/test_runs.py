"""Evaluations that run on the server: through its own door, with its own scorers."""

import time
from typing import Any

import httpx
import pytest

from conformance.server import ECHO
from evals.conftest import Client

ROWS = [
    {"user_input": "alpha", "expected": "alpha"},
    {"user_input": "beta", "expected": "gamma"},
    {"user_input": "delta"},
]
BASES = ["Object", "BaseModel"]


def publish(client: Client, object_id: str, val: dict[str, Any]) -> str:
    obj = {"project_id": client.name, "object_id": object_id, "val": val}
    answer = client.post("/obj/create", {"obj": obj})
    assert answer.status_code == 200, answer.text
    return f"weave:///{client.name}/object/{object_id}:{answer.json()['digest']}"


def dataset(client: Client, rows: list[dict[str, Any]]) -> str:
    table = client.post("/table/create", {"table": {"project_id": client.name, "rows": rows}})
    assert table.status_code == 200, table.text
    digest = table.json()["digest"]
    rows_ref = f"weave:///{client.name}/table/{digest}"
    val = {"_type": "Dataset", "_class_name": "Dataset", "_bases": BASES, "rows": rows_ref}
    return publish(client, "Words", val)


def model(client: Client, name: str = ECHO, **params: Any) -> str:
    val = {
        "_type": "LLMStructuredCompletionModel",
        "_class_name": "LLMStructuredCompletionModel",
        "_bases": ["Model", *BASES],
        "llm_model_id": name,
        "default_params": {"max_tokens": 32, **params},
    }
    return publish(client, "Parrot", val)


def scorer(client: Client, kind: str, **fields: Any) -> str:
    val = {"_type": kind, "_class_name": kind, "_bases": ["Scorer", *BASES], **fields}
    return publish(client, kind, val)


def judge(client: Client) -> str:
    inner = {
        "_type": "LLMStructuredCompletionModel",
        "_class_name": "LLMStructuredCompletionModel",
        "llm_model_id": ECHO,
        "default_params": {"max_tokens": 32},
    }
    prompt = "judge {output} against {user_input}"
    return scorer(client, "LLMAsAJudgeScorer", model=inner, scoring_prompt=prompt)


def evaluation(client: Client, scorers: list[str], **more: Any) -> str:
    val = {
        "_type": "Evaluation",
        "_class_name": "Evaluation",
        "_bases": BASES,
        "dataset": dataset(client, ROWS),
        "scorers": scorers,
        "trials": 1,
        **more,
    }
    return publish(client, "WordsEvaluation", val)


def ended(client: Client, call_id: str) -> dict[str, Any]:
    """The status of a run that is over."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        status = client.ok("/evaluations/status", {"call_id": call_id})["status"]
        if status["code"] != "running":
            return status
        time.sleep(0.05)
    raise AssertionError("it runs on")


def run(client: Client, evaluation_ref: str, model_ref: str) -> tuple[str, dict[str, Any]]:
    body = {"evaluation_ref": evaluation_ref, "model_ref": model_ref}
    call_id = client.ok("/evaluations/evaluate_model", body)["call_id"]
    return call_id, ended(client, call_id)


def results(client: Client, *ids: str) -> Any:
    path = f"/v2/{client.name}/eval_results/query"
    body = {
        "evaluation_call_ids": list(ids),
        "include_raw_data_rows": True,
        "resolve_row_refs": True,
        "include_summary": True,
        "include_costs": True,
    }
    response = client.post(path, body)
    assert response.status_code == 200, response.text
    return response.json()


def test_run_when_model_is_settings_then_rows_are_asked_scored_and_summed_up(
    client: Client,
) -> None:
    before = client.weft.total_requests()
    scorers = [scorer(client, "ContainsScorer"), judge(client)]
    call_id, status = run(client, evaluation(client, scorers), model(client))
    assert status["code"] == "complete", status
    assert status["output"]["ContainsScorer"]["true_count"] == 1
    assert client.weft.total_requests() == before + 2 * len(ROWS)
    told = results(client, call_id)
    assert told["total_rows"] == len(ROWS)
    by_input = {row["raw_data_row"]["user_input"]: row for row in told["rows"]}
    [trial] = by_input["alpha"]["evaluations"][0]["trials"]
    assert "alpha" in trial["model_output"]
    assert trial["scores"]["ContainsScorer"] is True
    assert "against alpha" in trial["scores"]["LLMAsAJudgeScorer"]
    assert trial["predict_call_id"]
    assert set(trial["scorer_call_ids"]) == {"ContainsScorer", "LLMAsAJudgeScorer"}
    assert trial["total_tokens"] > 0
    assert trial["total_cost"] > 0
    [broken] = by_input["delta"]["evaluations"][0]["trials"]
    assert "ContainsScorer" not in broken["scores"]
    [summary] = told["summary"]["evaluations"]
    assert summary["trial_count"] == len(ROWS)


def test_run_when_rescored_then_answers_stay_and_scores_are_new(client: Client) -> None:
    first, _status = run(client, evaluation(client, []), model(client))
    before = client.weft.total_requests()
    body = {
        "source_evaluation_run_id": first,
        "scorer_refs": [scorer(client, "ExactMatchScorer", ignore_case=True)],
    }
    again = client.ok("/evaluations/rescore", body)["evaluation_run_id"]
    assert ended(client, again)["code"] == "complete"
    assert client.weft.total_requests() == before
    told = results(client, first, again)
    for row in told["rows"]:
        old, new = (one["trials"][0] for one in row["evaluations"])
        assert old["model_output"] == new["model_output"]
        assert new["predict_call_id"] == old["predict_call_id"]
        assert (old["scores"], set(new["scores"])) == (
            {},
            {"ExactMatchScorer"} if "expected" in row["raw_data_row"] else set[str](),
        )


def test_run_when_no_such_model_then_fails_and_says_so(client: Client) -> None:
    _call_id, status = run(client, evaluation(client, []), model(client, "no/such"))
    assert status["code"] == "failed"
    assert "no/such" in status["error"]


@pytest.mark.parametrize("part", ["scorer", "model", "preprocess"])
def test_run_when_something_has_code_then_refused_by_name(client: Client, part: str) -> None:
    op = f"weave:///{client.name}/op/score:1a"
    coded = {"_type": "Mine", "_class_name": "Mine", "_bases": ["Scorer", *BASES], "score": op}
    mine = publish(client, "Mine", coded)
    more = {"preprocess_model_input": op} if part == "preprocess" else {}
    evaluation_ref = evaluation(client, [mine] if part == "scorer" else [], **more)
    body = {
        "project_id": client.name,
        "evaluation_ref": evaluation_ref,
        "model_ref": mine if part == "model" else model(client),
    }
    response = client.post("/evaluations/evaluate_model", body)
    assert response.status_code == 501
    assert "has code" in response.json()["reason"]


def test_run_when_started_from_the_console_then_the_users_project_pays(client: Client) -> None:
    token = client.weft.cli("user", "login-link", "admin")["url"].rpartition("/")[2]
    with httpx.Client(base_url=client.http.base_url, timeout=30) as browser:
        assert browser.get(f"{client.weft.console_url}login/{token}").status_code == 303
        before = client.weft.total_requests()
        body = {
            "project_id": client.name,
            "evaluation_ref": evaluation(client, []),
            "model_ref": model(client),
        }
        answer = browser.post("/evaluations/evaluate_model", json=body)
        assert answer.status_code == 200, answer.text
        assert ended(client, answer.json()["call_id"])["code"] == "complete"
        assert client.weft.total_requests() == before + len(ROWS)


def test_status_when_call_is_unknown_or_no_evaluation_then_says_so(client: Client) -> None:
    assert client.ok("/evaluations/status", {"call_id": "none"})["status"] == {"code": "not_found"}
    inputs = {"model": ECHO, "messages": [{"role": "user", "content": "x"}]}
    call_id = client.ok("/completions/create", {"inputs": inputs})["weave_call_id"]
    body = {"project_id": client.name, "call_id": call_id}
    assert client.post("/evaluations/status", body).status_code == 400


def test_calls_when_scored_then_scores_are_feedback(client: Client) -> None:
    inputs = {"model": ECHO, "messages": [{"role": "user", "content": "x"}]}
    call_id = client.ok("/completions/create", {"inputs": inputs})["weave_call_id"]
    ref = scorer(client, "ValidJSONScorer")
    assert client.ok("/calls/score", {"call_ids": [call_id], "scorer_refs": [ref]}) == {}
    query = {"$expr": {"$eq": [{"$getField": "runnable_ref"}, {"$literal": ref}]}}
    until = time.monotonic() + 10
    found: list[Any] = []
    while not found and time.monotonic() < until:
        found = client.ok("/feedback/query", {"query": query})["result"]
    [told] = found
    assert told["payload"] == {"output": {"json_valid": True}}
    assert told["weave_ref"].endswith(f"/call/{call_id}")


def test_completion_when_prompt_is_saved_then_its_messages_come_first(client: Client) -> None:
    val = {
        "_type": "MessagesPrompt",
        "_class_name": "MessagesPrompt",
        "_bases": ["Prompt", *BASES],
        "messages": [{"role": "user", "content": "say {word} please"}],
    }
    prompt = publish(client, "Ask", val)
    inputs = {"model": ECHO, "prompt": prompt, "template_vars": {"word": "heddle"}}
    answer = client.ok("/completions/create", {"inputs": inputs})
    assert "heddle" in answer["response"]["choices"][0]["message"]["content"]
