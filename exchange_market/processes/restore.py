"""`exchange restore`: a backup into an empty data folder and an empty database."""

import base64
import hashlib
import json
import tarfile
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import IO, Any

import anyio
from sqlalchemy import Date, LargeBinary, Table, func, insert, select
from sqlalchemy.types import TypeEngine
from sqlmodel import SQLModel

from exchange_market.kernel.settings import Settings
from exchange_market.persistence.columns import UtcDateTime
from exchange_market.persistence.migrations import import_all_rows, upgrade_async
from exchange_market.persistence.outbox import repeat_recent
from exchange_market.persistence.transaction import Transaction
from exchange_market.processes.backup import (
    FORMAT,
    MASTER_KEY,
    MEMORY_BYTES,
    OBJECTS,
    BackupRefused,
    BackupReport,
    open_private,
    opened_database,
    schema_revision,
)
from exchange_market.storage.objects import open_objects, safe_key

_ROWS_AT_ONCE = 500
_JOBS_REPEATED = timedelta(days=1)


async def restore_backup(settings: Settings, source: Path) -> BackupReport:
    """Restore into an empty data folder and an empty database; raises BackupRefused otherwise.

    Jobs announced within the last day before the backup run again: all of them may.
    """
    import_all_rows()
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _opened(source) as archive:
        manifest = _checked_manifest(archive)
        await upgrade_async(settings.database)
        objects = open_objects(settings)
        keys = [name[len(OBJECTS) :] for name in manifest["members"] if name.startswith(OBJECTS)]
        # Objects and key before the commit: whatever fails, the database is still empty.
        async with opened_database(settings) as database, database.write() as tx:
            await _require_empty(tx, settings, manifest)
            rows = 0
            for table in SQLModel.metadata.sorted_tables:
                rows += await _read_table(archive, tx, table, manifest)
            await repeat_recent(tx, _JOBS_REPEATED)
            for key in keys:
                await _restore_object(archive, objects.scratch(), key, objects.put_file)
            _restore_master_key(archive, settings, manifest)
    return BackupReport(
        len(manifest["columns"]), rows, len(keys), (await anyio.Path(source).stat()).st_size
    )


@contextmanager
def _opened(source: Path) -> Generator[tarfile.TarFile]:
    try:
        archive = tarfile.open(source, mode="r:")  # noqa: SIM115 - closed below
    except tarfile.TarError:
        raise BackupRefused(f"{source} is not a backup") from None
    with archive:
        yield archive


def _checked_manifest(archive: tarfile.TarFile) -> dict[str, Any]:
    if "manifest.json" not in archive.getnames():
        raise BackupRefused("the file is not a complete backup: it has no manifest")
    manifest = json.load(_member(archive, "manifest.json"))
    if manifest.get("format") != FORMAT:
        raise BackupRefused(f"this program restores {FORMAT}")
    for name, digest in manifest["members"].items():
        if hashlib.file_digest(_member(archive, name), "sha256").hexdigest() != digest:  # type: ignore[arg-type]
            raise BackupRefused(f"the backup is damaged: {name} has another digest")
    return manifest


async def _require_empty(tx: Transaction, settings: Settings, manifest: dict[str, Any]) -> None:
    revision = await schema_revision(tx)
    if revision != manifest["revision"]:
        raise BackupRefused(
            f"the backup has schema {manifest['revision']}, this program {revision}: "
            "restore it with the version that made it, then migrate"
        )
    for table in SQLModel.metadata.sorted_tables:
        if await tx.session.scalar(select(func.count()).select_from(table)):
            raise BackupRefused(
                f"the database is not empty (table {table.name}); restore into a new one"
            )
    if MASTER_KEY in manifest["members"] and (settings.data_dir / MASTER_KEY).exists():
        raise BackupRefused(
            f"the data folder has a {MASTER_KEY} already; restore into a new folder"
        )


async def _read_table(
    archive: tarfile.TarFile, tx: Transaction, table: Table, manifest: dict[str, Any]
) -> int:
    names = manifest["columns"][table.name]
    convert = [_converter(table.columns[name].type) for name in names]
    count = 0
    with _member(archive, f"tables/{table.name}.ndjson") as lines:
        for batch in _batches(lines):
            rows = [
                {n: c(v) for n, c, v in zip(names, convert, json.loads(line), strict=True)}
                for line in batch
            ]
            await tx.session.execute(insert(table), rows)
            count += len(rows)
    return count


async def _restore_object(
    archive: tarfile.TarFile, scratch: Path, key: str, put: Callable[[str, Path], Any]
) -> None:
    with tempfile.NamedTemporaryFile(dir=scratch) as fresh:
        with _member(archive, f"{OBJECTS}{safe_key(key)}") as source:
            while piece := source.read(MEMORY_BYTES):
                fresh.write(piece)
        fresh.flush()
        await put(key, Path(fresh.name))


def _restore_master_key(
    archive: tarfile.TarFile, settings: Settings, manifest: dict[str, Any]
) -> None:
    if MASTER_KEY not in manifest["members"]:
        return
    path = settings.data_dir / MASTER_KEY
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(path, "xb", opener=open_private) as file:
        file.write(_member(archive, MASTER_KEY).read())


def _member(archive: tarfile.TarFile, name: str) -> IO[bytes]:
    try:
        found = archive.extractfile(name)
    except KeyError:
        raise BackupRefused(f"the backup is damaged: it lacks {name}") from None
    if found is None:
        raise BackupRefused(f"{name} is not a plain member of the backup")
    return found


def _batches(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    for line in lines:
        batch.append(line)
        if len(batch) == _ROWS_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _converter(column_type: TypeEngine[Any]) -> Callable[[Any], Any]:
    convert: Callable[[Any], Any]
    match column_type:
        case LargeBinary():
            convert = base64.b64decode
        case UtcDateTime():
            convert = datetime.fromisoformat
        case Date():
            convert = date.fromisoformat
        case _:
            return lambda value: value
    return lambda value: None if value is None else convert(value)
