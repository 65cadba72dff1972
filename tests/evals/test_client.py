"""What the unmodified weave client does with this room: playground chats, models that are settings, evaluations."""

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.weave.programs import run_source
from evals.conftest import Client
from evals.test_runs import ended, results

pytestmark = pytest.mark.conformance

PROGRAM = """
import asyncio, json
import weave
from weave.flow import leaderboard
from weave.flow.llm_structured_model import LLMStructuredCompletionModel
from weave.scorers import LLMAsAJudgeScorer
from weave.trace.weave_client import get_ref

client = weave.init("loom/cloth")
told = {}
ask = dict(model="test/echo", messages=[{"role": "user", "content": "what is a heddle"}])
told["chat"] = client.chat.completions.create(**ask).choices[0].message.content
stream = client.chat.completions.create(**ask, stream=True)
told["stream"] = "".join(c.choices[0].delta.content or "" for c in stream)

parrot = LLMStructuredCompletionModel(
    llm_model_id="test/echo",
    default_params={
        "messages_template": [{"role": "user", "content": "say {word}"}],
        "response_format": "text",
        "max_tokens": 16,
    },
)
told["predicted"] = parrot.predict(word="warp")
told["model"] = weave.publish(parrot, "Parrot").uri
judge = LLMAsAJudgeScorer(model=parrot.model_copy(), scoring_prompt="is {output} like {word}?")
rows = [{"word": "warp"}, {"word": "weft"}]
told["evaluation"] = weave.publish(
    weave.Evaluation(name="words", dataset=weave.Dataset(name="words", rows=rows), scorers=[judge])
).uri


class Plus(weave.Model):
    step: int

    @weave.op
    def predict(self, n: int) -> int:
        return n + self.step


class Distance(weave.Scorer):
    @weave.op
    def score(self, output: int, expected: int) -> float:
        return float(abs(expected - output))


@weave.op
def right(expected: int, output: int) -> dict:
    return {"right": expected == output}


@weave.op
def one(n: int) -> int:
    return 1


numbers = [{"n": n, "expected": n + 1} for n in range(3)]
adding = weave.Evaluation(name="adding", dataset=numbers, scorers=[right, Distance(name="how far")])
for model in (Plus(step=1), one):
    asyncio.run(adding.evaluate(model))
log = weave.EvaluationLogger(name="by hand", model="mine", dataset="my rows")
for n in range(2):
    prediction = log.log_prediction(inputs={"n": n}, output=n * 2)
    prediction.log_score("good", n > 0)
    prediction.finish()
log.log_summary({"mine": 7})
client.flush()
told["runs"] = [call.id for call in adding.get_evaluate_calls()]
told["logged"] = log.ui_url.rsplit("/", 1)[-1]
column = dict(evaluation_object_ref=get_ref(adding).uri, scorer_name="right")
board = leaderboard.Leaderboard(
    name="adders",
    columns=[leaderboard.LeaderboardColumn(**column, summary_metric_path="right.true_fraction")],
)
told["board"] = weave.publish(board).uri
told["values"] = {
    line.model_ref: [[one.evaluate_call_ref, one.value] for one in line.column_scores[0].scores]
    for line in leaderboard.get_leaderboard_results(board, client)
}
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def told(client: Client, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    home: Path = tmp_path_factory.mktemp("home")
    printed = run_source(client.weft, home, PROGRAM)
    return json.loads(printed.rstrip().rsplit("\n", 1)[-1])


def test_playground_when_client_asks_then_answers(told: dict[str, Any]) -> None:
    assert "heddle" in told["chat"]
    assert told["stream"] == told["chat"]
    assert "warp" in told["predicted"]


def test_server_run_when_objects_are_the_clients_then_runs_them(
    client: Client, told: dict[str, Any]
) -> None:
    body = {"evaluation_ref": told["evaluation"], "model_ref": told["model"]}
    call_id = client.ok("/evaluations/evaluate_model", body)["call_id"]
    assert ended(client, call_id)["code"] == "complete"
    answer = results(client, call_id)
    rows = {row["raw_data_row"]["word"]: row for row in answer["rows"]}
    assert set(rows) == {"warp", "weft"}
    [trial] = rows["weft"]["evaluations"][0]["trials"]
    assert "weft" in trial["model_output"]
    [judged] = trial["scores"].values()
    assert "like weft" in judged


def test_results_when_client_evaluated_then_compare_its_models(
    client: Client, told: dict[str, Any]
) -> None:
    answer = results(client, *told["runs"])
    assert answer["warnings"] == []
    assert answer["total_rows"] == 3
    for row in answer["rows"]:
        assert row["raw_data_row"]["expected"] == row["raw_data_row"]["n"] + 1
        for one in row["evaluations"]:
            [trial] = one["trials"]
            assert trial["predict_call_id"]
            assert trial["model_latency_seconds"] >= 0
            assert set(trial["scores"]) == {"right", "how-far"}
            assert set(trial["scorer_call_ids"]) == {"right", "how-far"}
            assert len(set(trial["scorer_call_ids"].values())) == 2
            assert trial["predict_call_id"] not in trial["scorer_call_ids"].values()
    plus, constant = answer["summary"]["evaluations"]
    rates = [
        stat["pass_rate"]
        for summary in (plus, constant)
        for stat in summary["scorer_stats"]
        if (stat["scorer_key"], stat["path"]) == ("right", "right")
    ]
    assert rates == [1.0, pytest.approx(1 / 3)]
    assert "/object/Plus:" in plus["model_ref"]
    assert "/op/one:" in constant["model_ref"]


def test_results_when_logged_by_hand_then_rows_and_scores(
    client: Client, told: dict[str, Any]
) -> None:
    answer = results(client, told["logged"])
    trials = {
        row["raw_data_row"]["n"]: row["evaluations"][0]["trials"][0] for row in answer["rows"]
    }
    assert {n: one["model_output"] for n, one in trials.items()} == {0: 0, 1: 2}
    assert {n: one["scores"] for n, one in trials.items()} == {
        0: {"good": False},
        1: {"good": True},
    }
    assert all(one["scorer_call_ids"]["good"] for one in trials.values())
    runs = client.lines(f"/v2/{client.name}/evaluation_runs", evaluation_run_ids=[told["logged"]])
    assert [run["status"] for run in runs] == ["success"]


def test_leaderboard_when_asked_here_then_same_as_the_clients(
    client: Client, told: dict[str, Any]
) -> None:
    name, _, digest = told["board"].rpartition("/")[2].partition(":")
    path = f"/v2/{client.name}/leaderboards/{name}/versions/{digest}/results"
    answer = client.get(path).json()
    found = {
        line["model_ref"]: [
            [one["evaluate_call_ref"], one["value"]] for one in line["column_scores"][0]["scores"]
        ]
        for line in answer["models"]
    }
    assert found == told["values"]
    assert all(
        one["n"] == 3
        for line in answer["models"]
        for column in line["column_scores"]
        for one in column["scores"]
    )
