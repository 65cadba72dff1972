"""Writes docs/reference from the code: settings, commands, errors, metrics, what Weave may ask. `make docs` runs it.

Owns the form of these pages, and no fact: each comes from where the product takes it from. The few words that code
cannot say stand here, checked for completeness: a default that depends on the machine (`_DEFAULTS`), and codes that are
not an error class's own (`_CODES`). Nothing of the machine that it runs on gets into a page, so that the same code
gives the same pages everywhere; tests/docs/test_reference.py fails when one is stale.
"""

import argparse
import ast
import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr
from typer.main import get_command

import weft
from weft.cli import build
from weft.kit import metrics, settings
from weft.kit.errors import CannotStart, WeftError
from weft.kit.settings import Settings
from weft.traces.routes.surface import SURFACE, UNSUPPORTED
from weft.wandb.answer import load_schema
from weft.wandb.bounds import DEPTH_LIMIT, FIELDS_LIMIT, TEXT_LIMIT_BYTES

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "docs" / "reference"
NOTE = "<!-- Written by tools/reference.py. Do not edit: change the code and run `make docs`. -->"

_DEFAULTS = {
    "data_dir": "`weft` in the user's data folder: `~/.local/share/weft` on Linux,"
    " `~/Library/Application Support/weft` on macOS",
    "catalog_dir": "`catalog` in the data folder",
    "adapters_dir": "`adapters` in the data folder",
    "country_file": "`country.mmdb` in the data folder",
    "weights_dir": "`weights` in the data folder",
    "trace_spool_dir": "`spool` in the data folder",
}
"""Of settings whose default is worked out at the start."""

_CODES = {
    "invalid_json": (400, "The body is not JSON in UTF-8, or not one object."),
    "invalid_type": (400, "The value at `param` has the wrong type."),
    "invalid_value": (400, "The value at `param` is none that is allowed there."),
    "missing_required_parameter": (400, "The value at `param` has to be there."),
    "invalid_image_url": (400, "The image at `param` is no `data:` URL that can be read."),
    "invalid_image_format": (400, "The image at `param` is of a kind that no model here reads."),
    "unknown_field": (400, "The path takes no field as the one at `param`."),
    "unknown_parameter": (422, "Neither the API nor the engine knows the parameter at `param`."),
}
"""Codes that are given to an error where it is raised, because its class has many."""


def main() -> None:
    """Write the pages, or with `--out` write them elsewhere."""
    parser = argparse.ArgumentParser(description="Write docs/reference from the code.")
    parser.add_argument("--out", type=Path, default=REFERENCE, help="the folder to write to")
    folder: Path = parser.parse_args().out
    folder.mkdir(parents=True, exist_ok=True)
    pages = {
        "settings.md": settings_page(),
        "cli.md": cli_page(),
        "errors.md": errors_page(),
        "metrics.md": metrics_page(),
        "weave-api.md": weave_page(),
    }
    for name, text in pages.items():
        (folder / name).write_text(f"{NOTE}\n\n{text.strip()}\n", encoding="utf-8")


