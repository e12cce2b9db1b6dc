"""The child's work: scan a Parquet file, or write its sample and measure the risk."""

import hashlib
from pathlib import Path

import duckdb

from exchange_market.trials.policy import THRESHOLDS
from exchange_market.trials.preparation.messages import (
    BuildJob,
    Built,
    Job,
    Outcome,
    Refused,
    ScanJob,
    Scanned,
)
from exchange_market.trials.sample import SampleColumn
from sandbox.anonymise import (
    AnonymisationPolicy,
    CannotAnonymise,
    Release,
    anonymise_parquet,
    sample_parquet,
)
from sandbox.parquet_sql import ParquetSql
from sandbox.risk import RiskReport, assess
from sandbox.roles import Role
from sandbox.scan import ScanRefused, scan_parquet

_OF_PERSONS = frozenset({Role.SENSITIVE, Role.QUASI_IDENTIFIER, Role.DIRECT_IDENTIFIER})


def run(job: Job) -> Outcome:
    """Do one job. Raises OSError when the machine is at fault."""
    try:
        return _scan(job) if isinstance(job, ScanJob) else _build(job)
    except (CannotAnonymise, ScanRefused) as refused:
        return Refused(refused.reason, refused.remedy)
    except (MemoryError, duckdb.OutOfMemoryException):
        return Refused("out_of_memory")


def _scan(job: ScanJob) -> Scanned:
    report = scan_parquet(Path(job.source))
    return Scanned(report.to_json(), report.roles, report.holds_persons)


def _build(job: BuildJob) -> Built | Refused:
    source, target = Path(job.source), Path(job.target)
    if not job.holds_persons:
        withheld = [name for name, role in job.roles.items() if role is not Role.FREE]
        release = sample_parquet(
            source, target, max_rows=job.rows_max, secret=job.secret, drop=withheld
        )
        return _built(target, release, None)
    if not _OF_PERSONS & set(job.roles.values()):
        # Without a single mark every row would pass as it is: the scan saw no person, somebody did.
        return Refused("persons_without_roles")
    policy = AnonymisationPolicy(roles=job.roles, k=job.k, l=job.l, max_rows=job.rows_max)
    release = anonymise_parquet(source, target, policy, job.secret)
    return _built(target, release, assess(source, target, release))


def _built(target: Path, release: Release, risk: RiskReport | None) -> Built:
    with ParquetSql(released=target) as sql:
        types = sql.types("released")
    content = target.read_bytes()
    return Built(
        rows=release.rows_released,
        k=None if risk is None else risk.k,
        l=None if risk is None else risk.l,
        columns=tuple(
            SampleColumn(column.name, _shown_type(types[column.name]), column.source, column.role)
            for column in release.columns
        ),
        release=release.to_json(),
        risk=None if risk is None else risk.to_json(),
        shortfalls=() if risk is None else risk.shortfalls(THRESHOLDS),
        sha256=hashlib.sha256(content).hexdigest(),
        file_bytes=len(content),
    )


def _shown_type(kind: str) -> str:
    # The sandbox loads times with a zone as times in UTC.
    return "TIMESTAMP" if kind == "TIMESTAMP WITH TIME ZONE" else kind
