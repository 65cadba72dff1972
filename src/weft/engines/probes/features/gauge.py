"""How much work an engine has at the moment, and how much it has done: read from its own metrics.

Owns the names that engines give to two figures. Knows nothing of probes. Sources: llama.cpp, tools/server/README.md,
`GET /metrics`; vLLM, docs/usage/metrics.md; SGLang, docs/references/production_metrics.md (all read 2026-11); the text
format is Prometheus' exposition format 0.0.4.
"""

from dataclasses import dataclass

from weft.engines.types import Endpoint, Lease
from weft.upstream import UpstreamError

MAX_BYTES = 8 * 1024 * 1024
_RUNNING = (
    "llamacpp:requests_processing",
    "vllm:num_requests_running",
    "sglang:num_running_reqs",
    "openvino:requests_running",
    "fake:requests_running",
)
_PRODUCED = (
    "llamacpp:tokens_predicted_total",
    "vllm:generation_tokens_total",
    "sglang:generation_tokens_total",
    "openvino:tokens_total",
    "fake:tokens_total",
)


@dataclass(frozen=True, slots=True)
class Gauge:
    """One reading."""

    running: int
    """Requests that are being worked on."""
    produced: int
    """Tokens since the engine's start."""


async def read_gauge(lease: Lease) -> Gauge | None:
    """What the engine of `lease` tells; None where it does not."""
    chat = lease.heads[Endpoint.CHAT]
    root = chat.path.removesuffix("/chat/completions").removesuffix("/v1")
    head = chat.beside("GET", f"{root}/metrics").render(None)
    try:
        response = await lease.pool.send(head)
        body = await response.read(MAX_BYTES)
    except UpstreamError:
        return None
    if response.status != 200:
        return None
    text = body.decode(errors="replace")
    running, produced = _sum(text, _RUNNING), _sum(text, _PRODUCED)
    return None if running is None or produced is None else Gauge(running, produced)


def _sum(text: str, names: tuple[str, ...]) -> int | None:
    """The values of all series with one of these names, whatever their labels; None where there are none."""
    found: list[float] = []
    for line in text.splitlines():
        if line.startswith(names):
            name, _, value = line.rpartition(" ")
            if name.partition("{")[0].strip() in names:
                try:
                    found.append(float(value))
                except ValueError:
                    return None
    return round(sum(found)) if found else None
