"""What all tests share."""

import pytest
from hypothesis import settings

pytest_plugins = ["databases"]

# A machine that is busy with something else must not fail a property: no test is timed.
settings.register_profile("weft", deadline=None)
settings.load_profile("weft")


def pytest_addoption(parser: pytest.Parser) -> None:
    """What may last longer than it does by itself."""
    parser.addoption(
        "--chaos-s", default="15", help="seconds that tests/fleet/test_chaos.py goes on for"
    )
