"""Nearest-neighbour Shapley values against the definition, and revenue shared by them."""

from itertools import permutations
from math import factorial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.errors import InvalidInput
from pricing.money import Money
from pricing.shapley import Floats, Labels, knn_shapley, split_revenue


def by_definition(
    features: Floats, labels: Labels, tests: Floats, answers: Labels, k: int
) -> Floats:
    """The mean marginal contribution over all orders in which rows can join."""

    def utility(members: tuple[int, ...]) -> float:
        right = 0
        for point, answer in zip(tests, answers, strict=True):
            distances = np.square(features - point).sum(axis=1)
            nearest = sorted(members, key=lambda i: (distances[i], i))[:k]
            right += sum(labels[i] == answer for i in nearest)
        return right / (k * len(tests))

    total = np.zeros(len(features))
    for order in permutations(range(len(features))):
        for place, row in enumerate(order):
            total[row] += utility(order[: place + 1]) - utility(order[:place])
    return total / factorial(len(features))


@pytest.mark.parametrize(("k", "seed"), [(1, 1), (2, 2), (3, 3), (6, 4)])
def test_closed_form_equals_the_definition(k: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    features, labels = random.normal(size=(6, 2)), random.integers(2, size=6)
    tests, answers = random.normal(size=(3, 2)), random.integers(2, size=3)

    values = knn_shapley(features, labels, tests, answers, k=k)

    np.testing.assert_allclose(
        values, by_definition(features, labels, tests, answers, k), atol=1e-15
    )


def test_values_add_up_to_the_accuracy_and_a_wrong_label_is_worth_less() -> None:
    random = np.random.default_rng(9)
    features = np.concatenate([random.normal(-3, 1, (40, 2)), random.normal(3, 1, (40, 2))])
    labels = np.repeat([0, 1], 40)
    labels[0] = 1
    tests, answers = np.array([[-3.0, -3.0], [3.0, 3.0]]), np.array([0, 1])

    values = knn_shapley(features, labels, tests, answers, k=5)

    nearest = [np.argsort(np.square(features - point).sum(axis=1))[:5] for point in tests]
    accuracy = np.mean(
        [np.mean(labels[rows] == answer) for rows, answer in zip(nearest, answers, strict=True)]
    )
    assert values.sum() == pytest.approx(accuracy)
    assert values[0] < np.median(values[1:40])


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=20), st.integers(0, 10**9))
def test_shares_of_revenue_add_up_to_the_last_fen(values: list[float], fen: int) -> None:
    revenue = Money(fen * 10_000, "CNY")
    owners = [f"org_{i % 3}" for i in range(len(values))]

    shares = split_revenue(revenue, np.array(values), owners)

    assert sum(share.amount_micro for share in shares.values()) == revenue.amount_micro
    assert all(share.amount_micro >= 0 and share.is_whole_minor for share in shares.values())


def test_harm_earns_nothing_and_no_good_at_all_is_shared_by_rows() -> None:
    revenue = Money.parse("100", "CNY")

    assert split_revenue(revenue, np.array([0.3, -0.2, 0.1]), ["a", "b", "c"]) == {
        "a": Money.parse("75", "CNY"),
        "b": Money.zero("CNY"),
        "c": Money.parse("25", "CNY"),
    }
    assert split_revenue(revenue, np.zeros(4), ["a", "b", "b", "b"]) == {
        "a": Money.parse("25", "CNY"),
        "b": Money.parse("75", "CNY"),
    }


def test_more_neighbours_than_rows_are_refused() -> None:
    one = np.zeros((1, 1))
    with pytest.raises(InvalidInput) as refusal:
        knn_shapley(one, np.zeros(1, np.int64), one, np.zeros(1, np.int64), k=2)

    assert refusal.value.field == "k"
