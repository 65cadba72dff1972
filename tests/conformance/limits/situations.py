"""Every limit there is, as a situation in which it has been reached: how one gets there, and what is told then.

`KINDS` is the table of section "shown by" 6: a limit that is added without a row here is not shown to refuse.
"""

import contextlib
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import openai

from conformance.limits.accounts import Account, Books
from conformance.limits.asks import ECHO, LIMITED, STOOD_IN
from conformance.server import Engine, Weft, wait_until

CONCURRENCY = "Concurrency limit reached for requests"
QUOTA = "You exceeded your current quota, please check your plan and billing details"
SPENT_TOKENS = 5_000
COST_NUSD = 10_001_000
"""Of a prompt of one token and an answer of that many, by the card of `test/echo`."""
COST_USD = "0.010001"
FULL_TOKENS = 1_000
REASON = "a test"

Figure = int | str


@dataclass(frozen=True, slots=True)
class Told:
    """What the client has to be told."""

    error: type[openai.APIStatusError]
    status: int
    code: str | None
    message: str
    """The start of it."""
    metadata: dict[str, Any]
    """At least this, word for word."""
    window: str = ""
    """When the limit lets something through by itself: `minute`, `day`, `month`, `year`, or never."""
    should_retry: str | None = None
    """`x-should-retry`."""
    waits: bool = False
    """Whether there is a `Retry-After`."""
    remedy: str = ""
    """A part of it."""


@dataclass(slots=True)
class Situation:
    """A limit that is reached, for one account."""

    account: Account
    told: Told
    fill: Callable[[], None] = lambda: None
    """Reach the limit again, if its window has turned meanwhile."""
    filling: dict[str, Any] | None = None
    """The request that does that."""
    release: Callable[[], None] = lambda: None
    """Make room."""
    headers: dict[str, str] = field(default_factory=dict[str, str])


def filling(tokens: int) -> dict[str, Any]:
    """A request that uses so many tokens."""
    text = f"[[fake: tokens={tokens} chunk_tokens={tokens}]] hello"
    messages = [{"role": "user", "content": text}]
    limit = {"max_tokens": tokens} if tokens == SPENT_TOKENS else {}
    return {"model": ECHO, "messages": messages, **limit}


@dataclass(slots=True)
class Stage:
    """A server, what is beside it, and what is held open until the end."""

    weft: Weft
    books: Books
    exits: contextlib.ExitStack
    client: openai.OpenAI
    http: httpx.Client
    """One for all: each new one reads the machine's certificates."""
    engine: Engine
    quota_status: int = 429
    _reached: dict[str, Situation] = field(default_factory=dict[str, Situation])

    def situation(self, kind: str) -> Situation:
        """The situation of this name, which is made once."""
        if kind not in self._reached:
            self._reached[kind] = KINDS[kind](self)
        return self._reached[kind]

    def api(self, method: str, path: str, **json: Any) -> Any:
        url = f"{self.weft.console_url}api/{path}"
        response = self.http.request(method, url, json=json, headers=self.weft.headers)
        assert response.status_code < 300, response.text
        return response.json()

    def fresh_situation(self, kind: str) -> Situation:
        """One that is nobody else's."""
        return KINDS[kind](self)

    def seen(self) -> int:
        """How many requests have come to the engine."""
        return self.http.get(f"{self.engine.url}/fake/stats").json()["requests"]

    def limit(self, kind: str, scope: str, subject: str, most: int, **more: str) -> None:
        wanted = {"kind": kind, "scope": scope, "subject": subject, "max": str(most)}
        self.api("PUT", "limits/set", **wanted, reason=REASON, **more)

    def plan(self, account: Account, plan: str, **changes: Any) -> None:
        self.api("PUT", f"plans/{plan}", changes=changes, reason=REASON)
        self.api("PUT", f"teams/{account.team}/plan", plan=plan, reason=REASON)

    def filled(self, account: Account, told: Told, tokens: int) -> Situation:
        """A limit that is reached by using so many tokens."""
        return Situation(
            account, told, fill=lambda: self.spend(account, tokens), filling=filling(tokens)
        )

    def spend(self, account: Account, tokens: int) -> None:
        """Use so many tokens, or be refused, because that was done before."""
        body = filling(tokens)
        response = self.http.post(
            f"{self.weft.url}/chat/completions",
            json=body,
            headers=account.headers,
        )
        assert response.status_code in {200, 402, 429}, response.text

    def hold(self, account: Account, model: str) -> Callable[[], None]:
        """A stream that goes on until it is closed; slow, since nobody reads it and the server waits only so long."""
        text = "[[fake: tokens=100000 delay_ms=1000]] hello"
        messages = [{"role": "user", "content": text}]
        stack = self.exits.enter_context(contextlib.ExitStack())
        response = stack.enter_context(
            self.http.stream(
                "POST",
                f"{self.weft.url}/chat/completions",
                json={"model": model, "messages": messages, "stream": True},
                headers=account.headers,
            )
        )
        assert response.status_code == 200

        def close() -> None:
            stack.close()
            wait_until(lambda: not self.books.holds_of(account))

        return close


