"""The commands of `python -m sandbox`: each returns its exit code and the JSON object to print."""

import argparse
import asyncio
import json
import secrets
from pathlib import Path
from typing import Any, cast

import duckdb

from sandbox.gate import SampleSchema, StatementRefused, check
from sandbox.worker import QueryFailed

Outcome = tuple[int, dict[str, Any]]
_DONE, _REFUSED, _USAGE = 0, 1, 2


def scan(options: argparse.Namespace) -> Outcome:
    """Find the role of every column."""
    # Imported here: the scanner loads engines that gate and query do not need.
    from sandbox.scan import ScanRefused, scan_parquet  # noqa: PLC0415

    if missing := _missing(options.file):
        return missing
    try:
        return _DONE, scan_parquet(Path(options.file)).to_json()
    except ScanRefused as refused:
        return _failed(refused.reason, refused.remedy)
    except (duckdb.Error, OSError) as error:
        return _failed("unreadable", _first_line(error))


def anonymise(options: argparse.Namespace) -> Outcome:
    """Write a k-anonymous sample with roles from the scan, changed by `--role`."""
    from sandbox.anonymise import (  # noqa: PLC0415
        AnonymisationPolicy,
        CannotAnonymise,
        anonymise_parquet,
    )
    from sandbox.roles import Role  # noqa: PLC0415
    from sandbox.scan import ScanRefused, scan_parquet  # noqa: PLC0415

    if missing := _missing(options.source):
        return missing
    try:
        source = Path(options.source)
        roles = scan_parquet(source).roles
        for given in options.role:
            column, _, role = given.rpartition("=")
            if column not in roles or role not in [r.value for r in Role]:
                return _usage(f"--role {given}: COLUMN=ROLE with {[r.value for r in Role]}")
            roles[column] = Role(role)
        policy = AnonymisationPolicy(
            roles=roles, k=options.k, l=options.l, max_rows=options.max_rows
        )
        # The order of the rows follows from this secret, so it is made here and not kept.
        release = anonymise_parquet(source, Path(options.target), policy, secrets.token_bytes(32))
    except (CannotAnonymise, ScanRefused) as refused:
        return _failed(refused.reason, refused.remedy)
    except (duckdb.Error, OSError, ValueError) as error:
        return _failed("unreadable", _first_line(error))
    return _DONE, release.to_json()


def judge(options: argparse.Namespace) -> Outcome:
    """Judge one statement against a schema file."""
    if missing := _missing(options.schema):
        return missing
    try:
        schema = _read_schema(Path(options.schema))
    except (OSError, ValueError) as error:
        return _usage(f"{options.schema}: {_first_line(error)}")
    try:
        allowed = check(options.sql, schema)
    except StatementRefused as refused:
        return _REFUSED, {"allowed": False, "error": _texts(refused)}
    return _DONE, {
        "allowed": True,
        "tables": sorted(allowed.tables),
        "functions": sorted(allowed.functions),
    }


def query(options: argparse.Namespace) -> Outcome:
    """Run one statement in a confined worker of its own."""
    if missing := _missing(options.file):
        return missing
    if options.max_rows < 1:
        return _usage("--max-rows must be at least 1")
    try:
        answer = asyncio.run(_ask_worker(Path(options.file), options.sql, options.max_rows))
    except QueryFailed as failed:
        return _REFUSED, {"error": _texts(failed)}
    return (_REFUSED if "error" in answer else _DONE), answer


def document_formats(_: argparse.Namespace) -> Outcome:
    """Describe the formats of the other commands."""
    return _DONE, {
        "gate": {
            "reads": {"tables": {"sample": ["column", "another column"]}},
            "prints": {"allowed": "true or false", "tables": [], "functions": []},
        },
        "query": {
            "prints": {
                "columns": [{"name": "text", "type": "DuckDB type"}],
                "rows": [["JSON values; decimals and integers beyond 2^53 as text"]],
                "truncated": "true when more rows exist",
                "elapsed_ms": "number",
                "rows_in_sample": "number",
            }
        },
        "scan": {
            "prints": {
                "rows": "number",
                "holds_persons": "true or false",
                "columns": [{"name": "text", "role": "text", "evidence": []}],
            }
        },
        "anonymise": {
            "prints": {"rows_released": "number", "k": "number", "columns": [], "withheld": []}
        },
        "error": {"code": "stable word", "en": "text", "zh": "text", "detail": {}},
        "exit_codes": {"0": "done", "1": "refused or failed", "2": "wrong usage"},
    }


async def _ask_worker(path: Path, sql: str, max_rows: int) -> dict[str, Any]:
    # Imported here: the other commands start no process.
    from sandbox.broker import BrokerSettings  # noqa: PLC0415
    from sandbox.broker.process import WorkerProcess  # noqa: PLC0415
    from sandbox.broker.sample import locate_sample  # noqa: PLC0415

    settings = BrokerSettings(path.parent)
    sample = locate_sample(path.name, str(path), settings)
    worker = await WorkerProcess.start(sample, settings)
    try:
        return json.loads(await worker.ask({"sql": sql, "max_rows": max_rows}))
    finally:
        await worker.kill()


def _read_schema(path: Path) -> SampleSchema:
    document: Any = json.loads(path.read_text(encoding="utf-8"))
    tables = cast("dict[str, Any]", document).get("tables") if isinstance(document, dict) else None
    if not isinstance(tables, dict) or not tables:
        raise ValueError('expected {"tables": {"sample": ["column", …]}}')
    named = cast("dict[str, Any]", tables)
    return SampleSchema(
        {name: tuple(str(column) for column in columns) for name, columns in named.items()}
    )


def _texts(error: StatementRefused | QueryFailed) -> dict[str, Any]:
    return {"code": error.code, "en": error.en, "zh": error.zh, "detail": error.detail}


def _missing(path: str) -> Outcome | None:
    return None if Path(path).is_file() else _usage(f"no such file: {path}")


def _failed(code: str, message: str) -> Outcome:
    return _REFUSED, {"error": {"code": code, "en": message}}


def _usage(message: str) -> Outcome:
    return _USAGE, {"error": {"code": "usage", "en": message}}


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
