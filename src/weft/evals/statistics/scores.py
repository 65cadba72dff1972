"""One score over rows, as the other files of this package work with it: an array, and whether its values are passes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Scores:
    """Values by row; each place is the same row in all that are compared."""

    values: NDArray[np.float64]
    """NaN where a row has none."""
    are_passes: bool
    """Whether each value says yes (1) or no (0)."""

    @classmethod
    def of(cls, rows: "Rows") -> "Scores":
        """`rows` as an array; booleans are passes if nothing else is among them."""
        if isinstance(rows, Scores):
            return rows
        are_passes = all(isinstance(one, bool) for one in rows if one is not None)
        values = [np.nan if one is None else float(one) for one in rows]
        return cls(np.asarray(values, dtype=np.float64), are_passes)

    @property
    def known(self) -> NDArray[np.float64]:
        """The values that there are."""
        return self.values[~np.isnan(self.values)]


Rows = Sequence[float | bool | None] | Scores
"""What is compared: None, or NaN in an array, where a row has no value."""
