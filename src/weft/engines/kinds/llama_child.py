"""Runs llama.cpp's own HTTP server in this process, as a child of Weft (`python -m weft.engines.kinds.llama_child`).

Owns the parameters of the server. Knows nothing of cards or leases. A corrupt weights file aborts the process, and
loading holds the interpreter's lock: that is why this is a process of its own. Invariant: it listens on loopback unless
told otherwise, and every request but a look at its health must carry the secret.
"""

import argparse
import contextlib
import importlib
import signal
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Protocol, cast
from urllib.parse import urlsplit

from weft.catalog.adapters.types import AdapterUnusable
from weft.engines.adapters.convert import convert
from weft.engines.adapters.gguf import BadGguf, read_gguf_head
from weft.engines.process.child import add_host, link_to_parent

CACHE_RAM_MIB = 256
"""Prompt cache in host memory; the engine's own default is 8 GiB."""
WARNINGS = 2
"""How much it logs: one line more, and each request writes eight."""
POOLINGS = {"default": "UNSPECIFIED", "mean": "MEAN", "cls": "CLS", "last": "LAST"}
"""How an embedding is made of the vectors of its tokens, and llama.cpp's names for it."""
HTTP_THREADS_SPARE = 4
"""Beyond one for each request in flight: health and metrics must not wait behind streams."""


class _Path(Protocol):
    path: str


class _Adapter(Protocol):
    path: str
    scale: float


class _Cpu(Protocol):
    n_threads: int


class _Pooling(Protocol):
    """`xllamacpp.llama_pooling_type`: an enumeration."""

    def __getitem__(self, name: str, /) -> object: ...


class _Parameters(Protocol):
    """`xllamacpp.CommonParams`, as far as it is used here; the package has no type stubs."""

    model: _Path
    mmproj: _Path
    model_alias: set[str]
    n_ctx: int
    yarn_beta_fast: float
    n_parallel: int
    kv_unified: bool
    kv_unified_per_slot: int
    cont_batching: bool
    cache_prompt: bool
    cache_ram_mib: int
    lora_adapters: list[_Adapter]
    cpuparams: _Cpu
    cpuparams_batch: _Cpu
    n_threads_http: int
    hostnames: list[str]
    port: int
    embedding: bool
    pooling_type: object
    n_batch: int
    n_ubatch: int
    api_keys: list[str]
    ui: bool
    verbosity: int
    endpoint_slots: bool
    endpoint_metrics: bool
    endpoint_props: bool


class _Server(Protocol):
    listening_address: str


class _LlamaCpp(Protocol):
    """The module."""

    llama_pooling_type: _Pooling

    def CommonParams(self) -> _Parameters: ...  # noqa: N802 - its name

    def CommonAdapterLoraInfo(self) -> _Adapter: ...  # noqa: N802 - its name

    def Server(self, parameters: _Parameters, /) -> _Server: ...  # noqa: N802 - its name


def main() -> None:
    """Load, announce, serve until the parent is gone."""
    options = _parser().parse_args()
    link = link_to_parent()
    llama_cpp = cast("_LlamaCpp", importlib.import_module("xllamacpp"))
    parameters = llama_cpp.CommonParams()
    _fill(parameters, options, link.secret)
    if options.embeddings:
        _make_embeddings(parameters, options, llama_cpp.llama_pooling_type)
    try:
        with _adapter_file(options) as path:
            if path is not None:
                adapter = llama_cpp.CommonAdapterLoraInfo()
                adapter.path = str(path)
                parameters.lora_adapters = [adapter]
            server = llama_cpp.Server(parameters)
    except (RuntimeError, AdapterUnusable, BadGguf) as error:
        sys.exit(f"llama.cpp cannot serve {options.model}: {error}")
    port = urlsplit(server.listening_address).port
    assert port is not None, "the engine listens on a TCP port"
    link.announce(port, options.host)
    while True:
        signal.pause()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, help="a GGUF file")
    parser.add_argument("--alias", required=True, help="the name that answers carry")
    parser.add_argument("--mmproj", default="", help="the vision projector's GGUF file")
    parser.add_argument("--adapter", default="", help="the folder of an adapter in PEFT's format")
    parser.add_argument("--adapter-file", default="", help="where it is kept for llama.cpp")
    parser.add_argument("--embeddings", choices=POOLINGS, help="make them, pooled in this way")
    parser.add_argument("--context", type=int, required=True, help="tokens, for all slots together")
    parser.add_argument("--parallel", type=int, required=True, help="slots that decode at once")
    parser.add_argument("--max-in-flight", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    add_host(parser)
    return parser


@contextlib.contextmanager
def _adapter_file(options: argparse.Namespace) -> Generator[Path | None]:
    """The adapter as llama.cpp reads it, made now where it is not there yet; None without an adapter."""
    if not options.adapter:
        yield None
        return
    path = Path(options.adapter_file)
    if path.exists():
        yield path
        return
    folder, head = Path(options.adapter), read_gguf_head(Path(options.model))
    with tempfile.TemporaryDirectory(prefix="weft-adapter-") as scratch:
        try:
            convert(folder, head, path)
        except OSError:  # its folder cannot be written, or is full: made anew for each start
            path = Path(scratch, path.name)
            convert(folder, head, path)
        yield path


def _make_embeddings(
    parameters: _Parameters, options: argparse.Namespace, pooling: _Pooling
) -> None:
    parameters.embedding = True
    # A text is read in one piece, or refused as if the engine had failed.
    parameters.n_batch = parameters.n_ubatch = options.context // options.parallel
    parameters.pooling_type = pooling[f"LLAMA_POOLING_TYPE_{POOLINGS[options.embeddings]}"]


def _fill(parameters: _Parameters, options: argparse.Namespace, secret: str) -> None:
    parameters.model.path = options.model
    if (beta := _yarn_beta_fast(Path(options.model))) is not None:
        parameters.yarn_beta_fast = beta
    if options.mmproj:
        parameters.mmproj.path = options.mmproj
    parameters.model_alias = {options.alias}
    parameters.n_ctx = options.context
    parameters.n_parallel = options.parallel
    # One pool of cells, of which no slot takes more than its share: a pool that runs full ends every request there is.
    parameters.kv_unified = True
    parameters.kv_unified_per_slot = options.context // options.parallel
    parameters.cont_batching = True
    parameters.cache_prompt = True
    parameters.cache_ram_mib = CACHE_RAM_MIB
    parameters.cpuparams.n_threads = options.threads
    parameters.cpuparams_batch.n_threads = options.threads
    parameters.n_threads_http = options.max_in_flight + HTTP_THREADS_SPARE
    parameters.hostnames = [options.host]
    parameters.port = 0
    parameters.api_keys = [secret]
    parameters.ui = False
    parameters.verbosity = WARNINGS
    parameters.endpoint_slots = True
    parameters.endpoint_metrics = True
    parameters.endpoint_props = False


def _yarn_beta_fast(weights: Path) -> float | None:
    """What the file says of it: for some architectures (`deepseek2`) b11549 does not look, and takes its own."""
    try:
        head = read_gguf_head(weights)
    except (BadGguf, OSError):
        return None  # llama.cpp says best what is wrong with it
    beta = head.values.get(f"{head.architecture}.rope.scaling.yarn_beta_fast")
    return float(beta) if isinstance(beta, float) else None


if __name__ == "__main__":
    main()
