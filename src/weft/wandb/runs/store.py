"""Runs in the database. Every function takes the project's key, and sees no other project's runs."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from weft.kit.errors import InvalidRequest, Json, NotFound
from weft.traces.json_text import dump, load
from weft.traces.types import ProjectKey
from weft.wandb.runs.history import delete_steps
from weft.wandb.runs.schema import RUN

NAME_LIMIT_CHARS = 128
TEXT_LIMIT_BYTES = 4 * 1024 * 1024
FACTS_LIMIT_BYTES = 64 * 1024
PAGE_LIMIT = 1000
STATES = frozenset(
    {"running", "finished", "failed", "crashed", "killed", "pending", "preempting", "preempted"}
)


class NoSuchRun(NotFound):
    """There is no such run in the project."""

    code = "no_such_run"


@dataclass(frozen=True, slots=True)
class Run:
    """What is kept of a run. `config` and `summary` are JSON texts as the client sent them."""

    name: str
    user_id: str
    username: str
    state: str = "running"
    config: str = "{}"
    summary: str = "{}"
    facts: Mapping[str, Json] = field(default_factory=dict[str, Json])
    """Small things by the names of the wire: displayName, notes, tags, groupName, jobType, host, ..."""
    history_lines: int = 0
    created_at_us: int = 0
    heartbeat_at_us: int = 0


@dataclass(frozen=True, slots=True)
class RunChange:
    """What a client says of a run; None: it said nothing."""

    state: str | None = None
    config: str | None = None
    summary: str | None = None
    facts: Mapping[str, Json] = field(default_factory=dict[str, Json])
    history_lines: int | None = None

    def check(self) -> None:
        """Raise `InvalidRequest` if something is out of bounds."""
        if self.state is not None and self.state not in STATES:
            raise InvalidRequest(f"{self.state[:40]!a} is not a run's state", param="state")
        for name, text in (("config", self.config), ("summaryMetrics", self.summary)):
            if text is None:
                continue
            if len(text.encode()) > TEXT_LIMIT_BYTES:
                raise InvalidRequest(f"{name} is over {TEXT_LIMIT_BYTES} bytes", param=name)
            try:
                is_object = isinstance(load(text), dict)
            except ValueError:
                is_object = False
            if not is_object:
                raise InvalidRequest(f"{name} is not a JSON object", param=name)
        if len(dump(self.facts)) > FACTS_LIMIT_BYTES:
            raise InvalidRequest(
                f"name, notes and tags are over {FACTS_LIMIT_BYTES} bytes together"
            )


def check_run_name(name: str) -> str:
    """Return `name`, or raise `InvalidRequest`: it stands in URLs and in `wb_run_id`."""
    if (
        not 1 <= len(name) <= NAME_LIMIT_CHARS
        or not name.isprintable()
        or set(name) & set("/\\#?%:")
    ):
        raise InvalidRequest(
            f"a run's id has 1 to {NAME_LIMIT_CHARS} printable characters without / \\ # ? % :",
            param="name",
        )
    return name


def upsert_run(
    connection: Connection, project: ProjectKey, run: Run, change: RunChange
) -> tuple[Run, bool]:
    """Make `run`, or change the one of its name; whether it was made. `run` says who and when."""
    found = find_run(connection, project, run.name)
    if found is None:
        connection.execute(insert(RUN).values(project=project, **_values(_changed(run, change))))
    else:
        _write(connection, project, found.name, change, run.heartbeat_at_us)
    made = find_run(connection, project, run.name)
    assert made is not None
    return made, found is None


def change_run(
    connection: Connection, project: ProjectKey, name: str, change: RunChange, now_us: int
) -> None:
    """Change a run.

    Raises:
        NoSuchRun: there is none of this name.
    """
    _write(connection, project, name, change, now_us)


def find_run(connection: Connection, project: ProjectKey, name: str) -> Run | None:
    """The run of this name."""
    wanted = select(RUN).where(RUN.c.project == project, RUN.c.name == name)
    row = connection.execute(wanted).one_or_none()
    return None if row is None else _run(row)


def list_runs(
    connection: Connection, project: ProjectKey, *, first: int, after: str | None, oldest: bool
) -> list[Run]:
    """A page of runs by when they began; `after` is the name of the last one seen."""
    order = (RUN.c.created_at_us, RUN.c.name)
    wanted = select(RUN).where(RUN.c.project == project)
    last = find_run(connection, project, after) if after else None
    if last is not None:
        at, name = last.created_at_us, last.name
        later = (RUN.c.created_at_us > at) | ((RUN.c.created_at_us == at) & (RUN.c.name > name))
        earlier = (RUN.c.created_at_us < at) | ((RUN.c.created_at_us == at) & (RUN.c.name < name))
        wanted = wanted.where(later if oldest else earlier)
    wanted = wanted.order_by(*(order if oldest else (column.desc() for column in order)))
    return [_run(row) for row in connection.execute(wanted.limit(min(first, PAGE_LIMIT)))]


def count_runs(connection: Connection, project: ProjectKey) -> int:
    """How many runs the project has."""
    wanted = select(func.count()).select_from(RUN).where(RUN.c.project == project)
    return connection.execute(wanted).scalar_one()


def delete_run(connection: Connection, project: ProjectKey, name: str) -> bool:
    """Delete a run with its history; whether there was one."""
    delete_steps(connection, project, name)
    gone = connection.execute(delete(RUN).where(RUN.c.project == project, RUN.c.name == name))
    return gone.rowcount > 0


def _write(
    connection: Connection, project: ProjectKey, name: str, change: RunChange, now_us: int
) -> None:
    found = find_run(connection, project, name)
    if found is None:
        raise NoSuchRun(f"there is no run {name[:128]} in this project", param="name")
    after = _changed(found, change)
    values = {**_values(after), "heartbeat_at_us": now_us}
    connection.execute(
        update(RUN).where(RUN.c.project == project, RUN.c.name == name).values(values)
    )


def _changed(run: Run, change: RunChange) -> Run:
    return Run(
        name=run.name,
        user_id=run.user_id,
        username=run.username,
        state=change.state or run.state,
        config=run.config if change.config is None else change.config,
        summary=run.summary if change.summary is None else change.summary,
        facts={**run.facts, **change.facts},
        history_lines=max(run.history_lines, change.history_lines or 0),
        created_at_us=run.created_at_us,
        heartbeat_at_us=run.heartbeat_at_us,
    )


def _values(run: Run) -> dict[str, object]:
    return {
        "name": run.name,
        "user_id": run.user_id,
        "username": run.username,
        "state": run.state,
        "config": run.config,
        "summary": run.summary,
        "facts": dump(run.facts),
        "history_lines": run.history_lines,
        "created_at_us": run.created_at_us,
        "heartbeat_at_us": run.heartbeat_at_us,
    }


def _run(row: Row[*tuple[object, ...]]) -> Run:
    return Run(
        name=row.name,
        user_id=row.user_id,
        username=row.username,
        state=row.state,
        config=row.config,
        summary=row.summary,
        facts=load(row.facts),
        history_lines=row.history_lines,
        created_at_us=row.created_at_us,
        heartbeat_at_us=row.heartbeat_at_us,
    )
