"""Passwords checked and hashed beside the event loop, a few at a time: each takes 64 MiB for a moment, on purpose."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from weft.identity.secrets import hash_password, verify_password
from weft.kit.errors import Overloaded

_AT_ONCE = 2
_WAIT_S = 10

T = TypeVar("T")


class Passwords:
    """One for all routes that take passwords, so that they share the bound."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def is_right(self, password_hash: str | None, password: str) -> bool:
        """Whether the password is right; takes as long for a user who has none.

        Raises:
            Overloaded: too many wait for the same.
        """
        return await self._in_turn(lambda: verify_password(password_hash, password))

    async def hash(self, password: str) -> str:
        """What is kept of a password.

        Raises:
            WeakPassword: it is too short or too long.
            Overloaded: too many wait for the same.
        """
        return await self._in_turn(lambda: hash_password(password))

    async def _in_turn(self, work: Callable[[], T]) -> T:
        try:
            async with asyncio.timeout(_WAIT_S), self._turns:
                return await asyncio.to_thread(work)
        except TimeoutError as error:
            raise Overloaded("Too many logins at once", retry_after_s=5) from error
