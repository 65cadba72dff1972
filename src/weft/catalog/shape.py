"""The shape of a model's TOML file, as a person writes it: every key there is, and the type of each.

Units stand last in a key's name, and money is a decimal string, because a float cannot hold 0.1. Every key but `id` may
be missing here: an overlay names only what it changes, and `cards.py` says what a whole card needs. Nothing here knows
where a file lies or what a default means to an engine.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from weft.catalog.types import Accelerator, Lifecycle, Modality, ReasoningPolicy, Spread

Count = Annotated[int, Meta(ge=1, le=10_000_000_000_000)]
Amount = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Ranks = Annotated[int, Meta(ge=1, le=4096)]
Text = Annotated[str, Meta(max_length=4_000)]
LongText = Annotated[str, Meta(max_length=20_000)]
Name = Annotated[str, Meta(min_length=1, max_length=200)]
ModelName = Annotated[
    str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*$")
]


class CapabilitiesTable(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[capabilities]`."""

    streaming: bool = True
    tools: bool = False
    json_mode: bool = True
    json_schema: bool = True
    logprobs: bool = True
    vision: bool = False
    lora: bool = False
    max_lora_rank: Annotated[int, Meta(ge=1, le=512)] = 16
    reasoning: ReasoningPolicy = ReasoningPolicy.NONE


class PriceTable(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One `[[prices]]`: in force from `effective_on`, 00:00 UTC."""

    effective_on: date
    input_usd_per_mtok: str
    output_usd_per_mtok: str
    cached_input_usd_per_mtok: str | UnsetType = UNSET
    source: Name
    override_by: Name | UnsetType = UNSET
    override_reason: Name | UnsetType = UNSET


class LlamaCppTable(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[engines.llama_cpp]`."""

    weights: Text = ""
    quantization: Text = ""
    weights_mib: Amount = 0
    memory_mib: Amount = 0
    context_tokens: Count = 8192
    parallel: Annotated[int, Meta(ge=1, le=256)] = 4
    repository: Text = ""
    mmproj: Text = ""
    pooling: Literal["", "mean", "cls", "last"] = ""


class OpenVinoTable(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[engines.openvino]`."""

    weights: Text = ""
    quantization: Text = ""
    weights_mib: Amount = 0
    memory_mib: Amount = 0
    context_tokens: Count = 8192
    parallel: Annotated[int, Meta(ge=1, le=256)] = 8
    device: Annotated[str, Meta(pattern=r"^[A-Z]+(\.\d+)?$")] = "CPU"
    repository: Text = ""


class RemoteTable(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[engines.remote]`."""

    url: Annotated[str, Meta(pattern=r"^https?://[^\s/]+(/\S*)?$")]
    served_model: Text = ""
    api_key: Text = ""
    api_key_file: Text = ""
    headers: Mapping[str, str] = {}
    max_in_flight: Annotated[int, Meta(ge=1, le=100_000)] = 256
    ca_file: Text = ""


class GpuServerTable(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[engines.vllm]` and `[engines.sglang]`."""

    repository: Text = ""
    quantization: Text = ""
    weights: Text = ""
    python: Text = ""
    device: Accelerator = Accelerator.CUDA
    gpus: Annotated[int, Meta(ge=0, le=4096)] | UnsetType = UNSET
    gpu_memory_gib: Annotated[int, Meta(ge=0, le=4096)] | UnsetType = UNSET
    tensor_parallel: Ranks = 1
    pipeline_parallel: Ranks = 1
    data_parallel: Ranks = 1
    expert_parallel: bool = False
    nodes: Ranks = 1
    master_address: Text = ""
    spread: Spread = Spread.MP
    context_tokens: Amount = 0
    max_in_flight: Annotated[int, Meta(ge=1, le=100_000)] = 256
    memory_mib: Amount = 0
    tool_call_parser: Text = ""
    reasoning_parser: Text = ""
    extra_args: tuple[str, ...] = ()


class FakeTable(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[engines.fake]`."""

    behaviour: Text = ""
    max_in_flight: Annotated[int, Meta(ge=1, le=100_000)] = 64
    memory_mib: Amount = 0


class EnginesTable(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[engines]`: one table for each kind of engine; the order in the file is the order of preference."""

    llama_cpp: LlamaCppTable | UnsetType = UNSET
    openvino: OpenVinoTable | UnsetType = UNSET
    remote: RemoteTable | UnsetType = UNSET
    vllm: GpuServerTable | UnsetType = UNSET
    sglang: GpuServerTable | UnsetType = UNSET
    fake: FakeTable | UnsetType = UNSET


class ServingTable(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[serving]`: how many replicas run, and how long."""

    min_replicas: Annotated[int, Meta(ge=0, le=1024)] = 0
    max_replicas: Annotated[int, Meta(ge=1, le=1024)] = 1
    target_in_flight: Annotated[int, Meta(ge=0, le=100_000)] = 0
    idle_s: Annotated[float, Meta(ge=0, le=31_536_000)] | UnsetType = UNSET
    pinned: bool = False
    placement: Literal["auto", "local"] = "auto"


class CardTable(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A whole file."""

    id: ModelName
    label: Name | UnsetType = UNSET
    provider: Name | UnsetType = UNSET
    description_short: Text = ""
    description_medium: Text = ""
    description_long: LongText = ""
    launched_on: date | UnsetType = UNSET
    license: Text = ""
    context_window_tokens: Count | UnsetType = UNSET
    parameters_total: Count | UnsetType = UNSET
    parameters_active: Count | UnsetType = UNSET
    lifecycle: Lifecycle = Lifecycle.GENERALLY_AVAILABLE
    deprecated_on: date | UnsetType = UNSET
    retired_on: date | UnsetType = UNSET
    replacement: Text = ""
    modalities_input: tuple[Modality, ...] = (Modality.TEXT,)
    modalities_output: tuple[Modality, ...] = (Modality.TEXT,)
    aliases: tuple[ModelName, ...] = ()
    huggingface_id: Text = ""
    huggingface_likes: Amount | UnsetType = UNSET
    huggingface_downloads: Count | UnsetType = UNSET
    quantization: Text = ""
    tags: tuple[Name, ...] = ()
    capabilities: CapabilitiesTable = CapabilitiesTable()
    prices: tuple[PriceTable, ...] = ()
    engines: EnginesTable = EnginesTable()
    serving: ServingTable = ServingTable()
