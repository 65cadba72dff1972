"""What a caller is told who may not start: the error of a denial, with the way out.

The words are the hosted service's and OpenAI's, because clients and people search for them; what stands after their
colon, and everything in `metadata`, is ours. `Retry-After` is sent only where the same request can pass after it.
"""

from datetime import datetime

from weft.kit.clock import from_us
from weft.kit.errors import Json, Refused, Unpaid, WeftError
from weft.kit.money import format_usd
from weft.limits.types import MONEY_KINDS, Denial, Limit, LimitKind, LimitScope

CONCURRENCY = "Concurrency limit reached for requests"
QUOTA = "You exceeded your current quota, please check your plan and billing details"
PAYMENT_REQUIRED = 402


class LimitReached(Refused):
    """So many requests are in flight, or were sent within this minute, that one more is beyond a limit."""

    remedy = "wait as long as `Retry-After` says, or have the limit raised"
    waits = True
    """Whether waiting helps."""

    def headers(self) -> list[tuple[bytes, bytes]]:
        """OpenAI's clients retry a 429 unless they are told not to."""
        return [*super().headers(), *([] if self.waits else [(b"x-should-retry", b"false")])]


class QuotaExceeded(Refused):
    """Credit has run out, or a cap on spend is reached; a server with `quota_status` 402 says it with that status."""

    type = "insufficient_quota"
    code = "insufficient_quota"
    remedy = (
        "give credit, have the cap raised, or wait until `resets_at`; `remedy` names the command"
    )

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Waiting a moment does not help, so OpenAI's clients are told not to retry this 429."""
        return [*super().headers(), (b"x-should-retry", b"false")]


class QuotaUnpaid(Unpaid):
    """Credit has run out, or a cap on spend is reached; sent where `quota_status` is 402."""

    type = "insufficient_quota"
    code = "insufficient_quota"
    remedy = QuotaExceeded.remedy

    def headers(self) -> list[tuple[bytes, bytes]]:
        """As with 429: the same request will fail again."""
        return [*super().headers(), (b"x-should-retry", b"false")]


def refusal(
    denial: Denial, *, quota_status: int, now_us: int, fitting_tokens: int | None = None
) -> WeftError:
    """The error of a denial. `quota_status` is 429 or 402; `fitting_tokens` is the `max_tokens` that could be paid."""
    if denial.limit.kind in MONEY_KINDS:
        return _quota(denial, quota_status, fitting_tokens)
    limit, waits = denial.limit, helps_to_wait(denial)
    wait_s = _wait_s(denial, now_us) if waits else None
    which = f"{subject_of(limit)} limit reached"
    if limit.kind is LimitKind.CONCURRENCY:
        message = f"{CONCURRENCY}: {which}"
        what = f"{denial.current} of {limit.max} requests are in flight"
    else:
        message = f"Rate limit reached for {limit.kind}: {which}"
        what = f"{denial.current} of {limit.max} {limit.kind} were counted this minute"
        if limit.kind is LimitKind.TOKENS:
            what += f", and this request counts for {denial.asked}"
    way_out = f"{_own_way_out(denial, wait_s)} {_admins_way_out(limit)}"
    error = LimitReached(
        f"{message} ({what})",
        remedy=way_out,
        metadata=metadata_of(denial),
        retry_after_s=wait_s,
    )
    error.waits = waits
    return error


def helps_to_wait(denial: Denial) -> bool:
    """Whether the same request can pass later, with the limit as it is.

    What a request asks of a cap is a bound; near the cap its prompt is counted, and it may turn out to ask for less.
    """
    limit = denial.limit
    return denial.asked <= limit.max or (limit.kind is LimitKind.SPEND and limit.max > 0)


def metadata_of(denial: Denial) -> dict[str, Json]:
    """What a denial says, as data; money as strings of nano-dollars."""
    limit = denial.limit
    money = limit.kind in MONEY_KINDS
    resets = (
        denial.resets_at_us if helps_to_wait(denial) or limit.kind is LimitKind.CREDITS else None
    )
    facts: dict[str, Json] = {
        "limit": limit.kind.value,
        "scope": limit.scope.value,
        "scope_id": limit.scope_id,
        "current": str(denial.current) if money else denial.current,
        "max": str(limit.max) if money else limit.max,
        "asked": str(denial.asked) if money else denial.asked,
        "resets_at": None if resets is None else moment(from_us(resets)),
        "set_by": limit.set_by,
    }
    if limit.name:
        facts["scope_name"] = limit.name
    if limit.period is not None:
        facts["period"] = limit.period.value
    if limit.model_id:
        facts["model"] = limit.model_id
    return facts


