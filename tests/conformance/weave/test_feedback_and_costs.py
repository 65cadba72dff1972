"""What the client's server interface asks of feedback and costs beside the methods that the tours walk through."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from conformance.server import Weft
from conformance.weave.programs import run_source
from weft.catalog.load import load_catalog
from weft.kit.money import NUSD_PER_USD

pytestmark = pytest.mark.conformance

PROGRAM = """
import datetime as dt
import json

import weave

PROJECT = "loom/feedback-and-costs"
client = weave.init(PROJECT)
server = client.server
now = dt.datetime.now(dt.timezone.utc)
seen = {}


@weave.op
def chats(model: str) -> int:
    usage = {"requests": 1, "prompt_tokens": 1_000_000, "completion_tokens": 1_000_000}
    weave.require_current_call().summary["usage"] = {model: usage}
    return 1


turn = client.get_agent_turn_feedback("turn-1")
turn.add_reaction("\\N{THUMBS UP SIGN}")
turn.add_note("well done")
talk = client.get_agent_conversation_feedback("a/b c")
talk.add_reaction("\\N{THUMBS DOWN SIGN}")
client.flush()
seen["turn"] = [[one.feedback_type, one.span_trace_id, one.scorer_tags] for one in turn.refresh()]
seen["talk"] = [one.span_conversation_id for one in talk.refresh()]

window = {"project_id": PROJECT, "start": now - dt.timedelta(hours=1)}
metric = {"json_path": "note", "value_type": "categorical"}
seen["stats"] = server.feedback_stats({**window, "metrics": [metric]}).window_stats
seen["schema"] = [path.json_path for path in server.feedback_payload_schema(window).paths]
later_ms = int(now.timestamp() * 1000) + 60_000
summed = server.feedback_aggregate({"project_id": PROJECT, "after_ms": 0, "before_ms": later_ms})
seen["tags"] = sorted(summed.buckets[0].tag_counts.values())

call = chats.call("gpt-oss-20b")[1]
other = chats.call("wandb/openai/gpt-oss-20b")[1]
client.flush()
old = turn.execute()[0].id
new = {"weave_ref": call.ref.uri, "feedback_type": "mine", "payload": {"a": 1}}
made = server.feedback_replace({"project_id": PROJECT, "feedback_id": old, **new})
seen["replaced"] = [made.id != old, made.payload, len(client.get_feedback())]

for name, one in (("short", call), ("litellm", other)):
    [cost] = client.get_call(one.id, include_costs=True).summary["weave"]["costs"].values()
    seen[name] = [cost["prompt_tokens_total_cost"], cost["completion_tokens_total_cost"]]
print(json.dumps(seen))
"""


def test_feedback_and_costs_when_asked_through_the_client_then_as_with_the_hosted_service(
    weft: Weft, tmp_path: Path
) -> None:
    price = load_catalog().get("openai/gpt-oss-20b").price_at(datetime.now(UTC))
    dollars = [price.input_nusd_per_mtok / NUSD_PER_USD, price.output_nusd_per_mtok / NUSD_PER_USD]
    seen = json.loads(run_source(weft, tmp_path / "home", PROGRAM).rstrip().rsplit("\n", 1)[-1])
    assert seen == {
        "turn": [["wandb.agent_user_feedback", "turn-1", ["👍"]], ["wandb.note.1", "", []]],
        "talk": ["a/b c"],
        "stats": {"note": {"count": 1}},
        "schema": ["emoji", "note"],
        "tags": [1, 1],
        "replaced": [True, {"a": 1}, 3],
        "short": dollars,
        "litellm": dollars,
    }
