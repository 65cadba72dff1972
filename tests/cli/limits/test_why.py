import json
from pathlib import Path

import msgspec
import pytest

from cli.said import Weft
from weft.app.storage import open_database
from weft.identity.bootstrap import FirstStart
from weft.identity.keys import list_keys
from weft.identity.teams import get_project
from weft.kit.money import NanoUsd
from weft.ledger.types import Outcome, Tokens, UsageRecord, UsageSource
from weft.ledger.usage.store import insert_usage
from weft.limits.refusals import refusal
from weft.limits.types import Denial, Limit, LimitKind, LimitScope

STARTED_US = 1_793_534_400_000_000


@pytest.fixture
def refused(tmp_path: Path, started: FirstStart) -> UsageRecord:
    """A request that a project's limit of concurrency refused; it stands in the database."""
    del started
    database = open_database(tmp_path)
    with database.write() as connection:
        project = get_project(connection, "my-team", "inference")
        (key,) = list_keys(connection)
        limit = Limit(
            LimitKind.CONCURRENCY, LimitScope.PROJECT, project.id, 1, name="my-team/inference"
        )
        denial = Denial(limit, 1, 1, None, retry_after_s=1)
        error = refusal(denial, quota_status=429, now_us=STARTED_US)
        record = UsageRecord(
            id="req_refused",
            started_at_us=STARTED_US,
            user_id=key.user_id,
            team_id=project.team_id,
            project_id=project.id,
            key_id=key.id,
            model_id="weft/tiny-chat",
            served_model_id="",
            engine="",
            status=429,
            outcome=Outcome.REFUSED,
            error_code="rate_limit_exceeded",
            stream=False,
            tokens=Tokens(),
            usage_source=UsageSource.NONE,
            price_version="",
            cost_nusd=NanoUsd(0),
            queue_us=0,
            ttft_us=0,
            total_us=1,
            refusal=json.dumps({"message": error.message, **error.metadata}),
        )
        answered = msgspec.structs.replace(
            record,
            id="req_answered",
            status=200,
            outcome=Outcome.COMPLETED,
            error_code="",
            refusal="",
            cost_nusd=NanoUsd(1500),
        )
        insert_usage(connection, [record, answered])
    database.close()
    return record


@pytest.mark.usefixtures("refused")
def test_why_when_a_limit_refused_then_tells_then_and_now(weft: Weft) -> None:
    weft("limit", "set", "project", "my-team/inference", "--concurrency", "4")
    lines = weft("why", "req_refused").out.splitlines()
    assert lines[0] == (
        "It was refused with 429 because of the project's limit of concurrency, and cost nothing."
        " 0 of 4 are used at the moment: the same request would pass now."
    )
    assert lines[2:] == [
        "  request   req_refused, 2026-11-01 12:00 UTC",
        "  model     weft/tiny-chat",
        "  answer    429 rate_limit_exceeded",
        (
            "  message   Concurrency limit reached for requests: project limit reached"
            " (1 of 1 requests are in flight)"
        ),
        "  limit     concurrency of project my-team/inference",
        "  now       0 of 4",
        (
            "  remedy    Send it again when one of the requests in flight has ended. An admin changes the"
            " limit with `weft limit set project my-team/inference --concurrency N --reason WHY`."
        ),
    ]


@pytest.mark.usefixtures("refused")
def test_why_when_asked_as_json_then_is_what_the_api_says(weft: Weft) -> None:
    told = weft("why", "req_refused", "--json").json
    assert (told["request_id"], told["metadata"]["limit"]) == ("req_refused", "concurrency")
    assert told["now"]["would_pass"]


@pytest.mark.usefixtures("refused")
def test_why_when_it_was_answered_then_tells_its_cost(weft: Weft) -> None:
    out = weft("why", "req_answered").out
    assert out.startswith("It was not refused: it was answered in full, and it cost 0.0000015 USD.")


@pytest.mark.usefixtures("started")
def test_why_when_there_is_no_such_request_then_says_where_else_to_look(weft: Weft) -> None:
    said = weft("why", "req_0")
    assert said.code == 1
    assert "only in the log" in said.err
