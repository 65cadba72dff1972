"""Where a browser goes after logging in: a path of this server's own, or home."""

import re

PATH_LIMIT_CHARS = 2048
HOME = "/"
_OWN_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]*")
"""Printable ASCII without a backslash: browsers read one as a slash, and drop tabs and line ends. One slash at the
beginning: two would name a host."""


def own_path(wanted: str | None) -> str:
    """`wanted` if it is a path of this server's own, with its query and fragment; else `/`."""
    if not wanted or len(wanted) > PATH_LIMIT_CHARS or not _OWN_PATH.fullmatch(wanted):
        return HOME
    return wanted
