"""A monitor as an object: read from what the Weave client or the console published, and written as the client does.

Source: `Monitor` of the Weave client 0.54 (weave/flow/monitor.py). An op's name there is a reference whose version may
be `*`; a bare name is taken, too. Scoring of agents' turns and debounced scoring are named as what is not done here.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import msgspec

from weft.evals.monitors.types import Spec
from weft.evals.values import list_in, object_in, text_in
from weft.identity.projects.gate import Visitor
from weft.kit.errors import NotFound, WeftError
from weft.traces.query.parse import parse_query

CLASS = "Monitor"
BASES = ["Object", "BaseModel"]
SCORER_BASES = ["Scorer", *BASES]
SCORERS = 10
"""Of one monitor: each judges every call of its sample."""
AGENT_TURN = "weave.genai.turn_ended"
_OWN = frozenset({"_type", "_class_name", "_bases"})


class NoSuchMonitor(NotFound):
    """There is no monitor of this name in the project."""

    code = "monitor_not_found"
    remedy = "list the project's monitors, and name one of them"

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no monitor {name[:128]} here", param="name")


class Stewards(Protocol):
    """Says who may act in a project while they are away."""

    async def visitor(self, user_id: str, project_id: str) -> Visitor:
        """The user as a visitor of the project.

        Raises:
            WeftError: they may not act there.
        """
        ...


def read_spec(name: str, digest: str, val: str, *, published_by: str, published_at_us: int) -> Spec:
    """The monitor that an object's value describes; what this server cannot do of it is its `problem`."""
    fields = object_in(msgspec.json.decode(val))
    ops = tuple(one for one in list_in(fields.get("op_names")) if isinstance(one, str))
    query = _query(fields.get("query"))
    scorers = tuple(list_in(fields.get("scorers")))
    return Spec(
        name=name,
        digest=digest,
        description=text_in(fields.get("description")) or "",
        is_active=fields.get("active") is True,
        sampling=_share(fields.get("sampling_rate", 1)),
        op_names=ops,
        query=query,
        scorers=scorers,
        published_by=published_by,
        published_at_us=published_at_us,
        problem=_problem(fields, ops, query, scorers),
    )


def monitor_value(
    *,
    name: str,
    description: str,
    sampling: float,
    op_names: Sequence[str],
    query: Any,
    scorers: Sequence[str],
    is_active: bool,
) -> dict[str, Any]:
    """The object of a monitor, with the fields in the client's order."""
    return {
        "_type": CLASS,
        "name": name,
        "description": description or None,
        "sampling_rate": sampling,
        "scorers": list(scorers),
        "op_names": list(op_names),
        "query": query,
        "is_traced": True,
        "active": is_active,
        "scorer_debounce_config": None,
        "_class_name": CLASS,
        "_bases": BASES,
    }


def switched(val: str, *, is_active: bool) -> dict[str, Any]:
    """The same object, on or off; all that a newer client wrote into it stays."""
    return {**object_in(msgspec.json.decode(val)), "active": is_active}


def scorer_value(kind: str, name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The object of a scorer that is settings alone."""
    return {
        "_type": kind,
        "name": name,
        "description": None,
        **settings,
        "_class_name": kind,
        "_bases": SCORER_BASES,
    }


def _problem(fields: dict[str, Any], ops: Sequence[str], query: Any, scorers: Sequence[Any]) -> str:
    if not scorers:
        return "It has no scorers."
    if len(scorers) > SCORERS:
        return f"It has more than {SCORERS} scorers."
    if AGENT_TURN in ops:
        return "It scores agents' turns, which this server does not do."
    if fields.get("scorer_debounce_config"):
        return "It waits for a conversation to fall silent (scorer_debounce_config), which is not done here."
    try:
        parse_query(query)
    except WeftError as error:
        return f"Its filter cannot be read: {error.message}"
    return ""


def _query(told: Any) -> Any:
    """A query without the marks of classes that the client writes into each of its parts."""
    return _plain(object_in(told)) or None


def _plain(told: Any) -> Any:
    if isinstance(told, list):
        return [_plain(part) for part in list_in(told)]
    fields = object_in(told)
    if not fields:
        return told
    return {
        name: part if name == "$literal" else _plain(part)
        for name, part in fields.items()
        if name not in _OWN
    }


def _share(told: Any) -> float:
    if isinstance(told, bool) or not isinstance(told, int | float):
        return 0.0
    return min(max(float(told), 0.0), 1.0)
