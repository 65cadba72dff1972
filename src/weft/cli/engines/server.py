"""The running server, as commands see it: `/api/engines` with the token of `server.json`, or `--url` and `--key`."""

from typing import Annotated, TypeVar
from urllib.parse import quote

import httpx
import msgspec
import typer

from weft.app.folder import find_server
from weft.cli.store import operator
from weft.identity.audit.types import OPERATOR
from weft.kit.errors import CannotStart
from weft.kit.settings import Settings

ANSWER_TIMEOUT_S = 90.0
"""Letting a model sleep waits for its requests, up to a minute."""
CONNECT_TIMEOUT_S = 5.0
T = TypeVar("T")

UrlOption = Annotated[
    str,
    typer.Option("--url", help="Another server than this machine's.", show_default=False),
]
KeyOption = Annotated[
    str,
    typer.Option("--key", help="With --url: an admin's key, scope manage.", show_default=False),
]


class ReplicaLine(msgspec.Struct, frozen=True):
    """A replica, as the server tells it."""

    name: str
    state: str
    since: str
    reason: str
    pid: int | None
    memory_mib: int | None
    gpu_memory_mib: int | None
    in_flight: int
    max_in_flight: int
    restarts: int


class EngineLine(msgspec.Struct, frozen=True):
    """A model, as the server tells it. What a newer server tells besides is passed over."""

    model: str
    key: str
    engine: str
    stage: str
    reason: str
    pinned: bool
    replicas: list[ReplicaLine]
    min_replicas: int
    max_replicas: int
    in_flight: int
    waiting: int
    tokens_per_s: float
    idle_left_s: float | None
    eta_s: float | None
    memory_mib: int | None
    gpu_memory_mib: int | None
    needs_memory_mib: int
    needs_gpus: int
    needs_gpu_memory_mib: int
    log: list[str] = []

    @property
    def is_awake(self) -> bool:
        """Whether something of it runs, or is about to."""
        return self.stage != "asleep" or self.waiting > 0


class BadgeLine(msgspec.Struct, frozen=True, rename="camel"):
    """What a probe found out about one feature of a model."""

    feature: str
    state: str
    checked_at: str | None = None
    detail: str = ""


class ProbedFeature(msgspec.Struct, frozen=True):
    """The same in the answer to a probe, which has the words of `/v1`."""

    feature: str
    state: str
    checked_at: str | None = None
    detail: str = ""


class ProbedLine(msgspec.Struct, frozen=True):
    """What the probes of one model found."""

    model: str
    badges: list[ProbedFeature]


class _Badged(msgspec.Struct, frozen=True):
    badges: list[BadgeLine] = []


class _Models(msgspec.Struct, frozen=True):
    models: list[EngineLine]


class _Metadata(msgspec.Struct, frozen=True):
    remedy: str = ""
    needs: list[str] = []
    did_you_mean: list[str] = []


class _Error(msgspec.Struct, frozen=True):
    message: str = ""
    code: str | None = None
    metadata: _Metadata = _Metadata()


class _Envelope(msgspec.Struct, frozen=True):
    error: _Error


class NoServer(CannotStart):
    """No server answers for the data folder."""


class NoAnswerYet(CannotStart):
    """The server has the question, and is not done with it."""


