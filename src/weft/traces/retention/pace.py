"""How quickly work in the background goes on: in chunks, with rests between them."""

import asyncio

CHUNK_S = 0.05
FIRST_ROWS = 100
REST = 3
"""Rests after a chunk, in lengths of it."""


class Pace:
    """How many rows a chunk has: as many as take `CHUNK_S`, and `most` however quick the database is."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.rows = FIRST_ROWS

    async def rest(self, took_s: float) -> None:
        """Rest after a chunk that took so long, and fit the next one to it."""
        if took_s < CHUNK_S / 2:
            self.rows = min(self.rows * 2, self._most)
        elif took_s > CHUNK_S:
            self.rows = max(self.rows // 2, 1)
        await asyncio.sleep(took_s * REST)
