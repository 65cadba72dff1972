"""What a family of models is to this tool: cards of the catalog, a tokenizer, a template, habits, an architecture."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gguf import GGMLQuantizationType, GGUFWriter
from numpy.typing import NDArray
from transformers import PreTrainedConfig

from .draw import NEVER, Draw, Habits, Weights
from .vocabulary import Shape, Vocabulary

TEMPLATES = Path(__file__).with_name("templates")
CONTEXT_TOKENS = 131_072
"""What the published configurations of most say; no file grows with it."""


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor of a GGUF file, in llama.cpp's name and layout."""

    name: str
    data: NDArray[Any]
    raw_dtype: GGMLQuantizationType | None = None
    """Where `data` holds packed bytes."""


@dataclass(frozen=True, slots=True)
class Architecture:
    """How a checkpoint is made, and how it becomes a GGUF file."""

    gguf_name: str
    """`general.architecture`."""
    configure: Callable[[Vocabulary], PreTrainedConfig]
    draw: Callable[[Any, Draw, Habits], Weights]
    """Weights by the names of the published checkpoint."""
    write_keys: Callable[[GGUFWriter, Any], None]
    """The keys of this architecture; those that all have are written by `gguf_file`."""
    convert: Callable[[Any, Weights], Iterator[Tensor]]
    write_vision: Callable[[Path, Any, Weights], None] | None = None
    """The second file of a model that sees."""


@dataclass(frozen=True, slots=True)
class Family:
    """Models that differ in size only."""

    name: str
    models: tuple[str, ...]
    """Ids of the catalog."""
    architecture: Architecture
    shape: Shape
    template: str
    """A file of `templates`."""
    anywhere: Mapping[str, float] = field(default_factory=dict[str, float])
    """Tokens that come up by themselves, with their logit."""
    after: Mapping[str, Mapping[str, float]] = field(default_factory=dict[str, dict[str, float]])
    """For a token, those of which one follows, with their logit."""
    seed: int = 1

    @property
    def template_text(self) -> str:
        """The chat template."""
        return (TEMPLATES / self.template).read_text(encoding="utf-8")

    def habits(self, vocabulary: Vocabulary) -> Habits:
        """By id."""
        return Habits(
            dict.fromkeys(vocabulary.torn(), NEVER)
            | {vocabulary.id_of(token): logit for token, logit in self.anywhere.items()},
            {
                vocabulary.id_of(before): {
                    vocabulary.id_of(token): logit for token, logit in followers.items()
                }
                for before, followers in self.after.items()
            },
        )