class Server:
    """A server that answers, or is thought to."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url
        self._headers = {"Authorization": f"Bearer {key}", OPERATOR: quote(operator().name, " ()")}

    def models(self) -> list[EngineLine]:
        """Every model that it can run."""
        return _decode(self._ask("GET", "/api/engines"), _Models).models

    def model(self, name: str) -> EngineLine:
        """One of them, with the last lines of its log."""
        return _decode(self._ask("GET", f"/api/engines/{quote(name)}", name), EngineLine)

    def badges(self, name: str) -> list[BadgeLine]:
        """What its probes found out about a model; none where it was never probed."""
        content = self._ask("GET", f"/inference/catalog/models/{quote(name)}", name)
        return [one for one in _decode(content, _Badged).badges if one.checked_at is not None]

    def tell(self, name: str, verb: str) -> EngineLine:
        """Have it `load`, `unload`, `pin` or `unpin` a model; the model as it is then.

        Raises:
            CannotStart: it refuses, or does not answer.
        """
        return _decode(self._ask("POST", f"/api/engines/{quote(name)}/{verb}", name), EngineLine)

    def probe(self, name: str, *, timeout_s: float) -> ProbedLine:
        """Have it probe a model that is ready, and wait for the end.

        Raises:
            CannotStart: it refuses, or is not done after `timeout_s`.
        """
        path = f"/api/engines/{quote(name)}/probe"
        try:
            content = self._ask("POST", path, name, answer_timeout_s=timeout_s)
        except NoAnswerYet as error:
            raise CannotStart(
                f"{name[:200]} is still being probed after {timeout_s:.0f} s",
                remedy=f"it goes on; `weft models show {name[:200]}` tells what was found",
            ) from error
        return _decode(content, ProbedLine)

    def _ask(
        self,
        method: str,
        path: str,
        model: str = "",
        *,
        answer_timeout_s: float = ANSWER_TIMEOUT_S,
    ) -> bytes:
        timeout = httpx.Timeout(answer_timeout_s, connect=CONNECT_TIMEOUT_S)
        try:
            answer = httpx.request(method, self.url + path, headers=self._headers, timeout=timeout)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise NoServer(
                f"no server answers at {self.url}", remedy="start it with `weft serve`"
            ) from error
        except httpx.ReadTimeout as error:
            raise NoAnswerYet(
                f"{self.url} does not answer within {answer_timeout_s:g} s"
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            what = str(error) or type(error).__name__
            raise CannotStart(f"{self.url} does not answer as it should: {what}") from error
        if answer.is_success:
            return answer.content
        raise _refusal(self.url, answer, model[:200])


def open_server(settings: Settings, url: str = "", key: str = "") -> Server:
    """The server of `--url` and `--key`, or else the one that runs on the data folder.

    Raises:
        NoServer: none was started there.
        CannotStart: one flag came without the other.
    """
    if url or key:
        if not (url and key):
            raise CannotStart("--url goes with --key; say both")
        base = url.rstrip("/").removesuffix("/v1")
        if not base.startswith(("http://", "https://")):
            raise CannotStart(f"{url[:200]!r} is no URL; write http://HOST:PORT")
        return Server(base, key)
    found = find_server(settings.data_dir)
    if found is None:
        raise NoServer(
            f"no server runs on {settings.data_dir}",
            remedy="start it with `weft serve`, name its folder with --data, or say --url and --key",
        )
    return Server(found.url, found.token)


def look(settings: Settings) -> dict[str, EngineLine] | None:
    """What the server of the data folder says, by model; None where none answers."""
    try:
        return {line.model: line for line in open_server(settings).models()}
    except CannotStart:
        return None


def look_at_badges(settings: Settings, model: str) -> list[BadgeLine]:
    """What the server of the data folder has probed of `model`; none where no server answers."""
    try:
        return open_server(settings).badges(model)
    except CannotStart:
        return []


def _decode(content: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.DecodeError as error:
        raise CannotStart("the server answers what this command does not understand") from error


def _refusal(url: str, answer: httpx.Response, model: str) -> CannotStart:
    """What a server refuses, in words for whoever sits at this machine."""
    try:
        error = msgspec.json.decode(answer.content, type=_Envelope).error
    except msgspec.DecodeError:
        return CannotStart(f"{url} answers {answer.status_code}: is it a Weft server?")
    metadata = error.metadata
    if metadata.needs:
        return CannotStart(
            f"the server has nothing to run {model} with",
            remedy=f"`weft models show {model}` says what it needs",
        )
    if error.code == "model_not_found":
        near = f"did you mean {metadata.did_you_mean[0]}? " if metadata.did_you_mean else ""
        return CannotStart(
            f"the server knows no model {model!r}", remedy=f"{near}`weft models ls` lists them"
        )
    return CannotStart(error.message, remedy=metadata.remedy or None)
