"""SGLang as an engine that Weft starts: the command line, and in what it differs from the OpenAI API.

From its documentation (server arguments, `--config`; OpenAI APIs; read 2026-11); no build of it runs without a GPU, and
none was at hand. It takes its key from an argument or a configuration file: the file it is.
"""

from weft.catalog.commands import SGLANG_MODULE
from weft.catalog.types import GpuServerSpec, ModelCard
from weft.engines.kinds.counting import vllm
from weft.engines.kinds.gpu_server import Ready, card_flags, demand_of, find_ready, wrapped
from weft.engines.types import Endpoint, Launch, Machine, Plan, Quirks

QUIRKS = Quirks(
    parameters=frozenset(
        {
            *("model", "messages", "stream", "stream_options", "max_tokens"),
            *("max_completion_tokens", "n", "temperature", "top_p", "seed", "stop"),
            *("frequency_penalty", "presence_penalty", "logit_bias", "logprobs", "top_logprobs"),
            *("tools", "tool_choice", "parallel_tool_calls", "response_format"),
            *("reasoning_effort", "chat_template_kwargs", "user"),
            *("top_k", "min_p", "repetition_penalty", "min_tokens", "ignore_eos"),
            *("stop_token_ids", "regex", "ebnf", "separate_reasoning"),
        }
    ),
    endpoints=frozenset({Endpoint.CHAT, Endpoint.COMPLETIONS, Endpoint.EMBEDDINGS}),
)


def plan(card: ModelCard, spec: GpuServerSpec, machine: Machine) -> Plan | None:
    """How `card` is run here; None where the interpreter, the weights or the accelerators are not."""
    ready = find_ready(spec, machine)
    if ready is None:
        return None
    context = spec.context_tokens
    return Plan(
        kind="sglang",
        quirks=QUIRKS,
        served_model=card.id,
        max_in_flight=spec.max_in_flight,
        demand=demand_of(spec),
        context_tokens=context if 0 < context < card.context_window_tokens else 0,
        launch=launch(card, spec, ready),
    )


def launch(card: ModelCard, spec: GpuServerSpec, ready: Ready) -> Launch:
    """How to start it."""
    device = ("--device", "cpu") if spec.device == "cpu" else ()
    return Launch(
        argv=(
            *wrapped(card, spec, secret=("--secret-flag", "api-key")),
            "--",
            *(ready.python, "-m", SGLANG_MODULE),
            *("--model-path", ready.weights, "--served-model-name", card.id, *device),
            *card_flags(card, spec),
        ),
        paths={endpoint: endpoint.value for endpoint in QUIRKS.endpoints},
        counting=vllm(Endpoint.TOKENIZE.value),
        files=(ready.file,) if ready.file else (),
        passed=("SGLANG_", "HF_", "NCCL_", "TORCH"),
    )
