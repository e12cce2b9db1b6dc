"""A backup holds everything, restores into either engine, and refuses to overwrite anything."""

import asyncio
import io
import json
import os
import shutil
import stat
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlmodel import SQLModel

from exchange_market.catalog.revisions import commitment_secret_of
from exchange_market.governance.checks import run_checks
from exchange_market.kernel.ids import new_id
from exchange_market.kernel.principal import Service
from exchange_market.kernel.secrets import open_secrets
from exchange_market.kernel.settings import Settings
from exchange_market.metering.service import sign_waiting_receipts
from exchange_market.persistence.migrations import import_all_rows
from exchange_market.persistence.transaction import Database
from exchange_market.processes.backup import BackupRefused, write_backup
from exchange_market.processes.restore import restore_backup
from exchange_market.settlement.books import sums_per_currency
from exchange_market.storage.objects import open_objects
from exchange_market.trust import audit
from exchange_market.trust.keyring import Keyring
from tests.support.exchange import open_trade
from tests.support.served import environment

BYSTANDER = Service("bystander")


def exchange(folder: Path, url: str | None = None) -> Settings:
    """Settings of an exchange in a folder."""
    return Settings.model_validate({"data_dir": folder, "database_url": url})


async def traded(url: str, folder: Path) -> Settings:
    """An exchange with a paid contract, two deliveries (one of them unsigned) and an audit
    trail."""
    async with open_trade(url, folder) as trade:
        contract = await trade.paid(await trade.product())
        key = await trade.key(contract)
        for number in range(2):
            answer = await trade.fetch(
                key, f"{contract['product_id']}/rows?limit={40 + number}&format=csv"
            )
            assert answer.status_code == 200, answer.text
            if number == 0:
                assert len(await trade.receipts(contract)) == 1
        async with trade.exchange.database.write() as tx:
            await audit.sequence_leaves(tx)
        return trade.exchange.settings


async def summary(settings: Settings) -> dict[str, Any]:
    """What must be equal on both sides."""
    import_all_rows()
    database = Database(settings.database)
    async with database.read() as reading:
        counts = {
            table.name: await reading.session.scalar(select(func.count()).select_from(table))
            for table in SQLModel.metadata.sorted_tables
        }
        unsigned = text("SELECT count(*) FROM usage_event WHERE signed_receipt IS NULL")
        revision_ids = (await reading.session.scalars(text("SELECT id FROM revision"))).all()
        found = {
            "counts": counts,
            "commitment_secrets": {
                each: await commitment_secret_of(reading, open_secrets(settings), each)
                for each in revision_ids
            },
            "head": await audit.chain_head(reading),
            "sums": await sums_per_currency(reading),
            "unsigned": await reading.session.scalar(unsigned),
        }
    found["checks"] = [(check.name, check.ok, check.detail) for check in await run_checks(database)]
    await database.close()
    objects = open_objects(settings)
    found["objects"] = {
        key: (await objects.as_file(key)).read_bytes()
        async for key in objects.keys()  # noqa: SIM118 - a port, not a dictionary
    }
    return found


@pytest.fixture(scope="module")
async def backed_up(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Settings, Path]:
    """An exchange on SQLite and a backup of it; no test changes either."""
    folder = tmp_path_factory.mktemp("backed_up")
    path = shutil.copy(sqlite_template, folder / "exchange.sqlite")
    settings = await traded(f"sqlite+aiosqlite:///{path}", folder / "source")
    await write_backup(settings, folder / "backup.tar")
    return settings, folder / "backup.tar"


@pytest.fixture(params=["sqlite to sqlite", "sqlite to postgres", "postgres to sqlite"])
def route(request: pytest.FixtureRequest) -> tuple[str, str]:
    """The URLs of a migrated database and of an empty one."""
    source, _, target = request.param.split()
    return (
        request.getfixturevalue(f"{source}_url"),
        request.getfixturevalue(f"empty_{target}_url"),
    )


