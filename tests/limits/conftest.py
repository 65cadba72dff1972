from collections.abc import AsyncIterator

import pytest

from identity.house import SECRET, HandClock, House
from limits.setting import Office
from weft.identity.principal import Gate
from weft.kit.db import Database


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def house(database: Database, clock: HandClock) -> House:
    return House(database, clock)


@pytest.fixture
async def gate(database: Database, clock: HandClock) -> AsyncIterator[Gate]:
    gate = Gate(database, SECRET, clock, require_project=False)
    yield gate
    gate.close()


@pytest.fixture
def office(house: House) -> Office:
    return Office(house)
