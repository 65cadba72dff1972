"""Waiting for a place at an engine: in turn, within a limit, and without leaving the client in the dark.

Owns the comments that keep a stream alive while its model is loaded, and what is left behind when an engine is lost.
Knows no limits of callers: whoever waits has been admitted. SSE lets a line that begins with a colon be sent at any
time (html.spec.whatwg.org, server-sent events, read 2026-11): clients skip it, and no proxy takes the connection for
dead. Invariant: a place that was granted to a request that was cancelled in the same moment is given back.
"""

import asyncio
import contextlib
import logging
import math
from collections.abc import Coroutine

from weft.engines.types import Lease, Outlook, Route
from weft.gateway.adapters.seams import Runners
from weft.gateway.engine_errors import EngineLost
from weft.gateway.visit import Visit
from weft.kit.errors import WeftError

log = logging.getLogger(__name__)

FIRST_COMMENT_S = 1.0
COMMENT_EVERY_S = 5.0


async def wait_for_lease(engines: Runners, visit: Visit, events_head: bytes) -> Lease:
    """A place at an engine of the visit's route, once there is one.

    A stream for a model that is being loaded is begun with `events_head` and told how long it still takes.

    Raises:
        WeftError: the queue is full, the wait was too long, or the engine cannot be started.
    """
    before_us = visit.elapsed_us()
    wanted, route, errand = visit.wanted, visit.route, visit.errand
    assert wanted is not None, "admitted before it waits"
    assert route is not None
    assert errand is not None
    is_kept_alive = errand.is_stream and engines.outlook(route).is_cold
    waiting = engines.lease(
        route,
        project=wanted.project_id,
        weight=wanted.allowance.weight,
        payload=visit.exchange.payload,
        timeout_s=engines.cold_stream_timeout_s if is_kept_alive else None,
    )
    if is_kept_alive:
        lease = await _tell_while(engines, route, waiting, visit, events_head)
    else:
        lease = await waiting
    visit.queue_us += visit.elapsed_us() - before_us
    return lease


def leave_lost_engine(visit: Visit, lost: EngineLost) -> None:
    """Let go of an engine that went away in the middle of the work, so that another can be asked."""
    lease = visit.lease
    assert lease is not None, "it was asked"
    log.info("engine_lost request_id=%s engine=%s", visit.exchange.request_id, lease.engine)
    lease.suspect(is_unreachable=lost.is_unreachable)
    visit.close()


async def _tell_while(
    engines: Runners,
    route: Route,
    waiting: Coroutine[None, None, Lease],
    visit: Visit,
    events_head: bytes,
) -> Lease:
    exchange, task = visit.exchange, asyncio.ensure_future(waiting)
    pause_s = FIRST_COMMENT_S
    try:
        while not (await asyncio.wait((task,), timeout=pause_s))[0]:
            if not exchange.started:
                exchange.start(200, events_head)
            exchange.write(_comment(route.card.id, engines.outlook(route)))
            pause_s = COMMENT_EVERY_S
        return task.result()
    except asyncio.CancelledError:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, WeftError):
            (await task).release()  # granted in the same moment
        raise


def _comment(model: str, outlook: Outlook) -> bytes:
    """A line that clients skip and people read."""
    if not outlook.is_cold:
        return b": %b is loaded, and answers others first\n\n" % model.encode()
    return b": %b is being loaded, eta_s=%d\n\n" % (model.encode(), math.ceil(outlook.eta_s))
