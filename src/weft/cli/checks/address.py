"""The address to listen on: free, or held by whom."""

import http.client

import msgspec

from weft.app.server import bind
from weft.cli.checks.finding import Finding, fail, ok
from weft.kit.errors import CannotStart
from weft.kit.setting_groups.server import reachable_host
from weft.kit.settings import Settings

ASK_TIMEOUT_S = 2.0
MAX_ANSWER_BYTES = 65_536
_CHOOSE = "choose another: --port or --host"


class _Health(msgspec.Struct):
    """The part of `/healthz` by which a Weft is recognised."""

    status: str
    version: str
    usage_backlog: int


def check_address(settings: Settings, *, is_served: bool) -> Finding:
    """Whether a server can listen where the settings say, or the one that serves this folder does so already."""
    where = f"{settings.host}:{settings.port}"
    if settings.port == 0:
        return ok("port", "the system will choose a free one")
    try:
        bind(settings).close()
    except CannotStart as error:
        version = find_weft(settings.host, settings.port)
        if version is None:
            return fail("port", error.message.partition(";")[0], _CHOOSE)
        if not is_served:
            return fail("port", f"Weft {version} serves another folder on {where}", _CHOOSE)
        return ok("port", f"Weft {version} answers on {where}")
    return ok("port", f"{where} is free")


def find_weft(host: str, port: int) -> str | None:
    """The version of the Weft that answers there; None if it is something else, or silent."""
    connection = http.client.HTTPConnection(reachable_host(host), port, timeout=ASK_TIMEOUT_S)
    try:
        connection.request("GET", "/healthz")
        answer = connection.getresponse().read(MAX_ANSWER_BYTES)
        return msgspec.json.decode(answer, type=_Health).version
    except (OSError, http.client.HTTPException, msgspec.MsgspecError):  # whatever it is, no Weft
        return None
    finally:
        connection.close()
