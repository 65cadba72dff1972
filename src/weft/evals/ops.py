"""Ops without code: what a call of this server's own is a call of, so that clients find it by an op's name.

The client finds evaluations by references to `Evaluation.evaluate`, whatever their version; so there has to be one.
"""

from typing import Any

from weft.evals.shelf import Shelf
from weft.identity.projects.gate import Visitor

FILE_NAME = "obj.py"
PLACEHOLDER = """def func(*args, **kwargs):
    ...  # this op ran on the server: it has no code here
"""
KNOWN = 10_000


def op_value(source_digest: str) -> dict[str, Any]:
    """An op as the client publishes one, with its source in a file of this digest."""
    return {
        "_type": "CustomWeaveType",
        "weave_type": {"type": "Op"},
        "files": {FILE_NAME: source_digest},
    }


class Ops:
    """Publishes them once for a project."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._known: dict[tuple[str, str], str] = {}

    async def ref(self, visitor: Visitor, name: str) -> str:
        """The reference of the op `name`, published if it was not yet."""
        key = (visitor.project_id, name)
        known = self._known.get(key)
        if known is None:
            value = op_value(await self._shelf.keep_text(visitor, PLACEHOLDER))
            known = await self._shelf.publish(visitor, name, value, is_op=True)
            if len(self._known) >= KNOWN:
                self._known.clear()
            self._known[key] = known
        return known
