"""What models are called on a board: their version, and the language model that they ask, if they say so."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from weft.evals.leaderboards.ranking import short_version
from weft.evals.values import object_in, text_in
from weft.traces.objects.read import ObjectFilter, query_versions
from weft.traces.refs import find_ref
from weft.traces.resolving.read import read_ref_values
from weft.traces.types import ProjectKey

_TELLS_MODEL = ("llm_model_id", "model", "model_id", "model_name", "llm")
_CHARS = 200
_SOME = 500


@dataclass(frozen=True, slots=True)
class ModelNames:
    """By the reference of a model."""

    versions: dict[str, str]
    labels: dict[str, str]
    details: dict[str, str]


def read_names(
    connection: Connection, project: ProjectKey, name: str, refs: Sequence[str]
) -> ModelNames:
    """The names of models; `name` is the project as clients name it."""
    found = ModelNames({}, {}, {})
    parsed = {ref: told for ref in refs if (told := find_ref(ref)) is not None}
    ids = list({told.name for told in parsed.values()})
    numbers: dict[tuple[str, str], int] = {}
    for start in range(0, len(ids), _SOME):
        which = ObjectFilter(object_ids=ids[start : start + _SOME])
        for version in query_versions(connection, project, which):
            numbers[version.object_id, version.digest] = version.version_index
    for ref, told in parsed.items():
        number = numbers.get((told.name, told.digest))
        found.versions[ref] = short_version(ref) if number is None else f"v{number}"
    for start in range(0, len(refs), _SOME):
        values = read_ref_values(connection, project, name, refs[start : start + _SOME])
        for ref, value in values.items():
            fields = object_in(value)
            label = text_in(fields.get("name"))
            if label:
                found.labels[ref] = label[:_CHARS]
            for field in _TELLS_MODEL:
                model = text_in(fields.get(field))
                if model and find_ref(model) is None:
                    found.details[ref] = model[:_CHARS]
                    break
    return found
