"""The command lines of vLLM and SGLang, flag by flag."""

import dataclasses

import pytest

from weft.catalog.commands import flags, other_nodes, recipe
from weft.catalog.types import GpuServerSpec, Spread

VLLM = GpuServerSpec("vllm", "a/b", "", gpus=16, gpu_memory_gib=80)
SGLANG = dataclasses.replace(VLLM, kind="sglang")


@pytest.mark.parametrize(
    ("fields", "vllm", "sglang"),
    [
        ({}, "", ""),
        ({"tensor_parallel": 4}, "--tensor-parallel-size 4", "--tp-size 4"),
        ({"pipeline_parallel": 2}, "--pipeline-parallel-size 2", "--pp-size 2"),
        ({"data_parallel": 2}, "--data-parallel-size 2", "--dp-size 2"),
        (
            {"tensor_parallel": 8, "expert_parallel": True},
            "--tensor-parallel-size 8 --enable-expert-parallel",
            "--tp-size 8 --ep-size 8",
        ),
        (
            {"nodes": 2, "master_address": "10.0.0.1"},
            "--nnodes 2 --node-rank 0 --master-addr 10.0.0.1",
            "--nnodes 2 --node-rank 0 --dist-init-addr 10.0.0.1:20000",
        ),
        ({"context_tokens": 9000}, "--max-model-len 9000", "--context-length 9000"),
        (
            {"tool_call_parser": "hermes"},
            "--enable-auto-tool-choice --tool-call-parser hermes",
            "--tool-call-parser hermes",
        ),
        ({"reasoning_parser": "qwen3"}, "--reasoning-parser qwen3", "--reasoning-parser qwen3"),
        ({"extra_args": ("--x", "y z")}, "--x|y z", "--x|y z"),
    ],
)
def test_flags_when_a_key_is_set_then_the_engine_s_own_word_for_it(
    fields: dict[str, object], vllm: str, sglang: str
) -> None:
    for spec, expected in ((VLLM, vllm), (SGLANG, sglang)):
        words = expected.split("|") if "|" in expected else expected.split()
        made = dataclasses.replace(spec, **fields)  # pyright: ignore[reportArgumentType] - from the table
        assert flags(made) == words


def test_flags_when_ray_spreads_it_then_no_address_is_needed() -> None:
    spec = dataclasses.replace(VLLM, nodes=2, spread=Spread.RAY)
    assert flags(spec) == ["--distributed-executor-backend", "ray"]
    assert other_nodes(spec) == ()


def test_flags_when_adapters_may_come_then_it_is_told() -> None:
    assert flags(VLLM, max_lora_rank=16) == ["--enable-lora", "--max-lora-rank", "16"]
    assert flags(VLLM, max_lora_rank=17) == ["--enable-lora", "--max-lora-rank", "32"]
    assert flags(SGLANG, max_lora_rank=16) == []


def test_other_nodes_when_there_are_three_then_each_further_one_has_its_rank() -> None:
    spec = dataclasses.replace(VLLM, nodes=3, master_address="h")
    second, third = other_nodes(spec)
    assert recipe(spec)[-1] == "h"
    assert list(second) == [
        *("vllm", "serve", "a/b", "--nnodes", "3", "--node-rank", "1"),
        *("--master-addr", "h", "--headless"),
    ]
    assert third[6] == "2"
