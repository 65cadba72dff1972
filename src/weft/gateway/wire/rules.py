"""Rules that hold in many places of a request, each with the words that its refusal uses."""

from weft.gateway.wire.malformed import invalid


def at_most(count: int, most: int, param: str, *, of: str = "entries") -> None:
    """Raise InvalidRequest where there are too many of something."""
    if count > most:
        raise invalid(
            f"'{param}' has {count} {of}; at most {most} are allowed.",
            param=param,
            code="invalid_value",
        )


def require(value: object, param: str) -> None:
    """Raise InvalidRequest where a value that has to be there is not."""
    if value is None:
        raise invalid(f"'{param}' is required.", param=param, code="missing_required_parameter")


def check_is_function(kind: str, param: str) -> None:
    """Raise InvalidRequest for any other kind of tool."""
    if kind != "function":
        raise invalid(
            f"'{param}' must be \"function\": no other kind of tool can be called here.",
            param=param,
            code="invalid_value",
        )
