"""All downloads of one server: started, cancelled, resumed, forgotten.

Owns a task for each that is at work. They live in memory: a page that is loaded again finds them, a server that is
started again does not; but what they brought lies on the disk, and the same download started anew goes on behind it.
Invariants: at most `MOST_AT_ONCE` are at work, at most one for a repository; at most `MOST_KEPT` are remembered.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

import structlog

from weft.engines.adding.job import Cancelled, Job, work_apart
from weft.engines.adding.types import Ask, Download, Failure, Served, Stage
from weft.engines.adding.words import in_console_words
from weft.engines.adding.work import Looked, Shop, bring, look
from weft.kit.clock import Clock
from weft.kit.errors import InvalidRequest, NotFound, WeftError
from weft.kit.ids import new_id

MOST_AT_ONCE = 2
MOST_KEPT = 50
CLOSE_TIMEOUT_S = 2.0
"""For downloads to hear that the server ends; they are picked up where they were."""
LOOK_TIMEOUT_S = 60.0

Adopt = Callable[[Looked], Awaitable[Served]]
"""Has the server serve a model whose weights are here."""

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)


class NotDownloadable(InvalidRequest):
    """What is asked for cannot be had, or not like this."""

    code = "not_downloadable"


class DownloadStage(InvalidRequest):
    """The download is not at a stage where that can be done."""

    status = 409
    code = "download_stage"


class Downloads:
    """The downloads of one server process."""

    def __init__(self, shop: Shop, adopt: Adopt, clock: Clock) -> None:
        self.shop = shop
        self._adopt = adopt
        self._clock = clock
        self._jobs: dict[str, Job] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._turns = asyncio.Semaphore(MOST_AT_ONCE)

    async def look(self, ask: Ask) -> Looked:
        """What `ask` would bring, without bringing it.

        Raises:
            NotDownloadable: it cannot be had; the remedy says what to do.
        """
        found: list[Looked] = []
        try:
            async with asyncio.timeout(LOOK_TIMEOUT_S):
                await _apart(lambda: found.append(look(self.shop, ask)), "look at a repository")
        except TimeoutError as error:
            raise NotDownloadable(
                f"{self.shop.source_name} does not answer", remedy="try again later"
            ) from error
        except WeftError as error:
            told = in_console_words(error)
            raise NotDownloadable(told.message, remedy=told.remedy) from error
        return found[0]

    def start(self, ask: Ask, started_by: str) -> Download:
        """Begin a download; does not wait for anything.

        Raises:
            DownloadStage: the same one is at work, or too many are remembered that are not over.
        """
        for job in self._jobs.values():
            if job.model == ask.name and not job.stage.is_over:
                raise DownloadStage(
                    f"{ask.name} is being downloaded already", remedy="wait for it, or cancel it"
                )
        self._make_room()
        job = Job(new_id("dl"), ask, self.shop.source_name, started_by, self._clock.now())
        self._jobs[job.id] = job
        self._run(job)
        return job.shown()

    def all(self) -> list[Download]:
        """Every download that is remembered, newest first."""
        return [job.shown() for job in reversed(self._jobs.values())]

    def find(self, id_: str) -> Download:
        """One of them.

        Raises:
            NotFound: there is none of this id.
        """
        return self._job(id_).shown()

    def cancel(self, id_: str) -> Download:
        """Have it stop; what it brought stays, for when it is resumed.

        Raises:
            NotFound, DownloadStage: there is none, or it is over.
        """
        job = self._job(id_)
        if job.stage.is_over:
            raise DownloadStage(f"it is {job.stage} already", remedy="there is nothing to cancel")
        if job.stage is Stage.WAITING:
            self._tasks[id_].cancel()
            job.end(Stage.CANCELLED, self._clock.now())
        else:
            job.cancel()
        return job.shown()

    def resume(self, id_: str) -> Download:
        """Go on with one that failed or was cancelled, where it stopped.

        Raises:
            NotFound, DownloadStage: there is none, or it needs no resuming.
        """
        job = self._job(id_)
        if job.stage not in {Stage.CANCELLED, Stage.FAILED}:
            raise DownloadStage(f"it is {job.stage}", remedy="only what stopped can be resumed")
        job.stage = Stage.WAITING
        self._run(job)
        return job.shown()

    def forget(self, id_: str) -> None:
        """Take one that is over off the list; its files stay.

        Raises:
            NotFound, DownloadStage: there is none, or it is at work.
        """
        if not self._job(id_).stage.is_over:
            raise DownloadStage("it is at work", remedy="cancel it first")
        del self._jobs[id_]

    async def close(self) -> None:
        """Tell all to stop, and wait a moment for them."""
        for job in self._jobs.values():
            if not job.stage.is_over:
                self.cancel(job.id)
        tasks = list(self._tasks.values())
        if tasks:
            await asyncio.wait(tasks, timeout=CLOSE_TIMEOUT_S)
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    def _job(self, id_: str) -> Job:
        job = self._jobs.get(id_)
        if job is None:
            raise NotFound(
                f"there is no download {id_[:64]!r}", remedy="GET /api/models/downloads lists them"
            )
        return job

    def _make_room(self) -> None:
        for id_ in [job.id for job in self._jobs.values() if job.stage.is_over]:
            if len(self._jobs) < MOST_KEPT:
                return
            del self._jobs[id_]
        if len(self._jobs) >= MOST_KEPT:
            raise DownloadStage(
                f"{MOST_KEPT} downloads wait already", remedy="wait for some, or cancel them"
            )

    def _run(self, job: Job) -> None:
        task = asyncio.create_task(self._work(job), name=f"download {job.id}")
        self._tasks[job.id] = task
        task.add_done_callback(lambda _: self._tasks.pop(job.id, None))

    async def _work(self, job: Job) -> None:
        """The owning task of one run of a job: every end of it is told here."""
        async with self._turns:
            job.begin()
            told = _log.bind(download=job.id, model=job.model)
            told.info("download_started")
            found: list[Looked] = []
            try:
                await _apart(lambda: found.append(bring(self.shop, job.ask, job)), job.id)
                job.served = await self._adopt(found[0])
            except Cancelled:
                job.end(Stage.CANCELLED, self._clock.now())
            except WeftError as error:
                job.failure = in_console_words(error)
                job.end(Stage.FAILED, self._clock.now())
            except Exception as error:  # noqa: BLE001 - the owning task of the job
                told.exception("download_crashed")
                job.failure = Failure(
                    f"something unforeseen went wrong: {type(error).__name__}",
                    "look into the server's log, and resume it",
                )
                job.end(Stage.FAILED, self._clock.now())
            else:
                job.end(Stage.DONE, self._clock.now())
            reason = job.failure.message if job.failure else ""
            told.info("download_ended", stage=job.stage, reason=reason)


async def _apart(work: Callable[[], None], name: str) -> None:
    """Wait for `work`, which a thread does; whoever waits may go, the thread ends in its own time."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[None] = loop.create_future()

    def settle(error: BaseException | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)

    def tell(error: BaseException | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is gone, and nobody waits
            loop.call_soon_threadsafe(settle, error)

    work_apart(work, name, tell)
    await future
