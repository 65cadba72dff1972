"""The suite: every feature's probe, one after the other, within a bounded time.

Owns what an outcome is made of: what a probe returns, and what its requests raise. Knows no single feature. Invariants:
a suite gives one verdict for each feature that was asked for; whatever may be the network's, the queue's or the
engine's bad day is `unknown`, because a refusal or nonsense counts only while the engine answers the plainest request.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from functools import partial

import structlog

from weft.catalog.badges.types import Feature
from weft.engines.probes.features.counts import probe_cancel, probe_context, probe_usage
from weft.engines.probes.features.forms import probe_json_object, probe_json_schema, probe_tools
from weft.engines.probes.features.modes import probe_reasoning, probe_vision
from weft.engines.probes.features.speaking import (
    probe_logprobs,
    probe_n,
    probe_seed,
    probe_stop,
    probe_stream,
)
from weft.engines.probes.talk import Talk
from weft.engines.probes.types import (
    BadAnswer,
    Finding,
    NoAnswer,
    Outcome,
    Refused,
    Verdict,
)
from weft.kit.clock import Clock

PROBE_S = 300.0
"""For one feature."""
SUITE_S = 1200.0
"""For all of them."""
MAX_DETAIL_CHARS = 300
EVERY_FEATURE = frozenset(Feature)

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)
_Probe = Callable[[Talk], Awaitable[Finding]]


def _probes(context_max_tokens: int) -> Mapping[Feature, _Probe]:
    return {
        Feature.STREAM: probe_stream,
        Feature.USAGE: probe_usage,
        Feature.N: probe_n,
        Feature.SEED: probe_seed,
        Feature.STOP: probe_stop,
        Feature.LOGPROBS: probe_logprobs,
        Feature.TOOLS: probe_tools,
        Feature.JSON_OBJECT: probe_json_object,
        Feature.JSON_SCHEMA: probe_json_schema,
        Feature.REASONING: probe_reasoning,
        Feature.VISION: probe_vision,
        Feature.CANCEL: probe_cancel,
        Feature.CONTEXT: partial(probe_context, max_tokens=context_max_tokens),
    }


async def run_suite(
    talk: Talk,
    clock: Clock,
    *,
    context_max_tokens: int,
    features: Collection[Feature] = EVERY_FEATURE,
) -> list[Verdict]:
    """Probe the engine that `talk` is with; one verdict for each of `features`."""
    started_s = clock.monotonic_s()
    trouble = await _trouble(talk.begin)
    verdicts: list[Verdict] = []
    for feature, probe in _probes(context_max_tokens).items():
        if feature not in features:
            continue
        began_s = clock.monotonic_s()
        if trouble:
            finding = Finding(Outcome.UNKNOWN, trouble)
        elif began_s - started_s > SUITE_S:
            finding = Finding(Outcome.UNKNOWN, "the time for probing was over")
        else:
            finding = await _judged(probe, talk)
        took_ms = round((clock.monotonic_s() - began_s) * 1000)
        verdict = Verdict(
            feature, finding.outcome, finding.detail[:MAX_DETAIL_CHARS], clock.now(), took_ms
        )
        verdicts.append(verdict)
        _log.debug(
            "feature_probed",
            model=talk.route.card.id,
            feature=feature.value,
            outcome=verdict.outcome.value,
            detail=verdict.detail or None,
            duration_ms=took_ms,
        )
    return verdicts


async def _judged(probe: _Probe, talk: Talk) -> Finding:
    try:
        async with asyncio.timeout(PROBE_S):
            return await probe(talk)
    except NoAnswer as error:
        return Finding(Outcome.UNKNOWN, str(error))
    except TimeoutError:
        return Finding(Outcome.UNKNOWN, f"it took longer than {PROBE_S:g} s")
    except Refused as error:
        outcome, detail = Outcome.UNSUPPORTED, f"refused ({error.status}): {error}"
    except BadAnswer as error:
        outcome, detail = Outcome.FAILED, str(error)
    # An engine in trouble refuses everything: that says nothing of a single feature.
    trouble = await _trouble(talk.plain)
    return Finding(Outcome.UNKNOWN, trouble) if trouble else Finding(outcome, detail)


async def _trouble(ask: Callable[[], Awaitable[object]]) -> str:
    """Why the engine does not answer the plainest request; empty where it does."""
    try:
        async with asyncio.timeout(PROBE_S):
            await ask()
    except (NoAnswer, Refused, BadAnswer) as error:
        return f"the plainest request is not answered: {error}"
    except TimeoutError:
        return "the plainest request is not answered in time"
    return ""
