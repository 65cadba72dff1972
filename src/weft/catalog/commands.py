"""The command lines of vLLM and SGLang, from a card's recipe: for a person to type, and for Weft to start.

Owns the flags and nothing else: no host, no port, no secret. Flags are those of vLLM's `serve` (0.32,
vllm/engine/arg_utils.py) and SGLang's `launch_server` (documentation read 2026-11).
"""

from collections.abc import Sequence

from weft.catalog.types import GpuServerSpec, Spread

VLLM_MODULE = "vllm.entrypoints.openai.api_server"
"""What `vllm serve` runs."""
SGLANG_MODULE = "sglang.launch_server"


_VLLM_RANKS = (8, 16, 32, 64, 128, 256, 320, 512)
"""What `--max-lora-rank` may be."""


def recipe(spec: GpuServerSpec) -> list[str]:
    """What a person types on the first node."""
    if spec.kind == "vllm":
        return ["vllm", "serve", spec.repository, *flags(spec)]
    return ["python", "-m", SGLANG_MODULE, "--model-path", spec.repository, *flags(spec)]


def flags(spec: GpuServerSpec, *, max_lora_rank: int = 0) -> list[str]:
    """What the card decides; `max_lora_rank`: of the adapters that may be added to vLLM while it runs, 0 for none."""
    own = _vllm(spec, max_lora_rank) if spec.kind == "vllm" else _sglang(spec)
    return [*own, *spec.extra_args]


def _vllm(spec: GpuServerSpec, max_lora_rank: int) -> list[str]:
    words = _sizes(
        ("--tensor-parallel-size", spec.tensor_parallel),
        ("--pipeline-parallel-size", spec.pipeline_parallel),
        ("--data-parallel-size", spec.data_parallel),
    )
    if spec.expert_parallel:
        words += ["--enable-expert-parallel"]
    if spec.nodes > 1 and spec.spread is Spread.RAY:
        words += ["--distributed-executor-backend", "ray"]
    elif spec.nodes > 1:
        words += ["--nnodes", str(spec.nodes), "--node-rank", "0"]
        words += ["--master-addr", spec.master_address or "THIS_NODE"]
    if spec.context_tokens:
        words += ["--max-model-len", str(spec.context_tokens)]
    if spec.tool_call_parser:
        words += ["--enable-auto-tool-choice", "--tool-call-parser", spec.tool_call_parser]
    if spec.reasoning_parser:
        words += ["--reasoning-parser", spec.reasoning_parser]
    if max_lora_rank:
        rank = min(rank for rank in _VLLM_RANKS if rank >= max_lora_rank)
        words += ["--enable-lora", "--max-lora-rank", str(rank)]
    return words


def _sglang(spec: GpuServerSpec) -> list[str]:
    words = _sizes(
        ("--tp-size", spec.tensor_parallel),
        ("--pp-size", spec.pipeline_parallel),
        ("--dp-size", spec.data_parallel),
        ("--ep-size", spec.tensor_parallel if spec.expert_parallel else 1),
    )
    if spec.nodes > 1:
        words += ["--nnodes", str(spec.nodes), "--node-rank", "0"]
        words += ["--dist-init-addr", f"{spec.master_address or 'THIS_NODE'}:20000"]
    if spec.context_tokens:
        words += ["--context-length", str(spec.context_tokens)]
    if spec.tool_call_parser:
        words += ["--tool-call-parser", spec.tool_call_parser]
    if spec.reasoning_parser:
        words += ["--reasoning-parser", spec.reasoning_parser]
    return words


def _sizes(*sizes: tuple[str, int]) -> list[str]:
    """The flags whose size is more than one."""
    return [word for flag, size in sizes if size > 1 for word in (flag, str(size))]


def other_nodes(spec: GpuServerSpec) -> Sequence[Sequence[str]]:
    """What a person types on each further node, where the nodes find each other by an address."""
    if spec.nodes == 1 or spec.spread is Spread.RAY:
        return ()
    first = recipe(spec)
    rank = first.index("--node-rank") + 1
    headless = ["--headless"] if spec.kind == "vllm" else []
    return [
        [*first[:rank], str(node), *first[rank + 1 :], *headless] for node in range(1, spec.nodes)
    ]
