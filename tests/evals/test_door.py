"""Every decision of the inference door holds for what is asked through this room."""

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from conformance.server import PROJECT, TEAM, running_weft
from countries import write_country_file
from evals.conftest import Client
from evals.test_completions import asked
from evals.test_runs import ended, evaluation, model

STRICT = {"WEFT_TEAM": TEAM, "WEFT_COUNTRY_DENY": "KP", "WEFT_COUNTRY_TEST": "true"}


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Generator[Client]:
    """A server with a rule about countries."""
    folder: Path = tmp_path_factory.mktemp("strict")
    settings = {**STRICT, "WEFT_COUNTRY_FILE": str(write_country_file(folder / "country.mmdb"))}
    with running_weft(folder, settings=settings) as weft:
        weft.cli("project", "create", f"{TEAM}/{PROJECT}")
        with httpx.Client(
            base_url=f"{weft.console_url}traces", headers=weft.headers, timeout=30
        ) as http:
            yield Client(weft, http)


def test_completion_when_caller_is_where_none_may_be_then_refused(strict: Client) -> None:
    abroad = replace(strict, headers={"x-weft-test-country": "KP"})
    body = {"project_id": strict.name, **asked()}
    refused = abroad.post("/completions/create", body)
    assert refused.status_code == 403
    assert refused.json()["error_code"] == "country_not_supported"
    assert abroad.post("/completions/create_stream", body).status_code == 403


def test_project_when_its_cap_is_reached_then_refused_with_the_remedy(strict: Client) -> None:
    strict.weft.cli("limit", "set", "project", strict.name, "--spend", "0.000001/day")
    body = {"project_id": strict.name, **asked()}
    refused = strict.post("/completions/create", body)
    assert refused.status_code == 429
    told = refused.json()
    assert told["remedy"]
    assert told["limit"]
    assert refused.headers["x-should-retry"] == "false"
    references = {"evaluation_ref": evaluation(strict, []), "model_ref": model(strict)}
    call_id = strict.ok("/evaluations/evaluate_model", references)["call_id"]
    status = ended(strict, call_id)
    assert status["code"] == "failed"
    assert "run_refused" in status["error"]
