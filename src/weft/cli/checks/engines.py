"""The engines: does llama.cpp load here, do the model cards read, and are the weights that they name here."""

import importlib.metadata
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from weft.catalog.load import load_catalog
from weft.catalog.types import LlamaCppSpec, ModelCard, OpenVinoSpec, RemoteSpec
from weft.cli.checks.finding import Finding, fail, ok, warn
from weft.cli.checks.remotes import check_remotes
from weft.engines.kinds.llama_cpp import find_weights
from weft.engines.kinds.openvino import plan as openvino
from weft.engines.weights.found import with_pulled
from weft.kit.errors import CannotStart

PACKAGE = "xllamacpp"
LOAD_TIMEOUT_S = 60


def check_llama_cpp(package: str = PACKAGE) -> Finding:
    """Whether the engine's library is there and loads: in a child, for a bad one would take this process along."""
    try:
        version = importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return fail("llama.cpp", f"{package} is not installed", f"pip install {package}")
    try:
        child = subprocess.run(  # noqa: S603 - our own interpreter
            [sys.executable, "-c", f"import {package}"],
            capture_output=True,
            timeout=LOAD_TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return fail("llama.cpp", f"{package} {version} does not finish loading", _again(package))
    if child.returncode != 0:
        last = child.stderr.decode(errors="replace").strip().splitlines()[-1:]
        why = last[0] if last else f"signal {-child.returncode}"
        return fail("llama.cpp", f"{package} {version} does not load: {why}", _again(package))
    return ok("llama.cpp", f"{package} {version} loads")


def _again(package: str) -> str:
    return f"pip install --force-reinstall {package}; see also the processor above"


def check_models(
    catalog_dir: Path, available_bytes: int | None, weights_dir: Path | None = None
) -> list[Finding]:
    """Whether the cards read, and what of them can run on this machine, with weights that were pulled."""
    try:
        catalog = load_catalog(catalog_dir if catalog_dir.is_dir() else None)
    except CannotStart as error:
        return [fail("models", error.message, "mend the file")]
    cards = [_with_pulled(card, weights_dir) for card in catalog.cards]
    return [*check_cards(cards, available_bytes), *check_remotes(cards)]


def _with_pulled(card: ModelCard, weights_dir: Path | None) -> ModelCard:
    specs = tuple(with_pulled(card, spec, weights_dir) for spec in card.engines)
    return replace(card, engines=specs)


def check_cards(cards: Iterable[ModelCard], available_bytes: int | None) -> list[Finding]:
    """One finding for each card that names weights, and one for all that name none."""
    findings: list[Finding] = []
    unnamed = 0
    for card in cards:
        specs = [spec for spec in card.engines if isinstance(spec, LlamaCppSpec | OpenVinoSpec)]
        named = [spec for spec in specs if spec.weights]
        findings += [_check_weights(card, spec, available_bytes) for spec in named]
        is_elsewhere = any(isinstance(spec, RemoteSpec) for spec in card.engines)
        unnamed += bool(specs) and not named and not is_elsewhere
    if unnamed:
        says = f"{unnamed} others: their weights are not here; `weft models pull` brings them"
        findings.append(ok("models", says))
    return findings


def _check_weights(
    card: ModelCard, spec: LlamaCppSpec | OpenVinoSpec, available_bytes: int | None
) -> Finding:
    check = f"model {card.id}"
    if isinstance(spec, OpenVinoSpec) and not openvino.is_installed():
        return warn(check, "OpenVINO is not installed", "pip install 'weft[openvino]'")
    found = find_weights(spec) if isinstance(spec, LlamaCppSpec) else openvino.find_weights(spec)
    if found is None:
        where = f"; they can be had from {spec.repository}" if spec.repository else ""
        return fail(check, f"no weights at {spec.weights}", f"mend {card.path}{where}")
    needed_bytes = spec.memory_mib << 20
    if available_bytes is not None and needed_bytes > available_bytes:
        return warn(
            check,
            f"needs {spec.memory_mib:,} MiB of memory, {available_bytes >> 20:,} are available",
            "fewer context_tokens, smaller weights, or a larger machine",
        )
    return ok(check, "its weights are here")