def table(titles: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A Markdown table; a bar within a cell is escaped."""
    lines = [titles, tuple("---" for _ in titles), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines
    )


# Settings


def settings_page() -> str:
    """Every field of `Settings`."""
    command = get_command(build()).commands["serve"]
    flags = {option for param in command.params for option in param.opts}
    rows = [
        (
            f'<a id="{key}"></a>`{key}`',
            field.description or "",
            _default(key),
            settings.expected(key),
            f"`{settings.variable(key)}`",
            f"`{settings.flag(key)}`" if settings.flag(key) in flags else "",
        )
        for key, field in Settings.model_fields.items()
    ]
    titles = ("setting", "what it does", "default", "takes", "variable", "flag of `weft serve`")
    return f"""\
# Settings

A setting comes from its default, the settings file, its environment variable or its flag; of these, the later one wins.
`weft config` shows each setting, its value and where that came from.

The settings file is flat TOML, `setting = value`, with the names of the first column. It is `{settings.FILE_NAME}`
in the data folder, unless `--config` or `{settings.CONFIG_ENV}` names another. Relative paths in it start at its own
folder. `data_dir` cannot stand in the data folder's own file.

A name that does not exist stops the start, in the file, in the environment (`{settings.ENV_PREFIX}...`) and as a flag.
An empty variable counts as not set. A list in a variable is separated by commas.

{table(titles, rows)}
"""


def _default(key: str) -> str:
    if key in _DEFAULTS:
        return _DEFAULTS[key]
    field = Settings.model_fields[key]
    if field.default_factory is not None:
        sys.exit(f"tools/reference.py: say in _DEFAULTS what the default of {key} is")
    value: object = field.default
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return "empty" if value in ("", ()) else f"`{value}`"


# Command line


def cli_page() -> str:
    """Every command and its flags, as `--help` tells them."""
    command = get_command(build())
    sections = "\n\n".join(_command(path, one) for path, one in commands(command, "weft"))
    return f"""\
# Command line

Commands about people, keys and usage work on a server's data folder, whether that server runs or not: name the folder
as it does, with `--data`, `WEFT_DATA_DIR` or a settings file. A command ends with exit code 0 when it did what was
asked, 1 when it could not (one line says what to mend), and 2 when it was used wrongly.

{sections}
"""


def commands(command, path: str) -> Iterator[tuple[str, object]]:  # noqa: ANN001 - Typer's own click, without types
    """A command and all below it that are listed, each with the words that call it."""
    yield path, command
    for name, below in getattr(command, "commands", {}).items():
        if not below.hidden:
            yield from commands(below, f"{path} {name}")


def _command(path: str, command) -> str:  # noqa: ANN001 - as above
    context = command.context_class(command, info_name=path)
    usage = " ".join(command.get_usage(context).removeprefix("Usage:").split())
    parts = [
        f"{'#' * (path.count(' ') + 2)} `{path}`",
        inspect.cleandoc(command.help or ""),
        f"    {usage}",
    ]
    shown = [param for param in command.params if param.name != "help"]
    records = [param.get_help_record(context) for param in shown]
    rows = [(f"`{name}`", text) for name, text in filter(None, records)]
    if rows:
        parts.append(table(("argument or flag", "what it does"), rows))
    return "\n\n".join(parts)


# Errors


def errors_page() -> str:
    """Every error that a caller can see, by status."""
    found = sorted(error_classes(), key=lambda one: (one.status, one.code or "", one.__name__))
    by_status: dict[int, list[tuple[str, ...]]] = {}
    for one in found:
        if one is WeftError or issubclass(one, CannotStart):
            continue
        code = f"`{one.code}`" if one.code else "`null`"
        row = (code, f"`{one.type}`", _summary(one), _remedy(one), f"`{one.__name__}`")
        by_status.setdefault(one.status, []).append(row)
    for code, (status, meaning) in _checked_codes().items():
        kind = next(one for one in found if one.status == status and one.__base__ is WeftError)
        row = (f"`{code}`", f"`{kind.type}`", meaning, _remedy(kind), f"`{kind.__name__}`")
        by_status[status].append(row)
    titles = ("`code`", "`type`", "it means", "what to do", "class")
    sections = "\n\n".join(
        f"## {status}\n\n{table(titles, sorted(rows))}"
        for status, rows in sorted(by_status.items())
    )
    return f"""\
# Errors

Every error has OpenAI's envelope, so that OpenAI's clients raise their own exception classes:

```json
{{"error": {{"message": "...", "type": "invalid_request_error", "param": "model", "code": "model_not_found",
           "metadata": {{"remedy": "GET /v1/models lists what this server runs"}}}}}}
```

- `message` is for people, `code` is for programs. `param` names the place in the request, where there is one.
- `metadata` is ours: `remedy` says what to do, `retry_after_s` repeats the header `Retry-After`, other members hold
  as data what the message says.
- The header `x-request-id` names the request, in every answer. The same id stands in the log and in the usage record.
- A stream that has begun cannot change its status any more: the error is its last event, `data: {{"error": ...}}`, and
  no `[DONE]` follows.

What a command cannot do it says in one line, and ends with exit code 1 (`{CannotStart.__name__}`).

{sections}
"""


def error_classes() -> list[type[WeftError]]:
    """`WeftError` and all below it, of every module of the product."""
    list(modules())
    found, unseen = [], [WeftError]
    while unseen:
        one = unseen.pop()
        found.append(one)
        unseen += one.__subclasses__()
    return found


def modules() -> Iterator[ModuleType]:
    """Every module of the product, imported; `__main__` alone would run it."""
    for module in pkgutil.walk_packages(weft.__path__, "weft."):
        if not module.name.endswith("__main__"):
            yield importlib.import_module(module.name)


def _summary(one: type[WeftError]) -> str:
    doc = one.__dict__.get("__doc__")
    if not doc:
        sys.exit(f"tools/reference.py: {one.__module__}.{one.__name__} has no docstring")
    return " ".join(inspect.cleandoc(doc).split("\n\n")[0].split())


def _remedy(one: type[WeftError]) -> str:
    """The remedies that the class or its callers state; else the one that its family has."""
    family = one.__module__ == WeftError.__module__
    stated = [] if family else sorted(set(_stated_remedies(one)))
    text = " Or: ".join(stated) or one.remedy
    return text[0].upper() + text[1:].rstrip(".") + "."


def _stated_remedies(one: type[WeftError]) -> Iterator[str]:
    """`remedy=` of calls that make the error, and of the class's own constructor, in the module that has it."""
    module = sys.modules[one.__module__]
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        made = isinstance(node, ast.Call) and getattr(node.func, "id", "") == one.__name__
        if made or (isinstance(node, ast.ClassDef) and node.name == one.__name__):
            for part in ast.walk(node):
                if isinstance(part, ast.keyword) and part.arg == "remedy":
                    yield from filter(None, [_words(part.value, module)])


def _words(value: ast.expr, module: ModuleType) -> str:
    """A text as it stands in the source, with what is filled in later in capitals; empty for anything else."""
    match value:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_words(part, module) for part in parts)
        case ast.FormattedValue(value=ast.Name(id=name)):
            return str(getattr(module, name, name.upper()))
        case ast.Name(id=name):
            return str(getattr(module, name, ""))
    return ""


