"""Rows of a dataset from a file: JSON lines, JSON, CSV or TSV. Figures in CSV stay texts."""

import csv
import json
from pathlib import Path
from typing import Any

from weft.evals.values import list_in, object_in
from weft.kit.errors import InvalidRequest

MOST_BYTES = 64 * 1024 * 1024
MOST_ROWS = 100_000


class BadRows(InvalidRequest):
    """A file holds no rows."""


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a file, by its ending.

    Raises:
        BadRows: it cannot be read, is too large, or holds something else.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise BadRows(f"{path} has more than {MOST_BYTES // 1024 // 1024} MiB")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadRows(f"cannot read {path}: {error}") from error
    match path.suffix.lower():
        case ".jsonl" | ".ndjson":
            found: Any = [
                _json(path, line, at) for at, line in enumerate(text.splitlines(), 1) if line
            ]
        case ".json":
            found = _json(path, text, 1)
            found = object_in(found).get("rows", found)
        case ".csv" | ".tsv":
            mark = "\t" if path.suffix.lower() == ".tsv" else ","
            found = list(csv.DictReader(text.splitlines(keepends=True), delimiter=mark))
        case _:
            raise BadRows(f"{path} is no .jsonl, .json, .csv or .tsv")
    rows = [object_in(row) for row in list_in(found)]
    if not rows or not all(rows):
        raise BadRows(f"{path} holds no list of rows, each an object with fields")
    if len(rows) > MOST_ROWS:
        raise BadRows(f"{path} has more than {MOST_ROWS} rows")
    return rows


def _json(path: Path, text: str, line: int) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadRows(f"{path}, line {line}: {error}") from error
