"""Zones of contracts mean the same on every machine."""

from datetime import date

import pytest

from contracts.errors import InvalidTerms
from contracts.terms import Period


@pytest.mark.parametrize(
    "zone", ["localtime", "posixrules", "Factory", "posix/Asia/Shanghai", "right/Asia/Shanghai"]
)
def test_a_zone_that_depends_on_the_machine_is_refused(zone: str) -> None:
    with pytest.raises(InvalidTerms):
        Period(date(2026, 1, 1), date(2026, 2, 1), zone)
