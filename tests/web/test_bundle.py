"""What a browser loads before the first page is there, by the manifest of the build; and that the wheel has it."""

import gzip
import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from weft.web.files import CONSOLE

ROOT = Path(__file__).resolve().parents[2]
FIRST_LOAD_BYTES = 250 * 1000
"""Compressed: what /inference may load before it draws (issue 6)."""
FIRST = ("index.html", "src/routes/_console.tsx", "src/routes/_console/inference.index.tsx")
LATER = ("CodeMirror", "MarkdownBlock", "Chart", "chart", "recharts")
"""Parts that are too large for a page that does not show them."""


@dataclass
class Build:
    """The build's files, and who loads whom."""

    manifest: dict[str, dict[str, list[str]]]

    def key(self, source: str) -> str:
        """The entry of a source, or of the part of a route that draws."""
        found = [key for key in self.manifest if key in {source, f"{source}?tsr-split=component"}]
        assert found, f"{source} is no entry of its own"
        return found[-1]

    def loaded(self, *sources: str) -> set[str]:
        """All files that these sources need at once."""
        seen: set[str] = set()
        waiting = [self.key(source) for source in sources]
        while waiting:
            key = waiting.pop()
            if key not in seen:
                seen.add(key)
                waiting += self.manifest[key].get("imports", [])
        files = {str(self.manifest[key]["file"]) for key in seen}
        return files.union(*(self.manifest[key].get("css", []) for key in seen))


@pytest.fixture(scope="module")
def build() -> Build:
    path = CONSOLE / "manifest.json"
    assert path.is_file(), "make console builds it"
    return Build(json.loads(path.read_text()))


def test_inference_when_first_loaded_then_takes_few_bytes(build: Build) -> None:
    files = build.loaded(*FIRST) | {"index.html", "assets/theme.js"}
    sizes = {name: len(gzip.compress((CONSOLE / name).read_bytes(), 9)) for name in files}
    largest = sorted(sizes.items(), key=lambda item: -item[1])[:6]
    assert sum(sizes.values()) <= FIRST_LOAD_BYTES, largest
    assert len(files) > 5


def test_inference_when_first_loaded_then_nothing_heavy_is_with_it(build: Build) -> None:
    heavy = [name for name in build.loaded(*FIRST) if any(word in name for word in LATER)]
    assert heavy == []


def test_page_when_read_then_it_names_files_that_are_there() -> None:
    page = (CONSOLE / "index.html").read_text()
    named = {part.partition(chr(34))[0] for part in page.split("/assets/")[1:]}
    assert named
    assert all((CONSOLE / "assets" / name).is_file() for name in named)


def test_wheel_when_its_files_are_listed_then_the_console_is_among_them() -> None:
    builder = WheelBuilder(str(ROOT))
    listed = {Path(file.path) for file in builder.recurse_included_files()}
    built = {path for path in CONSOLE.rglob("*") if path.is_file()}
    assert built <= listed
    assert not [path for path in listed if "node_modules" in path.parts]
