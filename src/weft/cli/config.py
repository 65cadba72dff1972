"""`weft config`: the effective settings."""

from typing import Annotated

import msgspec
import typer
from pydantic import SecretStr

from weft.cli.store import ConfigOption, DataOption
from weft.cli.table import Column, table
from weft.kit.settings import Loaded, Settings, expected, load_settings, variable

MASK = "********"


class SettingLine(msgspec.Struct, frozen=True):
    """One setting as `weft config --json` tells it."""

    key: str
    value: str | int | float | bool | list[str]
    origin: str
    variable: str
    expected: str
    description: str


def config(
    *,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, with descriptions.")] = False,
) -> None:
    """Show every setting, its value and where that came from; secrets are masked.

    Set one in the settings file (`port = 9000` in weft.toml of the data folder) or in the environment (WEFT_PORT=9000);
    the environment wins over the file, and flags of `weft serve` win over both.
    """
    lines = describe(load_settings({"data_dir": data, "config": config}))
    typer.echo(_json(lines) if as_json else _text(lines))


def describe(loaded: Loaded) -> list[SettingLine]:
    """All settings in their order; no secret is in them."""
    return [
        SettingLine(
            key=key,
            value=_shown(getattr(loaded.settings, key)),
            origin=loaded.origins[key],
            variable=variable(key),
            expected=expected(key),
            description=field.description or "",
        )
        for key, field in Settings.model_fields.items()
    ]


def _shown(value: object) -> str | int | float | bool | list[str]:
    if isinstance(value, SecretStr):
        return MASK if value.get_secret_value() else ""
    if isinstance(value, tuple):
        return [str(part) for part in value]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] - of texts
    return value if isinstance(value, (bool, int, float)) else str(value)


def _json(lines: list[SettingLine]) -> str:
    return msgspec.json.format(msgspec.json.encode(lines)).decode()


def _text(lines: list[SettingLine]) -> str:
    columns = (Column("setting"), Column("value", shrinks=True), Column("from", shrinks=True))
    return table(columns, [(line.key, _word(line.value), line.origin) for line in lines])


def _word(value: str | float | list[str]) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(value)
    return f"{value:g}" if isinstance(value, float) else str(value)
