"""Tours through the weave client, each run once for all tests that look at what it saw."""

from collections.abc import Callable
from pathlib import Path

import pytest

from conformance.server import TINY, Weft
from conformance.weave.programs import Toured, tour

SCRIPTS = (
    "calls_tour.py",
    "objects_tour.py",
    "evaluations_tour.py",
    "content_tour.py",
    "feedback_tour.py",
    "integrations_tour.py",
    "agents_tour.py",
)
Tours = Callable[[str], Toured]


@pytest.fixture(scope="session")
def tours(weft: Weft, tmp_path_factory: pytest.TempPathFactory) -> Tours:
    """A tour by its script; it is run when it is asked for first."""
    done: dict[str, Toured] = {}
    homes: Path = tmp_path_factory.mktemp("tours")

    def run(script: str) -> Toured:
        if script not in done:
            name = script.removesuffix("_tour.py")
            more = (TINY, weft.url, weft.api_key) if name == "integrations" else ()
            done[script] = tour(weft, homes / name, script, f"loom/tour-{name}", *more)
        return done[script]

    return run
