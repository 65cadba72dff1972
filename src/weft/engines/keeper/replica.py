"""What the keeper needs of a replica, of whatever kind."""

from typing import Protocol

from weft.engines.process.life import Life
from weft.engines.queue.slots import Slots
from weft.engines.types import EngineSnapshot, Link
from weft.kit.errors import WeftError


class Replica(Protocol):
    """One engine of a model: a child process, or a server that somebody else runs."""

    name: str
    slots: Slots
    life: Life
    link: Link | None
    gpus: tuple[int, ...]
    ready_at_s: float
    load_s: float

    @property
    def is_wanted(self) -> bool:
        """Whether it runs, or is going to."""
        ...

    @property
    def is_stopping(self) -> bool:
        """Whether it still has to end before it can start."""
        ...

    @property
    def is_given_up(self) -> bool:
        """Whether nobody should count on it."""
        ...

    def want(self) -> None:
        """Ask for a start."""
        ...

    def rest(self) -> None:
        """Ask for its end, until the next `want`."""
        ...

    def stop(self) -> None:
        """Ask for the end of `run`."""
        ...

    def suspect(self, *, is_unreachable: bool) -> None:
        """A request lost it, or could not even reach it."""
        ...

    def refusal(self) -> WeftError:
        """What a request is told while it cannot take any."""
        ...

    def snapshot(self, model: str) -> EngineSnapshot:
        """The replica now."""
        ...

    async def run(self) -> None:
        """Own the replica until `stop` is called."""
        ...
