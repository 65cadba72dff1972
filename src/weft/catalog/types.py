"""What can be served: the nouns of the catalog.

A `ModelCard` describes one model; its `engines` say what it takes to run it, one spec per kind of engine. Nothing here
knows whether a model runs at the moment: that is the engines' room. Cards come from TOML files (`load.py`) and are
never changed once loaded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path

from weft.kit.money import NanoUsdPerMtok


class Lifecycle(StrEnum):
    """The stages of the hosted service: retired models answer 404."""

    EXPERIMENTAL = "experimental"
    GENERALLY_AVAILABLE = "general-availability"
    DEPRECATED = "deprecated"
    RETIRED = "retired"


class Modality(StrEnum):
    """What goes in or comes out."""

    TEXT = "text"
    VISION = "vision"
    EMBEDDING = "embedding"


class ReasoningPolicy(StrEnum):
    """Whether the model thinks before it answers, and whether a request may choose."""

    NONE = "none"
    DISABLED_BY_DEFAULT = "disabled-by-default"
    ENABLED_BY_DEFAULT = "enabled-by-default"
    ALWAYS_ON = "always-on"


class ModelState(StrEnum):
    """What the server can do with a model at the moment; told by whoever runs the engines."""

    READY = "ready"
    ASLEEP = "asleep"
    """Runs after a cold start."""
    NOT_RUNNABLE = "not-runnable"
    STAND_IN = "stand-in"
    """Answers, but another model answers in its place."""

    @property
    def runnable(self) -> bool:
        """Whether a request for the model gets an answer."""
        return self is not ModelState.NOT_RUNNABLE

    @property
    def stand_in(self) -> bool:
        """Whether the answer comes from another model."""
        return self is ModelState.STAND_IN


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What the card claims; probes may later say otherwise."""

    streaming: bool = True
    tools: bool = False
    json_mode: bool = True
    json_schema: bool = True
    logprobs: bool = True
    vision: bool = False
    lora: bool = False
    """It takes adapters."""
    max_lora_rank: int = 16
    """The largest adapter that it takes; the hosted service's usual bound."""
    reasoning: ReasoningPolicy = ReasoningPolicy.NONE


@dataclass(frozen=True, slots=True)
class Price:
    """One version of a model's price; immutable, in force from `effective_at` until the next one."""

    version: str
    """`<model id>@<effective date>`; written into every usage record."""
    effective_at: datetime
    input_nusd_per_mtok: NanoUsdPerMtok
    output_nusd_per_mtok: NanoUsdPerMtok
    cached_input_nusd_per_mtok: NanoUsdPerMtok
    """Equals the input price where the source names no cached price."""
    source: str
    """Where the figures were read, and when."""
    override_by: str = ""
    """Who stands by figures that look like a mistake (`safety.py`); empty where none do."""
    override_reason: str = ""


@dataclass(frozen=True, slots=True)
class LlamaCppSpec:
    """Run by llama.cpp as a child process on this machine."""

    weights: str
    """A GGUF file: an absolute path, `package:<module>/<file>` for one that ships, or empty until somebody says where.

    A file may write it relative to itself; the loader makes it absolute.
    """
    quantization: str = ""
    weights_mib: int = 0
    """The size of the GGUF; 0 where nobody said."""
    memory_mib: int = 0
    """What to keep free for it: the weights, the cache of `context_tokens`, and the work space."""
    context_tokens: int = 8192
    """Context shared by all slots."""
    parallel: int = 4
    """Slots that decode at the same time."""
    repository: str = ""
    """Where the weights can be had, for a person to read."""
    mmproj: str = ""
    """The vision projector's GGUF, if the model has one."""
    pooling: str = ""
    """How an embedding is made of the vectors of its tokens: `mean`, `cls`, `last`; empty: as the file says."""


@dataclass(frozen=True, slots=True)
class RemoteSpec:
    """A server that already runs and speaks the OpenAI API: vLLM, SGLang, or anything else."""

    url: str
    """Up to and including the version part: `http://gpu1:8000/v1`."""
    served_model: str = ""
    """The name it knows the model by; empty means the card's id."""
    api_key: str = field(default="", repr=False)
    api_key_file: str = ""
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    max_in_flight: int = 256
    ca_file: str = ""


@dataclass(frozen=True, slots=True)
class OpenVinoSpec:
    """Run by OpenVINO GenAI as a child process on this machine."""

    weights: str
    """A GGUF file of a family that it reads, or a folder that was exported for it; written as for llama.cpp."""
    quantization: str = ""
    weights_mib: int = 0
    """The size of the weights; 0 where nobody said."""
    memory_mib: int = 0
    """What to keep free for it: the weights, the cache of `context_tokens`, and the work space."""
    context_tokens: int = 8192
    """Context shared by all requests at work; one alone may use it up."""
    parallel: int = 8
    """Requests that decode at the same time."""
    device: str = "CPU"
    """As OpenVINO names it: `CPU`, `GPU`, `GPU.1`, `NPU`."""
    repository: str = ""
    """Where the weights can be had, for a person to read."""


class Accelerator(StrEnum):
    """What vLLM or SGLang compute on."""

    CUDA = "cuda"
    CPU = "cpu"


class Spread(StrEnum):
    """How a vLLM that is spread over several machines starts its parts."""

    MP = "mp"
    """Each part is started by a person, and finds the first one at `master_address`."""
    RAY = "ray"
    """A Ray cluster that already runs starts them."""


