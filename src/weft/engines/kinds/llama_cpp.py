"""llama.cpp as an engine: from a card's spec to the child's command line, and in what it differs from the OpenAI API.

`llama_child.py` is the other side. Knows the engine's weaknesses and says them as quirks; works around none of them.
The quirks and the request fields were tried one by one on llama.cpp b11549 (each field shows up in `GET /slots`, in
the rendered prompt, or in the answer); the fields' meaning is that of tools/server/README.md (read 2026-11).
"""

import importlib.util
import os
import sys
from dataclasses import replace
from pathlib import Path

from weft.catalog.adapters.peft import CONFIG, WEIGHTS
from weft.catalog.adapters.types import Adapter, AdapterUnusable, Unusable
from weft.catalog.types import LlamaCppSpec, Modality, ModelCard
from weft.engines.adapters.convert import converted_path
from weft.engines.adapters.gguf import BadGguf, model_head
from weft.engines.adapters.modules import find_targets
from weft.engines.kinds.counting import LLAMA_CPP
from weft.engines.types import Demand, Endpoint, Launch, Machine, Plan, Quirks

PACKAGE_PREFIX = "package:"
WORK_MIB = 128
"""What the process takes beside its weights: about what the smallest model was seen to."""
_GGUF_MAGIC = b"GGUF"

_OPENAI_PARAMETERS = frozenset(
    {
        "model",
        "messages",
        "stream",
        "stream_options",
        "max_tokens",
        "max_completion_tokens",
        "temperature",
        "top_p",
        "seed",
        "stop",
        "frequency_penalty",
        "presence_penalty",
        "logit_bias",
        "logprobs",
        "top_logprobs",
        "tools",
        "tool_choice",
        "parallel_tool_calls",
        "response_format",
    }
)
# Not `grammar`: a short one can keep the engine busy for minutes (`"a"?` two thousand times), whoever else waits.
_OWN_PARAMETERS = frozenset(
    {
        "chat_template_kwargs",
        "ignore_eos",
        "cache_prompt",
        "top_k",
        "min_p",
        "typical_p",
        "top_n_sigma",
        "repeat_penalty",
        "repeat_last_n",
        "dry_multiplier",
        "dry_base",
        "dry_allowed_length",
        "dry_penalty_last_n",
        "xtc_probability",
        "xtc_threshold",
        "dynatemp_range",
        "dynatemp_exponent",
        "mirostat",
        "mirostat_tau",
        "mirostat_eta",
        "samplers",
    }
)
"""Left out on purpose: `id_slot`, `lora`, `n_keep` and the like steer what requests share; `n` is fanned out."""

_WRITES = frozenset({Endpoint.CHAT, Endpoint.COMPLETIONS})
_TELLS = frozenset({Endpoint.TOKENIZE, Endpoint.DETOKENIZE, Endpoint.RENDER})

QUIRKS = Quirks(
    # A request without a stream goes on when its client is gone: ggml-org/llama.cpp issue 24496.
    always_stream=True,
    # For n=3 with five tokens each it reports five; n beyond its slots is refused.
    fans_out=True,
    # `timings` are for us, and an answer's first `content` is null.
    rewrites_chunks=True,
    developer_role=False,
    # 32 bits, of which the largest means "by chance".
    max_seed=2**32 - 2,
    # Ignored with a warning in its log: the model would be free to call another tool, or none.
    named_tool_choice=False,
    # A response format is a grammar from the first token on, so that no tool can be called, not even a required one.
    tools_with_format=False,
    # Each chunk tells cache_n + prompt_n = tokens of the prompt and predicted_n = tokens produced so far, so
    # that a stream that was broken off is metered exactly.
    extra_body=b'"timings_per_token":true',
    parameters=_OPENAI_PARAMETERS | _OWN_PARAMETERS,
    # Those of plain completions have the form of chats.
    legacy_logprobs=False,
    endpoints=_WRITES | _TELLS,
)


def plan(card: ModelCard, spec: LlamaCppSpec, machine: Machine) -> Plan | None:
    """How `card` is run here; None where the weights are not there, or llama.cpp is not installed."""
    weights = find_weights(spec)
    if weights is None:
        return None
    share = context_tokens(spec)
    return Plan(
        kind="llama_cpp",
        quirks=_quirks(card),
        served_model=card.id,
        max_in_flight=max_in_flight(spec),
        demand=Demand(memory_mib=spec.memory_mib or _memory_mib(weights)),
        context_tokens=share if share < card.context_window_tokens else 0,
        launch=launch(card, spec, threads=machine.threads),
    )


