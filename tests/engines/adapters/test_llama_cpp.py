"""The real llama.cpp with an adapter: it answers as the same weights do with the adapter merged into them."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters import (
    ALPHA,
    RANK,
    TINY_GGUF,
    TINY_ID,
    tiny_numbers,
    write_full_precision,
    write_peft,
)
from weft.catalog.adapters.folder import AdapterFolder
from weft.catalog.adapters.types import Adapter, AdapterName, AdapterUnusable, Unusable
from weft.catalog.load import load_catalog
from weft.catalog.types import GpuServerSpec, LlamaCppSpec
from weft.engines.adapters.convert import converted_path
from weft.engines.adapters.plan import plan_with
from weft.engines.kinds import llama_cpp
from weft.engines.process.logs import LogRing
from weft.engines.process.spawn import spawn
from weft.engines.types import Machine, Plan
from weft.upstream import HeadTemplate, Origin, Pool

QUESTIONS = ("What is 2 + 2?", "Hello!", "What is the capital of France?")
MAX_BYTES = 1 << 24
PATIENCE_S = 30.0
Said = list[tuple[str, list[float]]]
CARD = load_catalog().get(TINY_ID)
SPEC = LlamaCppSpec("", context_tokens=2048, parallel=1, weights_mib=3, memory_mib=128)


def plan_of(weights: Path) -> Plan:
    plan = llama_cpp.plan(CARD, replace(SPEC, weights=str(weights)), Machine(threads=1))
    assert plan is not None
    return plan


def find(root: Path) -> Adapter:
    adapter = AdapterFolder(root).find("loom", "cloth", AdapterName("pirate"))
    assert adapter is not None
    return adapter


async def ask(plan: Plan) -> Said:
    """What it answers to all questions at temperature 0, with the logarithms of the probabilities."""
    assert plan.launch is not None
    child = await spawn(plan.launch.argv, secret="s", log=LogRing())
    try:
        async with asyncio.timeout(PATIENCE_S):
            origin = Origin("127.0.0.1", await child.announced)
            pool = Pool(origin, reuse_after_stream=False)
            said = [await _answer(pool, origin, question) for question in QUESTIONS]
            await pool.close()
            return said
    finally:
        await child.end(0)


async def _answer(pool: Pool, origin: Origin, question: str) -> tuple[str, list[float]]:
    head = HeadTemplate(
        "POST",
        "/v1/chat/completions",
        host=origin.authority,
        headers=[(b"Authorization", b"Bearer s"), (b"Connection", b"close")],
    )
    asked = {
        "messages": [{"role": "user", "content": question}],
        "max_tokens": 40,
        "temperature": 0,
        "logprobs": True,
        "top_logprobs": 1,
    }
    body = json.dumps(asked).encode()
    response = await pool.send(head.render(len(body)), body)
    choice: Any = json.loads(await response.read(MAX_BYTES))["choices"][0]
    return choice["message"]["content"], [
        token["logprob"] for token in choice["logprobs"]["content"]
    ]


async def test_adapter_when_served_then_answers_are_those_of_merged_weights(tmp_path: Path) -> None:
    numbers = tiny_numbers(size=2.0)
    folder = write_peft(tmp_path / "adapters" / "loom" / "cloth" / "pirate" / "v1", numbers)
    plain = plan_of(write_full_precision(tmp_path / "plain.gguf"))
    merged = plan_of(write_full_precision(tmp_path / "merged.gguf", numbers, scale=ALPHA / RANK))
    adapter = find(tmp_path / "adapters")
    without = await ask(plain)
    added = await ask(plan_with(plain, SPEC, adapter))
    expected = await ask(merged)
    assert [text for text, _ in added] == [text for text, _ in expected]
    assert all(len(text) > 40 for text, _ in expected)
    for (_, ours), (_, theirs) in zip(added, expected, strict=True):
        assert ours == pytest.approx(theirs, abs=0.05)
    assert without[0][0] == "4"
    assert all(ours[0] != theirs[0] for ours, theirs in zip(added, without, strict=True))
    assert converted_path(adapter).exists()
    assert folder == adapter.folder


async def test_adapter_when_its_folder_cannot_be_written_then_is_served_all_the_same(
    tmp_path: Path,
) -> None:
    folder = write_peft(tmp_path / "loom" / "cloth" / "pirate" / "v1", tiny_numbers(size=2.0))
    adapter = find(tmp_path)
    elsewhere = replace(adapter, folder=tmp_path / "gone")  # where nothing can be written
    plan = plan_with(plan_of(TINY_GGUF), SPEC, adapter)
    assert plan.launch is not None
    argv = [
        str(converted_path(elsewhere)) if word == str(converted_path(adapter)) else word
        for word in plan.launch.argv
    ]
    said = await ask(replace(plan, launch=replace(plan.launch, argv=tuple(argv))))
    assert said[0][0] != "4"
    assert not list(folder.glob("*.gguf"))


def test_plan_when_with_an_adapter_then_counts_its_memory_too(tmp_path: Path) -> None:
    write_peft(tmp_path / "loom" / "cloth" / "pirate" / "v1")
    plain = plan_of(TINY_GGUF)
    plan = plan_with(plain, SPEC, find(tmp_path))
    assert plan.demand.memory_mib == plain.demand.memory_mib + 1
    assert plan.launch is not None
    assert str(TINY_GGUF) in plan.launch.files
    assert sum("pirate" in name for name in plan.launch.files) == 2


async def test_child_when_the_adapter_does_not_fit_then_says_so_and_ends(tmp_path: Path) -> None:
    folder = write_peft(tmp_path / "v1", {"lm_head": next(iter(tiny_numbers().values()))})
    launch = plan_of(TINY_GGUF).launch
    assert launch is not None
    argv = [*launch.argv, "--adapter", str(folder), "--adapter-file", str(tmp_path / "a.gguf")]
    log = LogRing()
    child = await spawn(argv, secret="s", log=log)
    async with asyncio.timeout(PATIENCE_S):
        await child.exited
    await child.end(0)
    assert "lm_head" in "\n".join(log.tail())


def test_engine_when_it_takes_no_adapters_then_is_refused_with_what_to_do(tmp_path: Path) -> None:
    write_peft(tmp_path / "loom" / "cloth" / "pirate" / "v1")
    spec = GpuServerSpec("sglang", "x/y", "", gpus=1, gpu_memory_gib=80)
    with pytest.raises(AdapterUnusable) as caught:
        plan_with(plan_of(TINY_GGUF), spec, find(tmp_path))
    assert caught.value.metadata["reason"] == Unusable.ENGINE_WITHOUT_LORA
