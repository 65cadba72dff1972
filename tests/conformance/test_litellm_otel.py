"""LiteLLM's own callback for Weave, `weave_otel`: what it sends by OpenTelemetry becomes readable calls."""

import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from conformance.programs import CLIENTS_PYTHON, run_python
from conformance.server import PROJECT, TEAM, Weft

pytestmark = pytest.mark.conformance

PROGRAM = """
import os
import litellm
litellm.callbacks = ["weave_otel"]
common = {"api_base": os.environ["WEFT_URL"], "api_key": os.environ["WANDB_API_KEY"], "num_retries": 0}
litellm.completion(
    model="openai/test/echo",
    messages=[{"role": "user", "content": "one two three"}],
    temperature=0.5,
    **common,
)
try:
    litellm.completion(
        model="openai/test/none", messages=[{"role": "user", "content": "lost"}], **common
    )
except litellm.NotFoundError:
    pass
import time; time.sleep(0.5)  # its callbacks run in a thread
from opentelemetry import trace
provider = trace.get_tracer_provider()
for logger in litellm.callbacks:
    provider = getattr(getattr(logger, "tracer_provider", None), "force_flush", None) or provider.force_flush
    break
provider()
"""


@pytest.fixture(scope="module")
def calls(weft: Weft) -> list[dict[str, Any]]:
    """What the program left in the project's traces."""
    run_python(
        PROGRAM,
        weft,
        python=CLIENTS_PYTHON,
        WEFT_URL=weft.url,
        WANDB_API_KEY=weft.api_key,
        WANDB_PROJECT_ID=f"{TEAM}/{PROJECT}",
        WANDB_HOST=weft.console_url,
    )
    with closing(sqlite3.connect(weft.data_dir / "traces.db")) as database:
        database.row_factory = sqlite3.Row
        found = database.execute(
            "SELECT * FROM trace_call JOIN trace_payload USING (seq)"
            " WHERE attributes LIKE '%litellm%' ORDER BY started_at_us"
        )
        return [dict(row) for row in found]


def test_completion_when_traced_by_litellm_then_is_a_call_with_model_and_tokens(
    calls: list[dict[str, Any]],
) -> None:
    [call] = [one for one in calls if "one two three" in one["inputs"]]
    assert call["status"] == "success"
    assert call["model"]
    assert (call["input_tokens"], call["output_tokens"]) == (3, 3)
    assert call["display_name"]
    [message] = json.loads(call["inputs"])["messages"]
    assert message == {"role": "user", "content": "one two three"}
    [choice] = json.loads(call["output"])["choices"]
    assert choice["message"]["content"] == "one two three"
    assert json.loads(call["attributes"])["weave"]["kind"] == "llm"


def test_completion_when_it_fails_then_is_a_call_with_an_exception(
    calls: list[dict[str, Any]],
) -> None:
    [call] = [one for one in calls if "lost" in one["inputs"]]
    assert call["status"] == "error"
    assert json.loads(call["exception"])["message"]
