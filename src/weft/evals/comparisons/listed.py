"""Runs as lists tell of them: their own calls, put into words, with names of what they are made of."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import Connection

from weft.evals.calls import now_us
from weft.evals.comparisons.metrics import score
from weft.evals.comparisons.store import Far, RunCall, read_progress, read_versions
from weft.evals.comparisons.wire import Named, RunStatus, RunTold
from weft.evals.results.read import chunks, latency_s
from weft.evals.values import list_in, object_in, text_in
from weft.kit.clock import from_us
from weft.kit.money import NUSD_PER_USD
from weft.traces.calls.facts import Usage, usage_of
from weft.traces.costs.book import EMPTY_BOOK, PriceBook
from weft.traces.costs.prices import Prices, amounts, price_at, prices_of
from weft.traces.refs import find_ref
from weft.traces.resolving.read import read_ref_values
from weft.traces.types import ProjectKey

MEANS = 100
"""Of one run, in a list."""
_DEPTH = 8
_LATENCY = "model_latency"
_OUTPUT = "output"
_LAST = ("mean", "true_fraction")
"""What stands last in a place of the client's own summaries."""
_LEFT_OUT = frozenset({"true_count", "count", "none_count", "none_fraction"})

Usernames = Callable[[set[str]], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Lister:
    """Tells of runs."""

    project_name: str
    """`team/project`."""
    book: PriceBook = EMPTY_BOOK
    usernames: Usernames = lambda _ids: {}

    def told(
        self, connection: Connection, project: ProjectKey, calls: Sequence[RunCall]
    ) -> list[RunTold]:
        """The runs of these calls, in their order."""
        values = self._values(connection, project, (one.evaluation_ref for one in calls))
        refs = [ref for one in calls for ref in (one.evaluation_ref, one.model_ref) if ref]
        datasets = [ref for value in values.values() if (ref := text_in(value.get("dataset")))]
        versions = read_versions(connection, project, list(dict.fromkeys([*refs, *datasets])))
        far = read_progress(connection, project, [one.id for one in calls], now_us())
        used = {one.id: usage_of(one.summary) for one in calls}
        models = {model for usage in used.values() for model in usage}
        prices = prices_of(connection, project, models, self.book)
        names = self.usernames({one.wb_user_id for one in calls if one.wb_user_id})
        found: list[RunTold] = []
        for one in calls:
            evaluation = values.get(one.evaluation_ref or "", {})
            run = _run(one, far[one.id], evaluation, versions)
            run.user = names.get(one.wb_user_id or "")
            usage = used[one.id]
            run.tokens = (
                sum(each.input_tokens + each.output_tokens for each in usage.values()) or None
            )
            run.cost_nusd, run.unpriced_models = _cost_nusd(usage, prices, one.started_at_us)
            found.append(run)
        return found

    def _values(
        self, connection: Connection, project: ProjectKey, refs: Iterable[str | None]
    ) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for chunk in chunks([ref for ref in dict.fromkeys(refs) if ref]):
            values = read_ref_values(connection, project, self.project_name, chunk)
            found.update({ref: object_in(value) for ref, value in values.items()})
        return found


def _run(
    call: RunCall, far: Far, evaluation: Mapping[str, Any], versions: Mapping[str, int]
) -> RunTold:
    is_over = call.ended_at_us is not None
    if is_over:
        status = RunStatus.FAILED if call.exception is not None else RunStatus.DONE
    else:
        status = RunStatus.LOST if far.is_lost else RunStatus.RUNNING
    return RunTold(
        id=call.id,
        name=call.display_name or _name(call.evaluation_ref) or call.id,
        status=status,
        exception=call.exception,
        model=_named(call.model_ref, versions),
        evaluation=_named(call.evaluation_ref, versions, text_in(evaluation.get("name"))),
        dataset=_named(text_in(evaluation.get("dataset")), versions),
        scorers=_scorers(evaluation),
        started_at=from_us(call.started_at_us),
        ended_at=from_us(call.ended_at_us) if call.ended_at_us is not None else None,
        user=None,
        trials_done=far.done,
        trials_total=far.total if far.total is not None else far.begun if is_over else None,
        errors=_errors(call),
        means=means_of(call.output),
        latency_s=latency_s(call.output.get(_LATENCY)),
        tokens=None,
        cost_nusd=None,
        unpriced_models=[],
    )


def means_of(summary: Mapping[str, Any]) -> dict[str, float]:
    """The means in a run's summary, by metric: of the client's own summing up, and of scorers' own."""
    found: dict[str, float] = {}

    def walk(scorer: str, value: Any, path: tuple[str, ...]) -> None:
        if isinstance(value, int | float) and not isinstance(value, bool):
            if len(found) < MEANS and abs(value) < 1e150 and not (path and path[-1] in _LEFT_OUT):
                shown = path[:-1] if path and path[-1] in _LAST else path
                found[score(scorer, ".".join(shown) or None).id] = float(value)
        elif isinstance(value, dict) and len(path) < _DEPTH:
            for key, part in object_in(value).items():
                walk(scorer, part, (*path, key))

    for scorer, told in summary.items():
        if scorer not in {_LATENCY, _OUTPUT}:
            walk(scorer, told, ())
    return found


def _named(ref: str | None, versions: Mapping[str, int], name: str | None = None) -> Named | None:
    own = _name(ref)
    if ref is None or own is None:
        return None
    return Named(ref=ref, name=name or own, version=versions.get(ref))


def _name(ref: str | None) -> str | None:
    found = find_ref(ref) if ref is not None else None
    return found.name or found.digest if found is not None else None


def _scorers(evaluation: Mapping[str, Any]) -> list[str]:
    told = [_name(text_in(one)) for one in list_in(evaluation.get("scorers"))]
    return [name.removesuffix(".score") for name in told if name]


def _errors(call: RunCall) -> int:
    counts = object_in(_summary(call.summary).get("status_counts"))
    told = counts.get("error")
    return told if isinstance(told, int) and not isinstance(told, bool) and told >= 0 else 0


def _summary(text: str | None) -> dict[str, Any]:
    return object_in(msgspec.json.decode(text)) if text else {}


def _cost_nusd(
    usage: Mapping[str, Usage], prices: Prices, started_at_us: int
) -> tuple[str | None, list[str]]:
    """What the models cost together, and those of them that no price is known of."""
    costs: list[Decimal] = []
    unpriced: list[str] = []
    for model, one in usage.items():
        price = price_at(prices.get(model, ()), started_at_us)
        if price is None:
            unpriced.append(model)
        else:
            costs.append(sum(amounts(one, price), Decimal()))
    return str(round(sum(costs) * NUSD_PER_USD)) if costs else None, unpriced
