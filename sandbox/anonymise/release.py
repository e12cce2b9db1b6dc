"""From a Parquet file to the Parquet file of its released sample."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sandbox.anonymise.axes import Axis, axis_of, read_column
from sandbox.anonymise.collapse import collapse
from sandbox.anonymise.diversity import diversity_codes
from sandbox.anonymise.draw import draw_classes
from sandbox.anonymise.errors import CannotAnonymise
from sandbox.anonymise.generalise import Members, generalised
from sandbox.anonymise.mondrian import Attribute, Diversity, partition
from sandbox.anonymise.outcome import Release, ReleasedColumn
from sandbox.anonymise.policy import (
    MAX_RELEASED_ROWS,
    AnonymisationPolicy,
    Withholding,
)
from sandbox.anonymise.secrecy import check_secret, draw_rows, keyed_order
from sandbox.roles import Role

# Bounds the memory and the sort keys of the partitioner. Of a larger table a secret uniform draw of
# this size is anonymised: k held in the smaller population holds in the whole.
MAX_CONSIDERED_ROWS = 5_000_000
MASK = "***"


@dataclass(frozen=True, slots=True, eq=False)
class _Partitioned:
    """The considered rows as axes and classes, and the sensitive columns as diversity codes."""

    axes: tuple[Axis, ...]
    classes: NDArray[np.int32]
    sensitive: tuple[NDArray[np.int32], ...]


def anonymise_parquet(
    source: Path, target: Path, policy: AnonymisationPolicy, secret: bytes
) -> Release:
    """Write an anonymised sample of `source` to `target` and describe it.

    The whole table is partitioned, then whole classes are drawn and their rows shuffled; the same
    table, policy and secret give the same file. The secret (at least 16 bytes) is not recoverable
    from the file and must stay so. Raises `CannotAnonymise`; nothing is written then.
    """
    check_secret(secret)
    with pq.ParquetFile(source, memory_map=True) as file:
        rows_source = file.metadata.num_rows
        _check_columns(file, policy, rows_source)
        considered = None
        if rows_source > MAX_CONSIDERED_ROWS:
            considered = draw_rows(secret, "considered", rows_source, MAX_CONSIDERED_ROWS)
        table = _partition(file, policy, considered)
        drawn = draw_classes(
            table.classes,
            table.sensitive,
            k=policy.k,
            least=policy.l,
            max_rows=policy.max_rows,
            secret=secret,
        )
        shuffled = drawn[keyed_order(secret, "rows", len(drawn))]
        released, columns = _released_columns(file, policy, table, considered, shuffled)
        sizes = np.bincount(table.classes)
        released_sizes = np.bincount(table.classes[drawn], minlength=len(sizes))
    _write(target, released)
    return Release(
        rows_source=rows_source,
        rows_considered=len(table.classes),
        rows_released=len(drawn),
        rows_suppressed=0,
        k=policy.k,
        l=policy.l if table.sensitive else None,
        form=policy.form.value,
        classes=len(sizes),
        class_sizes_drawn=tuple(sizes[released_sizes > 0].tolist()),
        class_sizes_released=tuple(released_sizes[released_sizes > 0].tolist()),
        columns=columns,
        withheld=policy.named(Role.DIRECT_IDENTIFIER) + policy.named(Role.FREE_TEXT),
    )


def sample_parquet(
    source: Path, target: Path, *, max_rows: int, secret: bytes, drop: Sequence[str] = ()
) -> Release:
    """Write a uniform sample of a table without persons, rows as they are, in secret order.

    Only for tables whose scan says `holds_persons` is false. Raises `CannotAnonymise` for an
    unknown column in `drop`, an empty table or a `max_rows` outside 1..1,000,000.
    """
    check_secret(secret)
    if not 1 <= max_rows <= MAX_RELEASED_ROWS:
        raise CannotAnonymise(
            "max_rows_out_of_range",
            f"max_rows is {max_rows}, it must lie in 1..{MAX_RELEASED_ROWS}",
        )
    with pq.ParquetFile(source, memory_map=True) as file:
        rows_source = file.metadata.num_rows
        names = file.schema_arrow.names
        _check_known(names, drop)
        kept = [name for name in names if name not in set(drop)]
        if not rows_source or not kept:
            raise CannotAnonymise("empty_table", "there is no row or no column to release")
        drawn = draw_rows(secret, "sample", rows_source, max_rows)
        order = pa.array(keyed_order(secret, "rows", len(drawn)))
        released = {name: read_column(file, name, drawn).take(order) for name in kept}
    _write(target, released)
    return Release(
        rows_source=rows_source,
        rows_considered=rows_source,
        rows_released=len(drawn),
        rows_suppressed=0,
        k=None,
        l=None,
        form="rows",
        classes=0,
        class_sizes_drawn=(),
        class_sizes_released=(),
        columns=tuple(ReleasedColumn(name, name, Role.FREE) for name in kept),
        withheld=tuple(drop),
    )


def _check_columns(file: pq.ParquetFile, policy: AnonymisationPolicy, rows: int) -> None:
    names = file.schema_arrow.names
    _check_known(names, policy.roles)
    _check_known(policy.named(Role.QUASI_IDENTIFIER), policy.orders)
    if missing := [name for name in names if name not in policy.roles]:
        raise CannotAnonymise("column_without_role", f"give a role to {', '.join(missing)}")
    if rows < policy.k:
        raise CannotAnonymise(
            "too_few_rows", f"the table has {rows} rows, k = {policy.k} needs at least {policy.k}"
        )


def _check_known(names: Sequence[str], asked: Iterable[str]) -> None:
    unknown = [name for name in asked if name not in names]
    if unknown:
        raise CannotAnonymise("unknown_column", f"no such column: {', '.join(unknown)}")
    if len(set(names)) != len(names):
        raise CannotAnonymise("duplicate_column", "column names must differ")


def _partition(
    file: pq.ParquetFile, policy: AnonymisationPolicy, considered: NDArray[np.int64] | None
) -> _Partitioned:
    axes = tuple(
        axis_of(name, read_column(file, name, considered), policy.orders.get(name))
        for name in policy.named(Role.QUASI_IDENTIFIER)
    )
    sensitive: list[NDArray[np.int32]] = []
    for name in policy.named(Role.SENSITIVE):
        codes, distinct = diversity_codes(read_column(file, name, considered), policy.l)
        if distinct < policy.l:
            raise CannotAnonymise(
                "sensitive_not_diverse",
                f"column {name!r} has fewer than {policy.l} values; withhold it or lower l",
            )
        sensitive.append(codes)
    rows = file.metadata.num_rows if considered is None else len(considered)
    tuples = collapse([*(axis.codes for axis in axes), *sensitive], rows)
    of_tuple = partition(
        [Attribute.of(axis.codes[tuples.first], axis.positions, axis.kind) for axis in axes],
        tuples.weight,
        k=policy.k,
        diversity=Diversity(tuple(codes[tuples.first] for codes in sensitive), policy.l),
    )
    return _Partitioned(axes, of_tuple[tuples.of_row], tuple(sensitive))


def _released_columns(
    file: pq.ParquetFile,
    policy: AnonymisationPolicy,
    table: _Partitioned,
    considered: NDArray[np.int64] | None,
    shuffled: NDArray[np.int64],
) -> tuple[dict[str, pa.Array], tuple[ReleasedColumn, ...]]:
    """Build the released columns in source order; `shuffled` are ordinals of considered rows."""
    members = Members.of(table.classes, shuffled)
    number = pa.array(members.number_of(shuffled, len(table.classes)))
    ordinals = shuffled if considered is None else considered[shuffled]
    ascending, back = np.unique(ordinals, return_inverse=True)
    axes = {axis.name: axis for axis in table.axes}
    released: dict[str, pa.Array] = {}
    columns: list[ReleasedColumn] = []
    for name in file.schema_arrow.names:
        role = policy.roles[name]
        kind = axes[name].kind if name in axes else None
        if name in axes:
            by_suffix = generalised(axes[name], members)
            added = {name + suffix: one.take(number) for suffix, one in by_suffix.items()}
        elif role in {Role.DIRECT_IDENTIFIER, Role.FREE_TEXT}:
            masked = pa.repeat(pa.scalar(MASK), len(shuffled))
            added = {name: masked} if policy.withholding is Withholding.MASK else {}
        else:
            added = {name: read_column(file, name, ascending).take(pa.array(back))}
        if clash := added.keys() & (released.keys() | (policy.roles.keys() - {name})):
            raise CannotAnonymise("name_taken", f"rename {', '.join(sorted(clash))} in the source")
        released |= added
        order = tuple(policy.orders.get(name, ()))
        columns.extend(ReleasedColumn(new, name, role, kind, order) for new in added)
    if not released:
        raise CannotAnonymise("nothing_left", "every column is withheld, nothing can be released")
    return released, tuple(columns)


def _write(target: Path, columns: dict[str, pa.Array]) -> None:
    # A fresh schema: metadata of the source (pandas indexes, editor names) must not travel along.
    pq.write_table(pa.table(columns), target, compression="zstd")
