"""One reference on its way to its value: along its edges, through the references that it meets.

A value that is a reference is followed where edges lead on from it, and left alone at the end of the path. What an
edge does not find is None, as with the hosted service.
"""

from typing import Any, cast

from weft.traces.refs import Edge, EdgeKind, Ref, RefKind, find_ref

MOST_HOPS = 16
"""References that one path may lead through; a longer one, or a circle, comes to nothing."""


class Walk:
    """A reference that is being followed. Done when it needs nothing more."""

    def __init__(self, ref: Ref) -> None:
        self.value: Any = None
        self.needs: Ref | None = ref if ref.kind in _FOLLOWED else None
        """What has to be read before this can go on; its edges are still to go."""
        self._hops = 0

    def go(self, value: Any) -> None:
        """Go on from what was needed: the object's value, the row's, or None."""
        ref = self.needs
        assert ref is not None
        self.needs = None
        edges = ref.edges[1:] if ref.kind is RefKind.TABLE else ref.edges
        for place, edge in enumerate(edges):
            onward = find_ref(value)
            if onward is not None:
                self._follow(onward.into(*edges[place:]))
                return
            value = step(value, edge)
            if value is None:
                break
        self.value = value

    def _follow(self, ref: Ref) -> None:
        self._hops += 1
        if self._hops <= MOST_HOPS and ref.kind in _FOLLOWED:
            self.needs = ref


_FOLLOWED = frozenset({RefKind.OBJECT, RefKind.OP, RefKind.TABLE})


def step(value: Any, edge: Edge) -> Any:
    """What one edge leads to in a value; None where it leads to nothing."""
    if edge.kind is EdgeKind.INDEX:
        if not isinstance(value, list):
            return None
        items = cast("list[Any]", value)
        index = int(edge.value)
        return items[index] if -len(items) <= index < len(items) else None
    if edge.kind is EdgeKind.ID or not isinstance(value, dict):
        return None
    return cast("dict[str, Any]", value).get(edge.value)