def _checked_codes() -> dict[str, tuple[int, str]]:
    """`_CODES`, once it names exactly the codes that the source gives to single errors."""
    used = {code for module in modules() for code in _codes_in(module)}
    if used != set(_CODES):
        sys.exit(f"tools/reference.py: _CODES and the source differ: {used ^ set(_CODES)}")
    return _CODES


def _codes_in(module: ModuleType) -> Iterator[str]:
    """String constants that are passed as `code=`, or assigned to `error.code` or to a local `code`."""
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    own = {statement for node in classes for statement in node.body}
    for node in ast.walk(tree):
        values: list[ast.expr] = []
        if isinstance(node, ast.keyword) and node.arg == "code":
            values = [node.value]
        elif isinstance(node, ast.Assign) and node not in own:
            names = [getattr(one, "attr", getattr(one, "id", "")) for one in node.targets]
            values = [node.value] if names == ["code"] else []
        for value in values:
            yield from _texts(value)


def _texts(value: ast.expr) -> Iterator[str]:
    branches = [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
    for branch in branches:
        if isinstance(branch, ast.Constant) and isinstance(branch.value, str):
            yield branch.value


# Metrics


def metrics_page() -> str:
    """Every metric of `GET /metrics` but those of the process, in the order in which they are written."""
    measured = metrics.Metrics()
    measured.observe_request(
        "m", 200, outcome="failed", duration_s=1, ttft_s=1, input_tokens=1, output_tokens=2
    )
    measured.observe_request("m", 200, outcome=metrics.COMPLETED, duration_s=2, ttft_s=1)
    for gauge in vars(metrics).values():
        if isinstance(gauge, metrics.Gauge):
            labels = tuple("x" for _ in gauge.labels)
            measured.register(gauge, lambda labels=labels: [(labels, 1.0)])
    rows: list[tuple[str, ...]] = []
    for family in text_string_to_metric_families(measured.render()[0].decode()):
        if family.name.startswith("process_"):
            continue
        name = family.name + ("_total" if family.type == "counter" else "")
        labels = dict.fromkeys(label for sample in family.samples for label in sample.labels)
        labels.pop("le", None)
        shown = ", ".join(f"`{label}`" for label in labels)
        rows.append((f"`{name}`", family.type, family.documentation, shown))
    return f"""\
# Metrics

`GET /metrics` is in Prometheus's text format, and asks for no key. Names that begin with `gen_ai` are those of
OpenTelemetry's GenAI conventions in Prometheus's spelling. `error_type` is there only for requests that did not
complete, and holds their outcome: `cancelled`, `failed` or `refused`. Requests for a model that no card knows count
under the model `unknown`. Prometheus's usual `process_*` metrics are there too, where the system tells them.

{table(("metric", "kind", "what it counts", "labels"), rows)}
"""


# What the clients of Weave and W&B may ask


def weave_page() -> str:
    """Every path of the trace server, and the fields of GraphQL."""
    paths = [
        (f"`{entry}`", f"no: {UNSUPPORTED[entry]}" if entry in UNSUPPORTED else "yes")
        for entry in SURFACE
    ]
    schema = load_schema()
    fields = [
        (f"`{kind.name}.{name}`", field.description or "")
        for kind in (schema.query_type, schema.mutation_type)
        if kind is not None
        for name, field in kind.fields.items()
    ]
    return f"""\
# What the clients of Weave and W&B may ask

The trace server's paths are answered under `/traces` and at the root. {len(paths) - len(UNSUPPORTED)} of {len(paths)}
are supported. The others are answered with status 501 and the code `not_supported`, which clients do not try again.
While calls are in ClickHouse (`trace_clickhouse_url`), the paths of agents, of evaluations and of their results are
answered so too. What the clients are and how to point them here: [Weave](../guides/weave.md).

{table(("path", "supported"), paths)}

## GraphQL

`POST /graphql` answers what the clients ask at login, when they open a project, and for runs. A query may have
{FIELDS_LIMIT} fields, {DEPTH_LIMIT} levels and {TEXT_LIMIT_BYTES} bytes.

{table(("field", "what it does"), fields)}

Beside it: `POST /files/{{entity}}/{{project}}/{{run}}/file_stream` takes a run's summary and its end, and
`POST /oidc/token` refuses identity tokens.
"""


if __name__ == "__main__":
    main()
