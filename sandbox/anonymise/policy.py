"""What a provider asks of a release: the role of each column, k, l, its size and its form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sandbox.anonymise.errors import CannotAnonymise
from sandbox.roles import Role

MAX_RELEASED_ROWS = 1_000_000
MAX_DIVERSITY = 64


class Form(StrEnum):
    """How a generalised value is written.

    `RANGE` publishes a representative value with its bounds (numbers, dates, ordered words) or its
    set of covered values (categories).
    """

    RANGE = "range"


class Withholding(StrEnum):
    """What happens to a direct identifier or a free text.

    `DROP` leaves the column out. `MASK` keeps the column, so that queries naming it still run, with
    the same text in every row: a partly masked number would be a quasi-identifier.
    """

    DROP = "drop"
    MASK = "mask"


@dataclass(frozen=True, slots=True)
class AnonymisationPolicy:
    """The parameters of a release.

    `roles` names every column of the source. `orders` gives the words of an ordered text column
    (education levels, say) from least to greatest. `max_rows` bounds the released sample.
    """

    roles: Mapping[str, Role]
    k: int = 5
    l: int = 2  # noqa: E741  (the literature's name: l-diversity)
    max_rows: int = 10_000
    form: Form = Form.RANGE
    withholding: Withholding = Withholding.DROP
    orders: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])

    def __post_init__(self) -> None:
        """Refuse parameters that protect nobody or have no bound."""
        if self.k < 2:  # noqa: PLR2004
            raise CannotAnonymise("k_too_small", f"k is {self.k}, it must be at least 2")
        if not 1 <= self.l <= min(self.k, MAX_DIVERSITY):
            raise CannotAnonymise(
                "l_out_of_range", f"l is {self.l}, it must lie in 1..{min(self.k, MAX_DIVERSITY)}"
            )
        if not self.k <= self.max_rows <= MAX_RELEASED_ROWS:
            raise CannotAnonymise(
                "max_rows_out_of_range",
                f"max_rows is {self.max_rows}, it must lie in {self.k}..{MAX_RELEASED_ROWS}",
            )

    def named(self, role: Role) -> tuple[str, ...]:
        """Return the columns that have `role`, in the policy's order."""
        return tuple(name for name, given in self.roles.items() if given is role)
