"""From a plan for this machine to a plan for the cluster: the child's command line becomes an argument of a bridge's.

Pure, and the only part of this package that the gateway's process uses. Invariant: a plan that was placed asks nothing
of this machine's memory or GPUs; what it did ask for is asked of Ray.
"""

import importlib.util
import sys
from dataclasses import dataclass, replace
from math import ceil
from typing import Self

from weft.engines.ray.types import PYTHON
from weft.engines.types import Demand, Launch, Machine, Plan
from weft.kit.errors import CannotStart
from weft.kit.settings import Settings

PACKAGE = "ray"
BRIDGE = "weft.engines.ray.bridge"
_OF_RAY = ("RAY_",)
"""Ray's own settings in the environment: TLS, tokens, timeouts."""


@dataclass(frozen=True, slots=True)
class RayOptions:
    """What the operator may choose."""

    address: str
    """`host:port` of the cluster's head, or `auto` for the cluster that this machine is part of."""
    cpus: float = 1.0
    """Processors that each replica reserves."""

    @classmethod
    def from_settings(cls, settings: Settings) -> Self | None:
        """None where engines run on this machine.

        Raises:
            CannotStart: a cluster is named, and Ray is not installed.
        """
        if not settings.ray:
            return None
        if importlib.util.find_spec(PACKAGE) is None:
            raise CannotStart(
                f"ray = {settings.ray}: the package ray is not installed",
                remedy="pip install 'weft[ray]'",
            )
        return cls(settings.ray, settings.ray_cpus)

    def machine(self, here: Machine) -> Machine:
        """What an engine that will be placed may use: as many threads as it reserves processors."""
        threads = here.threads or max(1, ceil(self.cpus))
        return replace(here, threads=threads, memory_mib=0, gpus=(), elsewhere=True)


def place(plan: Plan, options: RayOptions) -> Plan:
    """The same engine on the cluster. Servers that somebody else runs stay where they are."""
    if plan.launch is None:
        return plan
    launch = replace(plan.launch, argv=_argv(plan, plan.launch, options), files=(), passed=_OF_RAY)
    return replace(plan, demand=Demand(), launch=launch)


def _argv(plan: Plan, launch: Launch, options: RayOptions) -> tuple[str, ...]:
    program, *rest = launch.argv
    demand = plan.demand
    return (
        *(sys.executable, "-m", BRIDGE),
        *("--address", options.address),
        *("--name", f"{plan.kind}:{plan.served_model}"),
        *("--cpus", f"{options.cpus:g}"),
        *("--gpus", str(demand.gpus)),
        *("--memory-mib", str(demand.memory_mib)),
        *(word for path in launch.files for word in ("--file", path)),
        *(word for name in launch.passed for word in ("--passed", name)),
        *("--", PYTHON if program == sys.executable else program, *rest),
    )
