"""A real Chromium, and what every test of a screen wants of it: signed in, watched for errors, looked at.

Tests are synchronous: Playwright's own loop must not meet that of another test, so a browser lives for one module.
"""

import contextlib
import os
import re
import subprocess
from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    StorageState,
    WebError,
    expect,
    sync_playwright,
)
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from conformance.server import ROOT, Weft

UNPACKED = ROOT / ".venv" / "browser"
AXE = ROOT / "tests" / "browser" / "node_modules" / "axe-core" / "axe.min.js"
SCREENSHOTS = ROOT / "build" / "screenshots"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
VIOLATIONS = """async tags => {
    const found = await axe.run(document, {runOnly: tags, resultTypes: ["violations"]});
    return found.violations;
}"""
"""What holds is neither described nor sent: that took twice as long as finding what does not."""
PATIENCE_MS = 15_000
"""Far above what loopback needs; reached only by a failing test, or on a machine that does much else."""
FITS_MS = 5_000
"""For what is drawn to the size of the page to be drawn anew after it changed."""
JPEG_QUALITY = 85
"""Text stays readable; a PNG takes half as long again."""
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
ARGUMENTS = [
    "--no-sandbox",
    "--headless=shell",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--use-angle=swiftshader",
    "--in-process-gpu",
]


@contextlib.contextmanager
def running_browser() -> Generator[Browser]:
    """Chromium, for the length of a block."""
    chosen = os.environ.get("WEFT_TEST_BROWSER", "")
    path = Path(chosen) if chosen else UNPACKED / "chromium"
    assert path.exists(), f"no browser at {path}: `make test` puts one there"
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=ARGUMENTS, env={**os.environ, **_libraries(path)}
        )
        try:
            yield browser
        finally:
            browser.close()


def _libraries(path: Path) -> dict[str, str]:
    """Where a bare machine finds what it lacks; one that has its own libraries and fonts uses those."""
    if path.parent != UNPACKED:
        return {}
    found = subprocess.run(["ldd", path], capture_output=True, text=True, check=False).stdout
    given = {"FONTCONFIG_PATH": str(UNPACKED)} if not Path("/etc/fonts").is_dir() else {}
    if "not found" in found:
        given["LD_LIBRARY_PATH"] = str(UNPACKED / "lib" / "lib")
    return given


@dataclass(slots=True)
class Console:
    """One server's console, as one user sees it."""

    weft: Weft
    browser: Browser
    username: str = "admin"
    states: dict[str, StorageState] = field(default_factory=dict[str, StorageState])
    free: dict[str, list[BrowserContext]] = field(default_factory=dict[str, list[BrowserContext]])
    """Contexts that nobody uses, by their options. They know the console's files, which a new one would load anew."""

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return self.weft.console_url.rstrip("/")

    def signed_in(self, username: str) -> StorageState:
        """The cookies of somebody who is signed in; made once by a one-time link, then kept."""
        if username not in self.states:
            link = self.weft.cli("user", "login-link", username)["url"]
            path = "/login/" + link.rpartition("/login/")[2]
            context = self.browser.new_context(base_url=self.url)
            context.request.get(path, max_redirects=0)
            self.states[username] = context.storage_state()
            context.close()
        return self.states[username]

    @contextlib.contextmanager
    def page(
        self,
        *,
        username: str | None = "admin",
        phone: bool = False,
        dark: bool = False,
        allow: str = "",
        **options: Any,
    ) -> Generator[Page]:
        """A page of somebody's; None: of nobody who is signed in.

        Fails at the end if the page wrote an error to its console, broke its policy or threw, but for what the
        pattern `allow` matches. That the server refused something is no error of the page.
        """
        wanted: dict[str, Any] = {
            "viewport": PHONE if phone else DESKTOP,
            "color_scheme": "dark" if dark else "light",
            **options,
        }
        free = self.free.setdefault(repr(wanted), [])
        context = free.pop() if free else self.browser.new_context(base_url=self.url, **wanted)
        context.set_default_timeout(PATIENCE_MS)
        context.clear_cookies()
        if username:
            context.add_cookies(self.signed_in(username)["cookies"])  # pyright: ignore[reportArgumentType, reportTypedDictNotRequiredAccess] - what it gave it takes
        with _watched(context, allow):
            yield self._blank_page(context)
            for page in context.pages:
                page.close()
        free.append(context)

    def _blank_page(self, context: BrowserContext) -> Page:
        """A page that finds nothing of what those before it kept."""
        page = context.new_page()
        session = context.new_cdp_session(page)
        kept = {"origin": self.url, "storageTypes": "local_storage,indexeddb,cache_storage"}
        session.send("Storage.clearDataForOrigin", kept)  # pyright: ignore[reportUnknownMemberType]
        session.detach()
        return page


