"""The fields of Query and Mutation."""

from collections.abc import Mapping
from typing import Any

from weft.identity.projects.gate import ReadOnly
from weft.kit.errors import InvalidRequest
from weft.wandb.accounts import (
    Place,
    find_my_project,
    find_place,
    get_my_project,
    get_place,
    make_project,
)
from weft.wandb.front import Visit
from weft.wandb.nodes import Node, entity_node, project_node, user_node
from weft.wandb.runs.nodes import change_of, new_run, read_run_id, run_id, run_node
from weft.wandb.runs.store import delete_run, upsert_run


def roots(visit: Visit) -> Mapping[str, Any]:
    """A function for every field, for one request."""
    return {
        "viewer": _viewer(visit),
        "project": _project(visit),
        "model": _project(visit),
        "models": _models(visit),
        "entity": _entity(visit),
        "serverInfo": _server_info(visit),
        "upsertModel": _upsert_model(visit),
        "upsertBucket": _upsert_bucket(visit),
        "createRunFiles": _create_run_files(visit),
        "deleteRun": _delete_run(visit),
    }


def _viewer(visit: Visit) -> Any:
    async def viewer(_info: object) -> Node | None:
        caller = await visit.caller_if_any()
        return await user_node(visit, caller) if caller else None

    return viewer


def _project(visit: Visit) -> Any:
    async def project(
        _info: object,
        *,
        name: str | None = None,
        entityName: str | None = None,  # noqa: N803 - as the wire has it
    ) -> Node | None:
        place = await visit.read(lambda c, who: find_place(c, who, entityName))
        if place is None or not name:
            return None
        found = await visit.read(lambda c, who: find_my_project(c, who, place, name))
        return project_node(visit, place, found) if found else None

    return project


def _models(visit: Visit) -> Any:
    async def models(
        info: object,
        *,
        entityName: str | None = None,  # noqa: N803 - as the wire has it
        after: str | None = None,
        first: int = 50,
    ) -> Node:
        place = await visit.read(lambda c, who: get_place(c, who, entityName))
        return await entity_node(visit, place)["projects"](info, after=after, first=first)

    return models


def _entity(visit: Visit) -> Any:
    async def entity(_info: object, *, name: str | None = None) -> Node | None:
        place: Place | None = await visit.read(lambda c, who: find_place(c, who, name))
        return entity_node(visit, place) if place else None

    return entity


def _server_info(visit: Visit) -> Any:
    def server_info(_info: object) -> Node:
        return {
            "frontendHost": visit.base_url,
            "features": [],
            "latestLocalVersionInfo": None,
            "cliVersionInfo": None,
        }

    return server_info


def _upsert_model(visit: Visit) -> Any:
    async def upsert_model(_info: object, *, input: dict[str, Any]) -> Node:  # noqa: A002
        name = input.get("name")
        if not name:
            raise InvalidRequest("upsertModel needs a name", param="name")
        now = visit.now()
        place, project, inserted = await visit.write(
            lambda c, who: make_project(c, who, input.get("entityName"), name=name, now=now)
        )
        node = project_node(visit, place, project)
        return {"model": node, "project": node, "inserted": inserted}

    return upsert_model


def _upsert_bucket(visit: Visit) -> Any:
    async def upsert_bucket(_info: object, *, input: dict[str, Any]) -> Node:  # noqa: A002
        team, project_name, name = (
            input.get("entityName"),
            input.get("modelName"),
            input.get("name"),
        )
        if input.get("id") and not name:
            team, project_name, name = read_run_id(input["id"])
        if not name:
            raise InvalidRequest("upsertBucket needs the run's name or id", param="name")
        now = visit.now()
        place, project, _made = await visit.write(
            lambda c, who: make_project(c, who, team, name=project_name or "uncategorized", now=now)
        )
        if place.is_read_only:
            raise ReadOnly(place.team.name)
        user = (await visit.caller()).user
        run, change = new_run(visit, name, user.id, user.username), change_of(input)
        kept, inserted = await visit.front.store.change(
            project.id, lambda c, key: upsert_run(c, key, run, change)
        )
        bucket = run_node(visit, project, project_node(visit, place, project), kept)
        return {"bucket": bucket, "inserted": inserted}

    return upsert_bucket


def _create_run_files(visit: Visit) -> Any:
    async def create_run_files(_info: object, *, input: dict[str, Any]) -> Node:  # noqa: A002
        place, project = await visit.read(
            lambda c, who: get_my_project(c, who, input["entityName"], input["projectName"])
        )
        if place.is_read_only:
            raise ReadOnly(place.team.name)
        return {"runID": run_id(project, input["runName"]), "uploadHeaders": [], "files": []}

    return create_run_files


def _delete_run(visit: Visit) -> Any:
    async def delete(_info: object, *, input: dict[str, Any]) -> Node:  # noqa: A002
        team, project_name, name = read_run_id(input["id"])
        place, project = await visit.read(lambda c, who: get_my_project(c, who, team, project_name))
        if place.is_read_only:
            raise ReadOnly(place.team.name)
        await visit.front.store.change(project.id, lambda c, key: delete_run(c, key, name))
        return {"clientMutationId": input.get("clientMutationId")}

    return delete
