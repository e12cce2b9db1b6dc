"""Orders and draws of rows that only the holder of a secret can repeat."""

import hashlib

import numpy as np
from numpy.typing import NDArray

from sandbox.anonymise.errors import CannotAnonymise

_BLOCK_ROWS = 1 << 20
_LEAST_SECRET_BYTES = 16


def check_secret(secret: bytes) -> None:
    """Refuse a secret that can be guessed."""
    if len(secret) < _LEAST_SECRET_BYTES:
        raise CannotAnonymise(
            "secret_too_short", f"the secret must have at least {_LEAST_SECRET_BYTES} bytes"
        )


def keyed_numbers(secret: bytes, purpose: str, count: int) -> NDArray[np.uint64]:
    """Return `count` pseudorandom 64-bit numbers bound to the secret and the purpose.

    SHAKE256 (FIPS 202, section 6.2) over length-prefixed inputs serves as the pseudorandom
    function: unlike a statistical generator, its output does not give the seed away.
    """
    blocks = [
        np.frombuffer(_block(secret, purpose, start, min(_BLOCK_ROWS, count - start)), "<u8")
        for start in range(0, count, _BLOCK_ROWS)
    ]
    return np.concatenate(blocks) if blocks else np.empty(0, np.uint64)


def keyed_order(secret: bytes, purpose: str, count: int) -> NDArray[np.int64]:
    """Return the permutation of 0..count-1 that the secret decides."""
    return np.argsort(keyed_numbers(secret, purpose, count), kind="stable")


def draw_rows(secret: bytes, purpose: str, population: int, wanted: int) -> NDArray[np.int64]:
    """Draw `wanted` of `population` rows uniformly without replacement; ascending ordinals.

    Memory is bounded by `wanted` and one block: only the smallest keys so far are held.
    """
    if wanted >= population:
        return np.arange(population)
    keys = np.empty(0, np.uint64)
    rows = np.empty(0, np.int64)
    for start in range(0, population, _BLOCK_ROWS):
        size = min(_BLOCK_ROWS, population - start)
        block = np.frombuffer(_block(secret, purpose, start, size), "<u8")
        keys = np.concatenate([keys, block])
        rows = np.concatenate([rows, np.arange(start, start + size)])
        if len(keys) > wanted:
            smallest = np.argpartition(keys, wanted - 1)[:wanted]
            keys, rows = keys[smallest], rows[smallest]
    return np.sort(rows)


def _block(secret: bytes, purpose: str, start: int, size: int) -> bytes:
    label = purpose.encode()
    head = len(secret).to_bytes(8) + secret + len(label).to_bytes(8) + label + start.to_bytes(8)
    return hashlib.shake_256(head).digest(8 * size)
