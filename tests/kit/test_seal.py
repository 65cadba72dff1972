"""Sealed secrets open for what they were sealed for, and for nothing else."""

import pytest

from weft.kit.seal import Seal, SealBroken

SECRET = b"a" * 32


def test_seal_when_opened_for_the_same_then_the_text_and_each_time_other_bytes() -> None:
    seal = Seal(SECRET, b"purpose")
    sealed = seal.close("sk-1", ("project", "provider"))
    assert seal.open(sealed, ("project", "provider")) == "sk-1"
    assert b"sk-1" not in sealed
    assert seal.close("sk-1", ("p",)) != seal.close("sk-1", ("p",)), "a nonce of its own"


@pytest.mark.parametrize(
    ("secret", "purpose", "context"),
    [
        (b"b" * 32, b"purpose", "row"),
        (SECRET, b"another", "row"),
        (SECRET, b"purpose", "another"),
    ],
)
def test_seal_when_secret_purpose_or_context_is_another_then_does_not_open(
    secret: bytes, purpose: bytes, context: str
) -> None:
    sealed = Seal(SECRET, b"purpose").close("sk-1", ("row",))
    with pytest.raises(SealBroken):
        Seal(secret, purpose).open(sealed, (context,))


def test_seal_when_what_is_there_was_never_sealed_then_does_not_open() -> None:
    for sealed in (b"", b"short", b"n" * 40):
        with pytest.raises(SealBroken):
            Seal(SECRET, b"purpose").open(sealed, ())
