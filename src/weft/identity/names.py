"""Names that people choose: what is allowed, and what happens when a name is taken.

Teams, projects and users are named alike, so that a name can stand in a URL, in the `OpenAI-Project` header and in a
Weave reference without escapes. A person's name is also that of the personal entity, so users and teams share names.
"""

import re

from weft.kit.errors import InvalidRequest, NotFound

NAME_LIMIT_CHARS = 128
LABEL_LIMIT_CHARS = 128
EMAIL_LIMIT_CHARS = 254

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}")
_EMAIL = re.compile(r"[^\s@<>]+@[^\s@<>]+")

RESERVED = frozenset(
    {
        "api",
        "assets",
        "authorize",
        "billing",
        "detokenize",
        "docs",
        "graphql",
        "health",
        "healthz",
        "inference",
    }
    | {"login", "logout", "metrics", "models", "oidc", "openapi.json", "playground", "readyz"}
    | {"billing", "catalog", "invite", "requests", "reset"}
    | {"settings", "site", "static", "tokenize", "traces", "v1", "v2", "weave"}
    # The trace server's paths, which some clients ask for at the root.
    | {"actions", "agents", "aliases", "annotation_queues", "call", "calls", "completions", "cost"}
    | {"dataset_sources", "evaluations", "feedback", "file", "files", "image", "link_to_registry"}
    | {"obj", "objs", "otel", "project", "refs", "server_info", "service", "table", "tags"}
    | {"threads", "trace"}
)
"""First segments of this server's own URLs; the pages of a team live under `/<team>`. Asked when a name is given: a
team that has such a name from before keeps it, and only its pages are hidden."""


class InvalidName(InvalidRequest):
    """The name has characters, a length or a meaning that names cannot have."""

    code = "invalid_name"


class NameTaken(InvalidRequest):
    """Something else has this name; upper and lower case do not tell names apart."""

    status = 409
    code = "name_taken"


class NoSuchThing(NotFound):
    """What was named does not exist, or the caller may not see it."""


def is_name(text: str) -> bool:
    """Whether `text` may name a team, a project or a user."""
    return _NAME.fullmatch(text) is not None


def check_name(what: str, name: str) -> str:
    """Return `name`, or raise `InvalidName`; `what` is the word for it, such as `project`."""
    if not is_name(name):
        raise InvalidName(
            f"{_shown(name)} is not a {what} name: it takes 1 to {NAME_LIMIT_CHARS} letters, digits, dots,"
            " hyphens and underscores, and starts with a letter or a digit",
            param=what,
        )
    return name


def check_entity_name(what: str, name: str) -> str:
    """Like `check_name`, for teams and users, whose names are the first segment of URLs."""
    if check_name(what, name).lower() in RESERVED:
        raise InvalidName(f"{name} cannot be a {what} name: the server uses it itself", param=what)
    return name


def check_label(
    what: str, label: str, limit: int = LABEL_LIMIT_CHARS, *, param: str | None = None
) -> str:
    """Return free text for people, which has a bounded length and can be printed on one line.

    `param` is the field's name where it is not that of `what`.
    """
    if len(label) > limit or not label.isprintable():
        raise InvalidName(
            f"{_shown(label)} is not a {what}: it takes up to {limit} printable characters",
            param=param or what,
        )
    return label


def check_email(email: str) -> str:
    """Return `email`, which may be empty; a rough check, since only a letter to it could prove more."""
    if email and (not _EMAIL.fullmatch(email) or len(email) > EMAIL_LIMIT_CHARS):
        raise InvalidName(f"{_shown(email)} is not an e-mail address", param="email")
    return email


def _shown(text: str) -> str:
    return ascii(text if len(text) <= 60 else text[:60] + "...")
