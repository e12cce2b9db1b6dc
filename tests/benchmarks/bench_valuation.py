"""Relief from royalty over ten years on 4,096 points: vectorised against a plain loop, same run.

Run `python tests/benchmarks/bench_valuation.py`; it prints both times and their ratio, and fails if
the two do not agree.
"""

import json
import sys
import time
from collections.abc import Callable
from statistics import median

import numpy as np

from pricing.valuation.distributions import Array
from pricing.valuation.kinds import compute
from pricing.valuation.methods import Method, Options

YEARS, POINTS, TAX, ROUNDS = 10, 4_096, 0.25, 7


def vectorised(parameters: dict[str, Array]) -> Array:
    """Value all points at once, by the code that values a case."""
    arguments = {
        "revenue": tuple(f"revenue_{year}" for year in range(YEARS)),
        "royalty_rate": ("royalty",),
        "tax_rate": ("tax",),
        "discount_rate": ("rate",),
    }
    method = Method("relief", "relief_from_royalty", arguments, Options(tax_amortisation_years=5))
    return sum(compute(method, parameters, POINTS).values(), np.zeros(POINTS))


def looped(parameters: dict[str, Array]) -> Array:
    """Value point after point with plain Python numbers: the same formula, written out."""
    values: list[float] = []
    columns = {name: array.tolist() for name, array in parameters.items()}
    for point in range(POINTS):
        rate, royalty = columns["rate"][point], columns["royalty"][point]
        present = 0.0
        for year in range(YEARS):
            saving = columns[f"revenue_{year}"][point] * royalty * (1 - TAX)
            present += saving / (1 + rate) ** (year + 1)
        annuity = sum(1 / (1 + rate) ** year for year in range(1, 6))
        values.append(present / (1 - TAX / 5 * annuity))
    return np.array(values)


def seconds(run: Callable[[dict[str, Array]], Array], parameters: dict[str, Array]) -> float:
    """Return the median time of several runs."""
    spent: list[float] = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        run(parameters)
        spent.append(time.perf_counter() - started)
    return median(spent)


def main() -> int:
    """Print the two times and their ratio as JSON."""
    random = np.random.default_rng(1)
    parameters = {f"revenue_{year}": random.uniform(0.9e6, 1.4e6, POINTS) for year in range(YEARS)}
    parameters["royalty"] = random.triangular(0.03, 0.05, 0.08, POINTS)
    parameters["rate"] = random.triangular(0.10, 0.12, 0.18, POINTS)
    parameters["tax"] = np.full(POINTS, TAX)
    if not np.allclose(vectorised(parameters), looped(parameters), rtol=1e-12):
        return 1
    fast, slow = seconds(vectorised, parameters), seconds(looped, parameters)
    print(
        json.dumps(
            {
                "points": POINTS,
                "vectorised_seconds": round(fast, 6),
                "looped_seconds": round(slow, 6),
                "ratio": round(slow / fast, 1),
            }
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
