"""The built wheel carries its migrations and runs where the source tree is not."""

import shutil
import sqlite3
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.support.served import environment

pytestmark = pytest.mark.slow

SOURCE = Path(__file__).parents[3]
PARTS = ("exchange_market", "pricing", "contracts", "sandbox", "alembic")


def run(command: Sequence[str | Path], cwd: Path, **variables: str) -> str:
    """The output of a command that must succeed."""
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=environment() | variables,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy of the source, so that nothing is written beside it."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    for part in PARTS:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(SOURCE / part, source / part, ignore=ignored)
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(SOURCE / name, source / name)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder]
    run([*command, source], folder)
    return next(folder.glob("*.whl"))


def test_the_wheel_carries_every_revision_and_no_tests(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())

    revisions = {path.name for path in (SOURCE / "alembic" / "versions").glob("*.py")}
    assert "exchange_market/migrations/env.py" in names
    assert {f"exchange_market/migrations/versions/{name}" for name in revisions} <= names
    assert not [name for name in names if name.startswith(("tests/", "alembic/"))]
    assert "contracts/__init__.py" in names
    assert "pricing/__init__.py" in names
    assert "sandbox/__init__.py" in names
    profiles = {path.name for path in (SOURCE / "pricing/valuation/standards").glob("*.toml")}
    assert len(profiles) == 5
    assert {f"pricing/valuation/standards/{name}" for name in profiles} <= names


def test_the_wheel_carries_the_templates_of_documents(wheel: Path) -> None:
    folder = SOURCE / "exchange_market" / "documents" / "templates"
    wanted = {f"exchange_market/documents/templates/{path.name}" for path in folder.iterdir()}

    with zipfile.ZipFile(wheel) as archive:
        assert wanted <= set(archive.namelist())
    assert len(wanted) == 3


def test_the_installed_wheel_migrates_outside_the_source_tree(wheel: Path, tmp_path: Path) -> None:
    installed, data = tmp_path / "installed", tmp_path / "data"
    pip = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--quiet"]
    run([*pip, "--target", installed, wheel], tmp_path)
    # -S leaves out site-packages' .pth files, hence the editable install of the source tree.
    python = [sys.executable, "-S", "-P"]
    paths = {"PYTHONPATH": f"{installed}:{sysconfig.get_path('purelib')}"}

    where = run(
        [*python, "-c", "import exchange_market; print(exchange_market.__file__)"],
        tmp_path,
        **paths,
    )
    run(
        [*python, "-m", "exchange_market", "migrate", "--data-dir", data],
        tmp_path,
        **paths,
    )

    assert Path(where.strip()).is_relative_to(installed)
    with sqlite3.connect(data / "exchange.db") as connection:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
        revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    connection.close()
    assert {"ledger_entry", "audit_leaf", "outbox", "ledger_entry_refuses_update"} <= tables
    newest = max(path.name for path in (SOURCE / "alembic" / "versions").glob("*.py"))
    assert newest.startswith(revision[0])
