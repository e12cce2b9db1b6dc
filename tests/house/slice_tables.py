"""An import-linter contract: what holds a slice's SQL is imported by that slice alone.

The built-in `protected` contract cannot tie the importer to the same slice, so it would have to be
repeated, and remembered, for every slice.
"""

import re
from typing import cast

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class SliceTables(Contract):
    """What a child of `package` calls by an `owned` name is imported by that child alone.

    An owned name `store` covers `store`, `revision_store` and the modules below them.
    """

    type_name = "slice_tables"

    package = fields.StringField()
    owned = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Find the direct imports of a slice's modules by anyone else."""
        del verbose
        trespasses = [
            (importer, imported)
            for home in sorted(graph.find_children(cast(str, self.package)))
            for imported in self._owned_modules(graph, home)
            for importer in sorted(graph.find_modules_that_directly_import(imported))
            if importer != home and not importer.startswith(f"{home}.")
        ]
        return ContractCheck(kept=not trespasses, metadata={"trespasses": trespasses})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Name each importer and what it should not have imported."""
        for importer, imported in cast(list[tuple[str, str]], check.metadata["trespasses"]):
            output.print_error(f"{importer} is not allowed to import {imported}")
        output.new_line()

    def _owned_modules(self, graph: ImportGraph, home: str) -> list[str]:
        owned = set(cast(list[str], self.owned))
        heads = [m for m in graph.find_children(home) if re.split(r"[._]", m)[-1] in owned]
        return sorted({*heads, *(m for head in heads for m in graph.find_descendants(head))})
