"""Small price plans of every model, for property tests that can try every quantity."""

from decimal import Decimal

from hypothesis import strategies as st

from pricing.plans import (
    Charge,
    Commitment,
    CostPlus,
    Flat,
    Graduated,
    GraduatedPercentage,
    Meter,
    OneOff,
    Package,
    Percentage,
    PerUnit,
    Plan,
    RateTier,
    Subscription,
    Tier,
    TieredPackage,
    Usage,
    UsageDiscount,
    Volume,
)

MICRO = Decimal("0.000001")
PRICES = st.integers(0, 30).map(lambda tenths: Decimal(tenths) / 10)
LIMITS = st.integers(0, 60).map(Decimal)
SHARES = st.integers(0, 10).map(lambda tenths: Decimal(tenths) / 10)
ROWS = st.just(Meter.ROWS)
QUANTITIES = st.integers(0, 40)


@st.composite
def tiers(draw: st.DrawFn) -> tuple[Tier, ...]:
    """One to four tiers that end at 12 at most."""
    ends = sorted(draw(st.sets(st.integers(1, 12), max_size=3)))
    flats = st.one_of(st.just(Decimal(0)), PRICES)
    return tuple(Tier(end, draw(PRICES), draw(flats)) for end in (*ends, None))


@st.composite
def rate_tiers(draw: st.DrawFn) -> tuple[RateTier, ...]:
    """The same for declared money, a few micro-units of it, so that every amount can be tried."""
    ends = sorted(draw(st.sets(st.integers(1, 12), max_size=3)))
    flats = st.one_of(st.just(Decimal(0)), SHARES.map(lambda share: share * MICRO))
    found = [RateTier(end * MICRO, draw(SHARES), draw(flats)) for end in ends]
    return (*found, RateTier(None, draw(SHARES), draw(flats)))


UNIT_CHARGES: st.SearchStrategy[Charge] = st.one_of(
    st.builds(PerUnit, ROWS, PRICES, st.integers(1, 3), st.integers(0, 2)),
    st.builds(Package, ROWS, st.integers(1, 5), PRICES, st.integers(0, 2)),
    st.builds(Graduated, ROWS, tiers(), st.integers(1, 3)),
    st.builds(Volume, ROWS, tiers(), st.integers(1, 3), st.booleans()),
    st.builds(TieredPackage, ROWS, st.integers(1, 4), tiers()),
    st.builds(TieredPackage, ROWS, st.integers(1, 4), tiers(), st.just(True), st.booleans()),
    st.builds(Commitment, ROWS, PRICES, st.integers(0, 5), PRICES, st.integers(1, 3)),
)


@st.composite
def usage_discounts(draw: st.DrawFn) -> UsageDiscount:
    """A discount on any charge that takes one."""
    size = draw(st.integers(1, 4))
    charge = draw(
        st.one_of(
            st.builds(PerUnit, ROWS, PRICES, st.integers(1, 3)),
            st.builds(Package, ROWS, st.just(size), PRICES),
            st.builds(Graduated, ROWS, tiers(), st.integers(1, 3)),
            st.builds(TieredPackage, ROWS, st.just(size), tiers()),
        )
    )
    above = size * draw(st.integers(0, 4))
    return UsageDiscount(charge, draw(st.integers(0, 2)), above, draw(SHARES))


CHARGES: st.SearchStrategy[Charge] = st.one_of(
    UNIT_CHARGES,
    usage_discounts(),
    st.builds(Flat, PRICES),
    st.builds(Subscription, PRICES, st.integers(1, 5), st.booleans()),
    st.builds(OneOff, PRICES),
    st.builds(
        Percentage, SHARES, st.integers(0, 3).map(lambda n: n * MICRO), PRICES, st.integers(0, 2)
    ),
    st.builds(GraduatedPercentage, rate_tiers()),
    st.builds(CostPlus, PRICES),
)


@st.composite
def plans(draw: st.DrawFn, charges: st.SearchStrategy[Charge] = CHARGES) -> Plan:
    """One to three charges with or without minimum, maximum and bound allowance."""
    chosen = tuple(draw(st.lists(charges, min_size=1, max_size=3)))
    low, high = sorted((draw(LIMITS), draw(LIMITS)))
    return Plan(
        draw(st.sampled_from(["CNY", "JPY", "KWD"])),
        chosen,
        low if draw(st.booleans()) else None,
        high if draw(st.booleans()) else None,
        draw(st.booleans()),
    )


USAGES = st.dictionaries(st.sampled_from(list(Meter)), QUANTITIES).map(Usage)
