"""Every limit, however it is asked for and by whichever name: the client's own exception, and nothing used up."""

import json
from datetime import datetime
from typing import Any

import openai
import pytest

from conformance.limits.asks import MEANT, NAMES, ROUTES, Ask
from conformance.limits.situations import (
    COMMON_KINDS,
    STRICT_KINDS,
    Situation,
    Stage,
    this_minute,
    window_end,
)
from weft.ledger.types import Outcome, Tokens
from weft.limits.rules import COMBINATIONS

pytestmark = pytest.mark.conformance


def client_of(stage: Stage, situation: Situation) -> openai.OpenAI:
    """Clients of one server share its connections."""
    key = situation.account.key
    return stage.client.with_options(api_key=key, default_headers=situation.headers)


def refused(stage: Stage, situation: Situation, ask: Ask) -> openai.APIStatusError:
    """What the client raises; again if the minute turned before it was asked."""
    for _ in range(3):
        minute = this_minute()
        situation.fill()
        counted, seen = stage.books.counted(), stage.seen()
        create: Any = client_of(stage, situation).chat.completions.create
        try:
            answer: Any = create(**ask.arguments)
        except openai.APIStatusError as error:
            if this_minute() == minute:
                assert stage.books.counted() == counted, "it used something up"
                assert stage.seen() == seen, "the engine saw it"
                return error
        else:
            if "stream" in ask.route:
                answer.close()
            assert this_minute() > minute, f"let through: {situation.told}"
    raise AssertionError("the minute turned three times")


def check(stage: Stage, situation: Situation, ask: Ask, error: openai.APIStatusError) -> None:
    told = situation.told
    assert type(error) is told.error
    assert error.status_code == told.status
    assert error.code == told.code
    body: Any = error.body
    assert body["message"].startswith(told.message)
    metadata = body["metadata"]
    assert {name: metadata.get(name) for name in told.metadata} == told.metadata
    assert told.remedy in metadata["remedy"]
    assert metadata["remedy"]
    headers = error.response.headers
    assert headers.get("x-should-retry") == told.should_retry
    check_wait(told.window, metadata, headers.get("retry-after"), waits=told.waits)
    check_record(stage, error, metadata, MEANT[ask.model])


def check_wait(window: str, metadata: Any, retry_after: str | None, *, waits: bool) -> None:
    assert (retry_after is not None) == waits
    assert metadata.get("retry_after_s") == (int(retry_after) if retry_after else None)
    if window:
        turns = window_end(window, this_minute())
        assert metadata["resets_at"] == turns.strftime("%Y-%m-%dT%H:%M:%SZ")
        assert datetime.fromisoformat(metadata["resets_at"]) == turns
    else:
        assert metadata.get("resets_at") is None
    if window == "minute":
        assert retry_after is not None
        assert 0 < int(retry_after) <= 60


def check_record(stage: Stage, error: openai.APIStatusError, metadata: Any, model: str) -> None:
    assert error.request_id
    record = stage.books.record_of(error.request_id)
    if error.code == "personal_entity_unsupported":
        assert record is None, "there is no team to write it down for"
        return
    assert record is not None
    assert (record.status, record.outcome) == (error.status_code, Outcome.REFUSED)
    assert (record.cost_nusd, record.engine, record.tokens) == (0, "", Tokens())
    if error.code != "country_not_supported":  # what was asked for was not looked at
        assert record.model_id == model
    body: Any = error.body
    assert json.loads(record.refusal) == {"message": body["message"], **metadata}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("kind", COMMON_KINDS)
def test_limit_when_reached_then_refuses_this_route_under_this_name(
    stage: Stage, kind: str, route: str, name: str
) -> None:
    situation, ask = stage.situation(kind), Ask(NAMES[name], route)
    check(stage, situation, ask, refused(stage, situation, ask))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("route", ROUTES)
def test_limit_of_one_model_when_reached_then_refuses_this_route_under_each_of_its_names(
    stage: Stage, route: str, name: str
) -> None:
    ask = Ask(NAMES[name], route)
    situation = stage.situation(f"concurrency of {MEANT[ask.model]}")
    check(stage, situation, ask, refused(stage, situation, ask))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("kind", STRICT_KINDS)
def test_limit_of_a_strict_server_when_reached_then_refuses_this_route_under_this_name(
    strict_stage: Stage, kind: str, route: str, name: str
) -> None:
    situation, ask = strict_stage.situation(kind), Ask(NAMES[name], route)
    check(strict_stage, situation, ask, refused(strict_stage, situation, ask))


def test_table_when_compared_with_what_can_be_set_then_leaves_no_limit_out() -> None:
    can_be_set = {
        (kind.value, scope.value, period.value if period else "")
        for kind, (scopes, periods) in COMBINATIONS.items()
        for scope in scopes
        for period in periods
    }
    of_one_model = {("concurrency", "project_model", "")}
    rows = {
        (kind, scope, "" if kind == "concurrency" else period or "minute")
        for kind, scope, period in ((*name.split("-"), "", "")[:3] for name in COMMON_KINDS)
    }
    assert can_be_set <= rows | of_one_model
