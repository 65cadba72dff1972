"""The engines that others run: does each server answer, and does it take our key."""

import asyncio
from collections.abc import Iterable

from weft.catalog.types import ModelCard, RemoteSpec
from weft.cli.checks.finding import Finding, fail, ok, warn
from weft.engines.kinds.remote import probe_once
from weft.kit.errors import CannotStart

PROBE_TIMEOUT_S = 2.0
_AT_ONCE = 16


def check_remotes(cards: Iterable[ModelCard], timeout_s: float = PROBE_TIMEOUT_S) -> list[Finding]:
    """One finding for each server that a card names, in the order of the cards."""
    wanted = [
        (card, spec) for card in cards for spec in card.engines if isinstance(spec, RemoteSpec)
    ]
    return asyncio.run(_check_all(wanted, timeout_s)) if wanted else []


async def _check_all(wanted: list[tuple[ModelCard, RemoteSpec]], timeout_s: float) -> list[Finding]:
    turn = asyncio.Semaphore(_AT_ONCE)

    async def check(card: ModelCard, spec: RemoteSpec) -> Finding:
        async with turn:
            return await _check(card, spec, timeout_s)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(check(card, spec)) for card, spec in wanted]
    return [task.result() for task in tasks]


async def _check(card: ModelCard, spec: RemoteSpec, timeout_s: float) -> Finding:
    check = f"model {card.id}"
    try:
        trouble = await probe_once(card.id, spec, timeout_s)
    except CannotStart as error:
        return fail(check, error.message, f"mend [engines.remote] in {card.path}")
    if not trouble:
        return ok(check, f"{spec.url} answers")
    if "refused this server's key" in trouble:
        return warn(check, f"{spec.url}: {trouble}", f"mend api_key or api_key_file in {card.path}")
    return warn(check, f"{spec.url}: {trouble}", f"start that server, or mend url in {card.path}")
