"""The unmodified weave client activates a monitor, makes calls, and reads what was said of them."""

import json
import re
from pathlib import Path

import pytest

from conformance.weave.programs import run_source
from evals.conftest import NAME, Client
from evals.playground.conftest import log_in

pytestmark = pytest.mark.conformance

PROGRAM = """
import json, os, time
import httpx
import weave
from weave.flow.llm_structured_model import LLMStructuredCompletionModel
from weave.scorers import LLMAsAJudgeScorer

client = weave.init("loom/cloth")


@weave.op
def spoken(word: str) -> str:
    return word.upper()


@weave.op
def unheard(word: str) -> str:
    return word


model = LLMStructuredCompletionModel(
    llm_model_id="test/echo", default_params={"response_format": "text", "max_tokens": 32}
)
judge = LLMAsAJudgeScorer(
    name="Ear", model=model, scoring_prompt="is {output} like {word}?"
)
monitor = weave.Monitor(name="listening", scorers=[judge], op_names=["spoken"])
ref = monitor.activate()
with httpx.Client(base_url=os.environ["CONSOLE"], cookies={"weft_session": os.environ["SESSION"]}) as console:
    given = console.post("/api/monitors/loom/cloth/listening/activate", json={"budget_nusd": "100000000"})
    given.raise_for_status()
_, call = spoken.call("warp")
unheard("weft")
client.flush()
until = time.monotonic() + 60
found = []
while not found and time.monotonic() < until:
    time.sleep(0.2)
    found = list(client.get_call(call.id).feedback)
[one] = found
print(json.dumps({
    "ref": ref.uri,
    "call": call.id,
    "type": one.feedback_type,
    "payload": dict(one.payload),
    "trigger": one.trigger_ref,
    "scorer": one.runnable_ref,
    "active": weave.ref("listening:latest").get().active,
}))
"""


def test_monitor_when_the_client_activates_it_then_it_reads_the_verdicts_on_its_calls(
    client: Client, tmp_path: Path
) -> None:
    with log_in(client.weft, "admin") as browser:
        session = str(browser.cookies.get("weft_session"))
    console = client.weft.console_url
    printed = run_source(client.weft, tmp_path, PROGRAM, CONSOLE=console, SESSION=session)
    told = json.loads(printed.rstrip().rsplit("\n", 1)[-1])
    assert told["active"] is True
    assert told["type"] == "wandb.runnable.Ear"
    assert told["payload"]["output"] == "is WARP like warp?"
    assert re.fullmatch(rf"weave:///{NAME}/object/listening:\w+", told["trigger"])
    assert re.fullmatch(rf"weave:///{NAME}/object/Ear:\w+", told["scorer"])
    [one] = client.ok(
        "/feedback/query",
        {
            "query": {
                "$expr": {
                    "$eq": [{"$getField": "feedback_type"}, {"$literal": "wandb.runnable.Ear"}]
                }
            }
        },
    )["result"]
    assert one["weave_ref"] == f"weave:///{NAME}/call/{told['call']}", "the other op is not watched"
