"""The kinds of value that settings have: how each is read from text, and what it must look like."""

import ipaddress
import os
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

MIN_SECRET_CHARS = 32
_URL = re.compile(r"https?://[^\s/?#@]+(/[^\s?#]*)?")
_CODE = re.compile(r"[A-Za-z]{2}")
_HEADER = re.compile(r"[A-Za-z0-9-]+")
_PLACE = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,252})?(:[0-9]{1,5})?")
_MAIL = re.compile(r"[^\s@<>,]+@[^\s@<>,]+")
_DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")
_ORIGIN = re.compile(r"\*|(https?)://[^\s/?#@,]+")


def _not_bool(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("true and false are no numbers")  # noqa: TRY004 - pydantic collects ValueErrors
    return value


def absolute(path: Path) -> Path:
    """`path` from the root, with `~` filled in."""
    return Path(os.path.abspath(path.expanduser()))  # noqa: PTH100 - resolve() would follow links


def _optional_folder(text: str) -> str:
    return str(absolute(Path(text))) if text else ""


def _split(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _base_url(url: str) -> str:
    if url and not _URL.fullmatch(url):
        raise ValueError("an http:// or https:// URL without query, or nothing")
    return url.rstrip("/")


def _origins(origins: tuple[str, ...]) -> tuple[str, ...]:
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise ValueError("origins such as https://console.example.com, separated by commas")
    return origins


def _long_enough(secret: SecretStr) -> SecretStr:
    if 0 < len(secret.get_secret_value()) < MIN_SECRET_CHARS:
        raise ValueError(f"at least {MIN_SECRET_CHARS} characters, or nothing")
    return secret


def _codes(codes: tuple[str, ...]) -> tuple[str, ...]:
    for code in codes:
        if not _CODE.fullmatch(code):
            raise ValueError("codes of two letters such as DE, separated by commas")
    return tuple(dict.fromkeys(code.upper() for code in codes))


def _networks(networks: tuple[str, ...]) -> tuple[str, ...]:
    for text in networks:
        try:
            ipaddress.ip_network(text)
        except ValueError as error:
            raise ValueError(
                f"networks such as 198.51.100.0/24 or 2001:db8::/32, separated by commas; {error}"
            ) from error
    return networks


def _places(places: tuple[str, ...]) -> tuple[str, ...]:
    for text in places:
        try:
            ipaddress.ip_network(text.strip("[]"))
        except ValueError as error:
            if not _PLACE.fullmatch(text):
                raise ValueError(
                    "networks and names such as 10.1.0.0/16, localhost:11434 or gpu1.lan, separated by commas"
                ) from error
    return places


def _mail_addresses(addresses: tuple[str, ...]) -> tuple[str, ...]:
    for address in addresses:
        if not _MAIL.fullmatch(address):
            raise ValueError("e-mail addresses such as ops@example.com, separated by commas")
    return tuple(dict.fromkeys(addresses))


def _domains(domains: tuple[str, ...]) -> tuple[str, ...]:
    lowered = tuple(dict.fromkeys(domain.lower() for domain in domains))
    for domain in lowered:
        if not _DOMAIN.fullmatch(domain):
            raise ValueError("domains such as example.com, separated by commas")
    return lowered


def _steps(steps: tuple[int, ...]) -> tuple[int, ...]:
    if any(step < 1 for step in steps) or list(steps) != sorted(set(steps)):
        raise ValueError("whole dollars from small to large such as 200, 450, separated by commas")
    return steps


def _header(name: str) -> str:
    if name and not _HEADER.fullmatch(name):
        raise ValueError("the name of a header, or nothing")
    return name.lower()


def _lower(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


Count = Annotated[int, BeforeValidator(_not_bool)]
Seconds = Annotated[float, BeforeValidator(_not_bool)]
Number = Annotated[float, BeforeValidator(_not_bool)]
Folder = Annotated[Path, AfterValidator(absolute)]
OptionalFolder = Annotated[
    str, Field(max_length=4096, pattern=r"^[^\x00]*$"), AfterValidator(_optional_folder)
]
BaseUrl = Annotated[str, AfterValidator(_base_url)]
Origins = Annotated[tuple[str, ...], BeforeValidator(_split), AfterValidator(_origins)]
Codes = Annotated[tuple[str, ...], BeforeValidator(_split), AfterValidator(_codes)]
Networks = Annotated[tuple[str, ...], BeforeValidator(_split), AfterValidator(_networks)]
Places = Annotated[tuple[str, ...], BeforeValidator(_split), AfterValidator(_places)]
HeaderName = Annotated[str, AfterValidator(_header)]
MailAddresses = Annotated[tuple[str, ...], BeforeValidator(_split), AfterValidator(_mail_addresses)]
Domains = Annotated[tuple[str, ...], BeforeValidator(_split), AfterValidator(_domains)]
Steps = Annotated[tuple[int, ...], BeforeValidator(_split), AfterValidator(_steps)]
Secret = Annotated[SecretStr, AfterValidator(_long_enough)]
LogLevel = Annotated[Literal["debug", "info", "warning", "error"], BeforeValidator(_lower)]
LogFormat = Annotated[Literal["auto", "json", "pretty"], BeforeValidator(_lower)]
Slug = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
