"""Settings: every knob of the server in one frozen value, built once at the start and handed down.

Owns the list of settings, their bounds and descriptions, and where each value came from. This is the only module that
reads the environment. Later sources win: defaults < settings file < `WEFT_*` variables < command-line flags. A key that
does not exist stops the start, whatever the source: a typing error must not turn into a default.

An empty environment variable counts as not set, as compose files produce them.
"""

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args, get_origin

from annotated_types import Ge, Le, MaxLen, MinLen
from platformdirs import user_data_path
from pydantic import PrivateAttr, SecretStr, ValidationError
from pydantic.fields import FieldInfo

from weft.kit.errors import CannotStart
from weft.kit.setting_groups.billing import BillingSettings
from weft.kit.setting_groups.country import CountrySettings
from weft.kit.setting_groups.database import FORMS, DatabaseSettings
from weft.kit.setting_groups.engines import EngineSettings
from weft.kit.setting_groups.limits import LimitSettings
from weft.kit.setting_groups.monitors import MonitorSettings
from weft.kit.setting_groups.oidc import OidcSettings
from weft.kit.setting_groups.playground import PlaygroundSettings
from weft.kit.setting_groups.probes import ProbeSettings
from weft.kit.setting_groups.ray import RAY_FORMS, RaySettings
from weft.kit.setting_groups.server import ServerSettings
from weft.kit.setting_groups.traces import CLICKHOUSE_FORMS, TraceSettings
from weft.kit.setting_groups.types import (
    MIN_SECRET_CHARS,
    absolute,
)
from weft.kit.setting_groups.weights import WeightsSettings
from weft.kit.settings_file import SettingsFile, read_settings_file

ENV_PREFIX = "WEFT_"
CONFIG_ENV = "WEFT_CONFIG"
OF_COMMANDS = frozenset({"WEFT_API_KEY", "WEFT_URL"})
"""Variables that commands read which ask a server, as flags of theirs: no settings."""
FILE_NAME = "weft.toml"
_FLAGS = {"data_dir": "--data"}
_FORMS = {
    "database_url": FORMS,
    "hub_mirror": "a path, or nothing",
    "otlp_headers": "name=value,name=value, or nothing",
    "ray": RAY_FORMS,
    "trace_clickhouse_url": CLICKHOUSE_FORMS,
    "trace_database_url": FORMS,
}
_MAYBE_FOLDERS = {"hub_mirror"}
_BORROWED = {"HF_TOKEN": "hub_token"}  # variables of others, where nothing else says a setting
_SHOWN_CHARS = 60


