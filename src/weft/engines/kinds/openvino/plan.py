"""OpenVINO as an engine: from a card's spec to the child's command line, and in what it differs from the OpenAI API.

`child.py` is the other side, and a server of our own: what the library cannot do is a quirk here. Tried on
openvino_genai 2026.4.1, which reads GGUF files of the families in `FAMILIES` and folders of its own.
"""

import importlib.util
import sys
from pathlib import Path

from weft.catalog.types import ModelCard, OpenVinoSpec
from weft.engines.kinds.counting import OPENVINO
from weft.engines.kinds.llama_cpp import cores, is_gguf, locate
from weft.engines.kinds.openvino.request import MAX_SEED
from weft.engines.types import Demand, Endpoint, Launch, Machine, Plan, Quirks

FAMILIES = (b"llama", b"qwen2", b"qwen3")
_ARCHITECTURE = b"general.architecture"
_HEAD_BYTES = 64 * 1024
_FOLDER_HOLDS = ("openvino_model.xml", "openvino_tokenizer.xml", "openvino_detokenizer.xml")

QUIRKS = Quirks(
    # One answer for each request; the door asks several times, and merges streams.
    always_stream=True,
    fans_out=True,
    # `timings` are for us.
    rewrites_chunks=True,
    # Templates do not know it.
    developer_role=False,
    max_seed=MAX_SEED,
    # A response format is a grammar from the first token on, so that no tool can be called.
    tools_with_format=False,
    # Each chunk tells how many tokens there are so far, so that a stream that was broken off is metered exactly.
    extra_body=b'"timings_per_token":true',
    # Left out: `logit_bias` and `top_logprobs`, which the library does not have.
    parameters=frozenset(
        {
            *("model", "messages", "stream", "stream_options", "max_tokens"),
            *("max_completion_tokens", "min_tokens", "temperature", "top_p", "top_k", "min_p"),
            *("seed", "stop", "frequency_penalty", "presence_penalty", "repetition_penalty"),
            *("ignore_eos", "logprobs", "tools", "tool_choice", "parallel_tool_calls"),
            *("response_format", "chat_template_kwargs"),
        }
    ),
    endpoints=frozenset({Endpoint.CHAT, Endpoint.COMPLETIONS, Endpoint.TOKENIZE}),
)


def plan(card: ModelCard, spec: OpenVinoSpec, machine: Machine) -> Plan | None:
    """How `card` is run here; None where the weights are not there, or OpenVINO is not installed."""
    weights = find_weights(spec)
    if weights is None:
        return None
    context = spec.context_tokens
    return Plan(
        kind="openvino",
        quirks=QUIRKS,
        served_model=card.id,
        max_in_flight=2 * spec.parallel,  # the next request waits inside, so that no place idles
        demand=Demand(memory_mib=spec.memory_mib),
        context_tokens=context if context < card.context_window_tokens else 0,
        launch=launch(card, spec, weights, threads=machine.threads),
    )


def is_installed() -> bool:
    """Whether the extra is."""
    return importlib.util.find_spec("openvino_genai") is not None


def find_weights(spec: OpenVinoSpec) -> Path | None:
    """The file or folder of `spec`; None where it is not there or not for OpenVINO, or that is not installed."""
    if not spec.weights or not is_installed():
        return None
    path = locate(spec.weights)
    if path is None:
        return None
    if path.is_dir():
        return path if all((path / name).is_file() for name in _FOLDER_HOLDS) else None
    return path if is_gguf(path) and family_of(path) in FAMILIES else None


def family_of(path: Path) -> bytes:
    """The family that a GGUF file is of; empty where it does not say so in its first lines.

    ggml-org/ggml, docs/gguf.md: the key, the type 8, the length in eight bytes, the text.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    at = head.find(_ARCHITECTURE)
    if at < 0:
        return b""
    at += len(_ARCHITECTURE) + 4
    length = int.from_bytes(head[at : at + 8], "little")
    return head[at + 8 : at + 8 + length] if length < 100 else b""


def launch(card: ModelCard, spec: OpenVinoSpec, weights: Path, *, threads: int) -> Launch:
    """How to start it; `threads` 0 leaves one core to the door and the system."""
    return Launch(
        argv=(
            *(sys.executable, "-m", "weft.engines.kinds.openvino.child"),
            *("--model", str(weights)),
            *("--alias", card.id),
            *("--device", spec.device),
            *("--context", str(spec.context_tokens)),
            *("--parallel", str(spec.parallel)),
            *("--threads", str(threads or max(1, cores() - 1))),
        ),
        paths={endpoint: endpoint.value for endpoint in QUIRKS.endpoints},
        counting=OPENVINO,
        files=(str(weights),),
    )
