from collections.abc import Callable

import pytest

SHARE = 5

AsMany = Callable[[int], int]


@pytest.fixture
def as_many(pytestconfig: pytest.Config) -> AsMany:
    """How many of so many rounds or kills are gone through: a part of them, all with `--thorough`."""
    share = 1 if pytestconfig.getoption("--thorough") else SHARE
    return lambda count: count // share