Prepare = Callable[[Stage], Situation]


def scope_id(account: Account, scope: str) -> str:
    return {
        "key": account.key_id,
        "user": account.user_id,
        "project": account.project_id,
        "project_model": account.project_id,
        "team": account.team_id,
    }[scope]


def concurrency(scope: str, model: str = "") -> Prepare:
    """One request at a time, and it is being answered; of a model: of the one that is asked for."""

    def prepare(stage: Stage) -> Situation:
        account = stage.books.open_account()
        subject = scope_id(account, scope)
        stage.limit("concurrency", scope, subject, 1, **({"model": model} if model else {}))
        which = f"{model}-project" if model else scope
        metadata = {"limit": "concurrency", "scope": scope, "scope_id": subject}
        metadata |= {"current": 1, "max": 1, "asked": 1, "resets_at": None, "retry_after_s": 1}
        told = Told(
            error=openai.RateLimitError,
            status=429,
            code="rate_limit_exceeded",
            message=f"{CONCURRENCY}: {which} limit reached",
            metadata={**metadata, **({"model": model} if model else {})},
            waits=True,
            remedy="--concurrency N",
        )
        return Situation(account, told, release=stage.hold(account, model or LIMITED))

    return prepare


def rate(kind: str, scope: str) -> Prepare:
    """One request a minute, or so many tokens that one more request is too much."""

    def prepare(stage: Stage) -> Situation:
        account = stage.books.open_account()
        subject = scope_id(account, scope)
        is_requests = kind == "requests"
        most, current = (1, 1) if is_requests else (FULL_TOKENS, FULL_TOKENS - 9)
        stage.limit(kind, scope, subject, most, period="minute")
        told = Told(
            error=openai.RateLimitError,
            status=429,
            code="rate_limit_exceeded",
            message=f"Rate limit reached for {kind}: {scope} limit reached",
            metadata={
                "limit": kind,
                "scope": scope,
                "scope_id": subject,
                "period": "minute",
                "current": current,
                "max": most,
            },
            window="minute",
            waits=True,
            remedy=f"--{kind} N",
        )
        return stage.filled(account, told, FULL_TOKENS - 10)

    return prepare


def spend(scope: str, period: str) -> Prepare:
    """A cap that is spent to the last nano-dollar."""

    def prepare(stage: Stage) -> Situation:
        account = stage.books.open_account()
        subject = scope_id(account, scope)
        stage.limit("spend", scope, subject, COST_NUSD, period=period)
        told = quota(stage, "spend", scope, subject, period)
        told = replace(told, remedy=f"--spend USD/{period}")
        return stage.filled(account, told, SPENT_TOKENS)

    return prepare


def plan_cap(stage: Stage) -> Situation:
    """The cap of a plan, where nobody set another."""
    account = stage.books.open_account()
    stage.plan(account, "pro", cap_usd=COST_USD)
    told = quota(stage, "spend", "team", account.team_id, "month")
    told = replace(
        told, metadata={**told.metadata, "set_by": "plan pro"}, remedy="weft plan set team-"
    )
    return stage.filled(account, told, SPENT_TOKENS)


def credits_of_plan(stage: Stage) -> Situation:
    """Free: what the plan includes for this month is used up."""
    account = stage.books.open_account()
    stage.plan(account, "free", included_usd_per_month=COST_USD)
    told = quota(stage, "credits", "team", account.team_id, "month")
    return stage.filled(account, told, SPENT_TOKENS)


