"""The hosted service's chat and model samples, run as programs: Python, and curl in a shell."""

import json
from pathlib import Path

import pytest

from conformance import samples
from conformance.programs import CLIENTS_PYTHON, NEW_PYTHON, run_python, run_shell
from conformance.server import PROJECT, TEAM, TINY, Weft

pytestmark = pytest.mark.conformance

PLACE = f"{TEAM}/{PROJECT}"
SHIPPED = {
    "openai/gpt-oss-120b",
    "openai/gpt-oss-20b",
    "Qwen/Qwen3-235B-A22B-Thinking-2507",
    "Qwen/Qwen3-235B-A22B-Instruct-2507",
    "Qwen/Qwen3-Coder-480B-A35B-Instruct",
    "moonshotai/Kimi-K2-Instruct",
    "deepseek-ai/DeepSeek-R1-0528",
    "deepseek-ai/DeepSeek-V3-0324",
    "meta-llama/Llama-3.1-8B-Instruct",
    "meta-llama/Llama-3.3-70B-Instruct",
    "meta-llama/Llama-4-Scout-17B-16E-Instruct",
    "microsoft/Phi-4-mini-instruct",
}


def is_joke(text: str) -> bool:
    return "?" in text and len(text.strip()) > 30


@pytest.mark.parametrize("sample", [samples.JOKE_CURL, samples.JOKE_CURL_INDENTED])
@pytest.mark.parametrize("model", [TINY, "meta-llama/Llama-3.3-70B-Instruct"])
def test_curl_when_it_asks_for_a_joke_then_gets_one(weft: Weft, sample: str, model: str) -> None:
    answer = json.loads(run_shell(samples.fill(sample, weft, model=model, project=PLACE), weft))
    assert answer["id"].startswith("chatcmpl-")
    assert answer["object"] == "chat.completion"
    assert answer["model"] == model
    assert is_joke(answer["choices"][0]["message"]["content"])
    assert answer["choices"][0]["finish_reason"] == "stop"
    usage = answer["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


@pytest.mark.parametrize("sample", [samples.MODELS_CURL, samples.MODELS_CURL_CUT])
def test_curl_when_it_lists_the_models_then_gets_them_all(weft: Weft, sample: str) -> None:
    answer = json.loads(run_shell(samples.fill(sample, weft, project=PLACE), weft))
    assert answer["object"] == "list"
    rows = {row["id"]: row for row in answer["data"]}
    assert {*SHIPPED, TINY} <= set(rows)
    for model_id in (*SHIPPED, TINY):  # others may be there: adapters belong to a team
        row = rows[model_id]
        assert row["object"] == "model"
        assert row["created"] == 0
        assert row["owned_by"] == "system"
        assert row["root"] == model_id


@pytest.mark.parametrize("python", [NEW_PYTHON, CLIENTS_PYTHON], ids=["openai-3", "openai-2"])
def test_quickstart_when_run_then_prints_a_joke(weft: Weft, python: Path) -> None:
    assert is_joke(run_python(samples.fill(samples.QUICKSTART, weft), weft, python=python))


@pytest.mark.parametrize("sample", [samples.CHAT, samples.CHAT_WITH_PROJECT])
def test_chat_sample_when_run_then_prints_the_answer(weft: Weft, sample: str) -> None:
    source = samples.fill(
        sample,
        weft,
        model=TINY,
        project=PLACE,
        system="You are a helpful assistant.",
        prompt="What is 2 + 2?",
    )
    assert run_python(source, weft).strip() == "4"


def test_models_sample_when_run_then_prints_every_id(weft: Weft) -> None:
    out = run_python(samples.fill(samples.MODELS, weft), weft)
    assert {*SHIPPED, TINY} <= set(out.splitlines())


def test_traced_chat_when_run_then_prints_a_joke(weft: Weft) -> None:
    assert is_joke(run_python(samples.fill(samples.TRACED_CALL, weft), weft))


def test_predictions_when_run_then_are_exact(weft: Weft) -> None:
    out = run_python(samples.fill(samples.PREDICT, weft, project=PLACE), weft)
    assert [line.lower() for line in out.split()] == ["4", "red"] * 2
