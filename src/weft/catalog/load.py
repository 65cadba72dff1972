"""Reads the catalog: the files that ship with Weft, then a folder of one's own on top of them.

A file in that folder whose `id` exists already is an overlay: it names only what it changes. Its keys replace, its
`[capabilities]` and `[engines.*]` are merged key by key, and its engines are preferred. A new `id` adds a model. Any
mistake stops the start with one line that names the file, the line, and what to write; nothing is skipped silently.
"""

import functools
from importlib import resources
from pathlib import Path

from weft.catalog.cards import build_card
from weft.catalog.catalog import Catalog
from weft.catalog.source import CardSources, Source, read_source
from weft.catalog.types import ModelCard
from weft.kit.clock import Clock
from weft.kit.errors import CannotStart

MAX_FILES = 5_000


def load_catalog(
    extra_dir: Path | None = None, *, clock: Clock | None = None, candidate: Path | None = None
) -> Catalog:
    """The shipped catalog with the files of `extra_dir` laid over it.

    With `candidate` as it would be if that file lay in the folder, in the place of one about the same model.

    Raises:
        CannotStart: `file:line: what is wrong; what to write instead`.
    """
    files_of: dict[str, list[Source]] = {}
    for source in _shipped():
        _add(files_of, source, overlay=False)
    extra = _extra(extra_dir) if extra_dir is not None else []
    if candidate is not None:
        wanted = _read(candidate)
        extra = [source for source in extra if _id_of(source) != _id_of(wanted)] + [wanted]
    seen: dict[str, Source] = {}
    for source in extra:
        model_id = _id_of(source)
        if model_id in seen:
            raise source.error(
                ("id",), f"`{model_id}` is described in {seen[model_id].path} too; merge them"
            )
        seen[model_id] = source
        _add(files_of, source, overlay=True)
    cards = {model_id: build_card(CardSources(tuple(of))) for model_id, of in files_of.items()}
    _check_names(cards, files_of)
    return Catalog(cards.values(), clock)


@functools.cache
def _shipped() -> tuple[Source, ...]:
    """Read once, since they come with the code: every reload of the catalog begins with them."""
    folder = resources.files("weft.catalog").joinpath("models")
    entries = sorted(folder.iterdir(), key=lambda entry: entry.name)
    return tuple(
        read_source(Path(str(entry)), entry.read_bytes())
        for entry in entries
        if entry.name.endswith(".toml")
    )


def _extra(folder: Path) -> list[Source]:
    if not folder.is_dir():
        raise CannotStart(f"{folder}: there is no such folder of models; make it or name another")
    paths = sorted(folder.glob("*.toml"))
    if len(paths) > MAX_FILES:
        raise CannotStart(f"{folder}: {len(paths)} files; {MAX_FILES} is the most")
    return [_read(path) for path in paths]


def _read(path: Path) -> Source:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise CannotStart(f"{path}: cannot be read: {error.strerror}") from error
    return read_source(path, raw)


def _add(files_of: dict[str, list[Source]], source: Source, *, overlay: bool) -> None:
    model_id = _id_of(source)
    held = files_of.setdefault(model_id, [])
    if held and not overlay:
        raise source.error(("id",), f"`{model_id}` is described in {held[0].path} too")
    held.append(source)


def _id_of(source: Source) -> str:
    model_id = source.table.get("id")
    if model_id is None:
        raise source.error((), 'needs `id`, such as id = "my-team/my-model"')
    if not isinstance(model_id, str) or not model_id:
        raise source.error(("id",), '`id` is a text, such as id = "my-team/my-model"')
    return model_id


def _check_names(cards: dict[str, ModelCard], files_of: dict[str, list[Source]]) -> None:
    """Every name means one model, and every replacement exists."""
    owners = {model_id: model_id for model_id in cards}
    for model_id, card in cards.items():
        sources = CardSources(tuple(files_of[model_id]))
        for position, alias in enumerate(card.aliases):
            owner = owners.setdefault(alias, model_id)
            if owner != model_id or alias in card.aliases[:position] or alias == model_id:
                raise sources.error(
                    ("aliases",), f"alias `{alias}` is a name of `{owner}` already; choose another"
                )
        if card.replacement and card.replacement not in cards:
            raise sources.error(
                ("replacement",), f"no model `{card.replacement}` is in the catalog"
            )
