"""Resolution of table and column names, WITH clause by WITH clause.

A WITH name is visible only after its own definition and only inside the query that declares it. No
name may hide another: DuckDB lets a WITH clause that refers to itself reach the table behind it.
"""

import difflib
from dataclasses import dataclass, field

from sandbox.gate.refusal import StatementRefused
from sandbox.gate.schema import SampleSchema, folded

_LISTED_MAX = 20
_ALWAYS_KNOWN = frozenset(["current_date"])
"""DuckDB parses this function without brackets as a column."""


@dataclass(slots=True)
class Names:
    """Names that a statement uses and defines, collected while its tree is walked."""

    schema: SampleSchema
    tables_used: set[str] = field(default_factory=set[str])
    _defined: set[str] = field(default_factory=set[str])
    _columns_used: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    _tables: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self._tables = {folded(table): table for table in self.schema.tables}

    def declare(self, name: str, visible: frozenset[str]) -> frozenset[str]:
        """Return the names visible after a WITH clause defined `name`."""
        key = folded(name)
        if key in visible or key in self._tables:
            raise StatementRefused("shadowed_name", construct=name)
        self.define(name)
        return visible | {key}

    def define(self, name: str) -> None:
        """Record an alias: columns may be referred to through it."""
        self._defined.add(folded(name))

    def use_table(self, name: str, visible: frozenset[str], offset: int) -> None:
        """Refuse a table that is neither in the schema nor a visible WITH name."""
        key = folded(name)
        if key in visible:
            return
        if key not in self._tables:
            allowed = sorted(self.schema.tables) + sorted(visible)
            raise StatementRefused(
                "unknown_table", construct=name, allowed=allowed[:_LISTED_MAX], offset=offset
            )
        self.tables_used.add(self._tables[key])

    def use_column(self, name: str, offset: int) -> None:
        """Record a column reference; aliases may follow it, so it is judged at the end."""
        self._columns_used.append((name, offset))

    def check_columns(self) -> None:
        """Refuse a reference to a name that no table has and the statement does not define.

        DuckDB would resolve such a name as a function without brackets, `current_user` for one.
        """
        columns = {column for table in self.tables_used for column in self.schema.tables[table]}
        known = {folded(name) for name in columns | self.tables_used}
        known |= self._defined | _ALWAYS_KNOWN
        for name, offset in self._columns_used:
            if folded(name) not in known:
                near = difflib.get_close_matches(name, sorted(columns), _LISTED_MAX, cutoff=0.6)
                allowed = near or sorted(columns)[:_LISTED_MAX]
                raise StatementRefused(
                    "unknown_column", construct=name, allowed=allowed, offset=offset
                )