async def test_a_restored_exchange_equals_the_one_backed_up_on_either_engine(
    route: tuple[str, str], tmp_path: Path
) -> None:
    source, target = route
    before = await traded(source, tmp_path / "source")
    written = await write_backup(before, tmp_path / "backup.tar")
    after = exchange(tmp_path / "target", target)

    restored = await restore_backup(after, tmp_path / "backup.tar")

    told, found = await summary(before), await summary(after)
    assert found == told
    assert told["unsigned"] == 1
    assert [len(secret) for secret in told["commitment_secrets"].values()] == [32]
    assert told["head"][0] > 10
    assert all(ok for _, ok, _ in told["checks"])
    assert (restored.rows, restored.objects) == (written.rows, written.objects)
    assert restored.rows == sum(told["counts"].values())
    assert restored.objects == len(told["objects"]) >= 3


async def test_a_restored_exchange_goes_on_working(
    backed_up: tuple[Settings, Path], tmp_path: Path, empty_postgres_url: str
) -> None:
    _, archive = backed_up
    settings = exchange(tmp_path / "target", empty_postgres_url)
    await restore_backup(settings, archive)
    database = Database(settings.database)
    keyring = Keyring(database, open_secrets(settings))

    # Signing needs the restored key under the restored master key.
    assert await sign_waiting_receipts(database, keyring) == 1
    async with database.write() as tx:
        assert await audit.sequence_leaves(tx) == 1

    assert all(check.ok for check in await run_checks(database))
    await database.close()


async def test_a_backup_and_the_restored_master_key_are_for_their_owner_alone(
    backed_up: tuple[Settings, Path], tmp_path: Path
) -> None:
    before, archive = backed_up
    after = exchange(tmp_path / "target")

    await restore_backup(after, archive)

    key = Path("secrets") / "master.key"
    assert (after.data_dir / key).read_bytes() == (before.data_dir / key).read_bytes()
    for path in (archive, after.data_dir / key):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_a_backup_taken_while_writes_go_on_is_of_one_moment(
    database_url: str, tmp_path: Path
) -> None:
    settings = await traded(database_url, tmp_path / "source")
    database = Database(settings.database)
    written: list[str] = []
    begun, stop = asyncio.Event(), asyncio.Event()

    async def keep_writing() -> None:
        while not stop.is_set():
            event = new_id("tst")
            # Two rows with each change: one without the other would be half of it.
            async with database.write() as tx:
                audit.record(tx, BYSTANDER, "test.written", audit.Subject("test", event))
                tx.emit("test.written", {"id": event})
            async with database.write() as tx:
                await audit.sequence_leaves(tx)
            written.append(event)
            if len(written) == 5:
                begun.set()

    writing = asyncio.create_task(keep_writing())
    await begun.wait()
    await write_backup(settings, tmp_path / "backup.tar")
    during = len(written)
    stop.set()
    await writing
    await database.close()

    after = exchange(tmp_path / "target")
    await restore_backup(after, tmp_path / "backup.tar")

    restored = Database(after.database)
    assert all(check.ok for check in await run_checks(restored))
    async with restored.read() as reading:
        leaves = await reading.session.scalar(
            text("SELECT count(*) FROM audit_leaf WHERE action = 'test.written'")
        )
        events = await reading.session.scalar(
            text("SELECT count(*) FROM outbox WHERE topic = 'test.written'")
        )
    await restored.close()
    assert leaves == events
    assert 5 <= leaves <= during + 1


async def test_a_backup_never_overwrites_a_file(
    backed_up: tuple[Settings, Path],
) -> None:
    settings, archive = backed_up
    before = archive.read_bytes()

    with pytest.raises(BackupRefused, match="exists already"):
        await write_backup(settings, archive)

    assert archive.read_bytes() == before


async def test_a_backup_is_not_restored_over_data(backed_up: tuple[Settings, Path]) -> None:
    settings, archive = backed_up
    before = await summary(settings)

    with pytest.raises(BackupRefused, match="not empty"):
        await restore_backup(settings, archive)

    assert await summary(settings) == before


async def test_a_database_without_tables_is_not_backed_up(tmp_path: Path) -> None:
    settings = exchange(tmp_path)

    with pytest.raises(BackupRefused, match="exchange migrate"):
        await write_backup(settings, tmp_path / "backup.tar")

    assert not (tmp_path / "backup.tar").exists()


