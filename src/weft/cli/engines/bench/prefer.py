"""Changes which engine a card prefers: the order of its `[engines.*]` tables in a file of the catalog's folder.

Pure, from text to text. Keeps every line; moves whole tables, each with the comments right above it.
"""

import re
from collections.abc import Sequence

_HEADER = re.compile(r"\s*\[\[?\s*([A-Za-z0-9_.\"'-]+)\s*\]\]?")
_ENGINE = re.compile(r"engines\.([a-z_]+)(\..*)?$")


def overlay_for(model_id: str, kinds: Sequence[str]) -> str:
    """A new file that prefers the engines of a card in this order."""
    tables = "".join(f"\n[engines.{kind}]\n" for kind in kinds)
    return f'id = "{model_id}"\n{tables}'


def reordered(text: str, kinds: Sequence[str]) -> str:
    """A file with the tables of `kinds` in this order, before those of other engines; what is missing is added."""
    blocks = _blocks(text)
    of_kind: dict[str, str] = {}
    rest: list[str] = []
    place = len(blocks)
    for block in blocks:
        kind = _kind_of(block)
        if kind is None:
            rest.append(block)
            continue
        place = min(place, len(rest))
        of_kind[kind] = of_kind.get(kind, "") + _ended(block)
    order = [*kinds, *(kind for kind in of_kind if kind not in kinds)]
    tables = [of_kind.get(kind, f"[engines.{kind}]\n") for kind in order]
    before, after = rest[:place], rest[place:]
    joined = "".join(_ended(block) for block in before)
    gap = "" if not joined or joined.endswith("\n\n") else "\n"
    return (
        joined
        + gap
        + "\n".join(table.rstrip("\n") + "\n" for table in tables)
        + "".join(f"\n{block.lstrip(chr(10))}" for block in after)
    )


def _blocks(text: str) -> list[str]:
    """The text in pieces: what stands before the first table, then each table with the comments right above it."""
    blocks: list[list[str]] = [[]]
    for line in text.splitlines(keepends=True):
        if _HEADER.match(line):
            above: list[str] = []
            while blocks[-1] and blocks[-1][-1].lstrip().startswith("#"):
                above.insert(0, blocks[-1].pop())
            blocks.append(above)
        blocks[-1].append(line)
    return ["".join(block) for block in blocks if block]


def _kind_of(block: str) -> str | None:
    header = next((found for line in block.splitlines() if (found := _HEADER.match(line))), None)
    engine = _ENGINE.match(header[1]) if header is not None else None
    return engine[1] if engine is not None else None


def _ended(block: str) -> str:
    return block if block.endswith("\n") else block + "\n"
