"""Repositories from the Hugging Face Hub, or a server with its API, through the hub's own client.

Owns the translation of its errors into what a person can do. The client's `hf_hub_download` starts anew after each
interruption, so its lower half is used, which goes on at an offset. The token goes to the hub and nowhere else: the
client drops it when the hub sends the download to a store elsewhere. Tried with huggingface_hub 2.4.
"""

import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, cast

import httpx2
from huggingface_hub import HfApi, constants, hf_hub_url
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.file_download import http_get  # pyright: ignore[reportUnknownVariableType] - tqdm's own
from huggingface_hub.hf_api import ModelInfo, RepoSibling
from huggingface_hub.utils import (
    build_hf_headers,  # pyright: ignore[reportUnknownVariableType]
    disable_progress_bars,
)
from huggingface_hub.utils.logging import set_verbosity_error

from weft import __version__
from weft.engines.weights.digests import GIT_SHA1, SHA256
from weft.engines.weights.types import (
    MAX_FILES,
    Digest,
    Listing,
    RepositoryFile,
    Sink,
    check_repository,
)
from weft.kit.errors import CannotStart

_HEX = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
LISTING_TIMEOUT_S = 30.0
HTTP_FILE_BYTES = 50_000_000_000
"""The hub gives no larger file to plain HTTP (huggingface_hub's MAX_HTTP_DOWNLOAD_SIZE)."""
CHUNK_BYTES = 1 << 20
"""What is written, and told, at a time: the client's own 10 MB would keep a bar still for seconds on a slow line."""
GIVE_TOKEN = "--token, WEFT_HUB_TOKEN or HF_TOKEN"  # noqa: S105 - words, and no token
USE_MIRROR = "without a network, a mirror folder does: WEFT_HUB_MIRROR"


