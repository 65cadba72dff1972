"""What a monitor would do and cost a day, worked out from the traffic of the last days and its newest calls."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, func, select

from weft.evals.completions.payload import filled
from weft.evals.monitors.types import Spec
from weft.evals.monitors.watching.items import of_ops
from weft.evals.monitors.watching.judge import MAX_TOKENS, bounded, read_live, row_of
from weft.evals.runs.scorers import Scorer
from weft.evals.runs.single import Answer
from weft.evals.values import text_in
from weft.kit.errors import WeftError
from weft.kit.money import NanoUsdPerMtok, cost_of
from weft.traces.json_text import dump
from weft.traces.refs import find_ref
from weft.traces.schema import CALL, ROLLUP
from weft.traces.types import HOUR_US, ProjectKey

DAYS = 7
SAMPLED = 50
"""Newest calls that are looked at."""
BYTES_PER_TOKEN = 4
"""The usual English figure."""
LIKELY_TOKENS = 120
"""What a judge says: a verdict and a sentence."""
MESSAGE_TOKENS = 50
_DAY_US = 24 * HOUR_US


class Prices(Protocol):
    """Knows what models cost today."""

    def prices_of(self, model: str) -> tuple[NanoUsdPerMtok, NanoUsdPerMtok] | None:
        """The price of input and of output; None for a model that is not here."""
        ...


@dataclass(frozen=True, slots=True)
class Traffic:
    """The calls of a project that a monitor would look at."""

    days: float
    calls_per_day: float
    share_meant: float
    """Of those of its ops, how many its filter means, by the newest ones."""
    newest: list[Answer]


@dataclass(frozen=True, slots=True)
class Forecast:
    """What it comes to."""

    days: float = 0.0
    calls_per_day: float = 0.0
    judged_per_day: float = 0.0
    likely_nusd: int = 0
    worst_nusd: int = 0
    sampled: int = 0
    problem: str = ""


def read_traffic(connection: Connection, project: ProjectKey, spec: Spec, now_us: int) -> Traffic:
    """The traffic of the last days, from the hourly sums, and the newest calls themselves."""
    since_us = now_us - DAYS * _DAY_US
    where: list[ColumnElement[Any]] = [ROLLUP.c.project == project, ROLLUP.c.hour_us >= since_us]
    plain, exact = of_ops(spec.op_names)
    names = [*plain, *(ref.name for ref in map(find_ref, exact) if ref is not None)]
    if names:
        where.append(ROLLUP.c.op.in_(names))
    sums = select(func.sum(ROLLUP.c.calls), func.min(ROLLUP.c.hour_us)).where(*where)
    calls, first_us = connection.execute(sums).one()
    days = max((now_us - int(first_us)) / _DAY_US, 1 / 24) if first_us else 0.0
    newest = select(CALL.c.id).where(
        CALL.c.project == project, CALL.c.ended_at_us.is_not(None), CALL.c.started_at_us > since_us
    )
    if names:
        newest = newest.where(CALL.c.op.in_(names))
    ids = list(
        connection.execute(newest.order_by(CALL.c.started_at_us.desc()).limit(SAMPLED)).scalars()
    )
    found = read_live(connection, project, ids, spec.query)
    share = len(found) / len(ids) if ids else 0.0
    return Traffic(days, float(calls or 0) / days if days else 0.0, share, found)


def forecast_of(
    traffic: Traffic, spec: Spec, scorers: Sequence[Scorer], prices: Prices
) -> Forecast:
    """What the monitor would cost a day; judges that no price is known of are named."""
    judged = traffic.calls_per_day * traffic.share_meant * spec.sampling
    likely = worst = 0.0
    problem = "" if traffic.newest else "No call of the last days would be judged."
    for scorer in bounded(scorers):
        if scorer.model is None:
            continue
        price = prices.prices_of(scorer.model.model)
        if price is None:
            problem = f"The model {scorer.model.model} is not here, or has no price."
            continue
        tokens = _mean_tokens(scorer, traffic.newest)
        most = scorer.model.params.get("max_tokens", MAX_TOKENS)
        most = int(most) if isinstance(most, int | float) else MAX_TOKENS
        likely += judged * cost_of((tokens, price[0]), (min(LIKELY_TOKENS, most), price[1]))
        worst += judged * cost_of((tokens * BYTES_PER_TOKEN, price[0]), (most, price[1]))
    return Forecast(
        round(traffic.days, 2),
        traffic.calls_per_day,
        judged,
        round(likely),
        round(worst),
        len(traffic.newest),
        problem,
    )


def _mean_tokens(scorer: Scorer, answers: Sequence[Answer]) -> int:
    """How long a judge's prompt is on average; a call that it cannot be made of costs nothing."""
    sizes: list[int] = []
    for answer in answers:
        said = answer.output if isinstance(answer.output, str) else dump(answer.output)
        arguments = {**scorer.arguments(row_of(answer)), "output": said}
        try:
            prompt = filled(scorer.prompt, arguments)
        except WeftError:
            continue
        sizes.append(len(text_in(prompt) or dump(prompt)) // BYTES_PER_TOKEN + MESSAGE_TOKENS)
    return sum(sizes) // len(sizes) if sizes else 0
