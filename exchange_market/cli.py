"""The `exchange` command."""

import asyncio
import getpass
import json
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from exchange_market.kernel.settings import Settings

app = App(
    name="exchange",
    help="""A data exchange: list, value, try, contract, deliver, meter and settle datasets.

    First steps: `exchange demo` shows one complete trade; `exchange admin` makes the first
    administrator of your own exchange; `exchange serve` runs it.

    Every setting is an environment variable EXCHANGE_…; `exchange settings` lists them.
    """,
    version="0.1.0",
)

DataDir = Annotated[Path | None, Parameter(help="Folder of everything kept on disk.")]


def main() -> None:
    """Run the command line."""
    app()


@app.command
def serve(
    *,
    data_dir: DataDir = None,
    host: Annotated[str | None, Parameter(help="Address to listen on.")] = None,
    port: Annotated[int | None, Parameter(help="Port to listen on.")] = None,
) -> None:
    """Run the exchange: web server, job worker and sandbox broker, until Ctrl-C."""
    from exchange_market.processes.logs import configure_logs  # noqa: PLC0415 - keeps --help quick
    from exchange_market.processes.supervisor import supervise  # noqa: PLC0415

    configure_logs("supervisor")
    supervise(_settings(data_dir=data_dir, host=host, port=port))


@app.command
def migrate(*, data_dir: DataDir = None) -> None:
    """Bring the database to the newest revision; safe to run again."""
    from exchange_market.persistence.migrations import upgrade  # noqa: PLC0415

    settings = _settings(data_dir=data_dir)
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    upgrade(settings.database)
    print("The database is at the newest revision.", file=sys.stderr)


@app.command
def demo(
    *,
    once: Annotated[bool, Parameter(help="Stop after the trade instead of serving on.")] = False,
    as_json: Annotated[
        bool,
        Parameter(name="--json", help="Print one JSON object; implies nothing else on stdout."),
    ] = False,
    data_dir: Annotated[
        Path | None, Parameter(help="A new folder to keep; default: thrown away.")
    ] = None,
) -> None:
    """Watch one complete trade on real data, through a real server."""
    from exchange_market.demo.run import run_demo  # noqa: PLC0415

    raise SystemExit(run_demo(once=once, as_json=as_json, data_dir=data_dir))


@app.command
def admin(
    *,
    email: Annotated[str, Parameter(help="Address with which the administrator signs in.")],
    name: Annotated[str, Parameter(help="The administrator's name.")],
    data_dir: DataDir = None,
) -> None:
    """Make the first administrator; asks for a password, prints the secret for one-time codes."""
    from exchange_market.accounts.administrators import create_administrator  # noqa: PLC0415
    from exchange_market.persistence.migrations import upgrade  # noqa: PLC0415
    from exchange_market.persistence.transaction import Database  # noqa: PLC0415

    settings = _settings(data_dir=data_dir)
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    upgrade(settings.database)
    password = _password()

    async def create() -> None:
        database = Database(settings.database)
        try:
            enrolment = await create_administrator(database, settings, email, name, password)
        finally:
            await database.close()
        print(f"secret   {enrolment.secret}")
        print(f"otpauth  {enrolment.otpauth_uri}")

    asyncio.run(create())
    print("Add the secret to an authenticator app now: it is not shown again.", file=sys.stderr)


@app.command
def backup(target: Path, *, data_dir: DataDir = None) -> None:
    """Write database, objects and keys into one new tar file; the exchange may go on serving.

    Keep the file like the exchange itself: it holds the master key and everybody's data.
    """
    from exchange_market.processes.backup import BackupRefused, write_backup  # noqa: PLC0415

    try:
        report = asyncio.run(write_backup(_settings(data_dir=data_dir), target))
    except BackupRefused as refusal:
        raise SystemExit(f"exchange backup: {refusal}") from None
    print(f"{report.rows} rows, {report.objects} objects, {report.size_bytes} bytes in {target}")


@app.command
def restore(source: Path, *, data_dir: DataDir = None) -> None:
    """Restore a backup into an empty data folder and an empty database."""
    from exchange_market.processes.backup import BackupRefused  # noqa: PLC0415
    from exchange_market.processes.restore import restore_backup  # noqa: PLC0415

    try:
        report = asyncio.run(restore_backup(_settings(data_dir=data_dir), source))
    except BackupRefused as refusal:
        raise SystemExit(f"exchange restore: {refusal}") from None
    print(f"{report.rows} rows and {report.objects} objects restored")


@app.command
def audit(*, data_dir: DataDir = None) -> None:
    """Check ledger, quotas, receipts, invoices and the audit chain; exit 1 on a fault."""
    from exchange_market.governance.checks import run_checks  # noqa: PLC0415
    from exchange_market.persistence.transaction import Database  # noqa: PLC0415

    async def check() -> bool:
        database = Database(_settings(data_dir=data_dir).database)
        try:
            checks = await run_checks(database)
        finally:
            await database.close()
        for each in checks:
            print(f"{'ok  ' if each.ok else 'BAD '} {each.name:28} {each.detail}")
        return all(each.ok for each in checks)

    raise SystemExit(0 if asyncio.run(check()) else 1)


@app.command
def verify(
    bundle: Path,
    *,
    keys: Annotated[
        Path | None, Parameter(help="Key set of the exchange from another source.")
    ] = None,
    as_json: Annotated[bool, Parameter(name="--json", help="Print one JSON object.")] = False,
) -> None:
    """Verify an evidence bundle offline; the same as `python -m contracts verify`."""
    from contracts.__main__ import main as contracts_main  # noqa: PLC0415

    options = [*(["--keys", str(keys)] if keys else []), *(["--json"] if as_json else [])]
    raise SystemExit(contracts_main(["verify", *options, str(bundle)]))


@app.command
def settings() -> None:
    """List every setting with its default and meaning."""
    for name, field in Settings.model_fields.items():
        print(f"EXCHANGE_{name.upper():28} {field.default!s:24} {field.description or ''}")


@app.command
def openapi(
    *,
    check: Annotated[
        Path | None, Parameter(help="Compare with this snapshot; exit 1 if it differs.")
    ] = None,
) -> None:
    """Print the OpenAPI document of the HTTP API."""
    from exchange_market.app import openapi_document  # noqa: PLC0415

    text = json.dumps(openapi_document(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    if check is None:
        print(text, end="")
    elif check.read_text(encoding="utf-8") != text:
        print(
            f"{check} is not the API's document; run `make openapi` and look at the diff.",
            file=sys.stderr,
        )
        raise SystemExit(1)


def _settings(**decided: object) -> Settings:
    return Settings(**{name: value for name, value in decided.items() if value is not None})  # type: ignore[arg-type]


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    password = getpass.getpass("Password (12 characters or more): ")
    if getpass.getpass("Again: ") != password:
        print("The two passwords differ.", file=sys.stderr)
        raise SystemExit(2)
    return password
