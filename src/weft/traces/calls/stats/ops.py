"""Which filters hourly sums can answer: none, and those that ask for any versions of ops."""

from collections.abc import Sequence

from weft.traces.calls.facts import op_of
from weft.traces.calls.read.wire import CallFilter

_ANY = ":*"


def may_be_hourly(given: CallFilter | None) -> bool:
    """Whether the filter asks for nothing but ops, in whichever version."""
    if given is None:
        return True
    names = given.op_names
    others = CallFilter(op_names=names, trace_roots_only=given.trace_roots_only or None)
    if given != others or given.trace_roots_only:
        return False
    return all(name.endswith(_ANY) or "/op/" not in name for name in names or ())


def means(names: Sequence[str], op: str) -> bool:
    """Whether one of these names means an op as sums know it: by project and name, without its version."""
    bare = op_of(f"{op}:v")
    return any(
        op == name.removesuffix(_ANY) if "/op/" in name else name in {op, bare} for name in names
    )
