"""What a model would need to run here, in words for a person.

Used by the 404 for a model that this server cannot run and by the public catalog; so no path, address or key of this
server is ever named.
"""

import shlex
from typing import assert_never

from weft.catalog.catalog import LIST_REMEDY, NOT_FOUND, ModelNotFound
from weft.catalog.commands import other_nodes, recipe
from weft.catalog.types import (
    Accelerator,
    EngineSpec,
    FakeSpec,
    GpuServerSpec,
    LlamaCppSpec,
    ModelCard,
    OpenVinoSpec,
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
        case OpenVinoSpec():
            return _describe_openvino(spec)
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
        else "`weft models pull` brings it, or write its path under [engines.llama_cpp] weights"
        if spec.repository
        else "write its path under [engines.llama_cpp] weights"
    )
    return f"llama.cpp: a GGUF{size}{quantization}{source}{memory}; {where}."


def _describe_openvino(spec: OpenVinoSpec) -> str:
    size = f" of about {spec.weights_mib:,} MiB" if spec.weights_mib else ""
    source = f" from {spec.repository}" if spec.repository else ""
    memory = f" and about {spec.memory_mib:,} MiB of memory" if spec.memory_mib else ""
    where = (
        "what [engines.openvino] names must be there"
        if spec.weights
        else "write its path under [engines.openvino] weights"
    )
    return (
        f"OpenVINO: `pip install 'weft[openvino]'` and a GGUF or an OpenVINO folder{size}{source}"
        f"{memory}; {where}."
    )


def _describe_gpu_server(spec: GpuServerSpec) -> str:
    name = "vLLM" if spec.kind == "vllm" else "SGLang"
    gpus = f"{spec.gpus} GPU" if spec.gpus == 1 else f"{spec.gpus} GPUs"
    each = "" if spec.gpus == 1 else " each"
    place = f"{gpus} with {spec.gpu_memory_gib} GiB{each}"
    if spec.device is Accelerator.CPU:
        place = "a CPU"
    quantization = f" for {spec.quantization} weights" if spec.quantization else ""
    if spec.weights:
        table = f"[engines.{spec.kind}]"
        return (
            f"{name}: {place}{quantization}, the package in the environment of {table} python, and"
            f" what {table} weights names."
        )
    others = "".join(f", on the next node `{shlex.join(words)}`" for words in other_nodes(spec))
    return f"{name}: {place}{quantization}; run `{shlex.join(recipe(spec))}`{others} and {BIND}."
