"""The Ray cluster that engines run on: is the package there, and does the cluster take this machine."""

import importlib.metadata
import subprocess
import sys

import msgspec

from weft.cli.checks.finding import Finding, fail, ok, warn
from weft.kit.settings import Settings

LOOK_TIMEOUT_S = 90
_LOOK = "weft.engines.ray.look"
_CHECK = "ray"


class _Found(msgspec.Struct):
    nodes: int
    cpus: float
    gpus: float
    memory_mib: int


def check_ray(settings: Settings) -> list[Finding]:
    """Whether engines can be placed on the cluster that the settings name; nothing where they name none."""
    if not settings.ray:
        return []
    try:
        version = importlib.metadata.version("ray")
    except importlib.metadata.PackageNotFoundError:
        return [fail(_CHECK, "the package ray is not installed", "pip install 'weft[ray]'")]
    return [_look(settings.ray, version)]


def _look(address: str, version: str) -> Finding:
    mend = "start the cluster, or join it: ray start --address=HEAD:PORT --num-cpus=0"
    try:
        child = subprocess.run(  # noqa: S603 - our own interpreter
            [sys.executable, "-m", _LOOK, address],
            capture_output=True,
            timeout=LOOK_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return fail(_CHECK, f"no answer from the cluster at {address}", mend)
    if child.returncode != 0:
        last = child.stderr.decode(errors="replace").strip().splitlines()[-1:]
        return fail(_CHECK, last[0] if last else f"signal {-child.returncode}", mend)
    try:
        found = msgspec.json.decode(child.stdout.strip().splitlines()[-1], type=_Found)
    except (msgspec.MsgspecError, IndexError):
        return fail(_CHECK, f"the cluster at {address} says nothing of use", mend)
    if not found.cpus and not found.gpus:
        return warn(_CHECK, "the cluster has neither processors nor GPUs", "let nodes join it")
    return ok(
        _CHECK,
        f"Ray {version}, {found.nodes} nodes: {found.cpus:g} CPU, {found.gpus:g} GPU,"
        f" {found.memory_mib:,} MiB",
    )
