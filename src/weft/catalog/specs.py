"""From the `[engines.*]` tables to engine specs, in the order of preference, with every path made absolute."""

from collections.abc import Sequence
from pathlib import Path

from msgspec import UnsetType

from weft.catalog.shape import (
    EnginesTable,
    FakeTable,
    GpuServerTable,
    LlamaCppTable,
    RemoteTable,
)
from weft.catalog.source import CardSources, Source
from weft.catalog.types import EngineSpec, FakeSpec, GpuServerSpec, LlamaCppSpec, RemoteSpec

_PACKAGE_PREFIX = "package:"


def engine_specs(
    table: EnginesTable, order: Sequence[str], sources: CardSources
) -> tuple[EngineSpec, ...]:
    """The specs of the kinds in `order`.

    Raises:
        CannotStart: if two keys of a table contradict each other.
    """
    specs: list[EngineSpec] = []
    for kind in order:
        match kind:
            case "llama_cpp":
                specs.extend(_llama_cpp(table.llama_cpp, sources))
            case "remote":
                specs.extend(_remote(table.remote, sources))
            case "vllm":
                specs.extend(_gpu_server("vllm", table.vllm, sources))
            case "sglang":
                specs.extend(_gpu_server("sglang", table.sglang, sources))
            case "fake":
                specs.extend(_fake(table.fake))
            case _:
                raise AssertionError(kind)
    return tuple(specs)


def _llama_cpp(table: LlamaCppTable | UnsetType, sources: CardSources) -> list[LlamaCppSpec]:
    if isinstance(table, UnsetType):
        return []
    at = ("engines", "llama_cpp")
    return [
        LlamaCppSpec(
            weights=_absolute(table.weights, sources.origin_of((*at, "weights"))),
            quantization=table.quantization,
            weights_mib=table.weights_mib,
            memory_mib=table.memory_mib,
            context_tokens=table.context_tokens,
            parallel=table.parallel,
            repository=table.repository,
            mmproj=_absolute(table.mmproj, sources.origin_of((*at, "mmproj"))),
        )
    ]


def _remote(table: RemoteTable | UnsetType, sources: CardSources) -> list[RemoteSpec]:
    if isinstance(table, UnsetType):
        return []
    at = ("engines", "remote")
    if table.api_key and table.api_key_file:
        raise sources.error_among(
            [(*at, "api_key"), (*at, "api_key_file")],
            "both `api_key` and `api_key_file`; keep the file",
        )
    return [
        RemoteSpec(
            url=table.url.rstrip("/"),
            served_model=table.served_model,
            api_key=table.api_key,
            api_key_file=_absolute(table.api_key_file, sources.origin_of((*at, "api_key_file"))),
            headers=dict(table.headers),
            max_in_flight=table.max_in_flight,
            ca_file=_absolute(table.ca_file, sources.origin_of((*at, "ca_file"))),
        )
    ]


def _gpu_server(
    kind: str, table: GpuServerTable | UnsetType, sources: CardSources
) -> list[GpuServerSpec]:
    if isinstance(table, UnsetType):
        return []
    split = table.tensor_parallel * table.pipeline_parallel
    if split > table.gpus:
        at = ("engines", kind)
        raise sources.error_among(
            [(*at, "gpus"), (*at, "tensor_parallel"), (*at, "pipeline_parallel")],
            f"`tensor_parallel` x `pipeline_parallel` is {split}, and `gpus` is {table.gpus}",
        )
    return [
        GpuServerSpec(
            kind=kind,
            repository=table.repository,
            quantization=table.quantization,
            gpus=table.gpus,
            gpu_memory_gib=table.gpu_memory_gib,
            tensor_parallel=table.tensor_parallel,
            pipeline_parallel=table.pipeline_parallel,
            expert_parallel=table.expert_parallel,
            context_tokens=table.context_tokens,
            tool_call_parser=table.tool_call_parser,
            reasoning_parser=table.reasoning_parser,
            extra_args=table.extra_args,
        )
    ]


def _fake(table: FakeTable | UnsetType) -> list[FakeSpec]:
    if isinstance(table, UnsetType):
        return []
    return [FakeSpec(behaviour=table.behaviour, max_in_flight=table.max_in_flight)]


def _absolute(text: str, origin: Source) -> str:
    """`~` is the home directory; a relative path starts at the folder of the file that names it."""
    if not text or text.startswith(_PACKAGE_PREFIX):
        return text
    return str((origin.path.parent / Path(text).expanduser()).absolute())
