"""The weave client's objects, ops, datasets, tables, files, tags and aliases, by the unmodified client."""

from typing import Any

import pytest

from conformance.programs import CLIENTS_PYTHON, tour_python
from conformance.server import TEAM, Weft

pytestmark = pytest.mark.conformance
PROJECT = "objects"


@pytest.fixture(scope="module")
def told(weft: Weft) -> dict[str, Any]:
    """What the program says that it saw."""
    weft.cli("project", "create", f"{TEAM}/{PROJECT}")
    return tour_python(
        CLIENTS_PYTHON,
        weft,
        "weave_objects_tour.py",
        f"{TEAM}/{PROJECT}",
        WANDB_BASE_URL=weft.console_url.rstrip("/"),
        WANDB_API_KEY=weft.api_key,
        WANDB_ERROR_REPORTING="false",
        WEAVE_USE_SERVER_CACHE="false",
    )


def test_objects_when_published_then_every_name_of_a_version_reads_it(told: dict[str, Any]) -> None:
    assert told["versions"] == [True, True]
    assert (told["latest"], told["v0"], told["path"], told["alias"]) == (2, "ü", 2, 1)
    assert told["labels"] == [["reviewed"], ["production"]]
    assert told["listed"] == [["reviewed"], ["production"]]


def test_version_when_deleted_then_the_one_before_is_the_latest(told: dict[str, Any]) -> None:
    assert "was deleted at" in told["gone"]
    assert told["latest_left"] == 1


def test_models_ops_and_prompts_when_read_back_then_work(told: dict[str, Any]) -> None:
    assert told["model"][1:] == [3, 12, [1, 2]]
    assert told["op"] == ["op", 42]
    assert told["code"]
    assert told["prompt"] == "hello ada"


def test_datasets_when_read_back_and_extended_then_have_their_rows(told: dict[str, Any]) -> None:
    assert told["dataset"] == [250, sum(range(250)), 120]
    assert told["row_ref"] == 7
    assert told["grown"] == [252, [1000, 1001], 250]
    assert told["selected"] == 10
    assert told["long"] == [5000, 4321, 4999]
    assert told["iterated"] == 5000


def test_file_when_read_back_then_is_the_same(told: dict[str, Any]) -> None:
    assert told["file"] == [256 * 12_000, True]


def test_digests_when_the_client_computes_them_then_are_the_same(told: dict[str, Any]) -> None:
    assert told["own"] == [True, False]
