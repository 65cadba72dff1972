"""vLLM as an engine that Weft starts: the command line, and in what it differs from the OpenAI API.

Tried on vLLM 0.32 (CPU): `vllm/entrypoints/openai` for the fields of a request, `vllm/envs.py` for the secret. Its
`vllm serve` and `python -m vllm.entrypoints.openai.api_server` start the same; the module is there in every build.
"""

from dataclasses import replace

from weft.catalog.commands import VLLM_MODULE
from weft.catalog.types import Accelerator, GpuServerSpec, ModelCard
from weft.engines.kinds.counting import vllm
from weft.engines.kinds.gpu_server import Ready, card_flags, demand_of, find_ready, wrapped
from weft.engines.types import Endpoint, Launch, Machine, Plan, Quirks

_PARAMETERS = frozenset(
    {
        *("model", "messages", "stream", "stream_options", "max_tokens"),
        *("max_completion_tokens", "n", "temperature", "top_p", "seed", "stop"),
        *("frequency_penalty", "presence_penalty", "logit_bias", "logprobs", "top_logprobs"),
        *("tools", "tool_choice", "parallel_tool_calls", "response_format"),
        *("reasoning_effort", "chat_template_kwargs", "user"),
        *("top_k", "min_p", "repetition_penalty", "min_tokens", "ignore_eos"),
        *("stop_token_ids", "bad_words", "structured_outputs", "include_reasoning"),
        "skip_special_tokens",
    }
)

QUIRKS = Quirks(
    max_seed=2**63 - 1,
    parameters=_PARAMETERS,
    endpoints=frozenset(
        {Endpoint.CHAT, Endpoint.COMPLETIONS, Endpoint.EMBEDDINGS, Endpoint.TOKENIZE}
    ),
)
# On a CPU a seed can end the engine for everybody: `CPU Generator does not use offset` (0.32, under load).
QUIRKS_ON_CPU = replace(QUIRKS, parameters=_PARAMETERS - {"seed"})


_TAKES_ADAPTERS = "VLLM_ALLOW_RUNTIME_LORA_UPDATING=True"


def plan(card: ModelCard, spec: GpuServerSpec, machine: Machine) -> Plan | None:
    """How `card` is run here; None where the interpreter, the weights or the accelerators are not."""
    ready = find_ready(spec, machine)
    if ready is None:
        return None
    context = spec.context_tokens
    return Plan(
        kind="vllm",
        quirks=QUIRKS_ON_CPU if spec.device is Accelerator.CPU else QUIRKS,
        served_model=card.id,
        max_in_flight=spec.max_in_flight,
        demand=demand_of(spec),
        context_tokens=context if 0 < context < card.context_window_tokens else 0,
        launch=launch(card, spec, ready),
    )


def launch(card: ModelCard, spec: GpuServerSpec, ready: Ready) -> Launch:
    """How to start it."""
    return Launch(
        argv=(
            *wrapped(card, spec, secret=("--secret-variable", "VLLM_API_KEY")),
            *(("--set", _TAKES_ADAPTERS) if card.capabilities.lora else ()),
            "--",
            *(ready.python, "-m", VLLM_MODULE),
            *("--model", ready.weights, "--served-model-name", card.id),
            *card_flags(card, spec),
        ),
        paths={endpoint: endpoint.value for endpoint in (*QUIRKS.endpoints, Endpoint.LOAD_ADAPTER)},
        counting=vllm(Endpoint.TOKENIZE.value),
        files=(ready.file,) if ready.file else (),
        passed=("VLLM_", "HF_", "NCCL_", "TORCH", "RAY_"),
    )
