"""What bridge and outpost say to each other. Both sides have the same version of Weft: the outpost looks."""

from dataclasses import dataclass, field

PYTHON = "{python}"
"""In a command line for a node: the interpreter that Weft runs with there."""


@dataclass(frozen=True, slots=True)
class Order:
    """What an outpost is to run."""

    argv: tuple[str, ...]
    """The child's command line; `PYTHON` stands for the node's own interpreter."""
    secret: str = field(repr=False)
    files: tuple[str, ...]
    """What must be on the node before the child is started."""
    passed: tuple[str, ...]
    """Beginnings of the environment's names that the child needs besides those that every child gets."""
    version: str
    """Of Weft."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Ray found a node, and the outpost is there."""

    host: str
    """The node's address in the cluster."""


@dataclass(frozen=True, slots=True)
class Wrote:
    """The child wrote these lines."""

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listens:
    """The child announced its engine."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Ended:
    """There is no child any more; nothing comes after this."""

    reason: str


Event = Placed | Wrote | Listens | Ended
