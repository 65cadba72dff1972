"""Adapters on each architecture: llama.cpp answers with one as it does with the same numbers merged into the weights.

The weights are merged as published, and converted by what makes the checkpoints: it shares no line with the conversion
of adapters. All modules that are known of an architecture at once: each is felt.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tools.tiny_models import gguf_file
from tools.tiny_models.draw import Draw
from tools.tiny_models.families import FAMILIES
from tools.tiny_models.make import Checkpoint
from tools.tiny_models.vocabulary import train

from adapters import ALPHA, RANK, Floats, write_peft
from architectures.bare import running_llama_cpp
from weft.engines.adapters.convert import convert
from weft.engines.adapters.gguf import read_gguf_head
from weft.engines.adapters.modules import ARCHITECTURES

QUESTION = [{"role": "user", "content": "Hello there, what is this?"}]
TOLERANCE = 0.1
"""Of logarithms of probabilities: half precision; gpt-oss, whose experts have four bits, needs 0.06, the others 0.005.

Without any one kind of module the distance is 0.11 or more, in each family.
"""
LIKELIEST = 20
Numbers = dict[str, tuple[Floats, Floats]]


@dataclass(frozen=True, slots=True)
class Subject:
    """A tiny model, numbers for an adapter on it, and the weights with these merged into them."""

    plain: Path
    merged: Path
    numbers: Numbers


def known_modules(architecture: str) -> re.Pattern[str]:
    """Matches the published names of all weights that an adapter may add to."""
    known = ARCHITECTURES[architecture]
    parts = [re.escape(module) for module in known.layers]
    parts += [rf"mlp\.experts\.\d+\.{part}" for part in known.experts]
    return re.compile(rf"(?:language_model\.)?model\.layers\.\d+\.(?:{'|'.join(parts)})\.weight")


def make_subject(checkpoint: Checkpoint, folder: Path) -> Subject:
    family = FAMILIES[checkpoint.name]
    vocabulary = train(family.shape)
    config = family.architecture.configure(vocabulary)
    weights = family.architecture.draw(config, Draw(family.seed), family.habits(vocabulary))
    random, known = np.random.default_rng(1), known_modules(family.architecture.gguf_name)
    numbers: Numbers = {}
    merged: dict[str, Any] = dict(weights)
    for name, weight in weights.items():
        if not known.fullmatch(name):
            continue
        outputs, inputs = weight.shape
        size = float(np.std(weight.astype(np.float32))) / 4
        a = random.normal(0, 1, (RANK, inputs)).astype(np.float32)
        b = random.normal(0, size, (outputs, RANK)).astype(np.float32)
        numbers[name.removesuffix(".weight")] = (a, b)
        sum_ = weight.astype(np.float32) + ALPHA / RANK * (b @ a)
        merged[name] = sum_.astype(weight.dtype)
    path = folder / "merged.gguf"
    gguf_file.write(path, family, vocabulary, config, merged)
    return Subject(checkpoint.gguf, path, numbers)


def likelihoods(weights: Path, *more: str) -> list[float]:
    """Of the tokens that are likeliest after a question."""
    with running_llama_cpp(weights, more=more) as engine:
        asked = {"messages": QUESTION, "max_tokens": 1, "temperature": 0, "ignore_eos": True}
        answer = engine.post("/v1/chat/completions", **asked, logprobs=True, top_logprobs=LIKELIEST)
    (token,) = answer["choices"][0]["logprobs"]["content"]
    return [each["logprob"] for each in token["top_logprobs"]]


def adapted(subject: Subject, numbers: Numbers, folder: Path) -> list[float]:
    write_peft(folder, numbers)
    path = folder / "adapter.gguf"
    convert(folder, read_gguf_head(subject.plain), path)
    return likelihoods(subject.plain, "--adapter", str(folder), "--adapter-file", str(path))


def distance(one: list[float], other: list[float]) -> float:
    return max(abs(a - b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize(
    "family",
    ["llama-3", "qwen3-instruct", "gpt-oss", "phi-4-mini", "deepseek-v3", "llama-4-scout"],
)
def test_adapter_when_on_all_that_is_known_then_answers_are_those_of_merged_weights(
    family: str, checkpoint: Callable[[str], Checkpoint], tmp_path: Path
) -> None:
    subject = make_subject(checkpoint(family), tmp_path)
    expected = likelihoods(subject.merged)
    assert distance(adapted(subject, subject.numbers, tmp_path / "v1"), expected) < TOLERANCE
    assert distance(likelihoods(subject.plain), expected) > TOLERANCE
