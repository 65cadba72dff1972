"""`python -m tools.tiny_models --to DIR [FAMILY ...]` writes tiny checkpoints as GGUF and as safetensors."""

import argparse
from pathlib import Path

from .families import FAMILIES
from .make import make


def main() -> None:
    """Read the command line and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--to", type=Path, required=True, help="the folder to write to")
    parser.add_argument("families", nargs="*", default=list(FAMILIES), help=", ".join(FAMILIES))
    options = parser.parse_args()
    for name in options.families:
        made = make(name, options.to)
        print(f"{name}: {made.gguf} ({made.gguf.stat().st_size:,} bytes), {made.hf}")


if __name__ == "__main__":
    main()
