"""Random weights that are the same on every run, with a say in what follows what.

A model with plain random weights never ends an answer and never closes a thought, so that nothing behind the first
marker of a format could be tried. Two things are therefore put into the embedding and the output matrix, and nowhere
else: a channel that is 1 for every token, through which a token is likelier everywhere (`anywhere`); and rows of the
output matrix that point to the embedding of the token before (`after`). The layers between stay random, and small
enough to let both shine through. The scheme is that of a bigram table: a logit is a row times the last hidden state,
which is mostly the embedding of the last token.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Weights = dict[str, NDArray[np.generic]]
"""By the names of the published checkpoints."""

CERTAIN = 18.0
"""A logit that beats the sum of all others."""
LIKELY = 4.0
"""A logit with which a token comes up once in some thirty."""
RARE = 2.5
NEVER = -12.0
"""For tokens that are no text by themselves."""
_HEAD_SPREAD = 1.5
_LAYER_SPREAD = 0.5
_TIED_SPREAD = 0.12
_SHARP_SPREAD = 1.5


@dataclass(frozen=True, slots=True)
class Habits:
    """Which token comes when, as logits; by token id."""

    anywhere: Mapping[int, float] = field(default_factory=dict[int, float])
    after: Mapping[int, Mapping[int, float]] = field(default_factory=dict[int, dict[int, float]])
    """For a token, those of which one follows."""


class Draw:
    """One stream of random numbers."""

    def __init__(self, seed: int) -> None:
        self._rng = np.random.default_rng(seed)

    def matrix(
        self, *shape: int, inputs: int | None = None, spread: float = _LAYER_SPREAD
    ) -> NDArray[np.float16]:
        """What keeps the size of `inputs` numbers (the last dimension, if not told otherwise) times `spread`."""
        numbers = self._rng.standard_normal(shape, np.float32)
        return (numbers * spread / np.sqrt(inputs or shape[-1])).astype(np.float16)

    def sharp(self, *shape: int) -> NDArray[np.float16]:
        """Queries and keys: large enough for attention to tell one position from another."""
        return self.matrix(*shape, spread=_SHARP_SPREAD)

    def vector(self, size: int, *, middle: float = 0.0, spread: float = 0.1) -> NDArray[np.float16]:
        """Biases and the weights of norms."""
        numbers = self._rng.standard_normal(size, np.float32)
        return (middle + spread * numbers).astype(np.float16)

    def norm(self, size: int) -> NDArray[np.float16]:
        """Around one."""
        return self.vector(size, middle=1.0)

    def bytes(self, *shape: int, low: int = 0, high: int = 256) -> NDArray[np.uint8]:
        """From `low` to below `high`."""
        return self._rng.integers(low, high, shape, np.uint8)

    def ends(
        self, size: int, width: int, habits: Habits, *, tied: bool = False
    ) -> tuple[NDArray[np.float16], NDArray[np.float16]]:
        """The embedding and the output matrix; one and the same where they are tied."""
        embedding = self._rng.standard_normal((size, width), np.float32)
        if tied:
            # Small beside what the layers add: else each token would mostly call for itself.
            embedding *= _TIED_SPREAD
        embedding[:, 0] = 1.0
        if tied:
            for token, logit in habits.anywhere.items():
                # Below 0 such a token, once read, would call for all of its kind.
                embedding[token, 0] = max(0.0, 1.0 + logit)
            both = embedding.astype(np.float16)
            return both, both
        head = self._rng.standard_normal((size, width), np.float32) * _HEAD_SPREAD / np.sqrt(width)
        head[:, 0] = 0.0
        for token, logit in habits.anywhere.items():
            head[token, 0] = logit
        for before, followers in habits.after.items():
            towards = embedding[before].copy()
            towards[0] = 0.0
            for token, logit in followers.items():
                head[token] += logit * towards / np.square(towards).sum()
        return embedding.astype(np.float16), head.astype(np.float16)
