"""The nouns of the engines' room, and the contract of an engine's life.

::

    stopped ──start──▶ starting ──ready──▶ ready ──stop──▶ stopping ──gone──▶ stopped
                        │   └───────────stop─────────────────▲
                        │                    │
                        └───────crash────────┴──▶ failed ──backoff──▶ starting
                                                     └────stop──────▶ stopped

One task owns each engine and is the only one that changes its state. Whoever wants to use an engine asks for a `Lease`,
which is granted only while the engine is ready, and gives it back when the request is over, however it ended.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from weft.catalog.adapters.types import Adapter
from weft.catalog.types import Capabilities, EngineSpec, ModelCard
from weft.engines.kinds.counting import Counting, PromptCounter
from weft.engines.probes.found import Found
from weft.upstream import HeadTemplate, Pool


class EngineState(StrEnum):
    """Where an engine is in its life; see the drawing above."""

    STOPPED = "stopped"
    STARTING = "starting"
    READY = "ready"
    STOPPING = "stopping"
    FAILED = "failed"


class Endpoint(StrEnum):
    """What can be asked of an engine; the value is the path that OpenAI, and most engines, have it at."""

    CHAT = "/v1/chat/completions"
    COMPLETIONS = "/v1/completions"
    EMBEDDINGS = "/v1/embeddings"
    TOKENIZE = "/tokenize"
    DETOKENIZE = "/detokenize"
    RENDER = "/apply-template"
    """llama.cpp's: the prompt that a conversation becomes."""
    LOAD_ADAPTER = "/v1/load_lora_adapter"
    """vLLM's: from then on the adapter is a model of its own name."""


@dataclass(frozen=True, slots=True)
class Quirks:
    """In what one kind of engine differs from the OpenAI API: what the door must do in its stead."""

    always_stream: bool = False
    """Stopping its work needs a stream: call it with `stream: true` even when the client did not ask for one."""
    fans_out: bool = False
    """It miscounts `n` > 1: send n requests and merge them."""
    rewrites_chunks: bool = False
    """Its chunks carry fields that clients must not see (`timings`) or lack ones they should."""
    developer_role: bool = True
    """It knows the role `developer`; otherwise such messages are sent as `system`."""
    max_seed: int | None = None
    """The largest seed that it repeats on; others are folded into 0..max_seed. None: any."""
    named_tool_choice: bool = True
    """It understands `tool_choice: {"type": "function", ...}`; otherwise send that tool alone and `"required"`, and no
    tools at all for `"none"`."""
    tools_with_format: bool = True
    """It can be held to a response format, or a grammar, and be given tools in the same request."""
    extra_body: bytes = b""
    """JSON members, without braces, added to every request: `"timings_per_token":true`."""
    parameters: frozenset[str] | None = None
    """Top-level request fields it understands; None: it judges for itself, everything is passed on."""
    legacy_logprobs: bool = True
    """The log probabilities of its plain completions have OpenAI's older form; otherwise that of chats."""
    endpoints: frozenset[Endpoint] = frozenset({Endpoint.CHAT})
    """What it can be asked for."""


@dataclass(frozen=True, slots=True)
class Launch:
    """How to start one kind of engine, and how to talk to it once it announced its port."""

    argv: tuple[str, ...]
    """The child speaks the protocol of `child.py`."""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    """Sent with every POST, besides the secret."""
    paths: Mapping[Endpoint, str] = field(
        default_factory=lambda: {Endpoint.CHAT: Endpoint.CHAT.value}
    )
    """Where it has what it can be asked for."""
    health_path: str = "/health"
    """Answers 200 once the engine can work."""
    reuse_after_stream: bool = True
    counting: Counting | None = None
    """How it is asked for the length of a prompt; None: it cannot tell."""
    files: tuple[str, ...] = ()
    """What it reads at its start, to be looked for where it is to run."""
    passed: tuple[str, ...] = ()
    """Beginnings of the environment's names that it needs besides those that every engine gets."""


@dataclass(frozen=True, slots=True)
class Demand:
    """The memory that one replica takes while it runs."""

    memory_mib: int = 0
    """Of the machine."""
    gpus: int = 0
    """Devices it is spread over."""
    gpu_memory_mib: int = 0
    """Of each of them."""


@dataclass(frozen=True, slots=True)
class Gpu:
    """One accelerator of this machine."""

    index: int
    """As the driver counts."""
    name: str
    memory_mib: int


@dataclass(frozen=True, slots=True)
class Machine:
    """What engines on this machine may use."""

    threads: int = 0
    """CPU threads for each engine; 0: one fewer than there are cores."""
    memory_mib: int = 0
    """For all engines together; 0: not limited."""
    gpus: tuple[Gpu, ...] = ()
    elsewhere: bool = False
    """They run on machines that this one does not know: what they need is taken to be there, and looked for there."""
    weights_dir: Path | None = None
    """Where weights lie that were pulled; None: only those count that cards name."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How one model is run here by one kind of engine: what `kinds` make of a card's spec."""

    kind: str
    """`llama_cpp`; the first part of an engine's name."""
    quirks: Quirks
    served_model: str
    """The name that the engine knows the model by."""
    max_in_flight: int
    """Of one replica."""
    demand: Demand = Demand()
    context_tokens: int = 0
    """The longest prompt and answer together that this engine takes, where it is shorter than the card's; else 0."""
    launch: Launch | None = None
    """How a replica is started; None for a server that somebody else runs."""
    is_hot: bool = False
    """The adapter of the route is loaded into the engines of the model while they run (`adapters/hot.py`)."""


@dataclass(frozen=True, slots=True)
class Route:
    """Which card and which engine answer for a model: decided once, before anything runs."""

    asked: ModelCard
    card: ModelCard
    """The card that is really served."""
    spec: EngineSpec
    plan: Plan
    adapter: Adapter | None = None
    """What is added to the model."""
    found: Found = field(default_factory=Found, compare=False, repr=False)
    """What probes found of the model that is served: one for all routes to it, and the only part that changes."""

    @property
    def capabilities(self) -> Capabilities:
        """What of the served card's claims is in force: those that the last probe did not turn off."""
        return self.found.in_force(self.card.capabilities)

    @property
    def quirks(self) -> Quirks:
        """In what its engine differs from the OpenAI API."""
        return self.plan.quirks

    @property
    def served_model(self) -> str:
        """The name that the engine knows the model by."""
        return self.plan.served_model

    @property
    def context_tokens(self) -> int:
        """The longest prompt and answer together, where the engine takes less than the card says; else 0."""
        return self.plan.context_tokens

    @property
    def key(self) -> str:
        """What shares its engines: the model, or the model with one version of an adapter."""
        if self.adapter is None or self.plan.is_hot:
            return self.card.id
        return f"{self.card.id}:{self.adapter.key}"

    @property
    def is_stand_in(self) -> bool:
        """Whether the tiny model answers for one that this server cannot run."""
        return self.asked.id != self.card.id


@dataclass(frozen=True, slots=True)
class Link:
    """How to reach an engine that runs: a new one after each start, because port and secret change."""

    pool: Pool
    heads: Mapping[Endpoint, HeadTemplate]
    """Render the head of a POST, for a content length."""
    counter: PromptCounter | None = None
    """Tells the length of prompts; None where the engine cannot."""


@dataclass(frozen=True, slots=True)
class Change:
    """One step of an engine's life."""

    state: EngineState
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class EngineSnapshot:
    """One engine at one moment, for people and for metrics."""

    name: str
    model: str
    state: EngineState
    since: datetime
    reason: str
    """Why it failed, or what its start waits for; empty in other states."""
    pid: int | None
    in_flight: int
    max_in_flight: int
    restarts: int
    """Starts after the first one."""
    history: tuple[EngineState, ...]
    """The states it went through last, the present one at the end."""
    log: tuple[str, ...]
    """The last lines it wrote."""
    log_end: int = 0
    """How many lines it wrote so far: the number of the last of them."""
    failure: Change | None = None
    """The last time that it failed, as long as that is remembered."""


class ModelStage(StrEnum):
    """Where a model is, over all its replicas, in one word."""

    ASLEEP = "asleep"
    WAITING = "waiting"
    """Requests wait for memory."""
    LOADING = "loading"
    READY = "ready"
    STOPPING = "stopping"
    FAILED = "failed"
    NO_ROOM = "no-room"
    """It does not fit into the memory of this server."""


@dataclass(frozen=True, slots=True)
class ModelSnapshot:
    """One model at one moment, over all its replicas, for people and for metrics."""

    key: str
    """The model's id, and the adapter if there is one."""
    model: str
    kind: str
    stage: ModelStage
    replicas: tuple[EngineSnapshot, ...]
    """Those that ran once, whatever their state."""
    least_replicas: int
    most_replicas: int
    demand: Demand
    """Of each replica."""
    in_flight: int
    waiting: int
    tokens_per_s: float
    """Of the requests that ended lately."""
    idle_left_s: float | None
    """Until it sleeps, if nothing comes; None while it works, sleeps, or is kept awake."""
    is_pinned: bool
    eta_s: float | None
    """Until a request that comes now is taken; None while it is ready."""
    reason: str
    """What is in the way; empty where nothing is."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a request that waits has to expect."""

    is_cold: bool
    """Whether the model is not loaded."""
    eta_s: float
    """Until it is loaded: what nine loads of ten keep to; 0 where it is."""


@dataclass(slots=True)
class Lease:
    """The right to send one request to a ready engine. Give it back exactly once, with `release`."""

    engine: str
    """The engine's name, for records and logs: `llama_cpp:weft/tiny-chat#0`."""
    pool: Pool
    heads: Mapping[Endpoint, HeadTemplate]
    """Render the head of a POST, for a content length."""
    _give_back: Callable[[int], None] = field(repr=False)
    _suspect: Callable[[bool], None] = field(repr=False)
    _released: bool = field(default=False, repr=False)

    def release(self, tokens: int = 0) -> None:
        """Give the place back, after `tokens` were produced. Idempotent, because clean-up code may run twice."""
        if not self._released:
            self._released = True
            self._give_back(tokens)

    def suspect(self, *, is_unreachable: bool) -> None:
        """The engine was lost: have it looked at; if it could not be reached, send nobody there meanwhile."""
        self._suspect(is_unreachable)
