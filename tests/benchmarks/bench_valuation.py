"""Relief from royalty over ten years on 4,096 points, against a plain loop and a library of others.

Run `python tests/benchmarks/bench_valuation.py`; it prints the times of one run and their ratios,
and fails if the values do not agree or the vectorised method takes more than 20 ms. The library is
intangible-valuation; without it installed its figures are left out.
"""

import json
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np

from pricing.valuation import case_from_json, result_bytes, value_case
from pricing.valuation.distributions import Array
from pricing.valuation.kinds import compute
from pricing.valuation.methods import Method, Options

try:
    from intangible_valuation.income_methods.relief_from_royalty import relief_from_royalty
except ImportError:  # pragma: no cover
    relief_from_royalty = None

YEARS, POINTS, TAX, ROUNDS = 10, 4_096, 0.25, 7
GOAL_SECONDS = 0.020
REVENUE = tuple(f"revenue_{year}" for year in range(YEARS))

Parameters = dict[str, Array]


def vectorised(parameters: Parameters) -> Array:
    """Value all points at once, by the code that values a case."""
    arguments = {
        "revenue": REVENUE,
        "royalty_rate": ("royalty",),
        "tax_rate": ("tax",),
        "discount_rate": ("rate",),
    }
    options = Options(tax_amortisation_years=YEARS)
    method = Method("relief", "relief_from_royalty", arguments, options)
    return sum(compute(method, parameters, POINTS).values(), np.zeros(POINTS))


def looped(parameters: Parameters) -> Array:
    """Value point after point with plain Python numbers: the same formula, written out."""
    values: list[float] = []
    columns = {name: array.tolist() for name, array in parameters.items()}
    for point in range(POINTS):
        rate, royalty = columns["rate"][point], columns["royalty"][point]
        present = 0.0
        for year in range(YEARS):
            saving = columns[f"revenue_{year}"][point] * royalty * (1 - TAX)
            present += saving / (1 + rate) ** (year + 1)
        annuity = sum(1 / (1 + rate) ** year for year in range(1, YEARS + 1))
        values.append(present / (1 - TAX / YEARS * annuity))
    return np.array(values)


def by_library(parameters: Parameters) -> Array:
    """Value point after point with the library, which builds a report for each."""
    assert relief_from_royalty is not None
    columns = {name: array.tolist() for name, array in parameters.items()}
    return np.array(
        [
            relief_from_royalty(
                [columns[name][point] for name in REVENUE],
                columns["royalty"][point],
                columns["rate"][point],
                TAX,
                YEARS,
            ).value
            for point in range(POINTS)
        ]
    )


def whole_case() -> bytes:
    """Value a case of the same shape with ranges, tornado, Sobol indices and report."""
    figures: dict[str, Any] = {name: {"median": "1000000", "sigma": "0.1"} for name in REVENUE}
    figures |= {
        "royalty": {"low": "0.03", "mode": "0.05", "high": "0.08"},
        "rate": {"low": "0.10", "mode": "0.12", "high": "0.18"},
        "tax": {"value": "0.25"},
    }
    method = {
        "name": "relief",
        "kind": "relief_from_royalty",
        "arguments": {
            "revenue": list(REVENUE),
            "royalty_rate": "royalty",
            "tax_rate": "tax",
            "discount_rate": "rate",
        },
        "tax_amortisation_years": YEARS,
    }
    case = {
        "currency": "CNY",
        "purpose": "benchmark",
        "value_type": "market",
        "valued_on": "2026-11-01",
        "parameters": {name: {**each, "source": "made up"} for name, each in figures.items()},
        "methods": [method],
    }
    return result_bytes(value_case(case_from_json(case)))


def seconds(run: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the median time of several runs."""
    spent: list[float] = []
    for _ in range(rounds):
        started = time.perf_counter()
        run()
        spent.append(time.perf_counter() - started)
    return median(spent)


def main() -> int:
    """Print the times and their ratios as JSON."""
    random = np.random.default_rng(1)
    parameters = {name: random.uniform(0.9e6, 1.4e6, POINTS) for name in REVENUE}
    parameters["royalty"] = random.triangular(0.03, 0.05, 0.08, POINTS)
    parameters["rate"] = random.triangular(0.10, 0.12, 0.18, POINTS)
    parameters["tax"] = np.full(POINTS, TAX)
    if not np.allclose(vectorised(parameters), looped(parameters), rtol=1e-12):
        return 1
    fast = seconds(lambda: vectorised(parameters))
    slow = seconds(lambda: looped(parameters))
    figures: dict[str, float] = {
        "points": POINTS,
        "vectorised_seconds": round(fast, 6),
        "looped_seconds": round(slow, 6),
        "ratio": round(slow / fast, 1),
        "whole_case_seconds": round(seconds(whole_case), 6),
    }
    if relief_from_royalty is not None:
        # It rounds midway, hence the tolerance; once is enough at its pace.
        if not np.allclose(vectorised(parameters), by_library(parameters), rtol=1e-6):
            return 1
        peer = seconds(lambda: by_library(parameters), rounds=1)
        figures |= {"library_seconds": round(peer, 6), "ratio_to_library": round(peer / fast, 1)}
    print(json.dumps(figures))
    return 0 if fast <= GOAL_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
