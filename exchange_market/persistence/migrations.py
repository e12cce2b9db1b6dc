"""Running the migrations, from the source tree or from the wheel that carries them."""

import asyncio
import importlib
import pkgutil
from pathlib import Path

from alembic.config import Config
from alembic.util import CommandError

import exchange_market
from alembic import command

_PACKAGE = Path(exchange_market.__file__).parent


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database to `revision`; safe to run again. Blocking: call it outside an event
    loop."""
    command.upgrade(_config(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Take the database back to `revision` (for example `-1`)."""
    command.downgrade(_config(url), revision)


def matches_tables(url: str) -> bool:
    """Whether the migrated database equals the tables that the code declares."""
    try:
        command.check(_config(url))
    except CommandError:
        return False
    return True


def write_revision(url: str, message: str) -> None:
    """Draft a revision from the difference between the database and the declared tables."""
    command.revision(_config(url), message, autogenerate=True)


async def upgrade_async(url: str) -> None:
    """`upgrade` from inside an event loop."""
    await asyncio.to_thread(upgrade, url)


def import_all_rows() -> None:
    """Import every slice's `rows` module, so that the metadata knows every table."""
    for module in pkgutil.iter_modules([str(_PACKAGE)]):
        if (_PACKAGE / module.name / "rows.py").exists():
            importlib.import_module(f"exchange_market.{module.name}.rows")


def _config(url: str) -> Config:
    carried = _PACKAGE / "migrations"
    config = Config()
    config.set_main_option("script_location", str(carried if carried.exists() else _source_tree()))
    config.set_main_option("path_separator", "os")
    config.attributes["url"] = url
    return config


def _source_tree() -> Path:
    return _PACKAGE.parent / "alembic"