@dataclass(frozen=True, slots=True)
class GpuServerSpec:
    """Run by vLLM or SGLang, from an environment of its own; without `weights` it is a recipe for a person."""

    kind: str
    """`vllm` or `sglang`."""
    repository: str
    quantization: str
    gpus: int
    """On all nodes together."""
    gpu_memory_gib: int
    """Per GPU."""
    weights: str = ""
    """A folder as Hugging Face has it, written as for llama.cpp; `hub:owner/name` to let the engine fetch it; or empty
    until somebody says where."""
    python: str = ""
    """The interpreter of the environment that has the engine; empty: that of `vllm`, or `python3`, on PATH."""
    device: Accelerator = Accelerator.CUDA
    tensor_parallel: int = 1
    pipeline_parallel: int = 1
    data_parallel: int = 1
    expert_parallel: bool = False
    nodes: int = 1
    """Machines that it is spread over; this one is the first."""
    master_address: str = ""
    """Where the other nodes reach this one."""
    spread: Spread = Spread.MP
    context_tokens: int = 0
    max_in_flight: int = 256
    memory_mib: int = 0
    """Memory of the machine to keep free for it."""
    tool_call_parser: str = ""
    reasoning_parser: str = ""
    extra_args: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FakeSpec:
    """The deterministic engine for tests and demos."""

    behaviour: str = ""
    """A comma-separated list of the fake's switches, such as `delay_ms=5,chunk_tokens=1`."""
    max_in_flight: int = 64
    memory_mib: int = 0
    """What it is said to take."""


EngineSpec = LlamaCppSpec | OpenVinoSpec | RemoteSpec | GpuServerSpec | FakeSpec


@dataclass(frozen=True, slots=True)
class Serving:
    """How many engines of the model run here, and how long they stay."""

    min_replicas: int = 0
    """Kept awake always; 0: the model sleeps when nobody calls it."""
    max_replicas: int = 1
    target_in_flight: int = 0
    """Requests for each replica before there is one more; 0: as many as one takes at once."""
    idle_s: float | None = None
    """After so long without a request it sleeps; None: as the server's setting says."""
    pinned: bool = False
    """Never makes room for another model."""
    placement: str = "auto"
    """`local`: on this machine also where others go to a cluster."""


class LivePrices:
    """The prices of one card in force, where some were added to those of its file while servers run.

    One for each card, and the only part of it that changes; whoever keeps the price book says how.
    """

    __slots__ = ("history",)

    def __init__(self) -> None:
        self.history: tuple[Price, ...] = ()
        """Oldest first; empty: those of the file alone."""

    def take(self, own: Sequence[Price], added: Sequence[Price]) -> None:
        """Let those of the file and those that were `added` hold together, from now on."""
        both = {price.version: price for price in (*own, *added)}
        self.history = (
            tuple(sorted(both.values(), key=lambda price: price.effective_at)) if added else ()
        )


@dataclass(frozen=True, slots=True)
class ModelCard:
    """One model as people and machines read about it."""

    id: str
    label: str
    provider: str
    description_short: str
    description_medium: str
    launched_on: date | None
    """None where nobody said, as for a model of one's own."""
    license: str
    context_window_tokens: int
    parameters_total: int
    """0 where nobody said."""
    parameters_active: int
    lifecycle: Lifecycle
    modalities_input: tuple[Modality, ...]
    modalities_output: tuple[Modality, ...]
    capabilities: Capabilities
    prices: tuple[Price, ...]
    """Of its file, oldest first; at least one."""
    engines: tuple[EngineSpec, ...]
    """In order of preference."""
    path: Path
    """The file it came from, for error texts and relative paths."""
    aliases: tuple[str, ...] = ()
    description_long: str = ""
    """Some paragraphs, for its page; empty where the medium one is all there is."""
    huggingface_id: str = ""
    huggingface_likes: int | None = None
    """As they were when the card was written; None where nobody looked."""
    huggingface_downloads: int | None = None
    quantization: str = ""
    tags: tuple[str, ...] = ()
    deprecated_on: date | None = None
    retired_on: date | None = None
    serving: Serving = Serving()
    replacement: str = ""
    """The id recommended instead, once deprecated or retired."""
    live: LivePrices = field(default_factory=LivePrices, compare=False, repr=False)

    @property
    def history(self) -> tuple[Price, ...]:
        """Every price that is, was or will be in force, oldest first; at least one."""
        return self.live.history or self.prices

    def lifecycle_on(self, day: date) -> Lifecycle:
        """The stage on `day` (UTC): dates that were announced take effect by themselves."""
        if self.retired_on is not None and self.retired_on <= day:
            return Lifecycle.RETIRED
        if self.deprecated_on is not None and self.deprecated_on <= day:
            return Lifecycle.DEPRECATED
        return self.lifecycle

    def price_at(self, moment: datetime) -> Price:
        """The price in force at `moment`; before the first one, the first."""
        price = price_in_force(self.history, moment)
        assert price is not None
        return price


def price_in_force(prices: Sequence[Price], moment: datetime) -> Price | None:
    """Of `prices`, oldest first, the one in force at `moment`: before the first one, the first."""
    for price in reversed(prices):
        if price.effective_at <= moment:
            return price
    return prices[0] if prices else None