def credits_bought(stage: Stage) -> Situation:
    """Prepaid: what was bought is used up, and nothing comes by itself."""
    account = stage.books.open_account()
    stage.plan(account, "academic", included_usd_per_month="none")
    stage.books.give(account, COST_NUSD)
    told = quota(stage, "credits", "team", account.team_id, "")
    return stage.filled(account, told, SPENT_TOKENS)


def quota(stage: Stage, kind: str, scope: str, subject: str, window: str) -> Told:
    is_credit = kind == "credits"
    used = "0" if is_credit else str(COST_NUSD)
    metadata = {"limit": kind, "scope": scope, "scope_id": subject, "current": used, "max": used}
    if not is_credit:
        metadata["period"] = window
    return Told(
        error=openai.RateLimitError if stage.quota_status == 429 else openai.APIStatusError,
        status=stage.quota_status,
        code="insufficient_quota",
        message=f"{QUOTA}: ",
        metadata={**metadata, "affordable": "0"},
        window=window,
        should_retry="false",
        remedy="weft credit grant" if is_credit else "",
    )


def models(stage: Stage) -> Situation:
    """A key that may use another model."""
    account = stage.books.open_account(models=frozenset({ECHO}))
    told = Told(
        error=openai.PermissionDeniedError,
        status=403,
        code="model_not_allowed",
        message=f"This key may only use {ECHO}",
        metadata={
            "limit": "models",
            "scope": "key",
            "scope_id": account.key_id,
            "max": [ECHO],
            "resets_at": None,
        },
        remedy="another key",
    )
    return Situation(account, told)


def personal(stage: Stage) -> Situation:
    """Somebody who is in no team."""
    told = Told(
        error=openai.RateLimitError,
        status=429,
        code="personal_entity_unsupported",
        message="W&B Inference isn't available for personal accounts. "
        "Please switch to a non-personal account to access W&B Inference.",
        metadata={"limit": "personal_entity", "scope": "team", "resets_at": None},
        should_retry="false",
        remedy="weft team create",
    )
    account = stage.books.open_personal_account()
    return Situation(account, told, headers={"OpenAI-Project": f"{account.username}/inference"})


def country(stage: Stage) -> Situation:
    """Somebody who calls from where one may not."""
    told = Told(
        error=openai.PermissionDeniedError,
        status=403,
        code="country_not_supported",
        message="Country, region, or territory not supported",
        metadata={"limit": "country", "scope": "address", "country": "KP"},
    )
    account = stage.books.open_account()
    return Situation(account, told, headers={"X-Weft-Test-Country": "KP"})


MODELS = (LIMITED, STOOD_IN)
_OWNERS = ("key", "user", "project")
_PERIODS = ("day", "month", "year")
KINDS: dict[str, Prepare] = {
    **{f"concurrency-{scope}": concurrency(scope) for scope in ("user", "project")},
    **{
        f"{kind}-{scope}": rate(kind, scope) for kind in ("requests", "tokens") for scope in _OWNERS
    },
    **{
        f"spend-{scope}-{period}": spend(scope, period)
        for scope, period in itertools.product((*_OWNERS, "team"), _PERIODS)
    },
    "plan-cap": plan_cap,
    "credits-of-plan": credits_of_plan,
    "credits-bought": credits_bought,
    "models": models,
    "personal": personal,
    "country": country,
    **{f"concurrency of {model}": concurrency("project_model", model) for model in MODELS},
}
STRICT_KINDS = ("spend-key-day", "spend-team-month", "credits-of-plan", "credits-bought", "country")
"""For a server that answers 402, and lets only some countries in."""
ONE_MODELS_KINDS = tuple(f"concurrency of {model}" for model in MODELS)
"""The one kind of limit that is about a single model, by that model."""
COMMON_KINDS = tuple(kind for kind in KINDS if kind not in {"country", *ONE_MODELS_KINDS})


def window_end(window: str, now: datetime) -> datetime:
    """When a window turns."""
    if window == "minute":
        return now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if window == "day":
        return day + timedelta(days=1)
    if window == "month":
        return (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    return day.replace(year=now.year + 1, month=1, day=1)


def this_minute() -> datetime:
    return datetime.now(UTC).replace(second=0, microsecond=0)
