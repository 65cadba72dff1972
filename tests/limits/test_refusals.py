"""What a refused caller is told: the hosted words, OpenAI's classes, and the way out."""

import json
from typing import Any

import httpx
import openai
import pytest

from weft.kit.errors import WeftError
from weft.limits.refusals import affordable_nusd, command_of, refusal
from weft.limits.types import Denial, Limit, LimitKind, LimitScope, Period

USD = 1_000_000_000
NOW_US = 1_793_534_400_000_000
"""2026-11-01 12:00 UTC."""
QUOTA = "You exceeded your current quota, please check your plan and billing details"


def limit(
    kind: LimitKind,
    scope: LimitScope,
    most: int,
    *,
    name: str = "acme/web",
    set_by: str = "root",
    model_id: str = "",
) -> Limit:
    period = {LimitKind.SPEND: Period.DAY, LimitKind.CONCURRENCY: None}.get(kind, Period.MINUTE)
    return Limit(
        kind, scope, "proj_1", most, period=period, name=name, set_by=set_by, model_id=model_id
    )


IN_FLIGHT = Denial(limit(LimitKind.CONCURRENCY, LimitScope.PROJECT, 4), 4, 1, None, retry_after_s=1)
OF_MODEL = Denial(
    limit(LimitKind.CONCURRENCY, LimitScope.PROJECT_MODEL, 4, model_id="zai-org/GLM-5.2"),
    4,
    1,
    None,
    retry_after_s=1,
)
REQUESTS = Denial(
    limit(LimitKind.REQUESTS, LimitScope.USER, 60, name="ada"),
    60,
    1,
    NOW_US + 20_000_000,
    retry_after_s=20,
)
TOKENS = Denial(limit(LimitKind.TOKENS, LimitScope.KEY, 1000, name=""), 900, 200, NOW_US + 500_000)
SPEND = Denial(
    limit(LimitKind.SPEND, LimitScope.PROJECT, 5 * USD), 5 * USD - 7, 9, NOW_US + 43_200_000_000
)
CAP = Denial(
    limit(LimitKind.SPEND, LimitScope.TEAM, 0, name="acme", set_by="plan free"), 0, 9, NOW_US
)
CREDITS = Denial(
    Limit(LimitKind.CREDITS, LimitScope.TEAM, "team_1", 0, set_by="plan free", name="acme"),
    3,
    9,
    None,
)
ALL = [IN_FLIGHT, OF_MODEL, REQUESTS, TOKENS, SPEND, CAP, CREDITS]


def error_of(error: WeftError) -> dict[str, Any]:
    return json.loads(error.envelope())["error"]


def headers_of(error: WeftError) -> dict[bytes, bytes]:
    return dict(error.headers())


def told(denial: Denial, **more: Any) -> tuple[WeftError, dict[str, Any]]:
    error = refusal(denial, **{"quota_status": 429, "now_us": NOW_US, **more})
    return error, error_of(error)["metadata"]


def test_concurrency_when_reached_then_begins_with_the_hosted_words() -> None:
    error, facts = told(OF_MODEL)
    assert error.message.startswith(
        "Concurrency limit reached for requests: zai-org/GLM-5.2-project limit reached"
    )
    assert (error.status, error.code, error.type) == (
        429,
        "rate_limit_exceeded",
        "rate_limit_error",
    )
    assert headers_of(error) == {b"retry-after": b"1"}
    assert facts["model"] == "zai-org/GLM-5.2"
    assert "weft limit set project acme/web --concurrency N --model zai-org/GLM-5.2" in str(
        facts["remedy"]
    )


def test_metadata_when_a_count_is_reached_then_says_what_d8_asks_for() -> None:
    _, facts = told(IN_FLIGHT)
    remedy = facts.pop("remedy")
    assert facts == {
        "limit": "concurrency",
        "scope": "project",
        "scope_id": "proj_1",
        "scope_name": "acme/web",
        "current": 4,
        "max": 4,
        "asked": 1,
        "resets_at": None,
        "retry_after_s": 1,
        "set_by": "root",
    }
    assert remedy.startswith("Send it again when one of the requests in flight has ended.")


def test_requests_when_reached_then_waits_for_the_minute_to_turn() -> None:
    error, facts = told(REQUESTS)
    assert error.message == (
        "Rate limit reached for requests: user limit reached"
        " (60 of 60 requests were counted this minute)"
    )
    assert headers_of(error) == {b"retry-after": b"20"}
    assert (facts["period"], facts["resets_at"]) == ("minute", "2026-11-01T12:00:20Z")
    assert "in 20 s" in facts["remedy"]
    assert "weft limit set user ada --requests N" in facts["remedy"]


def test_tokens_when_reached_then_says_what_the_request_counts_for() -> None:
    error, facts = told(TOKENS)
    assert "and this request counts for 200" in error.message
    assert headers_of(error) == {b"retry-after": b"1"}
    assert "weft limit set key proj_1 --tokens N" in facts["remedy"]


