"""How the fake engine is run. Apart from what it answers, so that its process imports nothing of this."""

import dataclasses
import sys

from weft.catalog.adapters.types import Adapter
from weft.catalog.types import FakeSpec, ModelCard
from weft.engines.kinds.counting import FAKE
from weft.engines.kinds.fake.answers import parse_switches
from weft.engines.types import Demand, Endpoint, Launch, Plan, Quirks
from weft.kit.errors import CannotStart

QUIRKS = Quirks(endpoints=frozenset(Endpoint) - {Endpoint.RENDER})


def plan(card: ModelCard, spec: FakeSpec) -> Plan:
    """How `card` is run.

    Raises:
        CannotStart: a switch of the card does not exist.
    """
    return Plan(
        kind="fake",
        quirks=QUIRKS,
        served_model=card.id,
        max_in_flight=spec.max_in_flight,
        demand=Demand(memory_mib=spec.memory_mib),
        launch=launch(spec),
    )


def launch(spec: FakeSpec) -> Launch:
    """How to start one.

    Raises:
        CannotStart: a switch of the card does not exist.
    """
    try:
        parse_switches(spec.behaviour)
    except ValueError as error:
        raise CannotStart(f"[engines.fake] behaviour: {error}") from error
    return Launch(
        argv=(sys.executable, "-m", "weft.engines.kinds.fake.child", "--behaviour", spec.behaviour),
        paths={endpoint: endpoint.value for endpoint in Endpoint},
        counting=FAKE,
    )


def with_adapter(plan: Plan, adapter: Adapter) -> Plan:
    """The same with an adapter, for an engine of its own."""
    assert plan.launch is not None, "a fake engine is started here"
    *words, behaviour = plan.launch.argv
    argv = (*words, f"{behaviour} adapter={adapter.shown}")
    return dataclasses.replace(plan, launch=dataclasses.replace(plan.launch, argv=argv))
