"""From the `[engines.*]` tables to engine specs, in the order of preference, with every path made absolute."""

from collections.abc import Sequence
from pathlib import Path

from msgspec import UnsetType

from weft.catalog.shape import (
    EnginesTable,
    FakeTable,
    GpuServerTable,
    LlamaCppTable,
    OpenVinoTable,
    RemoteTable,
)
from weft.catalog.source import CardSources, Source
from weft.catalog.types import (
    Accelerator,
    EngineSpec,
    FakeSpec,
    GpuServerSpec,
    LlamaCppSpec,
    OpenVinoSpec,
    RemoteSpec,
    Spread,
)

PACKAGE_PREFIX = "package:"
"""Weights that ship in a Python package."""
HUB_PREFIX = "hub:"
"""Weights that the engine fetches by itself."""
_NO_PATHS = (PACKAGE_PREFIX, HUB_PREFIX)


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
            case "openvino":
                specs.extend(_openvino(table.openvino, sources))
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
            pooling=table.pooling,
        )
    ]


def _openvino(table: OpenVinoTable | UnsetType, sources: CardSources) -> list[OpenVinoSpec]:
    if isinstance(table, UnsetType):
        return []
    return [
        OpenVinoSpec(
            weights=_absolute(table.weights, sources.origin_of(("engines", "openvino", "weights"))),
            quantization=table.quantization,
            weights_mib=table.weights_mib,
            memory_mib=table.memory_mib,
            context_tokens=table.context_tokens,
            parallel=table.parallel,
            device=table.device,
            repository=table.repository,
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
    at = ("engines", kind)
    gpus, memory_gib = _gpus(kind, table, sources)
    if not table.repository and not table.weights:
        raise sources.error(at, f"[engines.{kind}] needs `repository`, or `weights`")
    split = table.tensor_parallel * table.pipeline_parallel * table.data_parallel
    if table.device is Accelerator.CUDA and split > gpus:
        factors = "`tensor_parallel` x `pipeline_parallel`"
        factors += " x `data_parallel`" if table.data_parallel > 1 else ""
        raise sources.error_among(
            [
                (*at, "gpus"),
                (*at, "tensor_parallel"),
                (*at, "pipeline_parallel"),
                (*at, "data_parallel"),
            ],
            f"{factors} is {split}, and `gpus` is {gpus}",
        )
    if gpus % table.nodes:
        what = f"`gpus` is {gpus}, which {table.nodes} nodes cannot share evenly"
        raise sources.error_among([(*at, "nodes"), (*at, "gpus")], what)
    if kind == "sglang" and table.spread is Spread.RAY:
        raise sources.error((*at, "spread"), 'sglang knows no `spread = "ray"`; leave it out')
    return [
        GpuServerSpec(
            kind=kind,
            repository=table.repository,
            quantization=table.quantization,
            gpus=gpus,
            gpu_memory_gib=memory_gib,
            weights=_absolute(table.weights, sources.origin_of((*at, "weights"))),
            # A name without a folder is looked for on PATH.
            python=_absolute(table.python, sources.origin_of((*at, "python")))
            if "/" in table.python
            else table.python,
            device=table.device,
            tensor_parallel=table.tensor_parallel,
            pipeline_parallel=table.pipeline_parallel,
            data_parallel=table.data_parallel,
            expert_parallel=table.expert_parallel,
            nodes=table.nodes,
            master_address=table.master_address,
            spread=table.spread,
            context_tokens=table.context_tokens,
            max_in_flight=table.max_in_flight,
            memory_mib=table.memory_mib,
            tool_call_parser=table.tool_call_parser,
            reasoning_parser=table.reasoning_parser,
            extra_args=table.extra_args,
        )
    ]


def _gpus(kind: str, table: GpuServerTable, sources: CardSources) -> tuple[int, int]:
    """How many, and the memory of each: on the CPU there are none, otherwise both must be said."""
    if table.device is Accelerator.CPU:
        return 0, 0
    for name in ("gpus", "gpu_memory_gib"):
        if not isinstance(getattr(table, name), int):
            raise sources.error(("engines", kind), f"[engines.{kind}] needs `{name}`")
    assert isinstance(table.gpus, int)
    assert isinstance(table.gpu_memory_gib, int)
    return table.gpus, table.gpu_memory_gib


def _fake(table: FakeTable | UnsetType) -> list[FakeSpec]:
    if isinstance(table, UnsetType):
        return []
    return [
        FakeSpec(
            behaviour=table.behaviour,
            max_in_flight=table.max_in_flight,
            memory_mib=table.memory_mib,
        )
    ]


def _absolute(text: str, origin: Source) -> str:
    """`~` is the home directory; a relative path starts at the folder of the file that names it."""
    if not text or text.startswith(_NO_PATHS):
        return text
    return str((origin.path.parent / Path(text).expanduser()).absolute())
