"""`exchange backup` (and, in `restore`, its way back): database, objects and keys in one tar file.

The tables are read in one snapshot and written as lines of JSON, so a backup of SQLite restores
into PostgreSQL and the other way round, and a backup may be made while the exchange serves: objects
are immutable and stored before the row that names them. The file holds the master key and
everybody's data: it is created with mode 0600.

    manifest.json           format, schema revision, SHA-256 of every other member
    tables/<name>.ndjson    one JSON array a row, columns as in the manifest
    objects/<key>           the bytes of an object
    secrets/master.key      unless the key came from the environment
"""

import base64
import hashlib
import io
import json
import os
import tarfile
import tempfile
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import anyio
from sqlalchemy import Table, select, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from exchange_market.kernel.settings import Settings
from exchange_market.persistence.migrations import import_all_rows
from exchange_market.persistence.transaction import Database, Reading
from exchange_market.storage.objects import open_objects

FORMAT = "exchange-backup/1"
MEMORY_BYTES = 16 * 1024 * 1024
MASTER_KEY = "secrets/master.key"
OBJECTS = "objects/"


class BackupRefused(RuntimeError):
    """The backup cannot be written or restored; the message says what to do."""


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What a backup holds."""

    tables: int
    rows: int
    objects: int
    size_bytes: int


async def write_backup(settings: Settings, target: Path) -> BackupReport:
    """Write a backup of a running or stopped exchange; raises BackupRefused if `target` exists.

    A backup that fails half-way leaves no file.
    """
    import_all_rows()
    async with opened_database(settings) as database:
        with _created(target) as file, tarfile.open(fileobj=file, mode="w") as archive:
            writer = _Writer(archive)
            async with database.read() as reading:
                await _begin_snapshot(reading, database)
                revision = await schema_revision(reading)
                for table in SQLModel.metadata.sorted_tables:
                    await _write_table(writer, reading, table)
            objects = open_objects(settings)
            keys = [key async for key in objects.keys()]  # noqa: SIM118 - a port, not a dictionary
            for key in keys:
                path = await objects.as_file(key)
                with path.open("rb") as source:
                    writer.add(f"{OBJECTS}{key}", source, path.stat().st_size)
            _write_master_key(writer, settings)
            writer.finish(revision)
    return BackupReport(
        len(writer.columns), writer.rows, len(keys), (await anyio.Path(target).stat()).st_size
    )


class _Writer:
    """Adds members to the archive and remembers their digests."""

    def __init__(self, archive: tarfile.TarFile) -> None:
        self._archive = archive
        self._digests: dict[str, str] = {}
        self.columns: dict[str, list[str]] = {}
        self.rows = 0

    def add(self, name: str, source: IO[bytes], size: int) -> None:
        """One member; `source` is read from where it stands."""
        member = tarfile.TarInfo(name)
        member.size, member.mode = size, 0o600
        counted = _Hashing(source)
        self._archive.addfile(member, counted)  # type: ignore[arg-type]
        self._digests[name] = counted.hexdigest()

    def finish(self, revision: str) -> None:
        """The manifest, last: without it a backup is not one."""
        manifest = {
            "format": FORMAT,
            "revision": revision,
            "columns": self.columns,
            "members": self._digests,
        }
        raw = json.dumps(manifest, indent=1).encode()
        member = tarfile.TarInfo("manifest.json")
        member.size, member.mode = len(raw), 0o600
        self._archive.addfile(member, io.BytesIO(raw))


class _Hashing:
    """A reader that hashes what passes."""

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._hash = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Read and remember."""
        piece = self._source.read(size)
        self._hash.update(piece)
        return piece

    def hexdigest(self) -> str:
        """The digest of what was read."""
        return self._hash.hexdigest()


@asynccontextmanager
async def opened_database(settings: Settings) -> AsyncGenerator[Database]:
    """The database of these settings, closed at the end."""
    database = Database(settings.database)
    try:
        yield database
    finally:
        await database.close()


@contextmanager
def _created(target: Path) -> Generator[IO[bytes]]:
    try:
        file = open(target, "xb", opener=open_private)  # noqa: SIM115 - closed below
    except FileExistsError:
        raise BackupRefused(f"{target} exists already; name a new file") from None
    try:
        with file:
            yield file
    except BaseException:
        target.unlink(missing_ok=True)
        raise


def open_private(path: str, flags: int) -> int:
    """An opener for `open` that makes files which only their owner reads."""
    return os.open(path, flags, 0o600)


async def _begin_snapshot(reading: Reading, database: Database) -> None:
    if not database.is_sqlite:
        await reading.session.execute(
            text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        )


async def schema_revision(reading: Reading) -> str:
    """The revision of the schema; raises BackupRefused for a database without tables."""
    try:
        found = await reading.session.scalar(text("SELECT version_num FROM alembic_version"))
    except DBAPIError:
        found = None
    if found is None:
        raise BackupRefused("the database has no tables yet; run `exchange migrate` first")
    return str(found)


async def _write_table(writer: _Writer, reading: Reading, table: Table) -> None:
    writer.columns[table.name] = [column.name for column in table.columns]
    with tempfile.SpooledTemporaryFile(MEMORY_BYTES) as lines:
        rows = await reading.session.stream(select(table).order_by(*table.primary_key.columns))
        async for row in rows:
            lines.write(json.dumps([_to_json(value) for value in row]).encode() + b"\n")
            writer.rows += 1
        size = lines.tell()
        lines.seek(0)
        writer.add(f"tables/{table.name}.ndjson", lines, size)


def _write_master_key(writer: _Writer, settings: Settings) -> None:
    path = settings.data_dir / MASTER_KEY
    if settings.master_key is None and path.exists():
        raw = path.read_bytes()
        writer.add(MASTER_KEY, io.BytesIO(raw), len(raw))


def _to_json(value: Any) -> Any:
    match value:
        case bytes():
            return base64.b64encode(value).decode()
        case datetime():
            return value.isoformat()
        case _ if hasattr(value, "isoformat"):
            return value.isoformat()
        case _:
            return value