@dataclass(frozen=True, slots=True)
class Hub:
    """The hub at `url`."""

    url: str
    token: str = ""

    @property
    def name(self) -> str:
        """For people."""
        return self.url

    def list_files(self, repository: str, revision: str) -> Listing:
        """What the repository holds, and what the hub read in its GGUF.

        Raises:
            CannotStart: the hub does not answer, has no such repository, or not for this token.
        """
        api = HfApi(self.url, token=self.token or False, library_name="weft")
        with self._explained(check_repository(repository), revision):
            info = api.model_info(
                repository,
                revision=revision or None,
                files_metadata=True,
                timeout=LISTING_TIMEOUT_S,
            )
        siblings = info.siblings or []
        if len(siblings) > MAX_FILES:
            raise CannotStart(f"{repository} holds {len(siblings):,} files, more than a model does")
        return _listing(repository, info, [_file(sibling) for sibling in siblings])

    def fetch(self, listing: Listing, file: RepositoryFile, sink: Sink, offset: int) -> None:
        """Load `file` from `offset` on; what breaks off is tried again a few times.

        Raises:
            CannotStart: the hub refused, or the connection is not to be had.
        """
        if file.size_bytes > HTTP_FILE_BYTES:
            raise CannotStart(
                f"{file.path} has {file.size_bytes / 1e9:.0f} GB, and the hub gives files over 50 GB to its own"
                " tool only",
                remedy=f"`hf download {listing.repository} --local-dir FOLDER/{listing.repository}`,"
                " then pull with WEFT_HUB_MIRROR=FOLDER",
            )
        constants.DOWNLOAD_CHUNK_SIZE = CHUNK_BYTES
        disable_progress_bars()  # ours tells of all files together
        set_verbosity_error()  # its retries are told by how they end
        url = hf_hub_url(
            listing.repository, file.path, revision=listing.revision or None, endpoint=self.url
        )
        headers = build_hf_headers(
            token=self.token or False, library_name="weft", library_version=__version__
        )
        # Sizes and offsets are those of the file, and not of a compressed form of it.
        headers["Accept-Encoding"] = "identity"
        with self._explained(listing.repository, listing.revision):
            http_get(
                url,
                cast("BinaryIO", sink),
                resume_size=offset,
                headers=headers,
                expected_size=file.size_bytes,
            )

    @contextmanager
    def _explained(self, repository: str, revision: str) -> Generator[None]:
        """Every error of the client as one line that says what to do."""
        try:
            yield
        except GatedRepoError as error:
            raise self._gated(repository) from error
        except RevisionNotFoundError as error:
            raise CannotStart(
                f"{repository} has no revision {revision!r}",
                remedy="name a branch, a tag or a commit of it",
            ) from error
        except RepositoryNotFoundError as error:
            raise self._not_found(repository) from error
        except HfHubHTTPError as error:
            raise self._refused(repository, error) from error
        except OfflineModeIsEnabled as error:
            raise CannotStart(
                "the variable HF_HUB_OFFLINE keeps the hub's client from the network",
                remedy=f"unset it; {USE_MIRROR}",
            ) from error
        except HFValidationError as error:
            raise CannotStart(f"{repository} is no repository: {error}") from error
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            what = str(error) or type(error).__name__
            raise CannotStart(
                f"{self.url} cannot be reached, or broke off: {what}",
                remedy=f"pull again, it goes on where it stopped; {USE_MIRROR}",
            ) from error
        except OSError as error:  # also what the client raises for a file of the wrong size
            if error.errno is None:
                raise CannotStart(
                    f"{repository}: the hub sent a file of another size than it listed",
                    remedy="pull again",
                ) from error
            raise CannotStart(f"{repository}: {error.strerror}") from error

    def _gated(self, repository: str) -> CannotStart:
        page = f"{self.url}/{repository}"
        if self.token:
            return CannotStart(
                f"{repository} is gated, and the hub does not let the account of this token in",
                remedy=f"accept its licence at {page}, wait until it is granted, and give the token the"
                " right to read gated repositories",
            )
        return CannotStart(
            f"{repository} is gated: whoever wants it has to accept its licence",
            remedy=f"log in and accept it at {page}, make a token at {self.url}/settings/tokens,"
            f" and give it with {GIVE_TOKEN}",
        )

    def _not_found(self, repository: str) -> CannotStart:
        whose = "for the account of this token" if self.token else "that is open to all"
        also = "" if self.token else f"; a private one needs a token: {GIVE_TOKEN}"
        return CannotStart(
            f"{self.url} has no repository {repository} {whose}",
            remedy=f"look at its name{also}",
        )

    def _refused(self, repository: str, error: HfHubHTTPError) -> CannotStart:
        status = error.response.status_code
        if status in {401, 403}:
            what = "does not know this token" if self.token else "wants a token"
            return CannotStart(
                f"{self.url} {what} ({status}) for {repository}",
                remedy=f"give another with {GIVE_TOKEN}",
            )
        said = (error.server_message or "").strip().splitlines()[:1]
        return CannotStart(
            f"{self.url} answered {status} for {repository}{': ' + said[0] if said else ''}",
            remedy="pull again later; it goes on where it stopped",
        )


def _listing(repository: str, info: ModelInfo, files: list[RepositoryFile]) -> Listing:
    gguf = cast("dict[str, object]", vars(info).get("gguf") or {})
    card = info.card_data
    licence: object = getattr(card, "license", None) if card is not None else None
    return Listing(
        repository,
        info.sha or "",
        tuple(files),
        license=licence if isinstance(licence, str) else "",
        parameters_total=_int(gguf.get("total")) or _int(getattr(info.safetensors, "total", 0)),
        likes=_int(info.likes),
        downloads=_int(info.downloads),
        gguf_architecture=_text(gguf.get("architecture")),
        gguf_context_tokens=_int(gguf.get("context_length")),
        gguf_chat_template=_text(gguf.get("chat_template")),
    )


def _file(sibling: RepoSibling) -> RepositoryFile:
    digest = None
    if sibling.lfs is not None:
        digest = Digest(SHA256, sibling.lfs.sha256)
    elif sibling.blob_id:
        digest = Digest(GIT_SHA1, sibling.blob_id)
    size_bytes = sibling.size or 0
    if size_bytes < 0 or (digest and not _HEX.fullmatch(digest.value)):  # it names a file here
        raise CannotStart(f"the hub's listing of {sibling.rfilename[:200]!r} makes no sense")
    return RepositoryFile(sibling.rfilename, size_bytes, digest)


def _int(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
