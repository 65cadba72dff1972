"""One download: what its thread does, and what is told of it meanwhile.

Two threads meet here. The one that works writes plain values, each in one step; the event loop reads them. The only
word in the other direction is `cancel`, which the working thread hears with the next bytes.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from weft.engines.adding.meter import Meter
from weft.engines.adding.types import Ask, Download, Failure, NewModel, Served, Stage
from weft.engines.adding.work import Looked
from weft.engines.weights.types import Progress

_CHECKING = "checking "


class Cancelled(Exception):
    """Whoever started the download does not want it any more."""


class Job:
    """A download, from its start to its end, and again if it is resumed. Its thread is told through `Watch`."""

    def __init__(self, id_: str, ask: Ask, source: str, started_by: str, now: datetime) -> None:
        self.id = id_
        self.ask = ask
        self.stage = Stage.WAITING
        self.ended_at: datetime | None = None
        self.failure: Failure | None = None
        self.served: Served | None = None
        self._started_at = now
        self._started_by = started_by
        self._source = source
        self._model = ask.name
        self._repository = ask.what.repository if isinstance(ask.what, NewModel) else ""
        self._file = ""
        self._done: dict[str, int] = {}
        self._total = 0
        self._whole = False
        self._meter = Meter()
        self._cancelled = threading.Event()

    def begin(self) -> None:
        """It is its turn: look first."""
        self._cancelled.clear()
        self.failure, self.ended_at, self.served = None, None, None
        self._meter.restart()
        self.stage = Stage.LOOKING

    def cancel(self) -> None:
        """Have it stop with the next bytes."""
        self._cancelled.set()
        self.stage = Stage.CANCELLING

    def end(self, stage: Stage, now: datetime) -> None:
        """Nothing of it is at work any more."""
        self.stage, self.ended_at, self._file = stage, now, ""
        if stage is Stage.DONE:
            self._whole = True
            self.ask = replace(self.ask, token="")  # nobody needs it any more

    @property
    def is_cancelled(self) -> bool:
        """Whether it was told to stop."""
        return self._cancelled.is_set()

    @property
    def model(self) -> str:
        """The id of its model, or the repository until that is known."""
        return self._model

    # Told by the thread that works

    def looked(self, looked: Looked, here: dict[str, int]) -> None:
        """What will be pulled, and what lies here already."""
        self._check()
        self._model, self._repository = looked.card.id, looked.listing.repository
        self._total, self._done = sum(looked.sizes.values()), dict(here)

    def begins(self, name: str) -> Progress:
        """A file begins."""
        self._check()
        is_checked = name.startswith(_CHECKING)
        path = name.removeprefix(_CHECKING)
        had = self._done.get(path, 0)
        self._file = path
        return lambda done, _total: self._goes_on(path, done, 0 if is_checked else had, is_checked)

    def _goes_on(self, path: str, done: int, had: int, is_checked: bool) -> None:  # noqa: FBT001 - told by `begins` alone
        self._check()
        is_old = is_checked or done <= had  # what an earlier pull left is read for its checksum
        self.stage = Stage.CHECKING if is_old else Stage.DOWNLOADING
        if self._cancelled.is_set():  # it may have been said between the look and the line above
            self.stage = Stage.CANCELLING
            raise Cancelled
        if is_old:
            self._meter.restart()
            return
        self._done[path] = done
        self._meter.read(time.monotonic(), sum(self._done.values()))

    def _check(self) -> None:
        if self._cancelled.is_set():
            raise Cancelled

    # Told to people

    def shown(self) -> Download:
        """As it is now."""
        done = self._total if self._whole else min(self._total, sum(self._done.values()))
        is_moving = self.stage is Stage.DOWNLOADING
        return Download(
            id=self.id,
            model=self._model,
            is_new=isinstance(self.ask.what, NewModel),
            repository=self._repository,
            source=self._source,
            stage=self.stage,
            file=self._file,
            files=len(self._done),
            done_bytes=done,
            total_bytes=self._total,
            bytes_per_s=self._meter.bytes_per_s if is_moving else 0.0,
            eta_s=self._meter.eta_s(self._total - done) if is_moving else None,
            started_at=self._started_at,
            ended_at=self.ended_at,
            failure=self.failure,
            served=self.served,
            started_by=self._started_by,
        )


def work_apart(
    work: Callable[[], None], name: str, tell: Callable[[BaseException | None], None]
) -> None:
    """Do `work` in a thread that does not keep the process from ending; `tell` hears, in that thread, how it went.

    What a download leaves when the process ends under it is a part that the next one goes on with.
    """

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - handed on to whoever waits
            tell(error)
        else:
            tell(None)

    threading.Thread(target=run, name=name, daemon=True).start()
