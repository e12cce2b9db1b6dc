"""What parent and child say to each other: one job on standard input, one outcome on standard
output, both JSON."""

from typing import Any

import msgspec

from exchange_market.trials.sample import SampleColumn
from sandbox.roles import Role


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What the child may use, and whose child it is."""

    parent_pid: int
    memory_bytes_max: int
    seconds_max: int


class ScanJob(msgspec.Struct, frozen=True, kw_only=True, tag="scan"):
    """Find the role of every column of a Parquet file."""

    limits: Limits
    source: str


class BuildJob(msgspec.Struct, frozen=True, kw_only=True, tag="build"):
    """Write the sample of a Parquet file and measure its risk. `secret` stays on the pipe."""

    limits: Limits
    source: str
    target: str
    roles: dict[str, Role]
    holds_persons: bool
    k: int
    l: int  # noqa: E741 - the literature's name: l-diversity
    rows_max: int
    secret: bytes

    def __repr__(self) -> str:
        return "BuildJob(***)"


class Scanned(msgspec.Struct, frozen=True, tag="scanned"):
    """The scan report (`sandbox.scan.ScanReport.to_json`), the roles and the verdict."""

    report: dict[str, Any]
    roles: dict[str, Role]
    holds_persons: bool


class Built(msgspec.Struct, frozen=True, kw_only=True, tag="built"):
    """The sample is written; what is in it and what was measured on it."""

    rows: int
    k: int | None
    l: int | None  # noqa: E741
    columns: tuple[SampleColumn, ...]
    release: dict[str, Any]
    risk: dict[str, Any] | None
    shortfalls: tuple[str, ...]
    sha256: str
    file_bytes: int


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """There can be no sample: a stable word, and a sentence of the sandbox where it has one."""

    reason: str
    remedy: str = ""


Job = ScanJob | BuildJob
Outcome = Scanned | Built | Refused
