"""What each row of training data contributes to a nearest-neighbour model, in closed form.

For splitting the revenue of a combined product among its providers: a provider's share is the sum
over its rows. Source: Jia et al., "Efficient Task-Specific Data Valuation for Nearest Neighbor
Algorithms" (exact Shapley values of an unweighted K-nearest-neighbour classifier, theorem 1).
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pricing.errors import InvalidInput
from pricing.money import Money

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]

_WEIGHT_UNITS: Final = 10**12


def knn_shapley(
    features: Floats, labels: Labels, test_features: Floats, test_labels: Labels, *, k: int
) -> Floats:
    """Shapley value of every training row for the accuracy of a K-nearest-neighbour classifier.

    `features` is (rows, columns), `test_features` (tests, columns). The values add up to the
    accuracy over the test rows, where a vote counts by the share of right neighbours among `k`.
    Rows at equal distance are ranked in the order given.
    """
    rows = len(features)
    if rows < 1 or len(test_features) < 1:
        raise InvalidInput("features", "needs at least one training row and one test row")
    if features.shape[1] != test_features.shape[1]:
        raise InvalidInput("test_features", "must have the columns of features")
    if len(labels) != rows or len(test_labels) != len(test_features):
        raise InvalidInput("labels", "must have one entry for each row")
    if not 1 <= k <= rows:
        raise InvalidInput("k", f"must be from 1 to {rows}")
    ranks = np.arange(1, rows + 1)
    # The step from one rank to the next; the farthest row has only its own share of a vote.
    steps = np.minimum(k, ranks[:-1]) / (k * ranks[:-1])
    total = np.zeros(rows)
    for point, label in zip(test_features, test_labels, strict=True):
        order = _by_distance(features, point)
        right = (labels[order] == label).astype(np.float64)
        values = np.empty(rows)
        values[-1] = right[-1] * min(k, rows) / (k * rows)
        values[:-1] = values[-1] + np.cumsum(((right[:-1] - right[1:]) * steps)[::-1])[::-1]
        total[order] += values
    return total / len(test_features)


def _by_distance(features: Floats, point: Floats) -> Labels:
    offsets = features - point
    squares = np.einsum("ij,ij->i", offsets, offsets)
    order = np.argsort(squares)
    ranked = squares[order]
    if np.any(ranked[1:] == ranked[:-1]):
        # The fast sort leaves equal distances in an order that differs between machines.
        return np.argsort(squares, kind="stable")
    return order


def split_revenue(revenue: Money, values: Floats, owners: Sequence[str]) -> dict[str, Money]:
    """Share revenue among the owners of rows by the sums of their values, to the last minor unit.

    An owner whose rows do more harm than good gets nothing; where nobody's rows do good, all share
    by the number of their rows. The order of owners is that of their names.
    """
    if len(values) != len(owners):
        raise InvalidInput("owners", "must name an owner for each row")
    names = sorted(set(owners))
    place = {name: i for i, name in enumerate(names)}
    positions = np.array([place[owner] for owner in owners])
    sums = np.bincount(positions, weights=values, minlength=len(names))
    weights = [Fraction(round(max(0.0, float(each)) * _WEIGHT_UNITS)) for each in sums]
    if not any(weights):
        weights = [Fraction(int(count)) for count in np.bincount(positions)]
    return dict(zip(names, revenue.split(weights), strict=True))