@pytest.mark.parametrize(
    ("denial", "said"),
    [
        (Denial(limit(LimitKind.TOKENS, LimitScope.KEY, 100), 0, 101, NOW_US, 3), "Send less"),
        (Denial(limit(LimitKind.TOKENS, LimitScope.KEY, 0), 0, 1, NOW_US, 3), "does not help"),
        (Denial(limit(LimitKind.REQUESTS, LimitScope.KEY, 0), 0, 1, NOW_US, 3), "does not help"),
        (Denial(limit(LimitKind.CONCURRENCY, LimitScope.USER, 0), 0, 1, None, 1), "does not help"),
    ],
)
def test_wait_when_it_can_never_pass_then_nobody_is_told_to_retry(
    denial: Denial, said: str
) -> None:
    error, facts = told(denial)
    assert headers_of(error) == {b"x-should-retry": b"false"}
    assert facts["resets_at"] is None
    assert said in facts["remedy"]


def test_spend_when_reached_then_is_the_quota_of_the_seeds() -> None:
    error, facts = told(SPEND)
    assert error.message == (
        f"{QUOTA}: the project may spend 5 USD a day, 4.999999993 USD are spent or reserved,"
        " and this request may cost 0.000000009 USD"
    )
    assert (error.status, error.type, error.code) == (
        429,
        "insufficient_quota",
        "insufficient_quota",
    )
    assert headers_of(error) == {b"x-should-retry": b"false"}
    assert (facts["current"], facts["max"], facts["asked"], facts["affordable"]) == (
        "4999999993",
        "5000000000",
        "9",
        "7",
    )
    assert facts["resets_at"] == "2026-11-02T00:00:00Z"
    assert "There is room again at 2026-11-02T00:00:00Z" in facts["remedy"]
    assert "weft limit set project acme/web --spend USD/day" in facts["remedy"]
    assert "plan set" not in facts["remedy"]


def test_spend_when_fewer_tokens_would_fit_then_says_how_many() -> None:
    _, facts = told(SPEND, fitting_tokens=12)
    assert facts["fitting_max_tokens"] == 12
    assert facts["remedy"].startswith("Ask for at most 12 tokens (`max_tokens`), which fits.")


@pytest.mark.parametrize("fitting", [None, 0, -5])
def test_spend_when_nothing_fits_then_names_no_number(fitting: int | None) -> None:
    _, facts = told(SPEND, fitting_tokens=fitting)
    assert "fitting_max_tokens" not in facts
    assert facts["remedy"].startswith("Send less, or ask for fewer tokens")


def test_cap_when_it_is_the_plans_then_another_plan_is_a_way_out() -> None:
    _, facts = told(CAP)
    assert facts["resets_at"] is None  # no day has room for it
    assert facts["remedy"] == (
        "An admin changes the limit with `weft limit set team acme --spend USD/day --reason WHY`,"
        " or the plan with `weft plan set acme PLAN --reason WHY`."
    )


def test_credit_when_it_ran_out_then_names_both_commands() -> None:
    error, facts = told(CREDITS)
    assert error.message.startswith(f"{QUOTA}: 0.000000003 USD of credit is left, and")
    assert facts["affordable"] == "3"
    assert "`weft credit grant acme AMOUNT`" in facts["remedy"]
    assert "`weft plan set acme pro --reason WHY`" in facts["remedy"]


def test_credit_when_the_month_gives_more_then_says_when() -> None:
    next_month = Denial(CREDITS.limit, 3, 9, NOW_US)
    assert told(next_month)[1]["resets_at"] == "2026-11-01T12:00:00Z"


def test_affordable_when_more_is_used_than_allowed_then_is_nothing() -> None:
    lowered = Denial(limit(LimitKind.SPEND, LimitScope.PROJECT, 5), 8, 1, NOW_US)
    assert affordable_nusd(lowered) == 0


@pytest.mark.parametrize("denial", ALL, ids=lambda one: f"{one.limit.kind}-{one.limit.scope}")
@pytest.mark.parametrize("quota_status", [429, 402])
def test_official_client_when_refused_then_raises_its_own_class(
    denial: Denial, quota_status: int
) -> None:
    error = refusal(denial, quota_status=quota_status, now_us=NOW_US)
    calls: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        calls.append(request)
        headers = [(name.decode(), value.decode()) for name, value in error.headers()]
        return httpx.Response(error.status, content=error.envelope(), headers=headers)

    transport: Any = httpx.Client(transport=httpx.MockTransport(answer))  # its own kind is not ours
    client = openai.OpenAI(api_key="k", base_url="http://t/v1", http_client=transport)
    money = denial.limit.kind in {LimitKind.SPEND, LimitKind.CREDITS}
    if not money:
        client = client.with_options(max_retries=0)
    with pytest.raises(openai.APIStatusError) as caught:
        client.chat.completions.create(model="m", messages=[{"role": "user", "content": "x"}])
    assert len(calls) == 1  # what cannot pass is not tried again
    assert caught.value.status_code == (quota_status if money else 429)
    assert isinstance(caught.value, openai.RateLimitError) == (caught.value.status_code == 429)
    assert caught.value.code == ("insufficient_quota" if money else "rate_limit_exceeded")
    assert isinstance(caught.value.body, dict)


@pytest.mark.parametrize("denial", ALL, ids=lambda one: f"{one.limit.kind}-{one.limit.scope}")
def test_remedy_when_it_names_a_command_then_it_can_be_typed(denial: Denial) -> None:
    if denial.limit.kind is not LimitKind.CREDITS:
        words = command_of(denial.limit).split()
        assert words[:3] == ["weft", "limit", "set"]
        assert words[3] in {"key", "user", "project", "team"}
        assert words[-2:] == ["--reason", "WHY"]
