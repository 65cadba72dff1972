"""Small byte-level BPE vocabularies in the shape of each family's own.

A shape is the rule by which text is split before merges apply, llama.cpp's name for that rule (`tokenizer.ggml.pre`),
and the special tokens. The rules are those of the published `tokenizer.json` files, as llama.cpp's `llama-vocab.cpp`
quotes them; Kimi's is that of its `tokenization_kimi.py`.
"""

# ruff: noqa: RUF001 - one rule names ranges of kana.

import json
from dataclasses import dataclass

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from .text import texts

LEARNED = 448
"""Merges at most; with the 256 bytes, the vocabulary before special tokens."""

LINE_END = "Ċ"
"""How a vocabulary of bytes spells it."""

_SUFFIX = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
_REST = r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
_UPPER, _LOWER = r"\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}", r"\p{Ll}\p{Lm}\p{Lo}\p{M}"


def _cased(upper: str, lower: str) -> str:
    """Words split where lower case turns to upper case, with their contraction."""
    lead = r"[^\r\n\p{L}\p{N}]?"
    return f"{lead}{upper}*{lower}+{_SUFFIX}?|{lead}{upper}+{lower}*{_SUFFIX}?"


_SPLITS: dict[str, tuple[str, ...]] = {
    "llama-bpe": (_SUFFIX + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|" + _REST,),
    "qwen2": (_SUFFIX + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|" + _REST,),
    "gpt-4o": (
        _cased(f"[{_UPPER}]", f"[{_LOWER}]")
        + r"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    ),
    "deepseek-v3": (
        r"\p{N}{1,3}",
        r"[一-龥぀-ゟ゠-ヿ]+",
        (
            r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"
            r"| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
        ),
    ),
    "kimi-k2": (
        r"[\p{Han}]+|"
        + _cased(rf"[{_UPPER}&&[^\p{{Han}}]]", rf"[{_LOWER}&&[^\p{{Han}}]]")
        + r"|\p{N}{1,3}|"
        + _REST,
    ),
}
_SPLITS["llama4"] = _SPLITS["gpt-4o"]


def _bytes_by_letter() -> dict[str, int]:
    """GPT-2's letter for each byte: itself where it can be printed, else one from 256 on."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {
        chr(256 + at): byte for at, byte in enumerate(others)
    }


_BYTE_OF = _bytes_by_letter()


@dataclass(frozen=True, slots=True)
class Shape:
    """What makes a family's tokenizer its own."""

    pre: str
    """llama.cpp's name for the way text is split."""
    bos: str
    eos: str
    pad: str
    control: tuple[str, ...]
    """Special tokens that are never text; `bos`, `eos` and `pad` are among them."""
    visible: tuple[str, ...] = ()
    """Added tokens that are part of the text, as `<think>` often is."""
    adds_bos: bool = False
    """Whether plain text gets `bos` in front; a template writes its own."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """A trained tokenizer."""

    shape: Shape
    tokenizer: Tokenizer

    @property
    def merges(self) -> list[tuple[str, str]]:
        """In the order in which they apply."""
        content = json.loads(self.tokenizer.to_str())
        return [(left, right) for left, right in content["model"]["merges"]]

    @property
    def size(self) -> int:
        """Tokens, special ones included."""
        return self.tokenizer.get_vocab_size(with_added_tokens=True)

    def torn(self) -> list[int]:
        """Tokens that are a part of a character: together they would mostly be no UTF-8."""
        found: list[int] = []
        for at in range(256 + LEARNED):
            token = self.tokenizer.id_to_token(at)
            if token is not None and set(token) <= _BYTE_OF.keys():
                data = bytes(_BYTE_OF[letter] for letter in token)
                if data.decode("utf-8", "replace").count("\ufffd"):
                    found.append(at)
        return found

    def id_of(self, token: str) -> int:
        """Of a token that is there."""
        found = self.tokenizer.token_to_id(token)
        if found is None:
            raise KeyError(token)
        return found


def train(shape: Shape) -> Vocabulary:
    """Always the same for a shape."""
    tokenizer = Tokenizer(models.BPE())
    splits = [pre_tokenizers.Split(Regex(rule), "isolated") for rule in _SPLITS[shape.pre]]
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([*splits, byte_level])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=256 + LEARNED,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts(), trainer)
    tokenizer.add_special_tokens([AddedToken(token, special=True) for token in shape.control])
    tokenizer.add_tokens([AddedToken(token, special=False) for token in shape.visible])
    return Vocabulary(shape, tokenizer)