def subject_of(limit: Limit) -> str:
    """Whose limit it is, in the hosted service's manner: `zai-org/GLM-5.2-project`, `user`."""
    return f"{limit.model_id}-project" if limit.model_id else limit.scope.value


def moment(at: datetime) -> str:
    """ISO 8601, in UTC."""
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def affordable_nusd(denial: Denial) -> int:
    """What a request may cost that is admitted now."""
    limit = denial.limit
    left = denial.current if limit.kind is LimitKind.CREDITS else limit.max - denial.current
    return max(left, 0)


def _quota(denial: Denial, quota_status: int, fitting_tokens: int | None) -> WeftError:
    limit = denial.limit
    left = affordable_nusd(denial)
    asked = f"this request may cost {format_usd(denial.asked)} USD"
    if limit.kind is LimitKind.CREDITS:
        what = f"{format_usd(left)} USD of credit is left, and {asked}"
    else:
        what = (
            f"the {limit.scope} may spend {format_usd(limit.max)} USD a {limit.period},"
            f" {format_usd(denial.current)} USD are spent or reserved, and {asked}"
        )
    metadata = metadata_of(denial)
    metadata["affordable"] = str(left)
    own = ""
    if fitting_tokens is not None and fitting_tokens > 0:
        metadata["fitting_max_tokens"] = fitting_tokens
        own = f"Ask for at most {fitting_tokens} tokens (`max_tokens`), which fits. "
    elif left:
        own = "Send less, or ask for fewer tokens (`max_tokens`). "
    if isinstance(resets := metadata["resets_at"], str):
        own += f"There is room again at {resets}. "
    kind = QuotaUnpaid if quota_status == PAYMENT_REQUIRED else QuotaExceeded
    return kind(f"{QUOTA}: {what}", remedy=own + _admins_way_out(limit), metadata=metadata)


def _wait_s(denial: Denial, now_us: int) -> int | None:
    if denial.retry_after_s is not None or denial.resets_at_us is None:
        return denial.retry_after_s
    return max(-(-(denial.resets_at_us - now_us) // 1_000_000), 1)


def _own_way_out(denial: Denial, wait_s: int | None) -> str:
    limit = denial.limit
    if not helps_to_wait(denial):
        if limit.kind is LimitKind.TOKENS and limit.max:
            return f"Send less: one request may count for {limit.max} tokens at most."
        return "Waiting does not help: the limit lets nothing through."
    if limit.kind is LimitKind.CONCURRENCY:
        return "Send it again when one of the requests in flight has ended."
    return f"Send it again in {wait_s} s, when the next minute begins."


def _admins_way_out(limit: Limit) -> str:
    """The command that changes it, ready to be run but for the figure and the reason."""
    if limit.kind is LimitKind.CREDITS:
        team = limit.name or limit.scope_id
        return (
            f"An admin gives credit with `weft credit grant {team} AMOUNT`, or another plan with"
            f" `weft plan set {team} pro --reason WHY`."
        )
    return f"An admin changes the limit with `{command_of(limit)}`{_other_plan(limit)}."


def command_of(limit: Limit) -> str:
    """The command that sets a limit like this one anew."""
    scope = LimitScope.PROJECT if limit.scope is LimitScope.PROJECT_MODEL else limit.scope
    figure = {
        LimitKind.CONCURRENCY: "--concurrency N",
        LimitKind.REQUESTS: "--requests N",
        LimitKind.TOKENS: "--tokens N",
    }.get(limit.kind, f"--spend USD/{limit.period}")
    model = f" --model {limit.model_id}" if limit.model_id else ""
    whose = limit.name or limit.scope_id
    return f"weft limit set {scope} {whose} {figure}{model} --reason WHY"


def _other_plan(limit: Limit) -> str:
    if limit.scope is not LimitScope.TEAM or not limit.set_by.startswith("plan "):
        return ""
    return f", or the plan with `weft plan set {limit.name or limit.scope_id} PLAN --reason WHY`"
