"""What requests to the inference door leave in a project's traces: who says so, and who may not.

A project's setting is what its requests leave, and the most that they may. A project without one keeps nothing unless a
key or a request asks, and lets them ask for everything: whoever may run models there may write traces there as well.
A key's setting is the same for its own requests, within the project's. A key that was made without the scope `traces`
cannot ask: its requests leave what the project says.
"""

from enum import StrEnum

from sqlalchemy import Connection, update

from weft.identity.generation import bump
from weft.identity.schema import PROJECT
from weft.identity.types import ApiKey, Project, ProjectId, Scope, TraceLevel


class TraceWish(StrEnum):
    """What a project can be set to: a level, or nothing at all."""

    OFF = "off"
    METADATA = "metadata"
    FULL = "full"
    UNSET = "unset"

    @property
    def level(self) -> TraceLevel | None:
        """As it is kept."""
        return None if self is TraceWish.UNSET else TraceLevel(self.value)


def ceiling_of(project: Project, key: ApiKey) -> TraceLevel:
    """The most that a request with this key leaves in the project's traces."""
    if Scope.TRACES not in key.scopes:
        return (project.trace or TraceLevel.OFF).at_most(key.trace or TraceLevel.FULL)
    return (project.trace or TraceLevel.FULL).at_most(key.trace or TraceLevel.FULL)


def level_of(project: Project, key: ApiKey) -> TraceLevel:
    """What a request with this key leaves in the project's traces if it says nothing."""
    wanted = key.trace or project.trace or TraceLevel.OFF
    return wanted.at_most(ceiling_of(project, key))


def set_trace(connection: Connection, project_id: ProjectId, level: TraceLevel | None) -> None:
    """Set what requests leave in a project's traces; None: nothing, unless they ask."""
    value = None if level is None else level.value
    connection.execute(update(PROJECT).where(PROJECT.c.id == project_id).values(trace=value))
    bump(connection)
