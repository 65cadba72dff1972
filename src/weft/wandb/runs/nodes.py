"""Runs as the schema has them, and what their fields ask of the store."""

import base64
import binascii
from typing import Any

import msgspec

from weft.identity.types import Project
from weft.kit.clock import from_us, to_us
from weft.kit.errors import InvalidRequest
from weft.traces.json_text import dump
from weft.wandb.front import Answering, Visit, lazily
from weft.wandb.runs.history import Span, last_step, read_steps
from weft.wandb.runs.sampled import read_sampled, read_specs
from weft.wandb.runs.store import (
    PAGE_LIMIT,
    Run,
    RunChange,
    check_run_name,
    count_runs,
    find_run,
    list_runs,
)

Node = dict[str, Any]
SAMPLES = 500
"""Steps of a history, where nobody says how many."""
FACTS = ("displayName", "description", "notes", "groupName", "jobType", "commit", "host", "tags")
"""What is kept of `UpsertBucketInput` beside state, config and summary."""


def run_id(project: Project, name: str) -> str:
    """The id of a run: the hosted service's form, which tells where the run is."""
    return base64.b64encode(f"Run:v1:{name}:{project.name}:{project.team}".encode()).decode()


def read_run_id(text: str) -> tuple[str, str, str]:
    """Team, project and name of a run's id.

    Raises:
        InvalidRequest: it is none.
    """
    try:
        parts = base64.b64decode(text, validate=True).decode().split(":")
    except (binascii.Error, UnicodeDecodeError):
        parts = []
    if len(parts) != 5 or parts[:2] != ["Run", "v1"]:
        raise InvalidRequest("this is not the id of a run", param="id")
    return parts[4], parts[3], parts[2]


def change_of(wanted: dict[str, Any]) -> RunChange:
    """What an `UpsertBucketInput` says.

    Raises:
        InvalidRequest: something is out of bounds.
    """
    facts = {name: wanted[name] for name in FACTS if wanted.get(name) is not None}
    change = RunChange(
        wanted.get("state"), wanted.get("config"), wanted.get("summaryMetrics"), facts
    )
    change.check()
    return change


def new_run(visit: Visit, name: str, user_id: str, username: str) -> Run:
    """A run that begins now."""
    now_us = to_us(visit.now())
    return Run(
        check_run_name(name), user_id, username, created_at_us=now_us, heartbeat_at_us=now_us
    )


def run_node(visit: Visit, project: Project, project_node: Node, run: Run) -> Node:
    """A run."""
    facts = run.facts
    return {
        "id": run_id(project, run.name),
        "name": run.name,
        "displayName": facts.get("displayName") or run.name,
        "description": facts.get("description"),
        "notes": facts.get("notes"),
        "state": run.state,
        "config": run.config,
        "wandbConfig": _some_of(run.config),
        "summaryMetrics": run.summary,
        "systemMetrics": "{}",
        "historyKeys": _history_keys(visit, project, run.name),
        "historyTail": "[]",
        "history": _history(visit, project, run.name),
        "sampledHistory": _sampled(visit, project, run.name),
        "parquetHistory": {"parquetUrls": [], "liveData": []},
        "eventsTail": "[]",
        "historyLineCount": run.history_lines,
        "eventsLineCount": 0,
        "logLineCount": 0,
        "group": facts.get("groupName"),
        "jobType": facts.get("jobType"),
        "sweepName": None,
        "commit": facts.get("commit"),
        "host": facts.get("host"),
        "tags": facts.get("tags") or [],
        "readOnly": project_node["readOnly"],
        "stopped": False,
        "createdAt": time_text(run.created_at_us),
        "heartbeatAt": time_text(run.heartbeat_at_us),
        "user": {"id": run.user_id, "name": run.username, "username": run.username},
        "project": project_node,
        "projectId": 0,
    }


