"""The role a column plays when a table is released, and which role is the more cautious one."""

from enum import StrEnum


class Role(StrEnum):
    """What a column can tell an attacker about a person.

    The vocabulary (direct identifier, quasi-identifier) is that of GB/T 37964-2019, "Information
    security technology: Guide for de-identifying personal information".
    """

    FREE = "free"
    SENSITIVE = "sensitive"
    QUASI_IDENTIFIER = "quasi_identifier"
    FREE_TEXT = "free_text"
    DIRECT_IDENTIFIER = "direct_identifier"

    @property
    def caution(self) -> int:
        """Rank by how much of the column a release withholds: 0 all published, 4 nothing."""
        return _BY_CAUTION.index(self)

    def is_at_least(self, other: "Role") -> bool:
        """Say whether this role protects at least as much as `other`."""
        return self.caution >= other.caution


# Free columns are published as they are, sensitive ones inside diverse classes, quasi-identifiers
# generalised; free text and direct identifiers are withheld.
_BY_CAUTION = (
    Role.FREE,
    Role.SENSITIVE,
    Role.QUASI_IDENTIFIER,
    Role.FREE_TEXT,
    Role.DIRECT_IDENTIFIER,
)
