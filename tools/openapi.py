"""Writes the description of the API that the console uses to a file; `make types` makes TypeScript of it.

The whole server is built in a folder of its own, since a description comes from routes as they are really mounted.
"""

import argparse
import asyncio
import json
import logging
import tempfile
from pathlib import Path
from typing import Any

from weft.app.run import build
from weft.kit.settings import Settings

SHOWN = ("/api/", "/inference/")
"""Paths whose answers have a shape; the Weave client's own carry whatever it sends."""


def main() -> None:
    """Write the description, sorted, so that the same code gives the same file."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("file", type=Path, help="where to write it")
    to: Path = parser.parse_args().file
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder:
        described = asyncio.run(_description(Path(folder)))
    described["paths"] = {
        path: operations
        for path, operations in described["paths"].items()
        if path.startswith(SHOWN)
    }
    to.parent.mkdir(parents=True, exist_ok=True)
    to.write_text(json.dumps(described, indent=1, sort_keys=True) + "\n")


async def _description(folder: Path) -> dict[str, Any]:
    asleep = folder / "catalog" / "tiny.toml"
    asleep.parent.mkdir()
    asleep.write_text('id = "weft/tiny-chat"\n\n[serving]\nmin_replicas = 0\n')
    settings = Settings(data_dir=folder, eager_engines=False, log_level="error")
    async with build(settings) as house:
        return house.control.openapi()


if __name__ == "__main__":
    main()
