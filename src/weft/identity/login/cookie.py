"""The cookie of a session, and what keeps other sites from using it."""

from fastapi import Request

from weft.kit.errors import NotPermitted

COOKIE = "weft_session"
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITES = frozenset({"same-origin", "none"})


def refuse_other_sites(request: Request) -> None:
    """Raise `NotPermitted` if a browser says that another site sent this, unless it changes nothing."""
    if request.method in _SAFE_METHODS:
        return
    # Browsers say where a request comes from (Fetch Metadata); SameSite alone lets other ports of this host through.
    # By plain http they say it to this machine only, and elsewhere there is no more than the Origin.
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    own = site in _OWN_SITES if site else origin is None or _is_own(origin, request)
    if not own:
        raise NotPermitted(
            "This request came from another site",
            remedy="Use the console itself, at the URL that this server is reached by.",
        )


def _is_own(origin: str, request: Request) -> bool:
    """Whether the host of `origin` is the one that was asked; the scheme is not known behind a proxy."""
    _scheme, _, host = origin.partition("://")
    asked = request.headers.get("host", "")
    return bool(host) and _without_port(host.lower()) == _without_port(asked.lower())


def _without_port(host: str) -> str:
    """`host` without a scheme's own port, which some name and others leave out."""
    return host.removesuffix(":443").removesuffix(":80")
