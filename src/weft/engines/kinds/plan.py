"""From a card's spec to the plan of running it here: the one place that knows every kind of engine."""

from typing import assert_never

from weft.catalog.types import (
    EngineSpec,
    FakeSpec,
    GpuServerSpec,
    LlamaCppSpec,
    ModelCard,
    OpenVinoSpec,
    RemoteSpec,
)
from weft.engines.kinds import llama_cpp, remote, sglang, vllm
from weft.engines.kinds.fake import plan as fake
from weft.engines.kinds.openvino import plan as openvino
from weft.engines.types import Machine, Plan
from weft.engines.weights.found import with_pulled


def make_plan(card: ModelCard, spec: EngineSpec, machine: Machine) -> Plan | None:
    """How `spec` runs `card` on `machine`; None where it cannot.

    Raises:
        CannotStart: the card's engine table makes no sense.
    """
    spec = with_pulled(card, spec, machine.weights_dir)
    match spec:
        case FakeSpec():
            return fake.plan(card, spec)
        case RemoteSpec():
            return remote.plan(card, spec)
        case LlamaCppSpec():
            return llama_cpp.plan(card, spec, machine)
        case OpenVinoSpec():
            return openvino.plan(card, spec, machine)
        case GpuServerSpec():
            kind = vllm if spec.kind == "vllm" else sglang
            return kind.plan(card, spec, machine)
        case _:
            assert_never(spec)
