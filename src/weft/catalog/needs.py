"""What a model would need to run here, in words for a person.

Used by the 404 for a model that this server cannot run and by the public catalog; so no path, address or key of this
server is ever named. Flags are those of vLLM's `serve` and SGLang's `launch_server` (documentation read 2026-11).
"""

import shlex
from typing import assert_never

from weft.catalog.catalog import LIST_REMEDY, NOT_FOUND, ModelNotFound
from weft.catalog.types import (
    EngineSpec,
    FakeSpec,
    GpuServerSpec,
    LlamaCppSpec,
    ModelCard,
    RemoteSpec,
)
from weft.kit.errors import Json

BIND = 'bind it with [engines.remote] url = "http://HOST:PORT/v1"'


class ModelNotRunnable(ModelNotFound):
    """The catalog knows the model, and this server has nothing to run it with; `needs` says what is missing."""


def describe_needs(card: ModelCard) -> tuple[str, ...]:
    """One line for each way to run the model, in the card's order of preference."""
    if not card.engines:
        return ("No way to run it is written down: add an [engines.*] table to its file.",)
    return tuple(_describe(spec) for spec in card.engines)


def not_runnable(card: ModelCard) -> ModelNotRunnable:
    """The 404 for a model that is in the catalog only."""
    needs = describe_needs(card)
    lines: list[Json] = list(needs)
    return ModelNotRunnable(
        f"{NOT_FOUND}: the model `{card.id}` is in the catalog, and this server has nothing to run"
        f" it with. It needs one of: {' | '.join(needs)}",
        param="model",
        remedy=f"{LIST_REMEDY}; to run this one, give the server what `needs` lists",
        metadata={"model": card.id, "needs": lines},
    )


def _describe(spec: EngineSpec) -> str:
    match spec:
        case LlamaCppSpec():
            return _describe_llama_cpp(spec)
        case RemoteSpec():
            return "remote: the server that it is bound to, up and answering."
        case GpuServerSpec():
            return _describe_gpu_server(spec)
        case FakeSpec():
            return "fake: nothing; it is the engine for tests."
        case _:
            assert_never(spec)


def _describe_llama_cpp(spec: LlamaCppSpec) -> str:
    size = f" of about {spec.weights_mib:,} MiB" if spec.weights_mib else ""
    quantization = f" at {spec.quantization}" if spec.quantization else ""
    source = f" from {spec.repository}" if spec.repository else ""
    memory = f" and about {spec.memory_mib:,} MiB of memory" if spec.memory_mib else ""
    where = (
        "the file that [engines.llama_cpp] names must be there"
        if spec.weights
        else "write its path under [engines.llama_cpp] weights"
    )
    return f"llama.cpp: a GGUF{size}{quantization}{source}{memory}; {where}."


def _describe_gpu_server(spec: GpuServerSpec) -> str:
    name = "vLLM" if spec.kind == "vllm" else "SGLang"
    gpus = f"{spec.gpus} GPU" if spec.gpus == 1 else f"{spec.gpus} GPUs"
    each = "" if spec.gpus == 1 else " each"
    quantization = f" for {spec.quantization} weights" if spec.quantization else ""
    command = shlex.join(_vllm(spec) if spec.kind == "vllm" else _sglang(spec))
    return f"{name}: {gpus} with {spec.gpu_memory_gib} GiB{each}{quantization}; run `{command}` and {BIND}."


def _vllm(spec: GpuServerSpec) -> list[str]:
    command = ["vllm", "serve", spec.repository]
    if spec.tensor_parallel > 1:
        command += ["--tensor-parallel-size", str(spec.tensor_parallel)]
    if spec.pipeline_parallel > 1:
        command += ["--pipeline-parallel-size", str(spec.pipeline_parallel)]
    if spec.expert_parallel:
        command += ["--enable-expert-parallel"]
    if spec.context_tokens:
        command += ["--max-model-len", str(spec.context_tokens)]
    if spec.tool_call_parser:
        command += ["--enable-auto-tool-choice", "--tool-call-parser", spec.tool_call_parser]
    if spec.reasoning_parser:
        command += ["--reasoning-parser", spec.reasoning_parser]
    return [*command, *spec.extra_args]


def _sglang(spec: GpuServerSpec) -> list[str]:
    command = ["python", "-m", "sglang.launch_server", "--model-path", spec.repository]
    if spec.tensor_parallel > 1:
        command += ["--tp-size", str(spec.tensor_parallel)]
    if spec.pipeline_parallel > 1:
        command += ["--pp-size", str(spec.pipeline_parallel)]
    if spec.expert_parallel:
        command += ["--ep-size", str(spec.tensor_parallel)]
    if spec.context_tokens:
        command += ["--context-length", str(spec.context_tokens)]
    if spec.tool_call_parser:
        command += ["--tool-call-parser", spec.tool_call_parser]
    if spec.reasoning_parser:
        command += ["--reasoning-parser", spec.reasoning_parser]
    return [*command, *spec.extra_args]
