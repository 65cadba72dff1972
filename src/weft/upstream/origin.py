"""Where a server is: scheme, host and port (RFC 6454), or a unix socket.

Owns the reading of a base URL and the TLS settings that follow from it. Knows nothing of requests.
Invariant: an `Origin` carries no credentials and no path, so it may be logged.
"""

import re
import ssl
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

__all__ = ["Origin"]

# What may stand in a host: a DNS name, an IPv4 address, or an IPv6 address with its zone.
_HOST = re.compile(r"[A-Za-z0-9._:%-]+")
_PATH = re.compile(r"[!-~]*")


@dataclass(frozen=True, slots=True)
class Origin:
    """A server that one `Pool` talks to."""

    host: str
    port: int
    tls: bool = False
    unix_path: str | None = None
    """Connect to this unix socket instead of host and port; `host` still fills the Host header."""
    server_name: str | None = None
    """The name the certificate must carry, if it is not `host`."""
    ca_file: str | None = None
    """PEM file of the authorities to trust instead of the system's."""

    def __post_init__(self) -> None:
        if not _HOST.fullmatch(self.host) or not _fits_dns(self.host):
            raise ValueError(f"not a host name: {self.host!r} (write it in ASCII, xn-- form)")
        if not 0 < self.port < 65536:
            raise ValueError(f"not a port: {self.port}")

    @classmethod
    def parse(cls, url: str) -> tuple[Self, str]:
        """Split a base URL into where the server is and the path prefix of every request to it.

        The prefix has no trailing slash and is "" for none: `prefix + "/models"` is always right.

        Raises ValueError on anything but http(s)://host[:port][/path]; credentials are refused
        because a URL ends up in logs.
        """
        if not _PATH.fullmatch(url):
            raise ValueError("a server URL is printable ASCII without spaces")
        parts = urlsplit(url)
        if parts.username is not None or parts.password is not None:
            raise ValueError("a server URL must not carry credentials; configure a key instead")
        if parts.scheme not in ("http", "https"):
            raise ValueError(f"a server URL starts with http:// or https://, not {url!r}")
        if not parts.hostname:
            raise ValueError(f"a server URL needs a host: {url!r}")
        if "?" in url or "#" in url:
            raise ValueError(f"a server URL has no query and no fragment: {url!r}")
        tls = parts.scheme == "https"
        port = parts.port  # raises ValueError beyond 65535
        if port is None:
            port = 443 if tls else 80
        return cls(parts.hostname, port, tls), parts.path.rstrip("/")

    @property
    def authority(self) -> bytes:
        """The value of the Host header: the port is left out where the scheme implies it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        implied = 443 if self.tls else 80
        return host.encode() if self.port == implied else f"{host}:{self.port}".encode()

    def __str__(self) -> str:
        scheme = "https" if self.tls else "http"
        where = f" (unix socket {self.unix_path})" if self.unix_path is not None else ""
        return f"{scheme}://{self.authority.decode()}{where}"

    def build_tls_context(self) -> ssl.SSLContext | None:
        """Return a context that verifies certificate and name, None for plain HTTP.

        Reads the root certificates from disk (tens of milliseconds): call it once per pool.
        """
        if not self.tls:
            return None
        context = ssl.create_default_context(cafile=self.ca_file)
        context.set_alpn_protocols(["http/1.1"])
        return context


def _fits_dns(host: str) -> bool:
    """Whether every label may be looked up: the resolver raises no OSError on one that may not."""
    return all(0 < len(label) < 64 for label in host.removesuffix(".").split("."))
