"""What a scan says about a table: roles with their evidence, never a value of the table."""

from dataclasses import dataclass
from typing import Any

from sandbox.roles import Role


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason for a role: a stable rule code, the share of non-null rows that it hit, and why.

    `hit_rate` is within 0 and 1 and is 1 for rules about the column name or the whole column.
    """

    rule: str
    hit_rate: float
    detail: str

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {"rule": self.rule, "hit_rate": round(self.hit_rate, 4), "detail": self.detail}


@dataclass(frozen=True, slots=True)
class ColumnFinding:
    """The role of one column and the ratios it was decided on.

    `distinct_ratio` is distinct values / non-null rows, `null_ratio` null rows / rows.
    """

    name: str
    physical_type: str
    role: Role
    evidence: tuple[Evidence, ...]
    distinct_count: int
    distinct_ratio: float
    null_ratio: float

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "name": self.name,
            "physical_type": self.physical_type,
            "role": self.role.value,
            "evidence": [entry.to_json() for entry in self.evidence],
            "distinct_count": self.distinct_count,
            "distinct_ratio": round(self.distinct_ratio, 4),
            "null_ratio": round(self.null_ratio, 4),
        }


@dataclass(frozen=True, slots=True)
class ScanReport:
    """The findings of a table, in column order, and whether its rows are about persons."""

    findings: tuple[ColumnFinding, ...]
    holds_persons: bool
    rows: int

    @property
    def roles(self) -> dict[str, Role]:
        """The role of every scanned column by name."""
        return {finding.name: finding.role for finding in self.findings}

    def named(self, role: Role) -> tuple[str, ...]:
        """Return the names of the columns that have `role`."""
        return tuple(finding.name for finding in self.findings if finding.role is role)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "rows": self.rows,
            "holds_persons": self.holds_persons,
            "columns": [finding.to_json() for finding in self.findings],
        }
