"""The files of this checkout, for rules that no linter knows."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("exchange_market", "pricing", "contracts", "sandbox")
_TEXT_SUFFIXES = frozenset(
    " .cfg .css .html .ini .js .json .mako .md .py .toml .txt .yaml .yml".split(" ")
)


@cache
def shipped_modules() -> tuple[Path, ...]:
    """The Python files of the packages, without tests and migrations."""
    return tuple(sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py")))


@cache
def syntax_tree(path: Path) -> ast.Module:
    """The parsed source of a module."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of a module, nested ones and methods too."""
    for node in ast.walk(syntax_tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@cache
def tracked_texts() -> tuple[Path, ...]:
    """The text files that are or are about to be committed."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    paths = [ROOT / name for name in listing.stdout.split("\0") if name]
    return tuple(p for p in paths if p.suffix in _TEXT_SUFFIXES and p.is_file())


def here(path: Path, line: int = 1) -> str:
    """`path:line` from the root of the checkout."""
    return f"{path.relative_to(ROOT)}:{line}"
