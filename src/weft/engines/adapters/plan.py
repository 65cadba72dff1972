"""From the plan of a model to the plan of the model with an adapter, for the kinds of engines that can have one."""

from dataclasses import replace
from typing import assert_never

from weft.catalog.adapters.types import Adapter, AdapterUnusable, Unusable
from weft.catalog.types import (
    EngineSpec,
    FakeSpec,
    GpuServerSpec,
    LlamaCppSpec,
    OpenVinoSpec,
    RemoteSpec,
)
from weft.engines.kinds import llama_cpp
from weft.engines.kinds.fake import plan as fake
from weft.engines.types import Plan


def plan_with(plan: Plan, spec: EngineSpec, adapter: Adapter) -> Plan:
    """How the model of `plan` is run with `adapter`. Blocks on the disk.

    Raises:
        AdapterUnusable: this kind of engine cannot do it.
    """
    match spec:
        case FakeSpec():
            return fake.with_adapter(plan, adapter)
        case LlamaCppSpec():
            return llama_cpp.with_adapter(plan, adapter)
        case RemoteSpec() | GpuServerSpec(kind="vllm"):
            return replace(plan, served_model=adapter.key, is_hot=True)
        case OpenVinoSpec() | GpuServerSpec():
            raise AdapterUnusable(
                f"The engine {plan.kind} that runs the model takes no adapters here",
                reason=Unusable.ENGINE_WITHOUT_LORA,
                remedy="have the model run by llama.cpp, or merge the adapter into a model of its own",
            )
        case _:
            assert_never(spec)
