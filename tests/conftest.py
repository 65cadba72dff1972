"""What all tests share."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from argon2 import PasswordHasher
from hypothesis import settings

from weft.identity import secrets
from weft.traces.writing import writer

pytest_plugins = ["databases", "second_try"]
TESTS = Path(__file__).parent

# A machine that is busy with something else must not fail a property: no test is timed.
settings.register_profile("weft", deadline=None, max_examples=40)
settings.load_profile("weft")


LONG = ("console", "fleet", "docs", "conformance", "evals")
"""Folders whose files last long, since they start servers and browsers; the longest first."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let long files begin first: at the end of one that began last, the other workers would have nothing to do."""

    def place(item: pytest.Item) -> int:
        folder = item.path.relative_to(TESTS).parts[0]
        return LONG.index(folder) if folder in LONG else len(LONG)

    items.sort(key=place)


def pytest_configure() -> None:
    """A shell has what it starts in the background ignore SIGINT, and so would commands that tests interrupt."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """What may last longer than it does by itself."""
    parser.addoption(
        "--chaos-s", default="15", help="seconds that tests/fleet/test_chaos.py goes on for"
    )
    parser.addoption(
        "--thorough", action="store_true", help="five times as many rounds and kills in tests/fleet"
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


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """What a test sets about logs, its level above all, must not hold for the tests that follow."""
    yield
    if structlog.is_configured():
        structlog.reset_defaults()