def with_adapter(plan: Plan, adapter: Adapter) -> Plan:
    """The same with an adapter, for an engine of its own: it maps the same weights, which lie in memory once.

    Reads the head of the weights' file, so it blocks on the disk.

    Raises:
        AdapterUnusable: llama.cpp cannot apply it to this model.
    """
    assert plan.launch is not None, "llama.cpp is started here"
    argv = plan.launch.argv
    weights = argv[argv.index("--model") + 1]
    try:
        head = model_head(Path(weights))
    except (BadGguf, OSError) as error:
        raise AdapterUnusable(
            f"The model's file cannot be read: {error}",
            reason=Unusable.ENGINE_WITHOUT_LORA,
            remedy="see that the model answers by itself",
        ) from error
    find_targets(adapter.peft, head, adapter.shown)
    argv = (
        *argv,
        *("--adapter", str(adapter.folder)),
        *("--adapter-file", str(converted_path(adapter))),
    )
    # Beside the bounds of the model's own: what of it is shared is known only while both run.
    more_mib = -(-adapter.peft.size_bytes // (1024 * 1024))
    return replace(
        plan,
        demand=replace(plan.demand, memory_mib=plan.demand.memory_mib + more_mib),
        launch=replace(
            plan.launch,
            argv=argv,
            files=(*plan.launch.files, str(adapter.folder / CONFIG), str(adapter.folder / WEIGHTS)),
        ),
    )


def _memory_mib(weights: Path) -> int:
    """What an engine is taken to need whose card does not say: its weights, and a quarter more for cache and work."""
    return round(weights.stat().st_size / (1024 * 1024) * 1.25) + WORK_MIB


def _quirks(card: ModelCard) -> Quirks:
    """Those of a model that writes, or makes embeddings, or both."""
    if not makes_embeddings(card):
        return QUIRKS
    writes = _WRITES if Modality.TEXT in card.modalities_output else frozenset[Endpoint]()
    return replace(QUIRKS, endpoints=writes | _TELLS | {Endpoint.EMBEDDINGS})


def makes_embeddings(card: ModelCard) -> bool:
    """Whether the engine is started for them: it has to be told."""
    return Modality.EMBEDDING in card.modalities_output


def find_weights(spec: LlamaCppSpec) -> Path | None:
    """The GGUF file of `spec`; None where it is not there, or llama.cpp is not installed."""
    if not spec.weights or importlib.util.find_spec("xllamacpp") is None:
        return None
    path = locate(spec.weights)
    return path if path is not None and is_gguf(path) else None


def max_in_flight(spec: LlamaCppSpec) -> int:
    """Twice the slots: the next request waits inside the engine, so that no slot idles between two."""
    return 2 * spec.parallel


def context_tokens(spec: LlamaCppSpec) -> int:
    """The share of one slot: beyond it a prompt is refused and an answer ends with `length`.

    The slots share one pool, and when that is full llama.cpp ends the requests of all of them (pull request 16736), so
    no slot may take more.
    """
    return spec.context_tokens // spec.parallel


def launch(card: ModelCard, spec: LlamaCppSpec, *, threads: int) -> Launch:
    """How to start it; `threads` 0 leaves one core to the door and the system."""
    weights = find_weights(spec)
    assert weights is not None, "a card without weights has no route to llama.cpp"
    argv = [
        *(sys.executable, "-m", "weft.engines.kinds.llama_child"),
        *("--model", str(weights)),
        *("--alias", card.id),
        *("--context", str(spec.context_tokens)),
        *("--parallel", str(spec.parallel)),
        *("--max-in-flight", str(max_in_flight(spec))),
        *("--threads", str(threads or max(1, cores() - 1))),
    ]
    if spec.mmproj:
        argv += ["--mmproj", spec.mmproj]
    if makes_embeddings(card):
        argv += ["--embeddings", spec.pooling or "default"]
    return Launch(
        argv=tuple(argv),
        # It promises to keep a connection after a stream, and closes it: ServerDisconnected for every second request.
        headers=((b"Connection", b"close"),),
        reuse_after_stream=False,
        paths={endpoint: endpoint.value for endpoint in Endpoint},
        counting=LLAMA_CPP,
        files=(str(weights), *([spec.mmproj] if spec.mmproj else [])),
    )


def locate(weights: str) -> Path | None:
    """Where the file lies that a spec names; None where its package is not here."""
    if not weights.startswith(PACKAGE_PREFIX):
        return Path(weights)
    module, _, name = weights.removeprefix(PACKAGE_PREFIX).partition("/")
    found = importlib.util.find_spec(module)
    if found is None or not found.submodule_search_locations:
        return None
    return Path(found.submodule_search_locations[0], name)


def is_gguf(path: Path) -> bool:
    """Whether the file is there and begins like a GGUF file: a Git LFS pointer does not."""
    try:
        with path.open("rb") as file:
            return file.read(len(_GGUF_MAGIC)) == _GGUF_MAGIC
    except OSError:
        return False


def cores() -> int:
    """Cores that this process may use; a container often has fewer than the machine."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
