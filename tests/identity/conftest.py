from collections.abc import AsyncIterator

import pytest

from identity.house import SECRET, HandClock, House, MakeGate
from weft.identity.principal import Gate
from weft.kit.db import Database


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def house(database: Database, clock: HandClock) -> House:
    return House(database, clock)


@pytest.fixture
async def make_gate(database: Database, clock: HandClock) -> AsyncIterator[MakeGate]:
    gates: list[Gate] = []

    def make(*, require_project: bool = False) -> Gate:
        gates.append(Gate(database, SECRET, clock, require_project=require_project))
        return gates[-1]

    yield make
    for gate in gates:
        gate.close()


@pytest.fixture
def gate(make_gate: MakeGate) -> Gate:
    return make_gate()


@pytest.fixture
def secret() -> bytes:
    return SECRET
