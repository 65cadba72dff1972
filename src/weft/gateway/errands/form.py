"""A body as a request of some shape: decoded, its members kept, and the names set aside that the shape does not have.

Owns what all forms but chat completions share (those have a way of their own, which is faster). A name that occurs
twice counts as it does in the engines: the last one. Nested fields that have no type are left alone.
"""

from typing import Generic, NamedTuple, TypeVar

from msgspec import DecodeError, Raw, Struct
from msgspec.json import Decoder

from weft.gateway.wire.bounds import Bounds
from weft.gateway.wire.malformed import explain
from weft.gateway.wire.validate import check_size

T = TypeVar("T", bound=Struct)
_MEMBERS = Decoder(dict[str, Raw])
_NULL = b"null"


class Filled(NamedTuple, Generic[T]):
    """A form as somebody filled it in."""

    request: T
    members: dict[str, Raw]
    """As they were sent."""
    unknown: tuple[str, ...]
    """Names that the shape does not have, in the order of the body."""


class Form(Generic[T]):
    """Reads bodies of one shape."""

    def __init__(self, shape: type[T]) -> None:
        self._decoder = Decoder(shape)
        self.fields = frozenset(shape.__struct_encode_fields__)

    def again(self, body: bytes) -> T:
        """The request in a body that `read` has taken before."""
        return self._decoder.decode(body)

    def read(self, body: bytes, bounds: Bounds) -> Filled[T]:
        """Decode one body.

        Raises:
            InvalidRequest: it is no such request; `param` names the place.
            PayloadTooLarge: it is over the bound.
        """
        check_size(body, bounds)
        try:
            if not body.isascii():
                str(body, "utf-8")  # members that stay Raw would let anything pass
            request = self._decoder.decode(body)
            members = _MEMBERS.decode(body)
        except (DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise explain(body, error) from error
        unknown = tuple(
            name
            for name, value in members.items()
            if name not in self.fields and bytes(value) != _NULL
        )
        return Filled(request, members, unknown)
