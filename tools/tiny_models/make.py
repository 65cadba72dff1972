"""Makes checkpoints: `make(family, folder)`; the same bytes each time."""

from dataclasses import dataclass
from pathlib import Path

from . import gguf_file, hf_folder
from .draw import Draw
from .families import FAMILIES
from .vocabulary import train


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where the files of one are."""

    name: str
    gguf: Path
    hf: Path
    """A folder."""
    mmproj: Path | None
    """The vision tower of a model that sees."""


def make(name: str, folder: Path) -> Checkpoint:
    """Write the checkpoint of a family in both formats to `folder`, which is made."""
    family = FAMILIES[name]
    vocabulary = train(family.shape)
    config = family.architecture.configure(vocabulary)
    weights = family.architecture.draw(config, Draw(family.seed), family.habits(vocabulary))
    made = Checkpoint(
        name,
        folder / f"{name}.gguf",
        folder / name,
        folder / f"{name}.mmproj.gguf" if family.architecture.write_vision else None,
    )
    hf_folder.write(made.hf, family, vocabulary, config, weights)
    gguf_file.write(made.gguf, family, vocabulary, config, weights)
    if family.architecture.write_vision and made.mmproj:
        family.architecture.write_vision(made.mmproj, config, weights)
    return made
