"""How many rows a part of a body counts: every row that it touches.

A part is bytes, and a row may be wider than the part: rounding down, a body fetched in small parts
would count no row at all.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RowShares:
    """Rows that lie evenly over the bytes of a body."""

    rows: int
    size_bytes: int

    def between(self, start: int, stop: int) -> int:
        """The rows that the bytes [start, stop) touch; one that a cut goes through is counted."""
        if stop <= start:
            return 0
        return -(-stop * self.rows // self.size_bytes) - start * self.rows // self.size_bytes
