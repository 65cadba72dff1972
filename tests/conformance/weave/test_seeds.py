"""The hosted service's Weave samples, run as programs, and what they leave behind."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from conformance import samples as hosted
from conformance.server import PATIENCE_S, Weft, wait_until
from conformance.weave import samples
from conformance.weave.programs import run_source

pytestmark = pytest.mark.conformance

TEAM = "loom"
LLAMA = "meta-llama/Llama-3.1-8B-Instruct"
DEEPSEEK = "deepseek-ai/DeepSeek-V3-0324"


def ask(weft: Weft, path: str, **body: Any) -> httpx.Response:
    """Ask the trace server as the console would."""
    return httpx.post(
        f"{weft.console_url}traces{path}", json=body, headers=weft.headers, timeout=PATIENCE_S
    )


def calls(weft: Weft, project: str, **more: Any) -> list[dict[str, Any]]:
    response = ask(weft, "/calls/stream_query", project_id=project, **more)
    assert response.status_code == 200, response.text
    return [json.loads(line) for line in response.text.splitlines() if line]


def name(call: dict[str, Any]) -> str:
    return call["op_name"].rsplit("/", 1)[-1].split(":")[0]


@pytest.mark.parametrize("which", ["TRACED", "TRACED_PLAIN"])
def test_traced_sample_when_run_then_leaves_a_tree_with_model_tokens_and_cost(
    weft: Weft, tmp_path: Path, which: str
) -> None:
    project = f"{TEAM}/{which.lower().replace('_', '-')}"
    source = hosted.fill(getattr(samples, which), weft, project=project)
    source = source.replace('weave.init("wandb/inference-demo")', f'weave.init("{project}")')
    joke = run_source(weft, tmp_path, source).strip().splitlines()[-1]
    wait_until(lambda: len(calls(weft, project)) >= 2)
    found = calls(weft, project, include_costs=True)
    root = next(call for call in found if call["parent_id"] is None)
    chat = next(call for call in found if call["parent_id"] == root["id"])
    assert (name(root), name(chat)) == ("run_chat", "openai.chat.completions.create")
    assert root["trace_id"] == chat["trace_id"]
    assert root["output"].endswith(joke)
    assert chat["output"]["choices"][0]["message"]["content"] == root["output"]
    assert chat["inputs"]["model"] == LLAMA
    assert chat["inputs"]["messages"][1] == {"role": "user", "content": "Tell me a joke."}
    for call in found:
        derived = call["summary"]["weave"]
        assert derived["status"] == "success"
        assert derived["latency_ms"] >= 0
        usage = call["summary"]["usage"][LLAMA]
        assert usage["prompt_tokens"] > 0
        assert usage["completion_tokens"] > 0
        cost = derived["costs"][LLAMA]
        assert cost["prompt_tokens_total_cost"] > 0
        assert cost["completion_tokens_total_cost"] > 0


def test_evaluated_sample_when_run_then_leaves_evaluations_scores_and_a_leaderboard(
    weft: Weft, tmp_path: Path
) -> None:
    project = f"{TEAM}/evaluated"
    weft.cli("project", "create", project)
    source = hosted.fill(samples.EVALUATED, weft, project=project)
    source += """
# What comes after the sample: what it left, read back as its users would.
from weave.flow.leaderboard import get_leaderboard_results
import json
client = weave.get_client()
client.flush()
board = weave.ref("Inference-Leaderboard").get()
results = get_leaderboard_results(board, client)
print()
print(json.dumps({
    "name": board.name,
    "description": board.description,
    "columns": [column.scorer_name for column in board.columns],
    "rows": [[r.model_ref, [[s.value for s in c.scores] for c in r.column_scores]] for r in results],
}))
"""
    told = json.loads(run_source(weft, tmp_path, source).strip().splitlines()[-1])
    assert told["name"] == "Inference Leaderboard"
    assert told["description"] == "Compare models on a QA dataset"
    assert told["columns"] == ["exact_match"]
    found = calls(weft, project)
    tops = [call for call in found if name(call) == "Evaluation.evaluate"]
    assert len(tops) == 2
    models: set[str] = set()
    for top in tops:
        assert top["parent_id"] is None
        assert top["summary"]["weave"]["status"] == "success"
        children = [call for call in found if call["parent_id"] == top["id"]]
        rows = [call for call in children if name(call) == "Evaluation.predict_and_score"]
        assert sorted(name(call) for call in children) == [
            "Evaluation.predict_and_score",
            "Evaluation.predict_and_score",
            "Evaluation.summarize",
        ]
        scores = [row["output"]["scores"]["exact_match"] for row in rows]
        assert all(score in {0.0, 1.0} for score in scores)
        assert top["output"]["exact_match"]["mean"] == sum(scores) / 2
        assert top["output"]["model_latency"]["mean"] >= 0
        for row in rows:
            inner = [call for call in found if call["parent_id"] == row["id"]]
            assert sorted(name(call) for call in inner) == [
                "WBInferenceModel.predict",
                "exact_match",
            ]
            predict = next(call for call in inner if name(call) == "WBInferenceModel.predict")
            [chat] = [call for call in found if call["parent_id"] == predict["id"]]
            assert chat["output"]["choices"][0]["message"]["content"] == row["output"]["output"]
        models |= set(top["summary"]["usage"])
        assert [top["inputs"]["model"], [[top["output"]["exact_match"]["mean"]]]] in told["rows"]
    assert models == {LLAMA, DEEPSEEK}
    assert len(told["rows"]) == 2
