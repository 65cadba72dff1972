"""Batches of token ids: conversations of like length, padded on the right.

One row is one conversation from position 0, as at inference; rows never share a sequence, so no
attention mask beyond the causal one is needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from random import Random

import torch
from tokenizers import Tokenizer
from torch import Tensor

from .data.mix import conversations
from .data.types import Conversation
from .render import pieces
from .tokenizer import PAD_ID

IGNORED = -100
POOL = 3000
LONGEST = 1024


@dataclass(frozen=True, slots=True)
class Batch:
    """Token ids, the id that should follow each, and the weight of that prediction.

    All are (rows, time); ids are int64, weights float32.
    """

    tokens: Tensor
    targets: Tensor
    weights: Tensor


@dataclass(frozen=True, slots=True)
class Row:
    """One encoded conversation: ids, ids with `IGNORED` where nothing is predicted, weights."""

    ids: list[int]
    taught: list[int]
    weights: list[float]


class Encoder:
    """Conversation to ids and targets, with a cache of the pieces that repeat."""

    def __init__(self, tokenizer: Tokenizer, *, reading: float = 0.0) -> None:
        self._tokenizer = tokenizer
        self._reading = reading
        self._cache: dict[str, list[int]] = {}

    def encode(self, conversation: Conversation) -> Row:
        """The conversation, cut at `LONGEST`; an answer of n tokens weighs sqrt(n) in all.

        With equal weights per token the few long answers, soon known by heart, would drown the
        sums, whose answers are one or two digits. A token of a prompt weighs `reading`; above 0,
        predicting prompts builds the look-back that copying needs.
        """
        ids: list[int] = []
        taught: list[int] = []
        weights: list[float] = []
        for piece in pieces(conversation):
            found = self._ids(piece.text)
            ids += found
            weight = len(found) ** -0.5 if piece.taught else self._reading
            weights += [weight] * len(found)
            if piece.read and self._reading:
                taught += found
            elif not piece.taught:
                taught += [IGNORED] * len(found)
            else:
                skipped = 1 if piece.skip_first else 0
                taught += [IGNORED] * skipped + found[skipped:]
        return Row(ids[:LONGEST], taught[:LONGEST], weights[:LONGEST])

    def _ids(self, text: str) -> list[int]:
        if text not in self._cache:
            if len(self._cache) > 50_000:
                self._cache.clear()
            self._cache[text] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return self._cache[text]


def batches(tokenizer: Tokenizer, *, seed: int, size: int, reading: float) -> Iterator[Batch]:
    """Endless batches of about `size` padded tokens; the same seed gives the same ones."""
    encoder = Encoder(tokenizer, reading=reading)
    source = conversations(seed)
    rng = Random(seed)
    while True:
        rows = [encoder.encode(conversation) for conversation in islice(source, POOL)]
        rows.sort(key=lambda row: len(row.ids))
        groups: list[list[Row]] = [[]]
        for row in rows:
            if groups[-1] and (len(groups[-1]) + 1) * len(row.ids) > size:
                groups.append([])
            groups[-1].append(row)
        rng.shuffle(groups)
        for group in groups:
            yield _padded(group)


def _padded(rows: list[Row]) -> Batch:
    time = max(len(row.ids) for row in rows)
    tokens = torch.full((len(rows), time), PAD_ID)
    targets = torch.full((len(rows), time), IGNORED)
    weights = torch.zeros((len(rows), time))
    for at, row in enumerate(rows):
        last = len(row.ids) - 1
        tokens[at, : last + 1] = torch.tensor(row.ids)
        targets[at, :last] = torch.tensor(row.taught[1:])
        weights[at, :last] = torch.tensor(row.weights[1:])
    return Batch(tokens, targets, weights)
