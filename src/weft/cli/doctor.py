"""`weft doctor`: looks at everything that a start depends on, and says how to mend what is wrong."""

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from weft.app.folder import LOCK_NAME
from weft.app.storage import place_of
from weft.cli.checks.address import check_address
from weft.cli.checks.countries import check_countries
from weft.cli.checks.database import check_database
from weft.cli.checks.engines import check_llama_cpp, check_models
from weft.cli.checks.finding import Finding, Verdict, fail, ok
from weft.cli.checks.folder import check_folder, find_owner
from weft.cli.checks.machine import available_memory_bytes, check_machine
from weft.cli.checks.ray import check_ray
from weft.cli.checks.traces import check_traces
from weft.cli.store import ConfigOption, DataOption
from weft.cli.table import terminal_width
from weft.kit.errors import CannotStart
from weft.kit.settings import load_settings

_MIN_WIDTH = 30
_COLOURS = {
    Verdict.OK: typer.colors.GREEN,
    Verdict.WARN: typer.colors.YELLOW,
    Verdict.FAIL: typer.colors.RED,
}


def doctor(
    *,
    data: DataOption = None,
    config: ConfigOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Check this machine, the data folder, the engines and the settings; exit code 1 if a server would not work."""
    findings = examine({"data_dir": data, "config": config})
    healthy = all(finding.verdict is not Verdict.FAIL for finding in findings)
    typer.echo(_json(findings, healthy=healthy) if as_json else _text(findings))
    raise typer.Exit(0 if healthy else 1)


def examine(flags: dict[str, object]) -> list[Finding]:
    """Every check; those that need settings only if these can be read."""
    machine = check_machine()
    try:
        loaded = load_settings(flags)
    except CannotStart as error:
        return [*machine, fail("settings", error.message, "`weft config` lists every setting")]
    settings = loaded.settings
    is_served = find_owner(settings.data_dir / LOCK_NAME) is not None
    source = f"read from {loaded.file}" if loaded.file else "no settings file"
    return [
        *machine,
        ok("settings", source),
        *check_folder(settings.data_dir, holds_database=isinstance(place_of(settings), Path)),
        *check_database(settings),
        *check_traces(settings, is_served=is_served),
        check_llama_cpp(),
        *check_models(settings.catalog_dir, available_memory_bytes(), settings.weights_dir),
        *check_ray(settings),
        check_countries(settings),
        check_address(settings, is_served=is_served),
    ]


def _json(findings: Sequence[Finding], *, healthy: bool) -> str:
    body = {"healthy": healthy, "findings": findings}
    return msgspec.json.format(msgspec.json.encode(body)).decode()


def _text(findings: Sequence[Finding]) -> str:
    width = max(len(finding.check) for finding in findings)
    indent = " " * (width + 8)
    lines: list[str] = []
    for finding in findings:
        verdict = typer.style(f"{finding.verdict:<4}", fg=_COLOURS[finding.verdict])
        says = _wrapped(finding.says, indent)
        lines.append(f"{verdict}  {finding.check:<{width}}  {says}")
        if finding.mend:
            lines.append(f"{indent}{_wrapped(f'-> {finding.mend}', indent)}")
    return "\n".join([*lines, "", _summary(findings)])


def _wrapped(text: str, indent: str) -> str:
    width = max(_MIN_WIDTH, terminal_width() - len(indent))
    lines = [
        line
        for given in text.splitlines()
        for line in textwrap.wrap(given, width, break_long_words=False, break_on_hyphens=False)
    ]
    return f"\n{indent}".join(lines)


def _summary(findings: Sequence[Finding]) -> str:
    fails = sum(finding.verdict is Verdict.FAIL for finding in findings)
    warnings = sum(finding.verdict is Verdict.WARN for finding in findings)
    if fails:
        return f"{fails} to mend before a server works here."
    return f"A server works here; {warnings} to look at." if warnings else "All is well."
