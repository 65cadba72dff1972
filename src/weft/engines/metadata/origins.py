"""Where a new model is read from: a GGUF file, a folder, or a repository of the hub or of a mirror."""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from weft.engines.metadata.config_folder import (
    DESCRIBING,
    MAX_FILE_BYTES,
    read_config,
    read_folder,
)
from weft.engines.metadata.facts import Facts
from weft.engines.weights.choose import (
    choose_gguf,
    choose_safetensors,
    find_gguf,
    other_parts,
    quantization_of,
)
from weft.engines.weights.digests import CheckedFile
from weft.engines.weights.mirror import Mirror
from weft.engines.weights.types import Listing, Source
from weft.kit.errors import CannotStart

_NOT_IN_ID = re.compile(r"[^A-Za-z0-9._-]+")
_GGUF_TAIL = re.compile(r"[-_.]?GGUF$", re.IGNORECASE)
_OWN = "local"
"""The first part of the id of a model that came from a disk."""
_DEFAULT_QUANTIZATIONS = ("Q4_K_M", "MXFP4", "Q8_0", "")
"""What is taken of a repository with many, where nobody said: what most people run."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A model that was looked at."""

    place: str
    """For people."""
    suggested_id: str
    facts: Facts
    engine: str
    """What runs it: `llama_cpp` or `vllm`."""
    weights: str = ""
    repository: str = ""
    mmproj: str = ""


def look_on_disk(path: Path) -> Origin:
    """A GGUF file, or a folder that holds one or is in Hugging Face's form.

    Raises:
        CannotStart: it is neither.
    """
    if not path.is_dir():
        # Beside a lone file may lie another model's projector: that is taken of a folder only.
        return _of_gguf(path, [path.with_name(name) for name in other_parts(path.name)], "")
    names = sorted(one.name for one in path.iterdir() if one.is_file())
    if not any(name.endswith(".gguf") for name in names):
        return Origin(str(path), _id(_OWN, path.name), read_folder(path), "vllm", weights=str(path))
    chosen = choose_gguf(str(path), names, "", vision=True)
    first, *more = (path / name for name in chosen.weights)
    return _of_gguf(first, more, str(path / chosen.mmproj) if chosen.mmproj else "")


def look_into_repository(
    source: Source, repository: str, revision: str, quantization: str
) -> Origin:
    """A repository with GGUF files or with safetensors; weights are not loaded for it.

    Raises:
        CannotStart: it holds neither, or cannot be had.
    """
    return look_at_listing(source, source.list_files(repository, revision), quantization)


def look_at_listing(source: Source, listing: Listing, quantization: str) -> Origin:
    """The same for a repository that was listed.

    Raises:
        CannotStart: as `look_into_repository`.
    """
    repository = listing.repository
    paths = [file.path for file in listing.files]
    if any(path.lower().endswith(".gguf") for path in paths):
        return _of_gguf_repository(source, listing, quantization)
    weights = [path for path in choose_safetensors(repository, paths) if ".safetensors" in path]
    sizes = {file.path: file.size_bytes for file in listing.files}

    def read(name: str) -> bytes | None:
        return _fetch(source, listing, name) if name in DESCRIBING else None

    facts = read_config(
        f"{repository} of {source.name}",
        read,
        size_bytes=sum(sizes[path] for path in weights if path.endswith(".safetensors")),
        parameters_total=listing.parameters_total,
    )
    owner, _, name = repository.rpartition("/")
    facts = replace(
        facts,
        name=name,
        license=listing.license,
        likes=listing.likes,
        downloads=listing.downloads,
    )
    return Origin(
        f"{repository} of {source.name}", _id(owner, name), facts, "vllm", repository=repository
    )


def _of_gguf(path: Path, more: Sequence[Path], mmproj: str) -> Origin:
    from weft.engines.metadata.gguf_file import read_gguf  # noqa: PLC0415 - slow to import

    facts = replace(read_gguf(path, more), vision=bool(mmproj))
    name = facts.name or path.stem
    return Origin(str(path), _id(_OWN, name), facts, "llama_cpp", weights=str(path), mmproj=mmproj)


def _of_gguf_repository(source: Source, listing: Listing, quantization: str) -> Origin:
    paths = [file.path for file in listing.files]
    choices = (quantization,) if quantization else _DEFAULT_QUANTIZATIONS
    found = next((one for q in choices if (one := find_gguf(paths, q, vision=True))), None)
    chosen = found or choose_gguf(listing.repository, paths, quantization, vision=True)
    sizes = {file.path: file.size_bytes for file in listing.files}
    owner, _, name = listing.repository.rpartition("/")
    name = _GGUF_TAIL.sub("", name)
    if isinstance(source, Mirror):
        first, *more = (source.path_of(listing, path) for path in chosen.weights)
        from weft.engines.metadata.gguf_file import read_gguf  # noqa: PLC0415 - slow to import

        facts = read_gguf(first, more)
    elif listing.gguf_context_tokens:
        facts = Facts(
            architecture=listing.gguf_architecture,
            license=listing.license,
            context_tokens=listing.gguf_context_tokens,
            parameters_total=listing.parameters_total,
            chat_template=listing.gguf_chat_template,
        )
    else:
        raise CannotStart(
            f"{source.name} has not read the GGUF of {listing.repository}",
            remedy="download one, and add the file: weft models add FILE.gguf",
        )
    facts = replace(
        facts,
        name=facts.name or name,
        quantization=quantization_of(chosen.weights[0]) or facts.quantization,
        size_bytes=sum(sizes[path] for path in chosen.paths),
        vision=bool(chosen.mmproj),
        likes=listing.likes,
        downloads=listing.downloads,
    )
    place = f"{listing.repository} of {source.name}"
    repository = listing.repository
    return Origin(place, _id(owner, name), facts, "llama_cpp", repository=repository)


def _fetch(source: Source, listing: Listing, name: str) -> bytes | None:
    """A small file; None where there is none.

    Raises:
        CannotStart: it is not small, or not what its checksum says.
    """
    file = next((one for one in listing.files if one.path == name), None)
    if file is None:
        return None
    if file.size_bytes > MAX_FILE_BYTES:
        raise CannotStart(f"{name} of {listing.repository} has {file.size_bytes:,} bytes: too many")
    buffer = io.BytesIO()
    sink = CheckedFile(buffer, file.size_bytes, lambda _done, _total: None)
    source.fetch(listing, file, sink, 0)
    if not sink.checksum.is_like(file.digest):
        raise CannotStart(f"{name} of {listing.repository} came damaged", remedy="try again")
    return buffer.getvalue()


def _id(owner: str, name: str) -> str:
    """An id that a catalog takes, of names that anybody may have given."""
    parts = [_NOT_IN_ID.sub("-", part).strip("-._") for part in (owner, name)]
    return "/".join(part for part in parts if part) or _OWN
