"""Alert rules: a figure over the last minutes goes past a threshold, and somebody is told.

Told at least once, and not more often than the rule says: the message is written first, under a key that is the same
until the rule's own note of it is written, so that a crash in between tells nothing twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection

from weft.evals.monitors.series import Verdict, read_verdicts
from weft.evals.monitors.store import set_told
from weft.evals.monitors.types import Measure, Rule, Standing, Told, Watched
from weft.evals.monitors.watching.items import count_failed
from weft.identity.projects.gate import Visitor
from weft.kit.clock import Clock, to_us
from weft.traces.store import TraceStore
from weft.traces.types import US_PER_S, ProjectKey

_MINUTE_US = 60 * US_PER_S


@dataclass(frozen=True, slots=True)
class Alarm:
    """What somebody is to be told."""

    team_id: str
    key: str
    """The same for the same alarm: it is told once."""
    subject: str
    facts: tuple[tuple[str, str], ...]
    path: str
    """Of the monitor's page on this server."""


class Herald(Protocol):
    """Tells people: the channels, the queue and the signatures are those of every other alert."""

    async def tell(self, alarm: Alarm) -> None:
        """Have an alarm told, at least once; one of the same key is told already."""
        ...


@dataclass(frozen=True, slots=True)
class Reading:
    """A rule's figure."""

    value: float
    n: int

    def is_past(self, rule: Rule) -> bool:
        """Whether it is beyond what the rule allows."""
        if self.n < rule.least_n:
            return False
        return self.value > rule.threshold if rule.is_above else self.value < rule.threshold


async def watch_rules(
    store: TraceStore,
    clock: Clock,
    herald: Herald,
    watched: Watched,
    visitor: Visitor,
    standing: Standing,
) -> None:
    """Work out the rules that may be told now, and have those told that are past their threshold."""
    now_us = to_us(clock.now())
    due = [rule for rule in standing.rules if _is_due(rule, standing.told.get(rule.id), now_us)]
    if not due:
        return
    name = watched.spec.name
    readings = await store.read(
        watched.project_id,
        lambda c, key: [read_rule(c, key, visitor.name, name, rule, now_us) for rule in due],
        empty=list[Reading](),
    )
    told = dict(standing.told)
    for rule, reading in zip(due, readings, strict=False):
        if reading.is_past(rule):
            before = told.get(rule.id)
            key = f"{watched.project_id}/{name}/{rule.id}/{before.at_us if before else 0}"
            await herald.tell(_alarm(visitor, name, rule, reading, key))
            told[rule.id] = Told(now_us, reading.value, reading.n)
    if told != standing.told:
        await store.change(watched.project_id, lambda c, key: set_told(c, key, name, told))


def read_rule(
    connection: Connection, project: ProjectKey, place: str, name: str, rule: Rule, now_us: int
) -> Reading:
    """A rule's figure over its window."""
    since_us = now_us - rule.window_minutes * _MINUTE_US
    if rule.measure is Measure.ERRORS:
        failed = count_failed(connection, project, name, since_us)
        return Reading(failed, failed)
    verdicts = read_verdicts(connection, project, since_us, now_us + 1, monitor=f"{place}/{name}")
    return figure(rule, verdicts)


def figure(rule: Rule, verdicts: Sequence[Verdict]) -> Reading:
    """A rule's figure over verdicts."""
    values = [
        one.values[rule.field]
        for one in verdicts
        if one.scorer == rule.scorer and rule.field in one.values
    ]
    flags = [value for value in values if isinstance(value, bool)]
    match rule.measure:
        case Measure.COUNT_TRUE:
            return Reading(sum(flags), len(flags))
        case Measure.COUNT_FALSE:
            return Reading(len(flags) - sum(flags), len(flags))
        case Measure.SHARE:
            return Reading(sum(flags) / len(flags) if flags else 0.0, len(flags))
        case _:
            return Reading(sum(values) / len(values) if values else 0.0, len(values))


def words_of(rule: Rule) -> str:
    """What a rule is about, in words."""
    what = f"{rule.scorer}.{rule.field}" if rule.field else rule.scorer
    return {
        Measure.SHARE: f"share of {what}",
        Measure.MEAN: f"mean of {what}",
        Measure.COUNT_TRUE: f"results with {what}",
        Measure.COUNT_FALSE: f"results without {what}",
        Measure.ERRORS: "judgements that failed",
    }[rule.measure]


def _is_due(rule: Rule, told: Told | None, now_us: int) -> bool:
    return told is None or now_us >= told.at_us + rule.every_minutes * _MINUTE_US


def _alarm(visitor: Visitor, name: str, rule: Rule, reading: Reading, key: str) -> Alarm:
    is_share = rule.measure is Measure.SHARE
    value, threshold = (
        f"{figure:.1%}" if is_share else f"{figure:g}" for figure in (reading.value, rule.threshold)
    )
    side = "above" if rule.is_above else "below"
    return Alarm(
        team_id=visitor.team_id,
        key=key,
        subject=f"Monitor {name}: {words_of(rule)} is {value}, {side} {threshold}",
        facts=(
            ("Project", visitor.name),
            ("Monitor", name),
            ("Figure", f"{words_of(rule)}: {value}"),
            ("Threshold", f"{side} {threshold}"),
            ("Window", f"the last {rule.window_minutes} minutes"),
            ("Results", str(reading.n)),
        ),
        path=f"/{visitor.name}/weave/monitors/{name}",
    )
