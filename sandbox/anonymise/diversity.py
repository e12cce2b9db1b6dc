"""Distinct l-diversity as a window of legal cuts.

Machanavajjhala et al., "l-Diversity: Privacy Beyond k-Anonymity" (TKDD 2007), section 4,
names the instantiation by the number of distinct sensitive values in a class.
"""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sandbox.anonymise.axes import codes_of

_LEAST_BUCKETS = 16


def diversity_codes(column: pa.Array, least: int) -> tuple[NDArray[np.int32], int]:
    """Code a sensitive column for the diversity test; return the codes and the distinct values.

    A column of many values is coded by neighbouring buckets of about equal count of values. Two
    buckets hold two values, so the test becomes stricter, never weaker, and close figures do not
    pass as diverse. Missing counts as a value, as it is published as one.
    """
    codes, values = codes_of(column)
    buckets = max(_LEAST_BUCKETS, 2 * least)
    distinct = len(values)
    if distinct > buckets:
        codes = (codes.astype(np.int64) * buckets // distinct).astype(np.int32)
    return codes, distinct


def diverse_window(
    partition: NDArray[np.int32],
    codes: NDArray[np.int32],
    sensitive: NDArray[np.int32],
    count: int,
    least: int,
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Return per partition the window [low, high) of cut codes that leave both sides diverse.

    The left side of a cut after code c holds the sensitive values whose first code is at most c, so
    it holds `least` of them from the least-th smallest first code on; the right side mirrors it.
    """
    width = int(sensitive.max()) + 1
    beyond = np.iinfo(np.int32).max
    if width < least:
        return np.full(count, beyond, np.int32), np.full(count, -1, np.int32)
    keys = partition.astype(np.int64) * width + sensitive
    first = np.full(count * width, beyond, np.int32)
    last = np.full(count * width, -1, np.int32)
    np.minimum.at(first, keys, codes)
    np.maximum.at(last, keys, codes)
    low = np.partition(first.reshape(count, width), least - 1, axis=1)[:, least - 1]
    high = np.partition(last.reshape(count, width), width - least, axis=1)[:, width - least]
    return low, high
