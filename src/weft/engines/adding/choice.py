"""Which files are pulled for a model: of which repository, for which engine."""

from collections.abc import Sequence

from weft.catalog.types import ModelCard
from weft.engines.weights.choose import choose_gguf, choose_included, choose_safetensors
from weft.engines.weights.found import Wanted, all_wanted
from weft.engines.weights.types import Listing
from weft.kit.errors import CannotStart


class NoRepository(CannotStart):
    """The card names nothing that could be pulled."""


def choose_wanted(card: ModelCard, engine: str = "") -> Wanted:
    """For which engine weights are pulled: the one that was named, or else llama.cpp, which runs everywhere.

    Raises:
        NoRepository: the card names none for it.
    """
    wanted = all_wanted(card)
    if engine:
        named = [one for one in wanted if one.kind == engine]
        if named:
            return named[0]
        kinds = ", ".join(one.kind for one in wanted)
        has = f"it names repositories for {kinds}" if kinds else "it names none"
        raise NoRepository(f"the card of {card.id} has no repository for {engine!r}; {has}")
    if not wanted:
        raise NoRepository(
            f"the card of {card.id} names no repository to pull from",
            remedy=f"write one into {card.path}, such as repository under [engines.llama_cpp]",
        )
    return next((one for one in wanted if one.kind == "llama_cpp"), wanted[0])


def choose_files(
    listing: Listing, wanted: Wanted, quantization: str = "", include: Sequence[str] = ()
) -> tuple[str, ...]:
    """The paths of `listing` that make up what is wanted.

    Raises:
        CannotStart: it does not hold that, or it is not plain which is meant.
    """
    paths = [file.path for file in listing.files]
    if include:
        return tuple(choose_included(listing.repository, paths, include))
    if not wanted.is_gguf:
        if quantization:
            raise CannotStart(
                f"--quantization chooses among GGUF files, and {wanted.kind} takes safetensors",
                remedy="leave it out, or say --engine llama_cpp",
            )
        return choose_safetensors(listing.repository, paths)
    which = quantization or wanted.quantization
    return choose_gguf(listing.repository, paths, which, vision=wanted.vision).paths