@contextlib.contextmanager
def _watched(context: BrowserContext, allow: str) -> Generator[None]:
    """Fails at the end on what a page complained of, but for what the pattern `allow` matches."""
    complaints: list[str] = []

    def note(text: str) -> None:
        if not (allow and re.search(allow, text)):
            complaints.append(text)

    def on_console(message: ConsoleMessage) -> None:
        refused = message.text.startswith("Failed to load resource")
        if message.type == "error" and not refused:
            note(message.text)

    def on_error(error: WebError) -> None:
        note(str(error.error))

    context.on("console", on_console)
    context.on("weberror", on_error)
    yield
    context.remove_listener("console", on_console)
    context.remove_listener("weberror", on_error)
    assert not complaints, "\n".join(complaints)


def wait_for_all(page: Page) -> None:
    """Wait until nothing of a page is still to come: it has its heading, and no skeleton."""
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    expect(page.locator(".animate-pulse")).to_have_count(0)


def check_accessible(page: Page, *, ignore: tuple[str, ...] = ()) -> None:
    """Fail on what axe-core finds against WCAG 2.2 A and AA; `ignore` names rules, with a reason beside the call."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    found = page.evaluate(VIOLATIONS, TAGS)
    told = [
        f"{one['id']}: {one['help']}: "
        + "; ".join(
            f"{node['html'][:160]} {node['failureSummary'][:300]}" for node in one["nodes"][:3]
        )
        for one in found
        if one["id"] not in ignore
    ]
    assert not told, "\n".join(told)


def _width(page: Page) -> int:
    return page.evaluate("document.documentElement.scrollWidth")


def check_fits(page: Page, width: int) -> None:
    """Fail where the page is wider than this, once what follows its size has done so."""
    with contextlib.suppress(PlaywrightTimeout):
        page.wait_for_function(
            "width => document.documentElement.scrollWidth <= width", arg=width, timeout=FITS_MS
        )
    assert _width(page) <= width, f"{page.url} scrolls sideways at {width}: {_width(page)}"


def take_screenshots(page: Page, name: str, *, always: bool = False) -> None:
    """Keep what the page looks like in light, dark and at a phone's width, and fail where it scrolls sideways.

    Pictures take long: they are kept of each screen (`always`, by tests/console/proof), and of what else tests look at
    where `WEFT_TEST_SCREENSHOTS` is set.
    """
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    kept = always or bool(os.environ.get("WEFT_TEST_SCREENSHOTS"))
    before = page.viewport_size
    for kind, theme, size in (
        ("light", "light", DESKTOP),
        ("dark", "dark", DESKTOP),
        ("phone", "light", PHONE),
    ):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        page.set_viewport_size(size)  # pyright: ignore[reportArgumentType]
        if kept:
            path = SCREENSHOTS / f"{name}-{kind}.jpg"
            page.screenshot(path=path, type="jpeg", quality=JPEG_QUALITY, full_page=True)
        check_fits(page, size["width"])
    if before:
        page.set_viewport_size(before)
