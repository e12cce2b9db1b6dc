"""Made-up deals with a known price model, for tests of the market approach."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np

from pricing.valuation.market.deal import Deal, Party, Target

VALUED_ON = date(2026, 11, 23)
EFFECTS = {"log_rows": 0.6, "quality": 1.5, "age_years": -0.2, "exclusive": 0.7}
"""What the planted model adds to the logarithm of the price per month."""
CONSTANT, TERM_EFFECT, FINANCE_EFFECT = 1.0, -0.15, 0.4


def deal(**changes: Any) -> Deal:
    """A settled deal between strangers: a year of 10,000 rows for 12,000 CNY."""
    members: dict[str, Any] = {
        "id": "deal_1",
        "price": Decimal(12_000),
        "currency": "CNY",
        "settled_on": date(2026, 6, 1),
        "is_refunded": False,
        "term_months": Decimal(12),
        "licence": "file",
        "is_exclusive": False,
        "subject": "transport",
        "rows": 10_000,
        "entities": None,
        "quality": Decimal("0.9"),
        "age_years": Decimal(1),
        "seller": Party(entity="seller"),
        "buyer": Party(entity="buyer"),
        "is_confidential": True,
    }
    return Deal(**(members | changes))


def target(**changes: Any) -> Target:
    """A year of 20,000 rows that nobody has bought yet."""
    members: dict[str, Any] = {
        "rows": 20_000,
        "entities": None,
        "quality": Decimal("0.8"),
        "age_years": Decimal("0.5"),
        "term_months": Decimal(12),
        "licence": "file",
        "is_exclusive": False,
        "subject": "transport",
    }
    return Target(**(members | changes))


def planted(count: int, noise: float, seed: int) -> list[Deal]:
    """Deals whose prices follow the planted model, with normal errors of the logarithm."""
    random = np.random.default_rng(seed)
    return [_planted(i, noise, random) for i in range(count)]


def planted_price(one: Deal | Target) -> float:
    """The whole price of a licence under the planted model, without noise."""
    months, quality = float(one.term_months or 1), float(one.quality or 0)
    logarithm = CONSTANT + EFFECTS["log_rows"] * float(np.log(one.rows))
    logarithm += EFFECTS["quality"] * quality + EFFECTS["age_years"] * float(one.age_years)
    logarithm += EFFECTS["exclusive"] * one.is_exclusive + TERM_EFFECT * float(np.log(months))
    logarithm += FINANCE_EFFECT * (one.subject == "finance")
    return float(np.exp(logarithm)) * months


def _planted(number: int, noise: float, random: np.random.Generator) -> Deal:
    made = deal(
        id=f"deal_{number:04}",
        rows=int(10 ** random.uniform(3, 7)),
        quality=Decimal(str(round(random.uniform(0.5, 1.0), 3))),
        age_years=Decimal(str(round(random.uniform(0, 5), 2))),
        is_exclusive=bool(random.uniform() < 0.3),
        term_months=Decimal(int(random.integers(1, 37))),
        subject="finance" if random.uniform() < 0.4 else "transport",
        seller=Party(entity=f"seller_{number}"),
        buyer=Party(entity=f"buyer_{number}"),
    )
    paid = planted_price(made) * float(np.exp(random.normal(0, noise)))
    return replace(made, price=Decimal(repr(paid)).quantize(Decimal("1e-9")))
