"""A program that is traced by weave asks for a completion: the door's own call stands under the op's."""

import json
from typing import Any

import pytest

from conformance.server import TINY, Weft
from conformance.weave.programs import run_source

pytestmark = pytest.mark.conformance

PROGRAM = f"""
import json, time
import openai, weave
client = weave.init("loom/one-id")
door = openai.OpenAI(default_headers={{"OpenAI-Project": "loom/one-id"}})

@weave.op
def answer(question):
    call = weave.require_current_call()
    raw = door.chat.completions.with_raw_response.create(
        model="{TINY}",
        messages=[{{"role": "user", "content": question}}],
        max_tokens=8,
        extra_headers={{
            "X-Weft-Trace": "full",
            "X-Weave-Parent-Call": call.id,
            "X-Weave-Trace-Id": call.trace_id,
        }},
    )
    return raw.headers["x-request-id"]

request_id, call = answer.call("What is 2 + 2?")
client.finish()
for _ in range(100):
    try:
        found = client.get_call(request_id)
        break
    except Exception:
        time.sleep(0.05)
tree = list(client.get_calls(filter={{"trace_ids": [call.trace_id]}}))
print(json.dumps({{
    "request_id": request_id,
    "op": call.id,
    "found": [found.id, found.parent_id, found.trace_id, found.op_name],
    "asked": found.inputs["messages"][0]["content"],
    "said": found.output["choices"][0]["message"]["content"],
    "trace": call.trace_id,
    "tree": sorted(one.id for one in tree),
}}, default=str))
"""


@pytest.fixture(scope="module")
def told(weft: Weft, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    printed = run_source(weft, tmp_path_factory.mktemp("one"), PROGRAM)
    return json.loads(printed.rstrip().rsplit("\n", 1)[-1])


def test_request_when_an_op_is_around_it_then_is_found_under_it_by_its_own_id(
    told: dict[str, Any],
) -> None:
    id_, parent, trace, op = told["found"]
    assert (id_, parent, trace) == (told["request_id"], told["op"], told["trace"])
    assert op.endswith("weft.chat.completions")
    assert told["asked"] == "What is 2 + 2?"
    assert told["said"]
    assert {told["op"], told["request_id"]} <= set(told["tree"])


def test_request_when_its_id_is_known_then_the_books_have_it(
    weft: Weft, told: dict[str, Any]
) -> None:
    usage = weft.usage(told["request_id"])
    assert usage is not None
    assert usage["status"] == 200
    assert told["request_id"] in weft.log_path.read_text()