async def find_run_node(
    visit: Visit, project: Project, node: Node, *, name: str, **_how: Any
) -> Node | None:
    """`project.run` and `project.bucket`."""
    found = await visit.front.store.read(
        project.id, lambda c, key: find_run(c, key, name), empty=None
    )
    return run_node(visit, project, node, found) if found else None


async def list_run_nodes(
    visit: Visit,
    project: Project,
    node: Node,
    *,
    filters: str | None = None,
    after: str | None = None,
    first: int = 50,
    order: str | None = None,
) -> Node:
    """`project.runs`, by when they began. Filters are refused: none is known.

    Raises:
        InvalidRequest: there is a filter, or another order.
    """
    _no_filters(filters)
    if order not in {None, "", "+created_at", "-created_at", "created_at"}:
        raise InvalidRequest("runs are ordered by created_at only", param="order")
    first = max(0, min(first, PAGE_LIMIT))
    found: list[Run] = await visit.front.store.read(
        project.id,
        lambda c, key: list_runs(
            c, key, first=first + 1, after=after, oldest=order != "-created_at"
        ),
        empty=[],
    )
    shown = found[:first]
    return {
        "edges": [
            {"node": run_node(visit, project, node, one), "cursor": one.name} for one in shown
        ],
        "pageInfo": {
            "endCursor": shown[-1].name if shown else None,
            "hasNextPage": len(found) > len(shown),
        },
        "totalCount": lazily(lambda: count_project_runs(visit, project, node)),
    }


async def count_project_runs(
    visit: Visit, project: Project, _node: Node, *, filters: str | None = None
) -> int:
    """`project.runCount`."""
    _no_filters(filters)
    return await visit.front.store.read(project.id, count_runs, empty=0)


def time_text(stamp_us: int) -> str:
    """A moment as the clients read it."""
    return from_us(stamp_us).isoformat(timespec="seconds").replace("+00:00", "Z")


def _history(visit: Visit, project: Project, name: str) -> Answering:
    """`run.history`."""

    async def answer(
        _info: object,
        *,
        samples: int | None = None,
        minStep: int | None = None,  # noqa: N803  # the schema's name
        maxStep: int | None = None,  # noqa: N803
    ) -> list[str]:
        span = Span(minStep or 0, maxStep)
        return await visit.front.store.read(
            project.id, lambda c, key: read_steps(c, key, name, samples or SAMPLES, span), empty=[]
        )

    return answer


def _sampled(visit: Visit, project: Project, name: str) -> Answering:
    """`run.sampledHistory`."""

    async def answer(_info: object, *, specs: list[str]) -> list[list[dict[str, Any]]]:
        wanted = read_specs(specs)
        return await visit.front.store.read(
            project.id,
            lambda c, key: read_sampled(c, key, name, wanted),
            empty=[[] for _ in wanted],
        )

    return answer


def _history_keys(visit: Visit, project: Project, name: str) -> Answering:
    """`run.historyKeys`: the client asks it for nothing but the last step."""

    async def answer(_info: object) -> dict[str, int] | None:
        last = await visit.front.store.read(
            project.id, lambda c, key: last_step(c, key, name), empty=-1
        )
        return None if last < 0 else {"lastStep": last}

    return answer


def _no_filters(filters: str | None) -> None:
    if filters and filters.strip() not in {"{}", "null"}:
        raise InvalidRequest(
            "runs cannot be filtered here", param="filters", remedy="Leave `filters` out."
        )


def _some_of(config: str) -> Answering:
    """Of what the client keeps for itself under `_wandb`, the keys that are asked for."""

    def answer(_info: object, *, keys: list[str] | None = None) -> str:
        try:
            kept: dict[str, Any] = msgspec.json.decode(config, type=_Config).wandb.value
        except msgspec.ValidationError:
            kept = {}
        return dump(kept if keys is None else {key: kept[key] for key in keys if key in kept})

    return answer


class _Value(msgspec.Struct):
    value: dict[str, Any] = {}


class _Config(msgspec.Struct):
    wandb: _Value = msgspec.field(default_factory=_Value, name="_wandb")
