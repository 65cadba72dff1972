"""Leaderboards as objects of a project, in the client's own classes: `Leaderboard`, and for dynamic ones `SavedView`.

A dynamic leaderboard is what the client's `SavedView` calls `dynamic_leaderboard_config`: its filter names evaluations,
its configuration what is hidden, renamed, and where less is better (client 0.54, `builtin_object_classes`).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from weft.evals.leaderboards.results import NoLeaderboard, columns_of
from weft.evals.leaderboards.runs import name_of
from weft.evals.leaderboards.types import ColumnSpec, Dynamic, DynamicColumn, Spec
from weft.evals.values import list_in, object_in, text_in
from weft.kit.errors import NotFound, Unprocessable
from weft.traces.canonical import parsed
from weft.traces.objects.classes import with_builtin_class
from weft.traces.objects.read import (
    ObjectFilter,
    ObjectVersion,
    Sort,
    find_version,
    query_versions,
    read_values,
)
from weft.traces.types import ProjectKey

BOARD, VIEW = "Leaderboard", "SavedView"
NAME_CHARS = 128
LISTED = 500
_NOT_IN_NAMES = re.compile(r"[^\w.-]+", re.ASCII)
_TAKEN = frozenset({"new", "dynamic"})
"""Addresses of the console."""


class LeaderboardExists(Unprocessable):
    """Another object of the project goes by this name."""

    code = "leaderboard_exists"
    status = 409

    def __init__(self, name: str) -> None:
        super().__init__(
            f"there is an object {name[:200]!r} already",
            param="title",
            remedy="choose another title, or save to the leaderboard that is there",
        )


class NoSuchLeaderboard(NotFound):
    """The project has no leaderboard of this name."""

    code = "leaderboard_not_found"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"there is no leaderboard {name[:200]!r}",
            remedy="GET .../leaderboards lists those that there are",
        )


@dataclass(frozen=True, slots=True)
class SavedBoard:
    """A version of a leaderboard's definition."""

    version: ObjectVersion
    spec: Spec


def object_name(title: str) -> str:
    """What a leaderboard's object is called, as the client makes it of a title."""
    name = _NOT_IN_NAMES.sub("-", title)[:NAME_CHARS].strip("-.") or "leaderboard"
    return f"{name}-leaderboard" if name in _TAKEN else name


def list_boards(connection: Connection, project: ProjectKey) -> list[SavedBoard]:
    """The latest version of every leaderboard, the newest first."""
    which = ObjectFilter(leaf_object_classes=[BOARD, VIEW], latest_only=True, is_op=False)
    order = [Sort("created_at", "desc")]
    found = query_versions(connection, project, which, order, limit=LISTED)
    texts = read_values(connection, project, list({one.digest for one in found}))
    boards = [_saved(one, texts) for one in found]
    return [one for one in boards if one is not None]


def find_board(
    connection: Connection, project: ProjectKey, name: str, version: str = "latest"
) -> SavedBoard | None:
    """A version of a leaderboard, by digest, `latest`, `v<N>` or an alias; None where there is none."""
    found = find_version(connection, project, name, version)
    if found is None or found.deleted_at_us is not None:
        return None
    return _saved(found, read_values(connection, project, [found.digest]))


def value_of(spec: Spec, project: str) -> dict[str, Any]:
    """The object that a definition is kept as; `project` is its name as clients have it."""
    if spec.dynamic is None:
        columns = [
            {
                "evaluation_object_ref": one.evaluation_ref,
                "scorer_name": one.scorer,
                "summary_metric_path": one.path,
                "should_minimize": one.should_minimize,
            }
            for one in spec.columns
        ]
        fields = {"name": spec.title, "description": spec.description, "columns": columns}
        return with_builtin_class(fields, BOARD)
    refs = [_any(project, name) for name in spec.dynamic.evaluations]
    definition = {
        "filter": {"input_refs": refs} if refs else None,
        "dynamic_leaderboard_config": _config(spec.dynamic, project),
    }
    fields = {
        "name": spec.title,
        "description": spec.description,
        "view_type": "evaluations",
        "label": spec.title,
        "definition": definition,
    }
    return with_builtin_class(fields, VIEW)


