"""The import contract of our own finds what it is for, and nothing else."""

from grimp import ImportGraph

from tests.house.slice_tables import SliceTables

_MODULES = (
    "shop", "shop.catalog", "shop.catalog.rows", "shop.catalog.revision_store",
    "shop.catalog.service", "shop.orders", "shop.orders.service", "shop.app",
)  # fmt: skip


def _trespasses(*imports: tuple[str, str]) -> list[tuple[str, str]]:
    graph = ImportGraph()
    for module in _MODULES:
        graph.add_module(module)
    for importer, imported in imports:
        graph.add_import(importer=importer, imported=imported)
    contract = SliceTables(
        name="tables",
        session_options={},
        contract_options={"package": "shop", "owned": ["store", "rows"]},
    )
    return contract.check(graph, verbose=False).metadata["trespasses"]


def test_a_slice_uses_its_own_tables() -> None:
    assert (
        _trespasses(
            ("shop.catalog.service", "shop.catalog.rows"),
            ("shop.catalog.service", "shop.catalog.revision_store"),
        )
        == []
    )


def test_a_slice_may_call_the_service_of_another() -> None:
    assert _trespasses(("shop.orders.service", "shop.catalog.service")) == []


def test_nobody_else_uses_the_tables_of_a_slice() -> None:
    assert _trespasses(
        ("shop.orders.service", "shop.catalog.rows"), ("shop.app", "shop.catalog.revision_store")
    ) == [
        ("shop.app", "shop.catalog.revision_store"),
        ("shop.orders.service", "shop.catalog.rows"),
    ]
