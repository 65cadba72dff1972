"""The tokenizer: byte-level BPE with single digits, trained on our own text.

Digits are split one by one so that sums are spelled alike everywhere. The split rules equal the
`smollm` pre-tokenizer of llama.cpp (`llama-vocab.cpp`), which the GGUF file names.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from .data.mix import conversations
from .render import pieces

VOCABULARY = 1536
SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
MARKUP = (
    "<tools>", "</tools>", "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>",
)  # fmt: skip
PAD_ID, START_ID, END_ID = 0, 1, 2
SAMPLES = 40_000


def train(path: Path) -> Tokenizer:
    """Train the tokenizer, write it to `path` and return it."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False),
    ])  # fmt: skip
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY - len(MARKUP),
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_texts(), trainer)
    tokenizer.add_tokens(list(MARKUP))
    found = tokenizer.get_vocab_size()
    if found != VOCABULARY:
        raise AssertionError(f"the vocabulary has {found} entries, not {VOCABULARY}")
    tokenizer.save(str(path))
    return tokenizer


def load(path: Path) -> Tokenizer:
    """The tokenizer of `path`, trained first if the file is not there."""
    return Tokenizer.from_file(str(path)) if path.exists() else train(path)


def _texts() -> Iterator[str]:
    for conversation in islice(conversations(seed=-2), SAMPLES):
        for piece in pieces(conversation):
            text = piece.text
            for token in (*SPECIAL, *MARKUP):
                text = text.replace(token, "")
            yield text
