"""What a verdict holds for: a model, the engine that runs it, and its weights, as one short text.

Another engine, other flags, other weights or another version of this server are another setup: what was found of the
old one says nothing of it.
"""

from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from weft import __version__
from weft.catalog.types import RemoteSpec
from weft.engines.types import Route

_PACKAGES = {
    "llama_cpp": "xllamacpp",
    "openvino": "openvino-genai",
    "vllm": "vllm",
    "sglang": "sglang",
}
_DIGEST_CHARS = 32


def setup_of(route: Route) -> str:
    """The kind of engine, and a digest of all that may change what it can do."""
    plan, spec = route.plan, route.spec
    parts = [__version__, plan.served_model, _version(plan.kind)]
    if isinstance(spec, RemoteSpec):
        parts.append(spec.url)
    if plan.launch is not None:
        parts += plan.launch.argv
        parts += [_file(word) for word in plan.launch.argv if word.startswith("/")]
    digest = sha256("\0".join(parts).encode()).hexdigest()[:_DIGEST_CHARS]
    return f"{plan.kind}:{digest}"


def _version(kind: str) -> str:
    package = _PACKAGES.get(kind)
    if package is None:
        return ""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _file(path: str) -> str:
    """Size and age of a file, so that new weights under the old name are seen; empty where it is none."""
    try:
        stat = Path(path).stat()
    except OSError:
        return ""
    return f"{stat.st_size}:{stat.st_mtime_ns}"
