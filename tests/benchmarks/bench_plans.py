"""Rating 100,000 usages under ten tiers, and certifying fifty tiers: against plain loops, same run.

Run `python tests/benchmarks/bench_plans.py`; it prints times and ratios, and fails if bulk rating
does not give the figures of the loop, or the certificate is not that of trying every quantity.
"""

import json
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from statistics import median

from pricing.plans import (
    Graduated,
    Meter,
    Plan,
    Proved,
    Rejected,
    Tier,
    Usage,
    certify,
    rate,
    rate_all,
)
from pricing.plans.amounts import charge_amount

USAGES, NAIVE_USAGES, ROUNDS = 100_000, 2_000, 5
TIERS, TIER_ROWS = 50, 20


def plan(tiers: int, rows: int, prices: Callable[[int], int]) -> Plan:
    """Graduated tiers of so many rows each, at so many thousandths a row."""
    bands = [Tier(rows * (n + 1), Decimal(prices(n)) / 1000) for n in range(tiers - 1)]
    last = Tier(None, Decimal(prices(tiers - 1)) / 1000)
    return Plan("CNY", (Graduated(Meter.ROWS, (*bands, last)),))


def tried(tested: Plan) -> bool:
    """Whether no two purchases are cheaper than one: every pair up to past the last tier."""
    most = TIERS * TIER_ROWS + 1
    asked = [charge_amount(tested.charges[0], Usage({Meter.ROWS: q})) for q in range(most + 1)]
    return all(less <= more for less, more in pairwise(asked)) and not any(
        asked[a] + asked[b] < asked[a + b]
        for a in range(1, most // 2 + 1)
        for b in range(a, most - a + 1)
    )


def seconds(run: Callable[[], object], rounds: int = ROUNDS) -> float:
    """Return the median time of several runs."""
    spent: list[float] = []
    for _ in range(rounds):
        started = time.perf_counter()
        run()
        spent.append(time.perf_counter() - started)
    return median(spent)


def main() -> int:
    """Print times and ratios as JSON."""
    ten = plan(10, 1_000, lambda n: 500 - 30 * n)
    usages = [Usage({Meter.ROWS: n * 37 % 20_000}) for n in range(USAGES)]
    few = usages[:NAIVE_USAGES]
    expected = [rate(ten, usage).total.amount_micro for usage in few]
    if [bill.total_micro for bill in rate_all(ten, few)] != expected:
        return 1
    bulk = seconds(lambda: rate_all(ten, usages))
    naive = seconds(lambda: [rate(ten, usage) for usage in few]) * USAGES / NAIVE_USAGES
    # Falling tiers are proved by their average price; uneven and rising ones need every pair.
    falling = plan(TIERS, TIER_ROWS, lambda n: 500 - 5 * n)
    rising = plan(TIERS, TIER_ROWS, lambda n: 500 + 5 * n)
    if not isinstance(certify(falling), Proved) or not isinstance(certify(rising), Rejected):
        return 1
    started = time.perf_counter()
    if not tried(falling):
        return 1
    every_pair = time.perf_counter() - started
    proved, rejected = (seconds(lambda p=p: certify(p)) for p in (falling, rising))
    print(
        json.dumps(
            {
                "usages": USAGES,
                "bulk_seconds": round(bulk, 4),
                "loop_seconds": round(naive, 4),
                "loop_over_bulk": round(naive / bulk, 1),
                "tiers": TIERS,
                "proved_seconds": round(proved, 5),
                "rejected_seconds": round(rejected, 5),
                "every_pair_seconds": round(every_pair, 4),
                "every_pair_over_proved": round(every_pair / proved, 1),
            }
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