class Settings(
    BillingSettings,
    LimitSettings,
    CountrySettings,
    DatabaseSettings,
    WeightsSettings,
    RaySettings,
    EngineSettings,
    ProbeSettings,
    TraceSettings,
    MonitorSettings,
    PlaygroundSettings,
    OidcSettings,
    ServerSettings,
):  # the last base's come first in every list
    """All settings. Build it with `load_settings`; tests may build it directly."""

    _origins: dict[str, str] = PrivateAttr(default_factory=dict[str, str])

    def origin_of(self, key: str) -> str:
        """Where a value came from, as `Loaded.origins` says; `default` if it was built directly."""
        return self._origins.get(key, "default")


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings and, by key, where each value came from: `default`, a file and line, a variable or a flag."""

    settings: Settings
    origins: dict[str, str]
    file: Path | None
    """The settings file that was read, if there was one."""


@dataclass(frozen=True, slots=True)
class _Given:
    value: object
    place: str


def load_settings(flags: Mapping[str, object], environ: Mapping[str, str] | None = None) -> Loaded:
    """Gather the settings from their sources; a flag whose value is None was not given.

    `flags` is keyed by setting, plus `config` for the settings file. Without `environ` it is the process's own.

    Raises:
        CannotStart: a key is unknown or a value is wrong; one line for each.
    """
    if environ is None:
        environ = os.environ  # noqa: TID251 - the one place that reads it
    from_flags = _from_flags(flags)
    from_environ = _from_environ(environ)
    file = _find_file(flags.get("config"), environ, {**from_environ, **from_flags})
    from_file = _from_file(file) if file else {}
    given = {**_borrowed(environ), **from_file, **from_environ, **from_flags}
    try:
        settings = Settings.model_validate({key: entry.value for key, entry in given.items()})
    except ValidationError as error:
        raise CannotStart(_explain(error, given)) from error
    origins = {
        key: given[key].place if key in given else "default" for key in Settings.model_fields
    }
    settings._origins.update(origins)  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - once, here
    return Loaded(settings, origins, file.path if file else None)


def variable(key: str) -> str:
    """The environment variable of a setting."""
    return ENV_PREFIX + key.upper()


def flag(key: str) -> str:
    """The command-line flag of a setting, where a command has it."""
    return _FLAGS.get(key, "--" + key.replace("_", "-"))


def expected(key: str) -> str:
    """What a setting takes, in words: `a whole number from 0 to 65535`."""
    if key in _FORMS:
        return _FORMS[key]
    field = Settings.model_fields[key]
    kind: object = field.annotation
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(str(choice) for choice in get_args(kind))
    if kind is bool:
        return "true or false"
    if kind is int:
        return f"a whole number{_range(field)}"
    if kind is float:
        return f"a number{_range(field)}"
    if kind is Path:
        return "a path"
    if get_origin(kind) is tuple:
        return f"a list of texts{_length(field, 'entries')}"
    if kind is SecretStr:
        return f"a text of at least {MIN_SECRET_CHARS} characters, or nothing"
    return f"a text{_length(field, 'characters')}"


def _range(field: FieldInfo) -> str:
    low = next((bound.ge for bound in field.metadata if isinstance(bound, Ge)), None)
    high = next((bound.le for bound in field.metadata if isinstance(bound, Le)), None)
    return f" from {low} to {high}"


def _length(field: FieldInfo, unit: str) -> str:
    low = next((bound.min_length for bound in field.metadata if isinstance(bound, MinLen)), 0)
    high = next((bound.max_length for bound in field.metadata if isinstance(bound, MaxLen)), None)
    return f" of {low} to {high} {unit}" if low else f" of at most {high} {unit}"


def _from_flags(flags: Mapping[str, object]) -> dict[str, _Given]:
    given: dict[str, _Given] = {}
    for key, value in flags.items():
        if value is None or key == "config":
            continue
        if key not in Settings.model_fields:
            raise CannotStart(_unknown(flag(key), [flag(name) for name in Settings.model_fields]))
        given[key] = _Given(value, flag(key))
    return given


def _from_environ(environ: Mapping[str, str]) -> dict[str, _Given]:
    keys = {variable(key): key for key in Settings.model_fields}
    given: dict[str, _Given] = {}
    for name, value in environ.items():
        if not name.startswith(ENV_PREFIX) or name in {CONFIG_ENV, *OF_COMMANDS}:
            continue
        if name not in keys:
            raise CannotStart(_unknown(name, [*keys, CONFIG_ENV], kind="environment variable"))
        if value:
            given[keys[name]] = _Given(value, name)
    return given


def _borrowed(environ: Mapping[str, str]) -> dict[str, _Given]:
    named = {name: environ.get(name, "") for name in _BORROWED}
    return {_BORROWED[name]: _Given(value, name) for name, value in named.items() if value}


def _find_file(
    config: object, environ: Mapping[str, str], given: Mapping[str, _Given]
) -> SettingsFile | None:
    named = config or environ.get(CONFIG_ENV)
    if named:
        return read_settings_file(absolute(Path(str(named))))
    data_dir = given.get("data_dir")
    folder = Path(str(data_dir.value)) if data_dir else user_data_path("weft", appauthor=False)
    path = absolute(folder) / FILE_NAME
    if not path.exists():
        return None
    file = read_settings_file(path)
    if "data_dir" in file.values:
        raise CannotStart(
            f"{file.place('data_dir')}: data_dir cannot stand in the data folder's own file;"
            f" use --data or {variable('data_dir')}"
        )
    return file


def _from_file(file: SettingsFile) -> dict[str, _Given]:
    given: dict[str, _Given] = {}
    for key, value in file.values.items():
        place = file.place(key)
        field = Settings.model_fields.get(key)
        if field is None:
            raise CannotStart(f"{place}: {_unknown(key, list(Settings.model_fields))}")
        is_path = field.annotation is Path or (key in _MAYBE_FOLDERS and value)
        if is_path and isinstance(value, str):  # relative to the file it stands in
            where = file.path.parent / Path(value).expanduser()
            given[key] = _Given(str(where) if key in _MAYBE_FOLDERS else where, place)
        else:
            given[key] = _Given(value, place)
    return given


def _unknown(name: str, known: list[str], kind: str = "setting") -> str:
    nearest = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"; did you mean {nearest[0]}?" if nearest else "; `weft config` lists them all"
    return f"unknown {kind} {name}{hint}"


def _explain(error: ValidationError, given: Mapping[str, _Given]) -> str:
    lines: dict[str, str] = {}
    for problem in error.errors(include_url=False):
        key = str(problem["loc"][0])
        if key not in given or key in lines:  # a default that hangs on another wrong value
            continue
        entry = given[key]
        secret = Settings.model_fields[key].annotation is SecretStr
        value = "***" if secret else _shown(entry.value)
        cause = problem.get("ctx", {}).get("error")
        wish = str(cause) if isinstance(cause, ValueError) else expected(key)
        if problem["type"] == "string_pattern_mismatch":
            wish = "letters, digits, dots, hyphens and underscores, starting with a letter or digit"
        lines[key] = f"{entry.place}: {key} = {value} is not valid; expected {wish}"
    return "\n".join(lines.values())


def _shown(value: object) -> str:
    text = str(value) if isinstance(value, (Path, bool)) else repr(value)
    return text if len(text) <= _SHOWN_CHARS else text[:_SHOWN_CHARS] + "…"
