"""What all tests share."""

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher
from hypothesis import settings

from weft.identity import secrets
from weft.traces.writing import writer

pytest_plugins = ["databases"]

# A machine that is busy with something else must not fail a property: no test is timed.
settings.register_profile("weft", deadline=None, max_examples=40)
settings.load_profile("weft")


def pytest_addoption(parser: pytest.Parser) -> None:
    """What may last longer than it does by itself."""
    parser.addoption(
        "--chaos-s", default="15", help="seconds that tests/fleet/test_chaos.py goes on for"
    )


@pytest.fixture(scope="session", autouse=True)
def patient_writer() -> Iterator[None]:
    """A trace database that is slow because the machine is busy is not away; tests of one that is set their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(writer, "PATIENCE_S", 30.0)
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """A password's hash takes long on purpose, and every test that makes users would wait for it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secrets, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield
