"""What can be wrong with a name of an object or of its version."""

from datetime import datetime

from weft.kit.errors import NotFound


class NoSuchObject(NotFound):
    """There is no such version of an object in the project."""

    code = "no_such_object"
    remedy = "name another object or version; /objs/query lists them"

    def __init__(self, object_id: str, version: str = "") -> None:
        what = f"{object_id[:200]}:{version[:100]}" if version else object_id[:200]
        super().__init__(f"there is no object {what} in this project")


class ObjectDeleted(NotFound):
    """The version was deleted. Clients tell this from a mere miss by `deleted_at`."""

    code = "object_deleted"
    remedy = "publish it again, or name another version"

    def __init__(self, object_id: str, version_index: int, deleted_at: datetime) -> None:
        when = deleted_at.isoformat()
        super().__init__(
            f"{object_id[:200]}:v{version_index} was deleted at {when}",
            metadata={"deleted_at": when},
        )
