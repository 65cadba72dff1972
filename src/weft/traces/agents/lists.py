"""Agents and their versions: figures over all their spans."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, func

from weft.kit.clock import from_us
from weft.traces.agents.fields import S, spans
from weft.traces.query.compile import SortBy
from weft.traces.query.fields import UnknownField
from weft.traces.types import ProjectKey

GROUPS = 10_000
"""Agents, or versions of one, that are looked at."""
_RUNS = "agent"


def list_agents(
    connection: Connection, project: ProjectKey, project_name: str, agent: str | None
) -> list[dict[str, Any]]:
    """All agents of a project, or the one of this name."""
    rows = _grouped(connection, project, S.agent_name, agent=agent)
    return [{"agent_name": row.key, **_figures(row, project_name)} for row in rows]


def list_versions(
    connection: Connection, project: ProjectKey, project_name: str, agent: str
) -> list[dict[str, Any]]:
    """All versions of one agent."""
    rows = _grouped(connection, project, func.coalesce(S.agent_version, ""), agent=agent)
    return [
        {"agent_name": agent, "agent_version": row.key, **_figures(row, project_name)}
        for row in rows
    ]


def ordered(rows: list[dict[str, Any]], sorts: list[SortBy] | None) -> list[dict[str, Any]]:
    """Rows in the order that was asked for; the latest seen first if none was.

    Raises:
        UnknownField: they have no such field.
        InvalidRequest: a direction is neither asc nor desc.
    """
    for sort in reversed(sorts or [SortBy("last_seen", "desc")]):
        if rows and sort.field not in rows[0]:
            raise UnknownField(sort.field, ", ".join(rows[0]))
        rows = sorted(rows, key=_by(sort.field), reverse=not sort.ascending)
    return rows


def _by(name: str) -> Callable[[dict[str, Any]], Any]:
    return lambda row: (row[name] is not None, row[name])


def sums() -> list[ColumnElement[Any]]:
    """The figures of any group of spans."""
    is_run = S.kind == _RUNS
    length = S.ended_at_us - S.started_at_us
    return [
        func.count().label("span_count"),
        func.sum(case((is_run, 1), else_=0)).label("invocation_count"),
        func.sum(case((S.status_code == "ERROR", 1), else_=0)).label("error_count"),
        func.min(S.started_at_us).label("first_seen_us"),
        func.max(S.ended_at_us).label("last_seen_us"),
        func.sum(case((is_run, length), else_=0)).label("run_us"),
        func.sum(case((is_run, 0), else_=length)).label("step_us"),
        *(
            func.sum(case((is_run if of_runs else ~is_run, column), else_=0)).label(name)
            for of_runs in (True, False)
            for name, column in (
                (f"input_{of_runs}", S.input_tokens),
                (f"output_{of_runs}", S.output_tokens),
                (f"cost_{of_runs}", S.total_cost_usd),
            )
        ),
    ]


def figures_of(row: Any) -> dict[str, Any]:
    """The figures of one group. Runs tell again what their steps used: runs count only where no step told anything."""
    told = row.input_False or row.output_False
    side = "False" if told else "True"
    cost = row.cost_False or row.cost_True
    return {
        "span_count": row.span_count,
        "invocation_count": int(row.invocation_count or 0),
        "error_count": int(row.error_count or 0),
        "first_seen": from_us(row.first_seen_us),
        "last_seen": from_us(row.last_seen_us),
        "total_duration_ms": int(row.run_us or row.step_us or 0) // 1000,
        "total_input_tokens": int(getattr(row, f"input_{side}") or 0),
        "total_output_tokens": int(getattr(row, f"output_{side}") or 0),
        "total_cost_usd": float(cost) if cost else None,
    }


def _figures(row: Any, project_name: str) -> dict[str, Any]:
    return {"project_id": project_name, **figures_of(row)}


def _grouped(
    connection: Connection, project: ProjectKey, key: ColumnElement[Any], *, agent: str | None
) -> list[Any]:
    wanted = spans(project, key.label("key"), *sums()).where(S.agent_name.is_not(None))
    if agent is not None:
        wanted = wanted.where(S.agent_name == agent)
    return list(connection.execute(wanted.group_by(key).order_by(key).limit(GROUPS)))
