"""Which rows of an anonymised table are released: whole classes, drawn by the secret."""

import numpy as np
from numpy.typing import NDArray

from sandbox.anonymise.errors import CannotAnonymise
from sandbox.anonymise.secrecy import keyed_numbers, keyed_order

# A class is thinned only if its share of the sample is still this many times k.
_THINNED_SHARE = 2


def draw_classes(  # noqa: PLR0913  (the parameters of the release, all by keyword)
    classes: NDArray[np.int32],
    sensitive: tuple[NDArray[np.int32], ...],
    *,
    k: int,
    least: int,
    max_rows: int,
    secret: bytes,
) -> NDArray[np.int64]:
    """Return the ascending ordinals of at most `max_rows` rows that still form classes of `k`.

    A class is drawn whole or not at all, in the secret order, passing over what does not fit. A
    class so large that its proportional share alone holds 2k rows gives that share instead (few
    quasi-identifiers make few huge classes); if the share lost the diversity, none of it is drawn.
    """
    rows = len(classes)
    if rows <= max_rows:
        return np.arange(rows)
    sizes = np.bincount(classes)
    shares = sizes * max_rows // rows
    is_large = shares >= _THINNED_SHARE * k
    thinned = _thin(classes, np.where(is_large, shares, 0), secret)
    for codes in sensitive:
        thinned = _keep_diverse(thinned, classes, codes, least)
    whole = _draw_whole(np.where(is_large, 0, sizes), k, max_rows - len(thinned), secret)
    drawn = np.sort(np.concatenate([thinned, np.flatnonzero(whole[classes])]))
    if len(drawn) < k:
        raise CannotAnonymise(
            "sample_too_small",
            f"no equivalence class fits into {max_rows} rows; raise max_rows or lower k",
        )
    return drawn


def _thin(
    classes: NDArray[np.int32], shares: NDArray[np.int64], secret: bytes
) -> NDArray[np.int64]:
    """Draw `shares[c]` rows of each class c uniformly."""
    rows = np.flatnonzero(shares[classes] > 0)
    keys = keyed_numbers(secret, "thin", len(classes))[rows]
    order = np.lexsort((keys, classes[rows]))
    number = classes[rows][order]
    starts = np.flatnonzero(np.diff(number, prepend=-1))
    lengths = np.diff(np.append(starts, len(number)))
    rank = np.arange(len(number)) - np.repeat(starts, lengths)
    return rows[order[rank < shares[number]]]


def _keep_diverse(
    rows: NDArray[np.int64], classes: NDArray[np.int32], codes: NDArray[np.int32], least: int
) -> NDArray[np.int64]:
    """Leave out the rows of classes that hold fewer than `least` codes among these rows."""
    if not len(rows):
        return rows
    width = int(codes.max()) + 1
    pairs = np.unique(classes[rows].astype(np.int64) * width + codes[rows])
    distinct = np.bincount(pairs // width, minlength=int(classes.max()) + 1)
    return rows[distinct[classes[rows]] >= least]


def _draw_whole(sizes: NDArray[np.int64], k: int, budget: int, secret: bytes) -> NDArray[np.bool_]:
    is_drawn = np.zeros(len(sizes), np.bool_)
    for number in keyed_order(secret, "classes", len(sizes)).tolist():
        if budget < k:
            break
        size = int(sizes[number])
        if 0 < size <= budget:
            is_drawn[number] = True
            budget -= size
    return is_drawn