def rewritten(source: Path, target: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """A copy of an archive with changed members; None leaves one out."""
    with tarfile.open(source) as old, tarfile.open(target, "w") as new:
        for member in old:
            file = old.extractfile(member)
            assert file is not None
            content = change(member.name, file.read())
            if content is not None:
                member.size = len(content)
                new.addfile(member, io.BytesIO(content))
    return target


def flip_ledger(name: str, content: bytes) -> bytes:
    """Another amount in the ledger."""
    return content[:-2] + b"7]\n" if name == "tables/ledger_entry.ndjson" else content


def drop_manifest(name: str, content: bytes) -> bytes | None:
    """No manifest, as when the disk was full."""
    return None if name == "manifest.json" else content


def drop_table(name: str, content: bytes) -> bytes | None:
    """One member missing."""
    return None if name == "tables/outbox.ndjson" else content


def other_revision(name: str, content: bytes) -> bytes:
    """A backup of another version."""
    if name != "manifest.json":
        return content
    return json.dumps(json.loads(content) | {"revision": "9999"}).encode()


def other_format(name: str, content: bytes) -> bytes:
    """A backup of another program."""
    if name != "manifest.json":
        return content
    return json.dumps(json.loads(content) | {"format": "exchange-backup/9"}).encode()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (flip_ledger, "damaged"),
        (drop_manifest, "no manifest"),
        (drop_table, "lacks tables/outbox.ndjson"),
        (other_revision, "schema 9999"),
        (other_format, "exchange-backup/1"),
    ],
)
async def test_a_backup_that_is_not_whole_or_not_ours_changes_nothing(
    backed_up: tuple[Settings, Path],
    tmp_path: Path,
    change: Callable[[str, bytes], bytes | None],
    reason: str,
) -> None:
    _, archive = backed_up
    settings = exchange(tmp_path / "target")

    with pytest.raises(BackupRefused, match=reason):
        await restore_backup(settings, rewritten(archive, tmp_path / "other.tar", change))

    assert not (settings.data_dir / "secrets").exists()
    if (settings.data_dir / "exchange.db").exists():
        counts = (await summary(settings))["counts"]
        assert not any(counts.values())


@pytest.mark.parametrize("content", [b"", b"not a tar file" * 100])
async def test_a_file_that_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "backup.tar").write_bytes(content)

    with pytest.raises(BackupRefused, match="not a backup"):
        await restore_backup(exchange(tmp_path / "target"), tmp_path / "backup.tar")


async def test_an_existing_master_key_is_not_replaced(
    backed_up: tuple[Settings, Path], tmp_path: Path
) -> None:
    _, archive = backed_up
    settings = exchange(tmp_path / "target")
    open_secrets(settings)
    key = settings.data_dir / "secrets" / "master.key"
    before = key.read_bytes()

    with pytest.raises(BackupRefused, match=r"master\.key"):
        await restore_backup(settings, archive)

    assert key.read_bytes() == before
    assert not [path for path in (settings.data_dir / "objects").rglob("*") if path.is_file()]


def command(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """`exchange …` over a data folder."""
    return subprocess.run(
        [sys.executable, "-m", "exchange_market", *arguments],
        env=environment(data_dir=str(folder)),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.slow
async def test_backup_restore_and_audit_work_from_the_command_line(
    backed_up: tuple[Settings, Path], tmp_path: Path
) -> None:
    _, archive = backed_up
    first, second, copy = tmp_path / "first", tmp_path / "second", tmp_path / "copy.tar"

    def run() -> None:
        assert command(first, "restore", str(archive)).returncode == 0
        assert command(first, "backup", str(copy)).returncode == 0
        again = command(first, "backup", str(copy))
        assert (again.returncode, "exists already" in again.stderr) == (1, True)
        assert "Traceback" not in again.stderr
        assert command(second, "restore", str(copy)).returncode == 0
        sound = command(second, "audit")
        assert (sound.returncode, sound.stdout.count("ok  ")) == (0, 6), sound.stdout

    await asyncio.to_thread(run)
    database = Database(exchange(second).database)
    async with database.write() as tx:
        await tx.session.execute(text("UPDATE ledger_account SET balance_micro = 1"))
    await database.close()

    unsound = await asyncio.to_thread(command, second, "audit")
    assert (unsound.returncode, "BAD  balances_equal_entries" in unsound.stdout) == (1, True)
    assert os.access(copy, os.R_OK)
