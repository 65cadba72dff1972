"""What the server does, and what the client does then: each row that a program can live through."""

from pathlib import Path

import httpx
import pytest

from conformance.programs import CLIENTS_PYTHON, run_python
from conformance.server import PATIENCE_S, Weft
from conformance.weave.programs import Toured, tour, weave_environ
from conformance.weave.proxy import running_proxy

pytestmark = pytest.mark.conformance
ALL = [0, 1, 2, 3]


@pytest.fixture(scope="module")
def faults(weft: Weft, tmp_path_factory: pytest.TempPathFactory) -> Toured:
    home = tmp_path_factory.mktemp("faults")
    with running_proxy(weft.console_url.rstrip("/")) as url:
        toured = tour(weft, home, "faults_tour.py", "loom/tour-faults", WANDB_BASE_URL=url)
    assert toured.failed == {}
    return toured


def test_calls_when_the_server_is_away_for_a_moment_then_arrive_once(faults: Toured) -> None:
    for status, (retried, arrived) in faults.seen["unavailable_for_a_moment"].items():
        assert retried, status
        assert arrived == ALL, status
    assert faults.seen["reads_fail_for_a_moment"] == ALL


def test_calls_when_they_are_refused_then_are_dropped_and_the_next_go_on(faults: Toured) -> None:
    seen = dict(faults.seen["refused"])
    assert seen.pop("after") == ALL
    for status, (asked, arrived) in seen.items():
        assert asked >= 1, status
        assert arrived == [], status


def test_calls_when_a_batch_is_too_large_then_are_sent_in_parts(faults: Toured) -> None:
    assert faults.seen["too_large"] == [True, ALL]


def test_calls_when_one_is_bad_then_the_others_arrive(faults: Toured) -> None:
    assert faults.seen["one_is_bad"] == [0, 1, 3]


def test_objects_and_files_when_they_fail_then_calls_go_on(faults: Toured) -> None:
    asked, value = faults.seen["objects_fail_for_a_moment"]
    assert asked >= 3
    assert value == 1
    assert faults.seen["files_are_refused"] == [1]


def test_body_when_it_is_over_the_bound_then_is_a_413_in_the_clients_form(weft: Weft) -> None:
    response = httpx.post(
        f"{weft.console_url}traces/v2/a/b/calls/complete",
        headers=weft.headers,
        content=b" " * (65 * 1024 * 1024),
        timeout=PATIENCE_S,
    )
    assert response.status_code == 413


FIRST_LINES = """
import sys, weave
try:
    weave.init(sys.argv[1] if len(sys.argv) > 1 else "{project}")
except BaseException as error:
    print(type(error).__name__, str(error))
"""


def test_init_when_it_cannot_be_then_says_why(weft: Weft, tmp_path: Path) -> None:
    cases: dict[str, tuple[str, dict[str, str]]] = {
        "unreachable": ("loom/cloth", {"WANDB_BASE_URL": "http://127.0.0.1:9"}),
        "bad key": ("loom/cloth", {"WANDB_API_KEY": weft.api_key[:-4] + "AAAA"}),
        "no team": ("nobody/cloth", {}),
        "no key for traces": ("loom/cloth", {"WANDB_API_KEY": weft.key("--scope", "inference")}),
    }
    said: dict[str, str] = {}
    for name, (project, more) in cases.items():
        environ = {**weave_environ(weft, tmp_path), **more}
        source = FIRST_LINES.format(project=project)
        said[name] = run_python(source, weft, python=CLIENTS_PYTHON, **environ).strip()
    assert "Weave is not available on the server" in said["unreachable"]
    assert "Check that the key is whole" in said["bad key"]
    assert said["no team"].startswith("UnableToCreateProjectError")
    assert "lacks the scope traces" in said["no key for traces"]
