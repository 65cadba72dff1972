"""One key at work in this process: from the claim to the last byte, in a task that no client's hanging up can end.

In order (`Flight._run`):

1. claim the key, in the database that all processes share;
2. ours: have the door answer, keep the answer or give the key back, then let the last byte go;
   kept: fetch it; another process's: look until it is done, or has died, and start again;
   used with other parameters: refuse.

Invariant: whoever gets the last byte of an answer that is kept could ask for it again.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine

from weft.gateway.exchange import Exchange
from weft.gateway.flow import SERVER_ERROR
from weft.gateway.idempotency.keys import Keys
from weft.gateway.idempotency.live import READ_BYTES, Held, LiveAnswer
from weft.gateway.idempotency.refusals import AnswerTooLarge, InProgress, KeyReused
from weft.gateway.idempotency.store import Claim
from weft.gateway.idempotency.types import State, Use
from weft.gateway.idempotency.verdict import is_kept
from weft.gateway.idempotency.work import WorkExchange
from weft.gateway.sse import event_of
from weft.kit.errors import InternalError, Overloaded, WeftError

log = logging.getLogger(__name__)

Door = Callable[[Exchange], Coroutine[None, None, None]]

WAIT_S = 60.0
"""For an answer that another process makes."""
FIRST_LOOK_S = 0.05
SLOWEST_LOOK_S = 0.1
_AGAIN_S = 1


class Stopping(Overloaded):
    """The server stops, and cut the work that was done for a key. The key is free again."""

    code = "shutting_down"

    def __init__(self) -> None:
        super().__init__("the server is stopping", retry_after_s=5)


class Flight:
    """What all requests with one key wait for, in this process."""

    def __init__(self, first: Exchange, use: Use, *, keys: Keys, door: Door, held: Held) -> None:
        self.use = use
        self.answer = LiveAnswer(first.request_id, held)
        self.first: Exchange | None = first
        """The request that the answer is made for; None when it was made before, or elsewhere."""
        self.opened = asyncio.Event()
        """The key is known to stand for these parameters, or the flight is over."""
        self._claim = Claim(use, first.request_id)
        self._exchange = WorkExchange(first, use, self.answer)
        self._keys = keys
        self._door = door
        self._task: asyncio.Task[None] | None = None
        self._may_be_cut = True

    def take_off(self, on_landed: Callable[[], None]) -> None:
        """Begin; `on_landed` is called in the same turn of the loop in which the answer is over."""
        self._task = asyncio.get_running_loop().create_task(self._fly(on_landed))

    def cut(self) -> None:
        """End the work: the server stops. What is over already is still kept."""
        if self._task is not None and self._may_be_cut and not self._exchange.was_cut:
            self._exchange.was_cut = True
            self._task.cancel()

    async def landed(self, timeout_s: float) -> None:
        """Wait for the end, but not for ever."""
        if self._task is not None:
            await asyncio.wait([self._task], timeout=timeout_s)

    async def _fly(self, on_landed: Callable[[], None]) -> None:
        error: WeftError | None = None
        try:
            await self._run()
        except asyncio.CancelledError:
            await self._give_back()
            error = Stopping()
        except WeftError as found:
            error = found
        except Exception:
            log.exception("request_crashed request_id=%s", self._claim.request_id)
            await self._give_back()
            error = InternalError(SERVER_ERROR)
        finally:
            self._keys.drop(self._claim)
            on_landed()
            if error is not None and not self.answer.status:
                self.answer.fail(error)
            elif not self.answer.is_over:  # it broke off, and must not look as if it were whole
                self.answer.add(event_of((error or Stopping()).envelope()))
                self.answer.close()
            self.opened.set()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        give_up_s = loop.time() + WAIT_S
        while True:
            match await self._keys.claim(self._claim):
                case State.OURS:
                    self.opened.set()
                    await self._work()
                    return
                case State.OTHER:
                    raise KeyReused
                case State.KEPT:
                    self.opened.set()
                    if await self._fetch():
                        return
                case State.BUSY:
                    self.opened.set()
                    await self._wait(give_up_s)
            if loop.time() >= give_up_s:
                raise self._in_progress()

    async def _work(self) -> None:
        work = self._exchange
        await self._door(work)
        self._may_be_cut = False
        last = work.last
        if last is None:
            raise RuntimeError("the door left a request without an answer")
        try:
            if work.is_kept:
                pass
            elif work.was_cut and work.is_sealed:
                # Cut while it was being settled: that may still be written, and then the answer is there for a retry.
                # Else nothing was charged, and the claim ends with its last beat.
                pass
            elif is_kept(last, was_cut=work.was_cut):
                keeping = work.keeping(last)
                await self._keys.keep(keeping)
                if not keeping.is_held:
                    log.warning("idempotency_claim_lost request_id=%s", work.request_id)
            else:
                await self._keys.release(self._claim)
        except Exception:
            # It is paid for, so it is delivered; the claim ends with its last beat.
            log.exception("idempotency_answer_not_kept request_id=%s", work.request_id)
        if not work.started:
            self.answer.begin(last.status, last.head, is_stream=last.is_stream)
        self.answer.add(last.data)
        self.answer.close()

    async def _fetch(self) -> bool:
        """Send what is kept; False: it is over since."""
        kept = await self._keys.find_kept(self.use)
        if kept is None:
            return False
        if kept.is_too_large:
            raise AnswerTooLarge(kept.request_id)
        self.first = None
        answer, body = self.answer, kept.body
        answer.request_id = kept.request_id
        answer.begin(kept.status, kept.head, is_stream=kept.is_stream)
        for start in range(0, len(body), READ_BYTES):
            answer.add(body[start : start + READ_BYTES])
        answer.close()
        return True

    async def _wait(self, give_up_s: float) -> None:
        """Until the process that has the key is done with it, or dead."""
        loop = asyncio.get_running_loop()
        pause_s = FIRST_LOOK_S
        while not await self._keys.is_claimable(self.use):
            if loop.time() >= give_up_s:
                raise self._in_progress()
            await asyncio.sleep(pause_s)
            pause_s = min(SLOWEST_LOOK_S, pause_s * 1.2)

    def _in_progress(self) -> InProgress:
        return InProgress(
            "The first request with this Idempotency-Key is still being answered",
            retry_after_s=_AGAIN_S,
        )

    async def _give_back(self) -> None:
        """Give the key back if it is ours, whatever the cause."""
        try:
            await self._keys.release(self._claim)
        except Exception:
            log.exception("idempotency_key_not_released request_id=%s", self._claim.request_id)
