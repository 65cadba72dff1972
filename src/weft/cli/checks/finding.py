"""What a check found."""

from enum import StrEnum

import msgspec


class Verdict(StrEnum):
    """How bad it is: a server starts in spite of a warning, and not in spite of a failure."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


class Finding(msgspec.Struct, frozen=True):
    """One line of the doctor's."""

    check: str
    verdict: Verdict
    says: str
    mend: str = ""
    """What to do about it; empty where nothing needs doing."""


def ok(check: str, says: str) -> Finding:
    """All is well."""
    return Finding(check, Verdict.OK, says)


def warn(check: str, says: str, mend: str) -> Finding:
    """It works, and something is better changed."""
    return Finding(check, Verdict.WARN, says, mend)


def fail(check: str, says: str, mend: str) -> Finding:
    """It will not work."""
    return Finding(check, Verdict.FAIL, says, mend)
