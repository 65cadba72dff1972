"""The pages of the documentation as the tests read them: their blocks of code, their inline code, their links.

Owns a little of Markdown, as far as our pages use it: fenced blocks at the beginning of a line, inline code, links. A
block that cannot be run stands below a comment that says why: `<!-- not run: the reason -->`.
"""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
README = ROOT / "README.md"
GENERATED = sorted((DOCS / "reference").glob("*.md"))
GUIDES = sorted((DOCS / "guides").glob("*.md"))
PAGES = sorted(
    {
        *(
            ROOT / name
            for name in ("README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md")
        ),
        *DOCS.rglob("*.md"),
    }
)
_FENCE = re.compile(
    r"(?:^<!-- not run: (?P<reason>[^\n]+) -->\n)?"
    r"^```(?P<language>[a-z]+)\n(?P<source>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_INLINE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_ANCHOR = re.compile(r'<a id="([^"]+)">')


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block."""

    page: Path
    line: int
    language: str
    source: str
    reason: str
    """Why it is not run; empty if it is."""

    def __str__(self) -> str:
        return f"{name(self.page)}:{self.line}"


def name(page: Path) -> str:
    """What tests call a page."""
    return str(page.relative_to(ROOT))


def text_of(page: Path) -> str:
    """The page as it stands."""
    return page.read_text(encoding="utf-8")


def blocks_of(page: Path) -> list[Block]:
    """The page's fenced blocks, in order."""
    text = text_of(page)
    return [
        Block(
            page,
            text.count("\n", 0, found.start("source")) + 1,
            found["language"],
            found["source"],
            found["reason"] or "",
        )
        for found in _FENCE.finditer(text)
    ]


def prose_of(page: Path) -> str:
    """The page without its fenced blocks."""
    return _FENCE.sub("", text_of(page))


def inline_code_of(page: Path) -> list[str]:
    """What stands between backticks in the prose."""
    return _INLINE.findall(prose_of(page))


def links_of(page: Path) -> list[str]:
    """The targets of the prose's links."""
    return _LINK.findall(prose_of(page))


def anchors_of(page: Path) -> set[str]:
    """What a link to the page may name behind `#`: its headings, as GitHub writes them, and anchors of our own."""
    prose = prose_of(page)
    slugs = {
        re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        for title in _HEADING.findall(prose)
    }
    return slugs | set(_ANCHOR.findall(prose))