def _config(dynamic: Dynamic, project: str) -> dict[str, Any]:
    newest = "latest" if dynamic.newest_versions else "*"
    return {
        "model_configuration": {
            "version_groups": [
                {
                    "label": "versions",
                    "base_ref": _any(project, "*"),
                    "versions": [newest] if dynamic.newest_versions else newest,
                    "show_version_indicator": True,
                }
            ],
            "display_name_map": {
                _any(project, name): label for name, label in dynamic.model_labels.items()
            },
            "deselected": _all_of(project, dynamic.hidden_models),
        },
        "dataset_configuration": {"deselected": _all_of(project, dynamic.hidden_datasets)},
        "scorer_configuration": {"deselected": list(dynamic.hidden_scorers)},
        "columns_configuration": [
            {
                "evaluation_object_ref": _any(project, one.evaluation),
                "scorer_name": one.scorer,
                "display_name": one.label,
                "summary_metric_path": one.path,
                "should_minimize": one.should_minimize,
                "deselected": one.hidden,
            }
            for one in dynamic.columns
        ],
    }


def read_spec(value: Any, name: str) -> Spec | None:
    """The definition that an object of this name holds; None where it is no leaderboard."""
    fields = object_in(value)
    title = text_in(fields.get("name")) or name
    description = text_in(fields.get("description"))
    if fields.get("_class_name") == BOARD:
        try:
            told = columns_of(value)
        except NoLeaderboard:
            return None
        columns = [
            ColumnSpec(one.evaluation_ref, one.scorer, one.path, one.should_minimize)
            for one in told
        ]
        return Spec(title, description, columns)
    definition = object_in(fields.get("definition"))
    config = definition.get("dynamic_leaderboard_config")
    if not isinstance(config, dict):
        return None
    dynamic = _dynamic(object_in(definition.get("filter")), object_in(config))
    return Spec(text_in(fields.get("label")) or title, description, dynamic=dynamic)


def _saved(version: ObjectVersion, texts: Mapping[str, str]) -> SavedBoard | None:
    spec = read_spec(parsed(texts.get(version.digest, "null")), version.object_id)
    return None if spec is None else SavedBoard(version, spec)


def _dynamic(filter_: dict[str, Any], config: dict[str, Any]) -> Dynamic:
    models = object_in(config.get("model_configuration"))
    groups = list_in(models.get("version_groups"))
    versions: Any = object_in(groups[0]).get("versions") if groups else "*"
    return Dynamic(
        evaluations=_names(filter_.get("input_refs")),
        hidden_models=_names(models.get("deselected")),
        hidden_datasets=_names(object_in(config.get("dataset_configuration")).get("deselected")),
        hidden_scorers=_names(object_in(config.get("scorer_configuration")).get("deselected")),
        model_labels={
            name_of(ref): label
            for ref, told in object_in(models.get("display_name_map")).items()
            if (label := text_in(told))
        },
        columns=[_column(object_in(one)) for one in list_in(config.get("columns_configuration"))],
        newest_versions=versions == ["latest"],
    )


def _column(told: dict[str, Any]) -> DynamicColumn:
    less, hidden = told.get("should_minimize"), told.get("deselected")
    return DynamicColumn(
        name_of(text_in(told.get("evaluation_object_ref")) or ""),
        text_in(told.get("scorer_name")) or "",
        text_in(told.get("summary_metric_path")) or "",
        text_in(told.get("display_name")),
        less if isinstance(less, bool) else None,
        hidden if isinstance(hidden, bool) else None,
    )


def _names(refs: Any) -> list[str]:
    return [name_of(ref) for ref in list_in(refs) if isinstance(ref, str)]


def _any(project: str, name: str) -> str:
    return f"weave:///{project}/object/{name}:*"


def _all_of(project: str, names: Iterable[str]) -> list[str]:
    return [_any(project, name) for name in names]
