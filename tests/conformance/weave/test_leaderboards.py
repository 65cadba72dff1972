"""Leaderboards that are made over our own routes, read by the unmodified client."""

import json
from pathlib import Path

import pytest

from conformance.server import Weft
from conformance.weave.programs import run_source

pytestmark = pytest.mark.conformance

SOURCE = """
import asyncio, json, os, urllib.request
import weave
from weave.flow.leaderboard import get_leaderboard_results
from weave.trace.refs import ObjectRef

client = weave.init("loom/ranked")

@weave.op
def right(want: int, output: int) -> bool:
    return want == output

class Adder(weave.Model):
    by: int
    @weave.op
    def predict(self, a: int) -> int:
        return a + self.by

rows = [{"a": n, "want": n + 1} for n in range(12)]
evaluation = weave.Evaluation(name="adding", dataset=rows, scorers=[right])
for by in (1, 2):
    asyncio.run(evaluation.evaluate(Adder(name=f"adder-{by}", by=by)))
client.flush()
ref = weave.publish(evaluation).uri

base = os.environ["WANDB_BASE_URL"] + "/api/evals/loom/ranked/leaderboards"
def ask(path, body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"authorization": "Bearer " + os.environ["WANDB_API_KEY"], "content-type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(base + path, data, headers)) as answer:
        return json.load(answer)

column = {"evaluation_object_ref": ref, "scorer_name": "right", "summary_metric_path": "true_fraction"}
made = ask("", {"title": "Best adders", "description": "who adds best", "columns": [column]})
view = ask("", {"title": "All adders", "dynamic": {"hidden_models": ["adder-2"]}})
board = weave.ref(made["name"]).get()
saved = weave.ref(view["name"]).get()
hidden = saved.definition.dynamic_leaderboard_config.model_configuration.deselected
theirs = {
    one.model_ref: [[score.value for score in column.scores] for column in one.column_scores]
    for one in get_leaderboard_results(board, client)
}
ours = ask("/" + made["name"])
print()
print(json.dumps({
    "class": type(board).__name__,
    "told": [board.name, board.description, board.columns[0].scorer_name, board.columns[0].should_minimize],
    "view": [type(saved).__name__, saved.label, hidden],
    "theirs": theirs,
    "ours": {model["ref"]: [model["cells"][0]["value"], model["cells"][0]["rank"]] for model in ours["models"]},
    "shown": [model["label"] for model in ask("/" + view["name"])["models"]],
}))
"""


def test_board_when_made_over_http_then_the_client_reads_it_with_the_same_values(
    weft: Weft, tmp_path: Path
) -> None:
    weft.cli("project", "create", "loom/ranked")
    told = json.loads(run_source(weft, tmp_path, SOURCE).strip().splitlines()[-1])
    assert told["class"] == "Leaderboard"
    assert told["told"] == ["Best adders", "who adds best", "right", None]
    assert told["view"] == ["SavedView", "All adders", ["weave:///loom/ranked/object/adder-2:*"]]
    assert sorted(value for [[value]] in told["theirs"].values()) == [0.0, 1.0]
    assert {ref: [[value]] for ref, (value, _rank) in told["ours"].items()} == told["theirs"]
    assert sorted(told["ours"].values()) == [[0.0, 2], [1.0, 1]]
    assert told["shown"] == ["adder-1"]
