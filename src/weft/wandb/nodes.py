"""The types of the schema, made of what identity and the store know. Fields that cost a look-up are functions.

graphql-core takes a field from a mapping by its name, and calls it if it is a function: `(info, **arguments)`.
"""

from collections.abc import Sequence
from typing import Any

from weft.identity.login.callers import Caller
from weft.identity.types import Project, TeamKind
from weft.kit.clock import to_us
from weft.wandb.accounts import Place, find_place, list_my_projects, list_my_teams
from weft.wandb.front import Answering, Visit, lazily
from weft.wandb.runs.nodes import (
    count_project_runs,
    find_run_node,
    list_run_nodes,
    time_text,
)

Node = dict[str, Any]
PAGE_LIMIT = 1000


async def user_node(visit: Visit, caller: Caller) -> Node:
    """The caller."""
    place, teams = await visit.read(
        lambda c, who: (find_place(c, who, None), list_my_teams(c, who))
    )
    user = caller.user
    return {
        "id": user.id,
        "name": user.username,
        "username": user.username,
        "email": user.email,
        "admin": user.is_admin,
        "flags": "{}",
        "entity": place.team.name if place else None,
        "defaultEntity": entity_node(visit, place) if place else None,
        "photoUrl": None,
        "createdAt": time_text(to_us(user.created_at)),
        "deletedAt": None,
        "apiKeys": {"edges": []},
        "teams": lazily(lambda: _edges([_team_node(visit, name) for name in teams])),
    }


def entity_node(visit: Visit, place: Place) -> Node:
    """A team of the caller's."""
    team = place.team

    async def projects(_info: object, *, after: str | None = None, first: int = 50) -> Node:
        found = await visit.read(lambda c, who: list_my_projects(c, who, place))
        return _page([project_node(visit, place, one) for one in found], after, first)

    return {
        "id": team.id,
        "name": team.name,
        "available": True,
        "photoUrl": None,
        "isTeam": team.kind is TeamKind.TEAM,
        "entityType": "team" if team.kind is TeamKind.TEAM else "user",
        "readOnly": place.is_read_only,
        "readOnlyAdmin": False,
        "defaultAccess": "PRIVATE",
        "organization": None,
        "projects": projects,
    }


def project_node(visit: Visit, place: Place, project: Project) -> Node:
    """A project of such a team."""

    def of_runs(answer: Answering) -> Answering:
        def field(_info: object, **arguments: Any) -> Any:
            return answer(visit, project, node, **arguments)

        return field

    node: Node = {
        "id": project.id,
        "internalId": project.id,
        "name": project.name,
        "entityName": project.team,
        "entity": lazily(lambda: entity_node(visit, place)),
        "description": None,
        "access": "PRIVATE",
        "views": "{}",
        "createdAt": time_text(to_us(project.created_at)),
        "isBenchmark": False,
        "readOnly": place.is_read_only,
        "user": None,
    }
    node["run"] = node["bucket"] = of_runs(find_run_node)
    node["runs"] = of_runs(list_run_nodes)
    node["runCount"] = of_runs(count_project_runs)
    return node


def _team_node(visit: Visit, name: str) -> Node:
    """A team in a list: more than its name is looked up when somebody asks."""

    async def looked_up(field: str) -> Any:
        place = await visit.read(lambda c, who: find_place(c, who, name))
        return entity_node(visit, place)[field] if place else None

    def later(field: str) -> Answering:
        return lazily(lambda: looked_up(field))

    fields = ("id", "available", "isTeam", "entityType", "readOnly", "readOnlyAdmin")
    return {"name": name, **{field: later(field) for field in fields}}


def _edges(nodes: Sequence[Node]) -> Node:
    return {"edges": [{"node": node} for node in nodes]}


def _page(nodes: Sequence[Node], after: str | None, first: int) -> Node:
    """A page of what is in the order of names; the cursor is a name."""
    rest = [node for node in nodes if after is None or node["name"].lower() > after.lower()]
    shown = rest[: max(0, min(first, PAGE_LIMIT))]
    return {
        "edges": [{"node": node, "cursor": node["name"]} for node in shown],
        "pageInfo": {
            "endCursor": shown[-1]["name"] if shown else None,
            "hasNextPage": len(rest) > len(shown),
        },
    }
