"""Monitors as people handle them: listed, made, changed, switched, removed; each answer is what is true afterwards.

A budget is given by somebody who is logged in and may run models: a key that only writes traces must not be able to
spend, and one that was made for some models or with a cap of its own must not get around that by a monitor. The budget
is for the version that they saw: whoever publishes another one has to be given it anew.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection

from weft.evals.monitors.series import figures_of, read_verdicts
from weft.evals.monitors.shown import Found, told
from weft.evals.monitors.spec import (
    NoSuchMonitor,
    monitor_value,
    read_spec,
    scorer_value,
    switched,
)
from weft.evals.monitors.store import (
    change,
    ensure,
    find_standing,
    forget,
    list_published,
    list_standings,
    newest_seq,
    resume,
    set_rules,
)
from weft.evals.monitors.types import Pause, Rule, Spec
from weft.evals.monitors.watching.items import count_open, pass_over
from weft.evals.monitors.wire import (
    MonitorInfo,
    MonitorScorer,
    MonitorScorerWanted,
    MonitorWanted,
    ScoreFigure,
    figure_info,
)
from weft.evals.runs.definition import read_scorers
from weft.evals.runs.score import key_of
from weft.evals.runs.scorers import Scorer
from weft.evals.shelf import Shelf
from weft.evals.values import object_in, text_in
from weft.identity.audit.types import Detail
from weft.identity.projects.gate import ProjectGate, Visitor
from weft.kit.clock import Clock, to_us
from weft.kit.errors import InvalidRequest, NotPermitted, WeftError
from weft.kit.ids import new_id
from weft.traces.objects.write import delete_versions
from weft.traces.refs import find_ref
from weft.traces.types import US_PER_S, ProjectKey

RECENT_US = 24 * 3600 * US_PER_S
CLASS_FIELDS = frozenset({"_type", "_class_name", "_bases", "name", "description"})


class KeyGivesNoBudget(NotPermitted):
    """A key cannot give a monitor a budget: it would spend past what the key itself may."""

    code = "key_gives_no_budget"
    remedy = "log in to the console, and give it the budget there"


@dataclass(frozen=True, slots=True)
class MonitorDesk:
    """What the routes of monitors do."""

    shelf: Shelf
    gate: ProjectGate
    clock: Clock
    max_budget_nusd: int
    names: Callable[[set[str]], Awaitable[Mapping[str, str]]]
    """Names of users by their ids."""

    async def every(self, visitor: Visitor) -> list[MonitorInfo]:
        """The project's monitors, by name."""
        found = await self._find(visitor)
        return [await self._told(visitor, one) for one in found]

    async def show(self, visitor: Visitor, name: str) -> MonitorInfo:
        """One monitor.

        Raises:
            NoSuchMonitor: there is none of this name.
        """
        return await self._told(visitor, await self._one(visitor, name))

    async def save(self, visitor: Visitor, name: str, wanted: MonitorWanted) -> MonitorInfo:
        """Make a monitor, or change it.

        Raises:
            WeftError: something of it makes no sense, or the caller may not give it that budget.
        """
        refs = [await self._scorer(visitor, one) for one in wanted.scorers]
        scorers = await read_scorers(self.shelf, visitor, list(refs))
        budget = self._budget(wanted.budget_nusd)
        value = monitor_value(
            name=name,
            description=wanted.description,
            sampling=wanted.sampling_rate,
            op_names=[_whole_op(visitor, one) for one in wanted.op_names],
            query=wanted.query,
            scorers=refs,
            is_active=wanted.active,
        )
        problem = self._read(name, msgspec.json.encode(value).decode(), visitor).problem
        if problem:
            raise InvalidRequest(problem, param="query")
        gives = budget if any(one.model is not None for one in scorers) else 0
        if gives:
            self._may_give(visitor)
        digest = _digest_of(await self.shelf.publish(visitor, name, value))
        rules = [one.rule(one.id or new_id("rule")) for one in wanted.rules]
        await self._write(visitor, name, digest, budget, rules, is_active=wanted.active)
        await self._tell(visitor, "monitor.save", name, budget_nusd=str(budget))
        return await self.show(visitor, name)

    async def switch_on(self, visitor: Visitor, name: str, budget_nusd: str | None) -> MonitorInfo:
        """Switch a monitor on, and give this version its budget.

        Raises:
            WeftError: there is none, or the caller may not give it a budget.
        """
        found = await self._one(visitor, name)
        standing = found.standing
        kept = standing.budget_nusd if standing else 0
        budget = kept if budget_nusd is None else self._budget(budget_nusd)
        told = await self._told(visitor, found)
        if told.asks_models and budget:
            self._may_give(visitor)
        value = switched(found.val, is_active=True)
        digest = _digest_of(await self.shelf.publish(visitor, name, value))
        await self._write(visitor, name, digest, budget, None, is_active=True)
        await self._tell(visitor, "monitor.activate", name, budget_nusd=str(budget))
        return await self.show(visitor, name)

    async def switch_off(self, visitor: Visitor, name: str) -> MonitorInfo:
        """Switch a monitor off; what waits is passed over.

        Raises:
            NoSuchMonitor: there is none of this name.
        """
        found = await self._one(visitor, name)
        value = switched(found.val, is_active=False)
        digest = _digest_of(await self.shelf.publish(visitor, name, value))
        now_us = to_us(self.clock.now())

        def off(connection: Connection, key: ProjectKey) -> None:
            ensure(connection, key, name, digest, newest_seq(connection))
            pass_over(connection, key, name, now_us)
            change(connection, key, name, digest=digest, pause=Pause.OFF.value, reason="")

        await self.shelf.store.change(visitor.project_id, off)
        await self._tell(visitor, "monitor.pause", name)
        return await self.show(visitor, name)

    async def remove(self, visitor: Visitor, name: str) -> None:
        """Remove a monitor with all its versions; what it said of calls stays.

        Raises:
            NoSuchMonitor: there is none of this name.
        """
        await self._one(visitor, name)
        now_us = to_us(self.clock.now())

        def drop(connection: Connection, key: ProjectKey) -> None:
            delete_versions(connection, key, name, None, now_us)
            forget(connection, key, name)

        await self.shelf.store.change(visitor.project_id, drop)
        await self._tell(visitor, "monitor.delete", name)

    async def read_wanted(
        self, visitor: Visitor, wanted: MonitorWanted
    ) -> tuple[Spec, list[Scorer]]:
        """A monitor that nobody saved, and its scorers, for a forecast.

        Raises:
            WeftError: something of it makes no sense.
        """
        values = [
            one.ref or scorer_value(one.kind, one.name or one.kind, one.settings)
            for one in wanted.scorers
        ]
        scorers = await read_scorers(self.shelf, visitor, values)
        value = monitor_value(
            name="forecast",
            description="",
            sampling=wanted.sampling_rate,
            op_names=wanted.op_names,
            query=wanted.query,
            scorers=["forecast"],
            is_active=False,
        )
        return self._read("forecast", msgspec.json.encode(value).decode(), visitor), scorers

    async def _write(
        self,
        visitor: Visitor,
        name: str,
        digest: str,
        budget: int,
        rules: list[Rule] | None,
        *,
        is_active: bool,
    ) -> None:
        def write(connection: Connection, key: ProjectKey) -> None:
            top = newest_seq(connection)
            ensure(connection, key, name, digest, top)
            standing = find_standing(connection, key, name)
            assert standing is not None
            grant = {"granted_digest": digest, "granted_by": visitor.user_id}
            change(connection, key, name, digest=digest)
            if visitor.key_id is None:
                change(connection, key, name, budget_nusd=budget, **grant)
            if rules is not None:
                set_rules(connection, key, name, rules)
            if not is_active:
                pass_over(connection, key, name, to_us(self.clock.now()))
                change(connection, key, name, pause=Pause.OFF.value, reason="")
            elif standing.pause is not Pause.NONE:
                resume(connection, key, name, top)

        await self.shelf.store.change(visitor.project_id, write)

    async def _scorer(self, visitor: Visitor, wanted: MonitorScorerWanted) -> str:
        """The reference of a scorer, published if it is new."""
        if wanted.ref:
            return wanted.ref
        name = wanted.name or wanted.kind
        value = scorer_value(wanted.kind, name, wanted.settings)
        await read_scorers(self.shelf, visitor, [value])
        return await self.shelf.publish(visitor, name, value)

    async def _find(self, visitor: Visitor, name: str | None = None) -> list[Found]:
        now_us = to_us(self.clock.now())

        def find(connection: Connection, key: ProjectKey) -> list[Found]:
            standings = list_standings(connection, key)
            rows = [row for row in list_published(connection, key) if name in {None, row.object_id}]
            recent: dict[str, list[ScoreFigure]] = {}
            for row in rows:
                place = f"{visitor.name}/{row.object_id}"
                verdicts = read_verdicts(
                    connection, key, now_us - RECENT_US, now_us + 1, monitor=place
                )
                figures = figures_of(verdicts, now_us - RECENT_US, 2 * RECENT_US)
                recent[row.object_id] = [figure_info(one, with_buckets=False) for one in figures]
            return [
                Found(
                    read_spec(
                        row.object_id,
                        row.digest,
                        row.val,
                        published_by=row.wb_user_id or "",
                        published_at_us=row.published_at_us,
                    ),
                    row.val,
                    standings.get(row.object_id),
                    count_open(connection, key, row.object_id),
                    recent[row.object_id],
                )
                for row in rows
            ]

        return await self.shelf.store.read(visitor.project_id, find, empty=list[Found]())

    async def _one(self, visitor: Visitor, name: str) -> Found:
        found = await self._find(visitor, name)
        if not found:
            raise NoSuchMonitor(name)
        return found[0]

    async def _told(self, visitor: Visitor, found: Found) -> MonitorInfo:
        scorers = [await self._scorer_info(visitor, one) for one in found.spec.scorers]
        users = {found.spec.published_by}
        if found.standing is not None:
            users.add(found.standing.granted_by)
        names = await self.names(users)
        return told(found, scorers, names, f"{self.clock.now():%Y-%m-%d}")

    async def _scorer_info(self, visitor: Visitor, told: Any) -> MonitorScorer:
        ref = told if isinstance(told, str) else text_in(object_in(told).get("ref")) or ""
        found = find_ref(ref)
        name = found.name if found else ""
        try:
            [scorer] = await read_scorers(self.shelf, visitor, [told])
        except WeftError as error:
            return MonitorScorer(
                ref=ref, name=name, kind="", model="", settings={}, problem=error.message
            )
        settings = {k: v for k, v in scorer.fields.items() if k not in CLASS_FIELDS}
        model = scorer.model.model if scorer.model else ""
        return MonitorScorer(
            ref=ref,
            name=name or key_of(scorer),
            kind=scorer.kind,
            model=model,
            settings=settings,
            problem="",
        )

    def _budget(self, told: str) -> int:
        if int(told) > self.max_budget_nusd:
            raise InvalidRequest(
                "a monitor's budget is larger than this server allows for a day",
                param="budget_nusd",
                remedy="name a smaller one; whoever runs the server sets monitor_max_budget_usd",
            )
        return int(told)

    def _may_give(self, visitor: Visitor) -> None:
        if visitor.key_id is not None:
            raise KeyGivesNoBudget("A key cannot give a monitor a budget")

    def _read(self, name: str, val: str, visitor: Visitor) -> Spec:
        return read_spec(name, "", val, published_by=visitor.user_id, published_at_us=0)

    async def _tell(self, visitor: Visitor, action: str, name: str, **detail: str) -> None:
        told: Detail = {"monitor": name, **detail}
        await self.gate.tell(visitor, action, told)


def _digest_of(ref: str) -> str:
    found = find_ref(ref)
    assert found is not None
    return found.digest


def _whole_op(visitor: Visitor, name: str) -> str:
    """An op's name as the client keeps it: a reference to any of its versions."""
    return name if name.startswith("weave:///") else f"weave:///{visitor.name}/op/{name}:*"
