"""What was released: the columns, how they relate to the source, and the sizes of the classes."""

from dataclasses import dataclass
from typing import Any

from sandbox.anonymise.axes import Kind
from sandbox.roles import Role


@dataclass(frozen=True, slots=True)
class ReleasedColumn:
    """A column of the release and the source column it speaks of.

    `kind` is set for the columns of a generalised quasi-identifier only, `order` (least first) for
    those of an ordered word.
    """

    name: str
    source: str
    role: Role
    kind: Kind | None = None
    order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Release:
    """The description of a written sample; it holds no secret and no value.

    `rows_considered` is below `rows_source` only if the source was too large to anonymise whole;
    `classes` counts equivalence classes before the draw, `class_sizes_drawn` lists the sizes that
    the drawn classes had then, `class_sizes_released` in the same order how many of their rows are
    in the sample. All are empty for a plain sample of a table without persons.
    """

    rows_source: int
    rows_considered: int
    rows_released: int
    rows_suppressed: int
    k: int | None
    l: int | None  # noqa: E741
    form: str
    classes: int
    class_sizes_drawn: tuple[int, ...]
    class_sizes_released: tuple[int, ...]
    columns: tuple[ReleasedColumn, ...]
    withheld: tuple[str, ...]

    def named(self, role: Role) -> tuple[str, ...]:
        """Return the released columns that have `role`."""
        return tuple(column.name for column in self.columns if column.role is role)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {
            "rows_source": self.rows_source,
            "rows_considered": self.rows_considered,
            "rows_released": self.rows_released,
            "rows_suppressed": self.rows_suppressed,
            "k": self.k,
            "l": self.l,
            "form": self.form,
            "classes": self.classes,
            "classes_released": len(self.class_sizes_drawn),
            "columns": [
                {
                    "name": column.name,
                    "source": column.source,
                    "role": column.role.value,
                    "kind": column.kind.value if column.kind else None,
                }
                for column in self.columns
            ],
            "withheld": list(self.withheld),
        }
