"""`--second-try N`: tests that failed, at most N of them, run once more by themselves; those that pass then are flaky.

A machine that does ten thousand things at once fails one of them now and then, and that one says nothing of the others.
A flaky test is no passed one: it is counted apart in the closing line, and shown with why it failed, to be mended. One
that fails again, or more than N at once, fail the run as ever.
"""

import subprocess
import sys
from typing import Any

import pytest
from _pytest.terminal import TerminalReporter

TRY_S = 600
FLAKY = "flaky"


def pytest_addoption(parser: pytest.Parser) -> None:
    """How many may be tried again."""
    parser.addoption(
        "--second-try", type=int, default=0, help="run so many failed tests again by themselves"
    )


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Before the closing line is written."""
    config = session.config
    reporter: TerminalReporter | None = config.pluginmanager.get_plugin("terminalreporter")
    most = int(config.getoption("--second-try") or 0)
    if not most or reporter is None or session.exitstatus != pytest.ExitCode.TESTS_FAILED:
        return
    stats: dict[str, list[Any]] = reporter.stats
    failed = [*stats.get("failed", []), *stats.get("error", [])]
    names = sorted({report.nodeid for report in failed})
    if len(names) > most or not all("::" in name for name in names):
        return
    reporter.write_sep("=", f"once more: {len(names)} that failed")
    if _passes(names, config):
        for kind in ("failed", "error"):
            stats.pop(kind, None)
        stats[FLAKY] = failed
        session.exitstatus = pytest.ExitCode.OK


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Show why each failed at first."""
    for report in terminalreporter.stats.get(FLAKY, []):
        terminalreporter.write_sep("_", f"FLAKY: {report.nodeid} ({report.when})", yellow=True)
        report.toterminal(terminalreporter._tw)  # pyright: ignore[reportPrivateUsage] - as pytest does


def _passes(names: list[str], config: pytest.Config) -> bool:
    command = [sys.executable, "-m", "pytest", "-n", "0", "-p", "no:cacheprovider", *names]
    try:
        return (
            subprocess.run(command, cwd=config.rootpath, timeout=TRY_S, check=False).returncode == 0
        )
    except subprocess.TimeoutExpired:
        return False
