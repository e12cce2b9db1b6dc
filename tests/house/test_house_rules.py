"""The rules of this code base that no tool knows. Each failure lists the places to repair."""

import ast
import re

from tests.house.tree import ROOT, functions, here, shipped_modules, syntax_tree, tracked_texts

MODULE_LINES_MAX = 400
FUNCTION_LINES_MAX = 50
# Such a module has no reason to exist that its name could tell.
_EMPTY_NAMES = {"util", "utils", "helper", "helpers", "manager", "managers", "mapper", "mappers"}
_ADR_HEADINGS = ("Context", "Decision", "Consequences", "Alternatives")

# Written so that this file does not match itself.
_UNFINISHED = re.compile(r"\b(?:TO[D]O|FIX[M]E)\b")
_REGISTRY_HOST = re.compile(
    r"\b(?:py[p]i\.(?:org|python\.org)|pythonhosted\.[o]rg|npm[j]s\.(?:org|com))"
)
_MACHINE_PATH = re.compile(r"(?<![\w.~$}])/(?:[t]mp|[r]oot|[h]ome|[w]ork|[U]sers)/")


def test_no_module_is_longer_than_its_limit() -> None:
    lengths = {path: len(path.read_text("utf-8").splitlines()) for path in shipped_modules()}

    assert [here(path) for path, lines in lengths.items() if lines > MODULE_LINES_MAX] == []


def test_no_function_is_longer_than_its_limit() -> None:
    too_long = [
        f"{here(path, function.lineno)} {function.name}"
        for path in shipped_modules()
        for function in functions(path)
        if (function.end_lineno or 0) - function.lineno + 1 > FUNCTION_LINES_MAX
    ]

    assert too_long == []


def test_nobody_commits_outside_persistence() -> None:
    commits = [
        here(path, node.lineno)
        for path in shipped_modules()
        if not path.is_relative_to(ROOT / "exchange_market" / "persistence")
        for node in ast.walk(syntax_tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "commit"
    ]

    assert commits == []


def test_every_module_is_named_after_what_it_holds() -> None:
    assert [
        here(path)
        for path in shipped_modules()
        if _EMPTY_NAMES & {path.stem, *path.relative_to(ROOT).parts}
    ] == []


def test_no_postponed_evaluation_of_annotations() -> None:
    """SQLModel and Litestar read annotations at run time; see docs/decisions."""
    assert [
        here(path, node.lineno)
        for path in shipped_modules()
        for node in syntax_tree(path).body
        if isinstance(node, ast.ImportFrom) and node.module == "__future__"
    ] == []


def test_nothing_is_left_for_later_in_a_comment() -> None:
    assert _places(_UNFINISHED) == []


def test_no_committed_file_names_a_package_registry() -> None:
    assert _places(_REGISTRY_HOST) == []


def test_no_committed_file_names_a_path_of_one_machine() -> None:
    assert _places(_MACHINE_PATH) == []


def test_every_decision_has_the_four_sections() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))

    assert decisions != []
    assert [
        f"{here(path)} {heading}"
        for path in decisions
        for heading in _ADR_HEADINGS
        if not re.search(rf"^## {heading}$", path.read_text("utf-8"), re.MULTILINE)
    ] == []


def _places(pattern: re.Pattern[str]) -> list[str]:
    return [
        here(path, number)
        for path in tracked_texts()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1)
        if pattern.search(line)
    ]
