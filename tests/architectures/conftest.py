"""Tiny checkpoints, made once for each test process, and what runs them."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tools.tiny_models.families import FAMILIES
from tools.tiny_models.make import Checkpoint, make

from architectures.bare import Bare, running_llama_cpp
from conformance.server import Weft, running_weft

CARD = """id = "{model}"

[engines.llama_cpp]
weights = "{weights}"
mmproj = "{mmproj}"
context_tokens = 8192
parallel = 2
memory_mib = 64
"""


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Checkpoint]:
    """The checkpoint of a family, made when it is first asked for."""
    folder = tmp_path_factory.mktemp("checkpoints")
    made: dict[str, Checkpoint] = {}

    def of(family: str) -> Checkpoint:
        if family not in made:
            made[family] = make(family, folder)
        return made[family]

    return of


@pytest.fixture(scope="session")
def bare(checkpoint: Callable[[str], Checkpoint]) -> Iterator[Callable[[str], Bare]]:
    """llama.cpp with the checkpoint of a family, started when it is first asked for."""
    started: dict[str, Bare] = {}
    with contextlib.ExitStack() as stack:

        def of(family: str) -> Bare:
            if family not in started:
                running = running_llama_cpp(checkpoint(family).gguf)
                started[family] = stack.enter_context(running)
            return started[family]

        yield of


@pytest.fixture(scope="session")
def door(
    tmp_path_factory: pytest.TempPathFactory, checkpoint: Callable[[str], Checkpoint]
) -> Iterator[Weft]:
    """Weft with the catalog that ships, where each model has the tiny checkpoint of its architecture."""
    folder = tmp_path_factory.mktemp("door")
    cards = folder / "cards"
    cards.mkdir()
    for family in FAMILIES.values():
        files = checkpoint(family.name)
        for model in family.models:
            mmproj = files.mmproj or ""
            text = CARD.format(model=model, weights=files.gguf, mmproj=mmproj)
            (cards / f"{_plain(model)}.toml").write_text(text)
    settings = {"WEFT_EAGER_ENGINES": "false"}
    with running_weft(folder / "server", settings=settings, cards=cards) as weft:
        yield weft


def _plain(model: str) -> Path:
    return Path(model.replace("/", "-"))
