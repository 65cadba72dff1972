"""Adapters that an engine takes while it runs: vLLM, and servers that do as it does.

Owns what is known of which running engine has which adapter. The request is vLLM's `POST /v1/load_lora_adapter` (its
documentation on LoRA adapters, read 2026-11); the engine must have been started with `--enable-lora` and with
`VLLM_ALLOW_RUNTIME_LORA_UPDATING=True`, and reads the adapter's folder under the same path as this server. Invariant:
an engine that was started anew is asked anew, because its pool of connections is another.
"""

from collections.abc import Awaitable, Callable
from weakref import WeakKeyDictionary

import msgspec

from weft.catalog.adapters.types import AdapterUnusable, Unusable
from weft.engines.types import Endpoint, Lease, Route
from weft.kit.errors import EngineFailed
from weft.upstream import Pool, Response, UpstreamError

MAX_ANSWER_BYTES = 64 * 1024
_SHOWN_CHARS = 300
_LOADED = "already been loaded"
"""What vLLM answers, with 400, to one that asks for what is there."""

Send = Callable[[bytes], Awaitable[Response]]


class HotAdapters:
    """What is loaded where. For one event loop."""

    def __init__(self) -> None:
        self._loaded: WeakKeyDictionary[Pool, set[str]] = WeakKeyDictionary()

    def sender(self, lease: Lease, route: Route, send: Send) -> Send:
        """Like `send`, once the engine has the adapter of `route`."""

        async def load_and_send(body: bytes) -> Response:
            await self._load(lease, route)
            try:
                return await send(body)
            except EngineFailed as error:
                if error.metadata.get("engine_status") != 404:
                    raise
            # Somebody started it anew behind the same address, or unloaded the adapter.
            self._loaded.pop(lease.pool, None)
            await self._load(lease, route)
            return await send(body)

        return load_and_send

    async def _load(self, lease: Lease, route: Route) -> None:
        """Have the engine load the adapter, if it has not.

        Raises:
            AdapterUnusable: it does not take it.
            EngineFailed: it cannot be reached.
        """
        loaded = self._loaded.setdefault(lease.pool, set())
        name, adapter = route.served_model, route.adapter
        assert adapter is not None, "only routes with an adapter come here"
        if name in loaded:
            return
        body = msgspec.json.encode({"lora_name": name, "lora_path": str(adapter.folder)})
        try:
            head = lease.heads[Endpoint.LOAD_ADAPTER].render(len(body))
            response = await lease.pool.send(head, body)
            raw = await response.read(MAX_ANSWER_BYTES)
        except UpstreamError as error:
            raise EngineFailed(
                "the engine cannot be asked to load the adapter", remedy="retry the request"
            ) from error
        said = raw.decode(errors="replace")
        if response.status != 200 and _LOADED not in said:
            raise AdapterUnusable(
                f"The engine does not load the adapter {adapter.shown}: it answered"
                f" {response.status} {said[:_SHOWN_CHARS]}",
                reason=Unusable.ENGINE_WITHOUT_LORA,
                remedy="whoever runs the engine starts it with --enable-lora and with"
                " VLLM_ALLOW_RUNTIME_LORA_UPDATING=True, where it can read the adapter's folder",
            )
        loaded.add(name)
